"""What every place must do, whoever wrote it. See `docs/adding-a-place.md`.

A place's test module subclasses `PlaceContract` and gives it a `Line`: the place under test, and the far end of it.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable

import numpy as np

from voicebot.audio import (
    FRAME_S,
    CallerHungUp,
    FrameHeard,
    KeyPressed,
    Place,
    PlaceEvent,
    PromptFinished,
    Sound,
    TextTyped,
)
from voicebot.audio.virtual import WORDS_PER_S

QUESTION = "account_number"
LAST_QUESTION = "goodbye"


class Line(ABC):
    """A place and its far end."""

    place: Place

    @abstractmethod
    async def answers(self) -> None:
        """The caller says, presses or types something, now that the bot listens for `QUESTION`."""

    @abstractmethod
    async def hangs_up(self) -> None:
        """The caller goes, now that the bot listens for `LAST_QUESTION`."""


class PlaceContract:
    """The rules of `voicebot/audio/place.py` as tests. Subclasses give a fixture `line`, already opened."""

    def prompt(self, line: Line, duration_s: float = 0.3) -> tuple[Sound | None, str]:
        """A prompt as the place wants it."""
        text = " ".join(["word"] * max(1, round(duration_s * WORDS_PER_S)))
        return (Sound.silence(duration_s, line.place.rate_hz) if line.place.has_sound else None), text

    async def test_says_what_kind_of_place_it_is(self, line: Line) -> None:
        place = line.place
        assert place.rate_hz in {8_000, 16_000}
        assert {type(place.has_sound), type(place.virtual_time), type(place.can_transfer)} == {bool}

    async def test_waits_until_a_time_and_no_longer(self, line: Line) -> None:
        until_s = line.place.now_s() + 0.1
        events = await _collect(line.place, 0.1)
        assert until_s <= line.place.now_s() < until_s + 1
        assert all(isinstance(event, FrameHeard) for event in events)

    async def test_a_prompt_finishes_once(self, line: Line) -> None:
        line.place.play(7, *self.prompt(line))
        assert _finished(await _collect(line.place, 1.0)) == [(7, True)]

    async def test_prompts_wait_for_each_other(self, line: Line) -> None:
        for prompt_id in (1, 2, 3):
            line.place.play(prompt_id, *self.prompt(line, 0.1))
        events = await _collect(line.place, 2.0, prompts=3)
        assert _finished(events) == [(1, True), (2, True), (3, True)]
        _assert_in_order(events)

    async def test_a_prompt_lasts_as_long_as_its_sound(self, line: Line) -> None:
        began_s = line.place.now_s()
        line.place.play(1, *self.prompt(line, 0.4))
        finished_s = (await _collect(line.place, 2.0, prompts=1))[-1].at_s
        assert (0.4 if line.place.has_sound else 0.0) <= finished_s - began_s < 1.4

    async def test_stop_answers_everything_that_waits(self, line: Line) -> None:
        for prompt_id in (1, 2):
            line.place.play(prompt_id, *self.prompt(line, 3.0))
        line.place.stop()
        finished = _finished(await _collect(line.place, 1.0, prompts=2))
        assert [prompt_id for prompt_id, _ in finished] == [1, 2]
        assert not line.place.has_sound or not any(complete for _, complete in finished)

    async def test_stop_with_nothing_playing_does_nothing(self, line: Line) -> None:
        line.place.stop()
        line.place.stop()
        assert _finished(await _collect(line.place, 0.1)) == []

    async def test_can_play_after_stop(self, line: Line) -> None:
        line.place.play(1, *self.prompt(line))
        line.place.stop()
        line.place.play(2, *self.prompt(line, 0.1))
        finished = _finished(await _collect(line.place, 2.0, prompts=2))
        assert [prompt_id for prompt_id, _ in finished] == [1, 2]
        assert finished[1] == (2, True)

    async def test_an_answer_arrives(self, line: Line) -> None:
        line.place.expect(QUESTION)
        await line.answers()
        events = await _collect(line.place, 1.5)
        _assert_in_order(events)
        assert any(_says_something(event) for event in events)
        for event in events:
            if isinstance(event, FrameHeard):
                assert event.sound.rate_hz == line.place.rate_hz
                assert event.sound.duration_s / FRAME_S in {1, 2, 3}
            if isinstance(event, KeyPressed):
                assert event.key in "0123456789*#"

    async def test_a_wait_can_be_cancelled(self, line: Line) -> None:
        waiting = asyncio.create_task(line.place.next(None))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        line.place.play(1, *self.prompt(line))
        assert _finished(await _collect(line.place, 2.0, prompts=1)) == [(1, True)]

    async def test_a_hang_up_ends_everything(self, line: Line) -> None:
        line.place.play(1, *self.prompt(line))
        assert _finished(await _collect(line.place, 2.0, prompts=1)) == [(1, True)]
        line.place.expect(LAST_QUESTION)
        await line.hangs_up()
        events = await _collect(line.place, 10.0)
        _assert_in_order(events)
        assert isinstance(events[-1], CallerHungUp)
        await self._assert_over(line)

    async def test_a_prompt_cut_off_by_closing_is_answered_before_the_end(self, line: Line) -> None:
        line.place.play(1, *self.prompt(line, 3.0))
        line.place.play(2, *self.prompt(line, 3.0))
        await line.place.close()
        line.place.play(3, *self.prompt(line))
        events = await _collect(line.place, 2.0)
        _assert_in_order(events)
        assert [prompt_id for prompt_id, _ in _finished(events)] == [1, 2, 3]
        assert isinstance(events[-1], CallerHungUp)
        await self._assert_over(line)

    async def test_close_twice(self, line: Line) -> None:
        await line.place.close()
        await line.place.close()
        assert isinstance((await _collect(line.place, 2.0))[-1], CallerHungUp)
        await line.place.close()
        await self._assert_over(line)

    async def test_transfer_says_whether_it_did(self, line: Line) -> None:
        assert await line.place.transfer("sip:operator@example.test") is line.place.can_transfer

    async def _assert_over(self, line: Line) -> None:
        """After the end nothing comes, whatever is asked of the place."""
        line.place.play(99, *self.prompt(line))
        line.place.expect(QUESTION)
        line.place.stop()
        assert await line.place.next(line.place.now_s() + 0.05) is None
        assert await line.place.next(None) is None


async def _collect(place: Place, within_s: float, *, prompts: int | None = None) -> list[PlaceEvent]:
    """What happens within a time, or until so many prompts are over, or until the call is."""
    events: list[PlaceEvent] = []
    until_s = place.now_s() + within_s
    while (event := await place.next(until_s)) is not None:
        events.append(event)
        if isinstance(event, CallerHungUp) or len(_finished(events)) == prompts:
            break
    return events


def _finished(events: Iterable[PlaceEvent]) -> list[tuple[int, bool]]:
    return [(event.prompt_id, event.complete) for event in events if isinstance(event, PromptFinished)]


def _says_something(event: PlaceEvent) -> bool:
    if isinstance(event, FrameHeard):
        return int(np.abs(event.sound.samples.astype(np.int32)).max()) > 1000
    return isinstance(event, KeyPressed | TextTyped)


def _assert_in_order(events: list[PlaceEvent]) -> None:
    times = [event.at_s for event in events]
    assert times == sorted(times)
