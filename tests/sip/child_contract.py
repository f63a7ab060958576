"""The shared contract on a real telephone line. Run by `test_contract.py` in a process of its own.

PJSIP wants one endpoint for a process, and an end without Python's clearing up: neither is pytest's way.
"""

import asyncio
import gc
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bench.sip.phone import Phone
from tests.audio.contract import Line, PlaceContract
from tests.audio.sounds import hum
from tests.patience import PATIENCE_S
from tests.sip.waiting import becomes_true
from voicebot.audio import CallerHungUp, FrameHeard, KeyPressed, PlaceEvent, PromptFinished, Sound, TextTyped
from voicebot.audio.sip import SipOptions, SipPlace, SipTrunk
from voicebot.audio.sip.options import WHEEL_CALLS

pytestmark = pytest.mark.asyncio(loop_scope="session")


class SipLine(Line):
    place: SipPlace

    def __init__(self, place: SipPlace, phone: Phone) -> None:
        self.place, self.phone = place, phone

    async def answers(self) -> None:
        await self.phone.say(hum(0.5, 8_000))

    async def hangs_up(self) -> None:
        await self.phone.hang_up()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def trunk() -> AsyncIterator[SipTrunk]:
    trunk = SipTrunk(SipOptions(listen="127.0.0.1", port=0, rtp_port=12_000, lost_after_s=0))
    await trunk.open()
    yield trunk
    await trunk.close()
    gc.collect()  # what calls have left behind goes now: PJSIP would abort the process, and this test would fail


async def called(trunk: SipTrunk, phone: Phone) -> tuple[SipPlace, "asyncio.Task[int]"]:
    """The place of a caller who rings, and the call as the phone sees it."""
    calling = asyncio.create_task(phone.call())
    async with asyncio.timeout(PATIENCE_S):
        incoming = await trunk.next_call()
    assert incoming is not None
    assert isinstance(incoming.place, SipPlace)
    return incoming.place, calling


@pytest_asyncio.fixture(loop_scope="session")
async def phone(trunk: SipTrunk) -> AsyncIterator[Phone]:
    host, _, port = trunk.addresses[0].removeprefix("udp:").rpartition(":")
    async with Phone((host, int(port))) as phone:
        yield phone


@pytest_asyncio.fixture(loop_scope="session")
async def line(trunk: SipTrunk, phone: Phone) -> AsyncIterator[SipLine]:
    phone.on_refer = lambda _: 202
    place, calling = await called(trunk, phone)
    await place.open()
    assert await calling == 200
    yield SipLine(place, phone)
    await goodbye(place, phone)


async def goodbye(place: SipPlace, phone: Phone) -> None:
    """Hang up, and stay until the BYE is answered: one that nobody answers keeps its line for 32 s."""
    await place.close()
    async with asyncio.timeout(PATIENCE_S):
        await phone.ended.wait()


class TestContract(PlaceContract):
    """As for every place."""


async def until(place: SipPlace, kind: type[PlaceEvent], within_s: float = PATIENCE_S) -> PlaceEvent:
    """The next event of a kind."""
    until_s = place.now_s() + within_s
    while (event := await place.next(until_s)) is not None:
        if isinstance(event, kind):
            return event
    raise TimeoutError(kind.__name__)


async def test_sound_comes_through_both_ways(line: SipLine) -> None:
    line.place.play(1, hum(0.5, 16_000), "")
    await line.phone.say(hum(0.5, 8_000))
    heard = Sound.silence(0, 16_000)
    while heard.duration_s < 1.2:
        event = await line.place.next(line.place.now_s() + 20)
        if isinstance(event, FrameHeard):
            heard += event.sound
    assert sum(frame.level_dbfs > -30 for frame in heard.frames()) == pytest.approx(25, abs=6)
    await becomes_true(lambda: sum(packet.sound.level_dbfs > -30 for packet in line.phone.heard) > 20)


async def test_while_nobody_listens_sound_is_told_less_often(line: SipLine) -> None:
    unheard = await until(line.place, FrameHeard)
    line.place.expect("account_number")
    told = [unheard, *[await until(line.place, FrameHeard) for _ in range(5)]]
    lasts = [round(event.sound.duration_s, 2) for event in told if isinstance(event, FrameHeard)]
    assert lasts[0] == 0.2
    assert lasts[2:] == [0.04] * 4, lasts
    assert lasts[1] < 0.2, "what came before somebody listened is told by itself"


async def test_every_key_is_told_once_and_others_never(line: SipLine) -> None:
    line.phone.press("0123456789*#0011")
    keys = ""
    while len(keys) < 16:
        event = await until(line.place, KeyPressed)
        assert isinstance(event, KeyPressed)
        keys += event.key
    assert keys == "0123456789*#0011"
    await line.phone.info("A")
    await line.phone.info("7")
    event = await until(line.place, KeyPressed)
    assert isinstance(event, KeyPressed)
    assert event.key == "7"


async def test_on_hold_the_clock_stands_and_prompts_wait(line: SipLine) -> None:
    assert await line.phone.change("sendonly") == 200
    await becomes_true(lambda: line.place.on_hold)
    line.place.play(1, hum(0.3, 16_000), "")
    held_s = line.place.now_s()
    waiting = asyncio.create_task(line.place.next(held_s + 0.05))
    done, _ = await asyncio.wait({waiting}, timeout=0.5)
    assert not done or isinstance(waiting.result(), FrameHeard)
    assert line.place.now_s() == held_s
    assert await line.phone.change() == 200
    await waiting
    finished = await until(line.place, PromptFinished)
    assert isinstance(finished, PromptFinished)
    assert finished.complete
    assert finished.at_s < held_s + 5


async def test_hold_without_sound_and_back(line: SipLine) -> None:
    for direction in ("inactive", "sendrecv", "sendonly", "sendrecv"):
        assert await line.phone.change(direction) == 200
    before = line.place.now_s()
    await line.phone.say(hum(0.5, 8_000))
    async with asyncio.timeout(PATIENCE_S):
        while True:
            event = await line.place.next(before + 20)
            assert not isinstance(event, TextTyped | CallerHungUp | None)
            if isinstance(event, FrameHeard) and event.sound.level_dbfs > -30:
                return


async def test_a_transfer_that_is_refused_leaves_the_call(line: SipLine) -> None:
    line.phone.on_refer = lambda _: 603
    assert await line.place.transfer("sip:desk@127.0.0.1") is False
    line.phone.on_refer, line.phone.operator_answers = lambda _: 202, 486
    assert await line.place.transfer("sip:desk@127.0.0.1") is False
    line.place.play(1, hum(0.2, 16_000), "")
    assert isinstance(await until(line.place, PromptFinished), PromptFinished)


async def test_a_number_is_transferred_to_the_callers_switch(line: SipLine) -> None:
    asked: list[str] = []

    def refer(target: str) -> int:
        asked.append(target)
        return 202

    line.phone.on_refer = refer
    assert await line.place.transfer("+1 555 0100") is True
    assert await line.place.transfer("nobody at all") is False
    assert len(asked) == 1
    assert "+15550100@127.0.0.1" in asked[0]


async def test_closing_before_the_answer_refuses(trunk: SipTrunk, phone: Phone) -> None:
    place, calling = await called(trunk, phone)
    await place.close()
    assert await calling == 486


async def test_more_callers_than_lines(trunk: SipTrunk, phone: Phone) -> None:
    phones = [Phone(phone.bot) for _ in range(WHEEL_CALLS)]
    places = []
    for each in phones:
        await each.__aenter__()
        place, calling = await called(trunk, each)
        await place.open()
        assert await calling == 200
        places.append(place)
    assert await phone.call() == 486
    for place, each in zip(places, phones, strict=True):
        await goodbye(place, each)
        await each.__aexit__()
    async with Phone(phone.bot) as next_one:
        place, calling = await called(trunk, next_one)
        await place.open()
        assert await calling == 200
        await goodbye(place, next_one)


async def test_an_exception_on_the_line_ends_that_call_only(trunk: SipTrunk, line: SipLine, phone: Phone) -> None:
    def breaks(_: bytes) -> None:
        raise RuntimeError("a fault of ours")

    async with Phone(phone.bot) as other:
        place, calling = await called(trunk, other)
        await place.open()
        assert await calling == 200
        place.take = breaks  # type: ignore[method-assign,assignment]  # no real line can make our own code fail
        await until(place, CallerHungUp)
        await goodbye(place, other)
    line.place.play(1, hum(0.2, 16_000), "")
    assert isinstance(await until(line.place, PromptFinished), PromptFinished)


async def test_one_who_rings_while_the_drain_begins_is_refused(trunk: SipTrunk, phone: Phone) -> None:
    """The last test: PJSIP's thread let the caller in, and the event loop has not heard of it when the drain begins."""
    calling = asyncio.create_task(phone.call())
    await asyncio.sleep(0)  # the INVITE leaves; from here to the drain the loop does nothing else
    until_s = time.monotonic() + 20
    while trunk.calls == 0:
        assert time.monotonic() < until_s, "the call did not come"
    trunk.drain()
    assert await trunk.next_call() is None
    assert await calling == 503
