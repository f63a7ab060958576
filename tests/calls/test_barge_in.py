"""Speaking over prompts, with real sound: what interrupts, what does not, and that nothing of the answer is lost."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from tests.audio.platform import Platform
from tests.calls.calling import Listening, OneCall
from tests.calls.conftest import Line
from tests.patience import PATIENCE_S
from voicebot.audio import (
    FrameHeard,
    PlaceEvent,
    PromptFinished,
    ScriptedPlace,
    Sound,
    Turn,
    WebSocketAccess,
    WebSocketTrunk,
)
from voicebot.call import Call, CallReport, Switchboard
from voicebot.dialog import Line as Prompt
from voicebot.speech import VoiceProcess

RATE_HZ = 8_000
ECHO_S = 0.06


class Duplex(ScriptedPlace):
    """A line that carries both ways at once: the bot's own voice comes back, and there are noises.

    Attributes:
        played: by prompt, in order: its text, and whether it was said to its end.
    """

    def __init__(
        self,
        turns: Sequence[Turn],
        *,
        echo_db: float | None = None,
        noise: Sound | None = None,
        in_pairs: bool = False,
    ) -> None:
        super().__init__(turns, rate_hz=RATE_HZ)
        self._in_pairs = in_pairs
        self._next: deque[PlaceEvent | None] = deque()
        self.played: list[tuple[str, bool]] = []
        self._echo_gain = None if echo_db is None else 10 ** (echo_db / 20)
        self._noise = deque(noise.frames() if noise is not None else ())
        self._texts: dict[int, str] = {}
        self._playing_now: deque[tuple[int, Sound | None]] = deque()
        self._began_s = 0.0

    def play(self, prompt_id: int, sound: Sound | None, text: str) -> None:
        if not self._playing_now:
            self._began_s = self.now_s()
        self._texts[prompt_id] = text
        self._playing_now.append((prompt_id, sound))
        super().play(prompt_id, sound, text)

    async def next(self, until_s: float | None) -> PlaceEvent | None:
        event = self._next.popleft() if self._next else await super().next(until_s)
        if self._in_pairs and isinstance(event, FrameHeard):
            second = await super().next(until_s)
            if isinstance(second, FrameHeard):
                event = replace(second, sound=event.sound + second.sound)
            else:
                self._next.append(second)
        if isinstance(event, PromptFinished):
            self.played.append((self._texts[event.prompt_id], event.complete))
            self._playing_now.popleft()
            self._began_s = event.at_s
        if isinstance(event, FrameHeard):
            return replace(event, sound=self._mixed(event))
        return event

    def _mixed(self, event: FrameHeard) -> Sound:
        size = len(event.sound.samples)
        mix = event.sound.samples.astype(np.float64)
        if self._playing_now and (sound := self._playing_now[0][1]) is not None:
            end = round((event.at_s - self._began_s - ECHO_S) * RATE_HZ)
            piece = sound.samples[max(0, end - size) : max(0, end)]
            mix[: len(piece)] += piece * (self._echo_gain or 0.0)
            if self._noise:
                mix += self._noise.popleft().samples
        return Sound.from_samples(np.clip(mix, -32768, 32767).astype(np.int16), RATE_HZ)


@pytest.fixture
def speech(voices: dict[str, VoiceProcess]) -> "Speech":
    return Speech(voices)


class Speech:
    """A caller's voice."""

    def __init__(self, voices: dict[str, VoiceProcess]) -> None:
        self._voices = voices

    def over(self, question: str, words: str, *, after_s: float = 1.0, loud: float = 1.0) -> Turn:
        """These words, said while the question is still being asked."""
        return Turn(question, sound=self.say(words, loud), interrupts=True, think_s=after_s)

    def after(self, question: str, words: str) -> Turn:
        return Turn(question, sound=self.say(words))

    def say(self, words: str, loud: float = 1.0) -> Sound:
        name = "espeak:en-us+m7"
        if name not in self._voices:
            self._voices[name] = VoiceProcess(name)
        sound = self._voices[name].speak(words).resampled(RATE_HZ)
        return Sound.from_samples((sound.samples * loud).astype(np.int16), RATE_HZ)


async def held(line: Line, place: Duplex, *, barge_in: bool = True) -> CallReport:
    manners = replace(line.house.script.manners, barge_in=barge_in)
    house = replace(line.house, script=replace(line.house.script, manners=manners))
    return await Call(house, place).run()


def cut_short(place: Duplex) -> list[str]:
    return [text for text, complete in place.played if not complete]


def results(report: CallReport) -> list[tuple[str, str]]:
    return [(turn.question, turn.result) for turn in report.turns]


def cough() -> Sound:
    rng = np.random.default_rng(7)
    burst = rng.standard_normal(1_500) * np.exp(-np.linspace(0, 4, 1_500))
    both = np.concatenate((np.zeros(6_000), burst, np.zeros(700), burst)) * 6_000
    return Sound.from_samples(np.clip(both, -32768, 32767).astype(np.int16), RATE_HZ)


async def test_an_answer_over_the_question_is_taken_from_its_first_word(line: Line, speech: Speech) -> None:
    place = Duplex(
        [
            speech.over("account_number", "two eight nine zero, three four five"),
            speech.over("tender", "card", after_s=3.0),
            Turn("card_number", hang_up=True),
        ]
    )
    report = await held(line, place)
    assert results(report)[:2] == [("account_number", "accepted"), ("tender", "accepted")]
    assert report.turns[0].heard == "two eight nine zero three four five"
    assert len(cut_short(place)) >= 2
    assert report.tender == "card"


async def test_where_it_is_off_prompts_are_said_to_their_end(line: Line, speech: Speech) -> None:
    place = Duplex(
        [speech.over("account_number", "two eight nine zero, three four five"), Turn("tender", hang_up=True)]
    )
    await held(line, place, barge_in=False)
    assert "Please say or key in your account number." not in cut_short(place)


async def test_a_command_interrupts(line: Line, speech: Speech) -> None:
    place = Duplex([speech.over("account_number", "goodbye")])
    report = await held(line, place)
    assert results(report) == [("account_number", "command goodbye")]
    assert "Please say or key in your account number." in cut_short(place)


@pytest.mark.parametrize(
    ("echo_db", "in_pairs"),
    [(-10, False), (-15, False), (-20, False), pytest.param(-10, True, id="frames in pairs, as by SIP")],
)
async def test_the_bots_own_voice_come_back_does_not_interrupt_it(
    line: Line, speech: Speech, echo_db: int, *, in_pairs: bool
) -> None:
    place = Duplex(
        [
            speech.after("account_number", "two eight nine zero, three four five"),
            speech.after("tender", "electronic check"),
            Turn("withdrawal_type", silence_s=4.0),
            Turn("withdrawal_type", hang_up=True),
        ],
        echo_db=echo_db,
        in_pairs=in_pairs,
    )
    report = await held(line, place)
    assert cut_short(place) == []
    assert results(report)[:2] == [("account_number", "accepted"), ("tender", "accepted")]


async def test_a_caller_is_heard_over_the_echo(line: Line, speech: Speech) -> None:
    place = Duplex(
        [speech.over("account_number", "two eight nine zero, three four five"), Turn("tender", hang_up=True)],
        echo_db=-20,
    )
    report = await held(line, place)
    assert results(report)[0] in {("account_number", "accepted"), ("account_number", "unsure")}
    assert report.turns[0].heard.endswith("eight nine zero three four five")
    assert "Please say or key in your account number." in cut_short(place)


async def test_a_cough_does_not_interrupt(line: Line, speech: Speech) -> None:
    place = Duplex(
        [speech.after("account_number", "two eight nine zero, three four five"), Turn("tender", hang_up=True)],
        noise=cough(),
    )
    report = await held(line, place)
    assert [text for text in cut_short(place) if "account number" in text] == []
    assert results(report)[0] == ("account_number", "accepted")


async def test_a_steady_noise_does_not_interrupt(line: Line) -> None:
    hiss = np.random.default_rng(3).standard_normal(20 * RATE_HZ) * 800
    place = Duplex(
        [Turn("account_number", keys="2890345#"), Turn("tender", hang_up=True)],
        noise=Sound.from_samples(hiss.astype(np.int16), RATE_HZ),
    )
    await held(line, place)
    assert [text for text in cut_short(place) if "account number" in text] == []


async def test_the_sentence_that_is_agreed_to_is_said_to_its_end(line: Line, speech: Speech) -> None:
    place = Duplex(
        [
            Turn("account_number", keys="2890345#"),
            Turn("tender", keys="1"),
            Turn("card_number", keys="4111111111111111"),
            Turn("expiration", keys="0531"),
            Turn("security_code", keys="123"),
            speech.over("confirm_payment", "yes yes yes yes", after_s=0.5),
            Turn("repeat_confirmation", keys="2"),
        ]
    )
    await held(line, place)
    assert [text for text in cut_short(place) if "You will pay" in text] == []
    assert [text for text, _ in place.played if "You will pay" in text]


class Following(Listening):
    """Tells too when the bot begins to ask for the account number, and when an answer is over."""

    def __init__(self) -> None:
        super().__init__()
        self.asking, self.answered = asyncio.Event(), asyncio.Event()

    def turned(self, turn: object, at_s: float) -> None:
        del turn, at_s
        self.answered.set()

    def said(self, line: Prompt, at_s: float) -> None:
        del at_s
        if "account number" in line.shown:
            self.asking.set()


async def test_a_streamed_call_is_interrupted_while_its_prompt_plays(line: Line, speech: Speech) -> None:
    """On the wall clock: the platform plays at its own pace, and is told to throw away what it still holds."""
    manners = replace(line.house.script.manners, barge_in=True)
    house = replace(line.house, script=replace(line.house.script, manners=manners))
    call, trunk = OneCall(), WebSocketTrunk(access=WebSocketAccess(secret="a secret"))
    call.listening = following = Following()
    answer = speech.say("two eight nine zero, three four five")
    board = Switchboard(house, watch=call.watch, ended=call.ended)
    await trunk.open()
    serving = asyncio.create_task(board.serve(trunk))
    platform = await Platform.calls(trunk.port, headers={"Authorization": "Bearer a secret"})
    await platform.begins()
    saying: asyncio.Queue[Sound] = asyncio.Queue()
    streaming = asyncio.create_task(platform.streams(saying))
    async with asyncio.timeout(PATIENCE_S):
        await following.asking.wait()
        saying.put_nowait(answer)
        await following.answered.wait()
        assert platform.clears == 1
        await platform.hangs_up()
        report = await call.over
    await streaming
    await platform.aclose()
    assert report is not None
    assert results(report)[0] == ("account_number", "accepted")
    assert report.turns[0].heard == "two eight nine zero three four five"
    board.drain()
    await serving
