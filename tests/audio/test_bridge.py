"""A call that somebody else's bridge feeds in."""

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from tests.audio.contract import Line, PlaceContract
from tests.audio.sounds import hum
from voicebot.audio import (
    BridgePlace,
    BridgeTrunk,
    CallerHungUp,
    FrameHeard,
    KeyPressed,
    PlaceError,
    PlaceEvent,
    PromptFinished,
    Sound,
    Summary,
    key_tones,
)


class BridgeLine(Line):
    """A bridge that fetches frames by the clock."""

    def __init__(self, rate_hz: int) -> None:
        async def refer(target: str, summary: Summary) -> bool:
            return target.startswith("sip:") and not summary

        self.place = self.bridge = BridgePlace(rate_hz, transfer=refer)

    async def fetch(self) -> None:
        async for frame in self.bridge.frames():
            assert len(frame) == self.bridge.frame_bytes

    async def answers(self) -> None:
        self.bridge.hear(hum(0.5, self.bridge.rate_hz).pcm)

    async def hangs_up(self) -> None:
        self.bridge.hang_up()


class TestContract(PlaceContract):
    @pytest.fixture(params=[8_000, 16_000])
    async def line(self, request: pytest.FixtureRequest) -> AsyncIterator[Line]:
        line = BridgeLine(request.param)
        await line.place.open()
        fetching = asyncio.create_task(line.fetch())
        yield line
        await line.place.close()
        await fetching


async def opened(**how: float | bool) -> BridgePlace:
    place = BridgePlace(8_000, **how)  # type: ignore[arg-type] # the tests' own arguments
    await place.open()
    return place


async def test_what_is_taken_is_what_is_played_to_the_last_sample() -> None:
    place = await opened()
    assert place.take() == bytes(320)
    prompt = hum(0.05, 8_000)
    place.play(1, prompt, "")
    taken = place.take() + place.take() + place.take()
    assert taken == prompt.pcm.ljust(960, b"\0")
    assert await place.next(0.0) is None, "its last frame sounds until the next one is taken"
    assert place.take() == bytes(320)
    assert isinstance(await place.next(1.0), PromptFinished)


async def test_a_stopped_prompt_gives_no_more_sound() -> None:
    place = await opened()
    place.play(1, hum(1.0, 8_000), "")
    assert any(place.take())
    place.stop()
    assert not any(place.take())


async def test_sound_of_any_length_becomes_frames() -> None:
    place = await opened()
    sound = hum(0.1, 8_000)
    for start in range(0, len(sound.pcm), 90):
        place.hear(sound.pcm[start : start + 90])
    frames = [await place.next(1.0) for _ in range(5)]
    assert b"".join(frame.sound.pcm for frame in frames if isinstance(frame, FrameHeard)) == sound.pcm
    place.hear(bytes(318))
    assert await place.next(place.now_s() + 0.01) is None


async def test_threads_may_give_and_take() -> None:
    place = await opened()
    place.play(1, hum(0.2, 8_000), "")
    taken: list[bytes] = []

    def media() -> None:
        for _ in range(11):
            place.hear(bytes(320))
            taken.append(place.take())
        place.press("7")
        place.hang_up()

    thread = threading.Thread(target=media)
    thread.start()
    events: list[PlaceEvent | None] = []
    while not events or not isinstance(events[-1], CallerHungUp):
        events.append(await place.next(5.0))
    thread.join()
    assert b"".join(taken[:10]) == hum(0.2, 8_000).pcm
    kinds = [type(event) for event in events]
    assert kinds.count(FrameHeard) == 11
    assert kinds[-3:] == [PromptFinished, KeyPressed, CallerHungUp]
    assert place.ended.is_set()


async def test_tones_in_the_sound_become_keys_where_asked_for() -> None:
    place = await opened(in_band_keys=True)
    place.hear(key_tones("42#", 8_000).pcm)
    keys = ""
    while (event := await place.next(place.now_s() + 0.05)) is not None:
        keys += event.key if isinstance(event, KeyPressed) else ""
    assert keys == "42#"


async def test_a_bridge_that_moves_nothing_is_gone() -> None:
    place = await opened(dead_after_s=0.05)
    place.play(1, Sound.silence(1.0, 8_000), "")
    assert isinstance(await place.next(5.0), PromptFinished)
    assert isinstance(await place.next(5.0), CallerHungUp)


async def test_a_bridge_that_moves_frames_is_not() -> None:
    place = await opened(dead_after_s=0.3)
    while place.now_s() < 0.6:
        place.take()
        await place.next(place.now_s() + 0.02)
    assert not place.ended.is_set()
    await place.close()


async def test_before_and_after_the_call_nothing_happens() -> None:
    place = BridgePlace()
    place.hear(bytes(320))
    place.press("1")
    await place.open()
    assert await place.next(0.01) is None
    await place.close()
    place.hear(bytes(320))
    place.press("1")
    place.hang_up()
    assert isinstance(await place.next(1.0), CallerHungUp)
    assert await place.next(place.now_s() + 0.01) is None
    assert not any(place.take())


async def test_a_caller_who_leaves_before_the_answer_is_not_answered() -> None:
    place = BridgePlace()
    place.hang_up()
    with pytest.raises(PlaceError, match="hung up before"):
        await place.open()
    await place.close()
    assert place.ended.is_set()


@pytest.mark.parametrize("key", ["", "A", "12", "one", "٣"])
async def test_what_is_no_key_is_refused_and_not_repeated(key: str) -> None:
    place = await opened()
    with pytest.raises(ValueError, match="0 to 9") as refused:
        place.press(key)
    assert not key or key not in str(refused.value).replace("one at a time", "")
    await place.close()


async def test_other_sound_is_refused() -> None:
    with pytest.raises(ValueError, match="8000 or 16000 Hz, not 44100; resample"):
        BridgePlace(44_100)
    place = await opened()
    with pytest.raises(ValueError, match="whole samples"):
        place.hear(b"123")
    await place.close()


async def test_a_trunk_gives_its_calls_and_then_no_more() -> None:
    trunk = BridgeTrunk()
    await trunk.open()
    place = trunk.call(16_000, caller="+15550100123")
    incoming = await trunk.next_call()
    assert incoming is not None
    assert (incoming.place, incoming.caller, incoming.masked_caller) == (place, "+15550100123", "…23")
    trunk.drain()
    await trunk.close()
    assert await trunk.next_call() is None
    with pytest.raises(PlaceError, match="send this one elsewhere"):
        trunk.call()


async def test_a_key_was_pressed_when_the_bridge_said_so_and_not_when_the_loop_comes_to_it() -> None:
    place = await opened()
    place.press("4")
    told_s = place.now_s()
    event = await place.next(1.0)
    assert isinstance(event, KeyPressed)
    assert event.at_s <= told_s


async def test_who_takes_over_is_told_what_the_call_was_about() -> None:
    told: list[tuple[str, Summary]] = []

    async def hand_over(target: str, summary: Summary) -> bool:
        told.append((target, summary))
        return True

    place = BridgePlace(8_000, transfer=hand_over)
    assert await place.transfer("sip:desk@pbx.example", (("account", "2890345"),))
    assert told == [("sip:desk@pbx.example", (("account", "2890345"),))]
