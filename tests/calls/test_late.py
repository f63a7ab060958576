"""A machine that stalls: what the caller did meanwhile is told late, and judged by when it was done."""

from dataclasses import replace

import pytest

from tests.calls.conftest import CALLERS, Line, agree, caller
from voicebot.audio import FrameHeard, PlaceEvent, ScriptedPlace, Sound
from voicebot.call import Call
from voicebot.speech import VoiceProcess

STALL_S = 8.0
"""Longer than anybody is waited for between two keys, or in the middle of a number."""
INTO_THE_ANSWER_S = 0.9
VOICE = "pyttsx3"


class StallingPlace(ScriptedPlace):
    """The clock runs ahead by `STALL_S` while the caller answers `stalls_at`; the caller goes on as ever.

    As on a real line, what happened during the stall waits to be told, and comes before any deadline.
    """

    stalls_at = ""
    _from_s = float("inf")
    _inside = False

    def expect(self, question: str | None) -> None:
        super().expect(question)
        if question == self.stalls_at:
            self._from_s, self.stalls_at = super().now_s() + INTO_THE_ANSWER_S, ""

    @property
    def _stalls(self) -> bool:
        return self._from_s <= super().now_s() < self._from_s + STALL_S

    def now_s(self) -> float:
        return self._from_s + STALL_S if self._stalls and not self._inside else super().now_s()

    async def next(self, until_s: float | None) -> PlaceEvent | None:
        self._inside = True
        try:
            return await super().next(None if self._stalls else until_s)
        finally:
            self._inside = False


class LateTellingPlace(ScriptedPlace):
    """What was said over the question is told when the answer is listened for, with its own time."""

    says = Sound.silence(0.02, 16_000)

    def expect(self, question: str | None) -> None:
        super().expect(question)
        if question == "account_number":
            self._facts.append(FrameHeard(self.says, self.now_s()))


async def test_what_was_said_before_anybody_listened_is_no_answer(line: Line) -> None:
    voice = line.voices.setdefault(VOICE, VoiceProcess(VOICE))
    turns = [replace(turn, think_s=3.0) for turn in caller("keypad").turns(CALLERS, voice.speak)]
    place = LateTellingPlace(turns)
    place.says = voice.speak("operator").resampled(16_000)
    report = await Call(line.house, place).run()
    assert [turn.result for turn in report.turns if turn.question == "account_number"] == ["accepted"]
    assert report.outcome == "paid"


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("keypad", "account_number"),
        ("keypad", "card_number"),
        ("keypad", "security_code"),
        ("card", "account_number"),
        ("card", "card_number"),
    ],
)
async def test_an_answer_in_time_is_taken_behind_a_stall(line: Line, name: str, question: str) -> None:
    script = caller(name)

    def speak(words: str) -> Sound:
        if script.voice not in line.voices:
            line.voices[script.voice] = VoiceProcess(script.voice)
        return line.voices[script.voice].speak(words).resampled(16_000)

    place = StallingPlace(script.turns(CALLERS, speak))
    place.stalls_at = question
    report = await Call(line.house, place).run()
    assert place.stalls_at == ""
    assert [turn.result for turn in report.turns if turn.question == question] == ["accepted"]
    assert report.outcome == "paid"
    agree(line, report)
