"""Many calls at once: one house, several trunks, and what a drain and a hard stop leave."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.calls.conftest import CALLERS, Line, caller, until
from tests.patience import PATIENCE_S
from voicebot.audio import IncomingCall, Place, PlaceError, PlaceEvent, ScriptedPlace
from voicebot.call import HeldCall, Switchboard
from voicebot.cli.caller_script import CallerScript
from voicebot.cli.furnish import furnished
from voicebot.settings import Settings


class Trunk:
    """A trunk whose callers a test lets ring."""

    def __init__(self) -> None:
        self._ringing: asyncio.Queue[IncomingCall | None] = asyncio.Queue()
        self.opened = self.closed = 0
        self.places: list[Place] = []

    def rings(self, place: Place, number: str = "sip:+15550100123@example.test") -> Place:
        self.places.append(place)
        self._ringing.put_nowait(IncomingCall(place, number, "test"))
        return place

    async def open(self) -> None:
        self.opened += 1

    async def next_call(self) -> IncomingCall | None:
        return await self._ringing.get()

    def drain(self) -> None:
        self._ringing.put_nowait(None)

    async def close(self) -> None:
        self.closed += 1
        for place in self.places:
            await place.close()


class Waits(ScriptedPlace):
    """A caller who says nothing for as long as it takes: the call is over when somebody hangs up."""

    def __init__(self) -> None:
        super().__init__([], has_sound=False)
        self.waiting, self.gone = asyncio.Event(), asyncio.Event()

    async def next(self, until_s: float | None) -> PlaceEvent | None:
        self.waiting.set()
        await self.gone.wait()
        return await super().next(until_s)

    async def close(self) -> None:
        await super().close()
        self.gone.set()


class Gone(ScriptedPlace):
    def __init__(self) -> None:
        super().__init__([], has_sound=False)

    async def open(self) -> None:
        raise PlaceError("the caller gave up before the answer")


class Breaks(ScriptedPlace):
    def __init__(self) -> None:
        super().__init__([], has_sound=False)

    async def open(self) -> None:
        raise RuntimeError("a line of ours fails")


@pytest.fixture
async def text_line(house_settings: Settings) -> AsyncIterator[Line]:
    async with furnished(house_settings, sound=False) as (house, sandbox):
        assert sandbox is not None
        yield Line(house, sandbox, {})


def typed(script: CallerScript) -> ScriptedPlace:
    return ScriptedPlace(script.typed_turns(CALLERS / "caller.yaml"), has_sound=False)


async def test_calls_of_two_trunks_at_once_until_the_drain(text_line: Line) -> None:
    ended: list[HeldCall] = []
    one, other = Trunk(), Trunk()
    board = Switchboard(text_line.house, ended=ended.append)
    one.rings(typed(caller("card")))
    for trunk, question in ((one, "tender"), (other, "account_number"), (other, "security_code")):
        trunk.rings(typed(until(caller("card"), question)))
    for trunk in (one, other):
        trunk.drain()
    await board.serve(one, other)
    outcomes = sorted(held.report.outcome for held in ended if held.report is not None)
    assert outcomes == ["abandoned", "abandoned", "abandoned", "paid"]
    assert sorted(held.number for held in ended) == [1, 2, 3, 4]
    assert (one.opened, one.closed, other.opened, other.closed) == (1, 1, 1, 1)
    assert board.held == ()
    assert [len(cart.payments) for cart in text_line.books().carts if cart.payments] == [1]


async def test_one_call_that_breaks_or_is_missed_leaves_the_others(text_line: Line) -> None:
    ended: list[HeldCall] = []
    trunk = Trunk()
    for place in (Breaks(), Gone(), typed(caller("card"))):
        trunk.rings(place)
    trunk.drain()
    await Switchboard(text_line.house, ended=ended.append).serve(trunk)
    reports = {held.number: held.report for held in ended}
    assert (reports[1], reports[2]) == (None, None)
    assert reports[3] is not None
    assert reports[3].outcome == "paid"


async def test_one_caller_too_many_is_refused(text_line: Line) -> None:
    trunk, ended = Trunk(), list[HeldCall]()
    first, second = Waits(), Waits()
    board = Switchboard(text_line.house, most_calls=1, ended=ended.append)
    trunk.rings(first)
    serving = asyncio.create_task(board.serve(trunk))
    await first.waiting.wait()
    trunk.rings(second)
    async with asyncio.timeout(PATIENCE_S):
        await second.gone.wait()
    assert [held.number for held in board.held] == [1]
    await board.hang_up()
    await serving
    assert [held.number for held in ended] == [1]
    assert not second.waiting.is_set()


async def test_a_drain_finishes_calls_and_a_hang_up_ends_them(text_line: Line) -> None:
    trunk, waits = Trunk(), Waits()
    board = Switchboard(text_line.house)
    trunk.rings(waits)
    serving = asyncio.create_task(board.serve(trunk))
    await waits.waiting.wait()
    board.drain()
    board.drain()
    done, _ = await asyncio.wait({serving}, timeout=0.2)
    assert board.draining
    assert not done, "a drain waits for the calls that are held"
    await board.hang_up()
    await serving
    assert board.held == ()


def test_a_caller_is_never_shown_whole() -> None:
    place = Gone()
    call = IncomingCall(place, "sip:+15550100123@example.test", "udp")
    assert call.masked_caller == "…23"
    assert "0100" not in repr(call)
    assert IncomingCall(place, "sip:@example.test").masked_caller == "unknown"
    assert IncomingCall(place, "sip:evil\x1b[2J@example.test").masked_caller == "…2J"
    assert IncomingCall(place, "sip:evil\x1b\x07@example.test").masked_caller == "…??"
