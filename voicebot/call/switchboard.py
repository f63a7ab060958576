"""Many calls at once: takes what rings on any number of trunks and holds a call on each, one task a call.

The seam between lines and calls. A SIP endpoint, a WebSocket server and an embedding program are trunks; a worker
process runs one switchboard; whatever supervises workers starts and drains switchboards.
"""

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from voicebot.audio import IncomingCall, PlaceError, Trunk
from voicebot.call.call import Call
from voicebot.call.house import House
from voicebot.call.report import CallReport, Silent, Watcher

log = structlog.get_logger(__name__)


@dataclass(eq=False, slots=True)
class HeldCall:
    """One call of the switchboard, from the first ring to its report.

    Attributes:
        number: counts the calls of this process from 1.
        incoming: the caller and the place.
        began_s: when it rang, by `time.monotonic`.
        report: None while the call lasts, and for a caller who gave up before the answer.
    """

    number: int
    incoming: IncomingCall
    began_s: float = field(default_factory=time.monotonic)
    report: CallReport | None = None


class Switchboard:
    """Holds calls. Used by one event loop.

    Args:
        house: what all calls share.
        most_calls: calls held at once; one more is refused. A SIP trunk has a limit of its own too, and says 486.
        watch: makes the watcher of a call, when it begins.
        ended: told about each call that is over, missed ones too.
    """

    def __init__(
        self,
        house: House,
        *,
        most_calls: int = 64,
        watch: Callable[[HeldCall], Watcher] = lambda _: Silent(),
        ended: Callable[[HeldCall], None] = lambda _: None,
    ) -> None:
        self._house = house
        self._most_calls = most_calls
        self._watch = watch
        self._ended = ended
        self._numbers = itertools.count(1)
        self._held: dict[HeldCall, asyncio.Task[None]] = {}
        self._trunks: list[Trunk] = []
        self._draining = False

    @property
    def held(self) -> tuple[HeldCall, ...]:
        """The calls of this moment, oldest first."""
        return tuple(self._held)

    @property
    def draining(self) -> bool:
        """Whether no new calls are taken."""
        return self._draining

    async def serve(self, *trunks: Trunk, ready: Callable[[], None] = lambda: None) -> None:
        """Hold every call that comes in over these trunks, until all are drained or closed and the last call is over.

        Trunks are opened here and closed at the end, whatever happens; `ready` is called when all are open.

        Raises:
            PlaceError: a trunk cannot be had; nothing has begun.
        """
        self._trunks += trunks
        try:
            for trunk in trunks:
                await trunk.open()
                if self._draining:
                    trunk.drain()
            ready()
            await asyncio.gather(*(self._take_calls(trunk) for trunk in trunks))
            if self._held:
                await asyncio.wait(self._held.values())
        finally:
            for trunk in trunks:
                self._trunks.remove(trunk)
                await trunk.close()  # whoever is still there hears the end, and the calls end by themselves
            if self._held:
                await asyncio.wait(self._held.values())

    def drain(self) -> None:
        """Finish the calls that are held and take no new ones; `serve` returns after the last. May be called twice."""
        self._draining = True
        for trunk in self._trunks:
            trunk.drain()

    async def hang_up(self) -> None:
        """Drain, and end every call now. A payment under way is still waited for, as after any caller's hang-up."""
        self.drain()
        for held in self.held:
            await held.incoming.place.close()

    async def _take_calls(self, trunk: Trunk) -> None:
        while (incoming := await trunk.next_call()) is not None:
            if self._draining or len(self._held) >= self._most_calls:
                log.warning("call refused", line=incoming.line, caller=incoming.masked_caller, held=len(self._held))
                await incoming.place.close()
                continue
            held = HeldCall(next(self._numbers), incoming)
            self._held[held] = asyncio.create_task(self._hold(held), name=f"call {held.number}")

    async def _hold(self, held: HeldCall) -> None:
        """One call to its end; whatever goes wrong in it stays in it."""
        incoming = held.incoming
        with structlog.contextvars.bound_contextvars(call=held.number, caller=incoming.masked_caller):
            try:
                held.report = await Call(self._house, incoming.place, watcher=self._watch(held)).run()
            except PlaceError as gone:
                log.warning("call missed", line=incoming.line, reason=str(gone))
            except Exception as failure:  # noqa: BLE001 - the other calls go on
                log.error("call lost", line=incoming.line, problem=type(failure).__name__)
                await incoming.place.close()
            finally:
                del self._held[held]
                self._ended(held)
