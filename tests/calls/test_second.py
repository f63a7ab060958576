"""Whole calls with a second recogniser: it hears what was left unsure, and nothing is lost where it fails."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.calls.conftest import Line, agree, caller
from voicebot.capture import first_word, opinion_on, thresholds
from voicebot.cli.caller_script import CallerScript, Entry
from voicebot.dialog import QUESTIONS
from voicebot.grammar import Hypothesis
from voicebot.speech import MODELS_FOLDER, SECOND_MODEL, Ear, ModelDamaged, Recognizer, SecondRecognizer
from voicebot.speech.activity import MODEL_HZ
from voicebot.speech.recognizer import Opinion

CUT_SHORT = "four one one one, one one one one, one one one one, one one one"
"""The published test card without its last digit: whoever hears it must ask again."""


def hesitant() -> CallerScript:
    """The caller who pays by card, gives it a digit too short the first time, and says the code again if asked."""
    script = caller("card")
    (place,) = [at for at, entry in enumerate(script.caller) if entry.when == "card_number"]
    (code,) = [entry for entry in script.caller if entry.when == "security_code"]
    short = Entry(when="card_number", say=CUT_SHORT)
    return script.model_copy(update={"caller": (*script.caller[:place], short, *script.caller[place:], code)})


class Listened(SecondRecognizer):
    """The real one, which remembers how long what it heard was, and how many strings it gave back."""

    heard: list[tuple[float, int]]

    def hear(self, segments: Sequence[bytes]) -> tuple[Hypothesis, ...]:
        strings = super().hear(segments)
        self.heard.append((sum(map(len, segments)) / 2 / MODEL_HZ, len(strings)))
        return strings


class Verifying(SecondRecognizer):
    """The real one, which remembers the likeliest word of each answer."""

    words: list[str]

    def hear_first_word(self, segments: Sequence[bytes], words: Sequence[str]) -> tuple[Hypothesis, ...]:
        likely = super().hear_first_word(segments, words)
        self.words.append(likely[0].words[0])
        return likely


class Writing(SecondRecognizer):
    """The real one, which remembers the likeliest text of each answer that it wrote down."""

    texts: list[tuple[str, ...]]

    def write(self, segments: Sequence[bytes], hints: Sequence[str]) -> tuple[Hypothesis, ...]:
        assert "go back" in hints
        likely = super().write(segments, hints)
        self.texts.append(likely[0].words)
        return likely


class Failing(SecondRecognizer):
    """The real one, whose model was damaged since."""

    def hear(self, segments: Sequence[bytes]) -> tuple[Hypothesis, ...]:
        raise ModelDamaged(f"{len(segments)} stretches of speech, and no model")


async def test_what_was_left_unsure_is_heard_again_by_the_second(line: Line) -> None:
    second = Listened(MODELS_FOLDER / SECOND_MODEL)
    second.heard = []
    line.house = replace(line.house, second=second)
    report = await line.call(hesitant(), rate_hz=8_000)
    (took_s, strings), *_ = second.heard
    assert took_s > 2.0
    assert strings > 1
    assert report.outcome == "paid"
    assert next(turn.result for turn in report.turns if turn.question == "card_number") != "accepted"
    agree(line, report)


async def test_a_call_goes_on_where_the_second_fails(line: Line, capsys: pytest.CaptureFixture[str]) -> None:
    line.house = replace(line.house, second=Failing(MODELS_FOLDER / SECOND_MODEL))
    report = await line.call(hesitant(), rate_hz=8_000)
    assert (report.outcome, report.problem) == ("paid", "")
    assert "the second recogniser failed" in "".join(capsys.readouterr())
    agree(line, report)


async def test_an_unsure_yes_is_heard_again(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """The voice says yes so clearly that nothing would be asked about: here every yes is."""
    never = dict.fromkeys(("yes", "no"), 100.0)
    monkeypatch.setattr(first_word, "SECOND_AND_NETWORK", replace(thresholds.SECOND_AND_NETWORK, sure=never))
    second = Verifying(MODELS_FOLDER / SECOND_MODEL)
    second.words = []
    line.house = replace(line.house, second=second)
    report = await line.call(caller("card"), rate_hz=8_000)
    assert "yes" in second.words
    assert set(second.words) <= {"yes", "yeah", "no"}
    assert report.outcome == "paid"
    agree(line, report)


async def test_what_is_no_answer_is_written_down_as_it_may_be_a_command(line: Line) -> None:
    second = Writing(MODELS_FOLDER / SECOND_MODEL)
    second.texts = []
    line.house = replace(line.house, second=second)
    script = caller("card")
    (place,) = [at for at, entry in enumerate(script.caller) if entry.when == "tender"]
    (again,) = [entry for entry in script.caller if entry.when == "tender"]
    thinks = Entry(when="tender", say="let me think about it")
    script = script.model_copy(update={"caller": (*script.caller[:place], thinks, again, *script.caller[place + 1 :])})
    report = await line.call(script, rate_hz=8_000)
    assert any("think" in words for words in second.texts), second.texts
    assert report.outcome == "paid"
    agree(line, report)


async def test_a_house_has_one_unless_the_settings_say_none(line: Line) -> None:
    assert isinstance(line.house.tongue("en-US").second, SecondRecognizer)
    assert line.house.script.second


@pytest.mark.parametrize("name", ["card", "echeck"])
async def test_the_networks_are_asked_only_where_their_word_counts(
    line: Line, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    asked: list[str | None] = []

    def listen(recognizer: Recognizer, phrases: Sequence[str], *, opinion: Opinion | None, **how: Any) -> Ear:
        asked.append(opinion)
        return real_listen(recognizer, phrases, opinion=opinion, **how)

    real_listen = Recognizer.listen
    monkeypatch.setattr(Recognizer, "listen", listen)
    report = await line.call(caller(name), rate_hz=8_000)
    assert asked == [opinion_on(QUESTIONS[turn.question].kind) for turn in report.turns]
    assert set(asked) == {"digits", "answers", None}
