from collections.abc import AsyncIterator

import pytest

from tests.audio.contract import LAST_QUESTION, Line, PlaceContract
from tests.audio.sounds import hum
from voicebot.audio import CallerHungUp, FrameHeard, Place, PlaceEvent, PromptFinished, Sound, WavPlace


class WavLine(Line):
    def __init__(self) -> None:
        self.place = WavPlace(hum(0.5))

    async def answers(self) -> None:
        """The recording says it."""

    async def hangs_up(self) -> None:
        """A recording's caller leaves at the first question for which nothing is left of it."""
        await events_for(self.place, 0.6)
        self.place.expect(LAST_QUESTION)


class TestContract(PlaceContract):
    @pytest.fixture
    async def line(self) -> AsyncIterator[Line]:
        line = WavLine()
        await line.place.open()
        yield line
        await line.place.close()


async def test_the_recording_runs_only_while_the_bot_listens() -> None:
    said = hum(0.4)
    place = WavPlace(said)
    place.expect("tender")
    first = heard(await events_for(place, 0.2))
    place.expect(None)
    assert await events_for(place, 5.0) == []
    place.expect("tender")
    assert first + heard(await events_for(place, 0.2)) == said.pcm


async def test_the_recording_waits_while_a_prompt_plays() -> None:
    said = hum(0.2)
    place = WavPlace(said)
    place.expect("tender")
    place.play(1, hum(0.1), "")
    events = await events_for(place, 0.3)
    assert PromptFinished(1, complete=True, at_s=0.1) in events
    assert heard(events) == Sound.silence(0.1, 16_000).pcm + said.pcm


async def test_frames_are_whole_and_on_time() -> None:
    place = WavPlace(hum(0.05, 8_000))
    place.expect("tender")
    events = await events_for(place, 0.1)
    assert [event.at_s for event in events] == [0.02, 0.04, 0.06, 0.08, 0.1]
    assert heard(events) == (hum(0.05, 8_000) + Sound.silence(0.05, 8_000)).pcm


async def test_silence_until_the_end_of_the_last_listen_and_then_a_hang_up() -> None:
    place = WavPlace(hum(0.1), hang_up_after_s=1.0)
    place.expect("tender")
    assert not any(isinstance(event, CallerHungUp) for event in await events_for(place, 20.0))
    place.expect("tender")
    place.play(1, hum(2.0), "")
    events = await events_for(place, 20.0)
    assert events[-1] == CallerHungUp(23.0)


async def test_a_caller_who_hangs_up_during_a_prompt_finishes_it_too() -> None:
    place = WavPlace(Sound(b"", 16_000), hang_up_after_s=1.0)
    place.expect("tender")
    await events_for(place, 0.5)
    place.play(1, hum(0.1), "")
    place.play(2, hum(9.0), "")
    await events_for(place, 0.2)
    place.stop()
    events = await events_for(place, 9.0)
    assert [type(event) for event in events if not isinstance(event, FrameHeard)] == [PromptFinished, CallerHungUp]


async def test_the_clock_takes_no_time_of_ours() -> None:
    place = WavPlace(hum(0.1))
    assert await place.next(3600.0) is None
    assert place.now_s() == 3600.0


async def test_the_clock_always_reaches_the_time_asked_for() -> None:
    place = WavPlace(hum(0.1))
    for until_s in (0.1 + 0.2, 1 / 3, 1.0000000001, 7.123456789):
        assert await place.next(until_s) is None
        assert place.now_s() >= until_s


@pytest.mark.parametrize(
    ("prompt", "problem"), [(None, "has no sound"), (hum(0.1, 8_000), "8000 Hz, this place plays 16000 Hz")]
)
async def test_a_prompt_that_cannot_be_played_is_refused(prompt: Sound | None, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        WavPlace(hum(0.1)).play(1, prompt, "words")


async def events_for(place: Place, duration_s: float) -> list[PlaceEvent]:
    events = []
    until_s = place.now_s() + duration_s
    while (event := await place.next(until_s)) is not None:
        events.append(event)
    return events


def heard(events: list[PlaceEvent]) -> bytes:
    return b"".join(event.sound.pcm for event in events if isinstance(event, FrameHeard))
