"""Where many calls come from: a SIP endpoint, a WebSocket server, a program that feeds calls in.

A trunk gives places, one for each caller that rings. It knows nothing of what is said on them: `call.Switchboard` takes
the places of any number of trunks and holds a call on each.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from voicebot.audio.place import Place


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """A caller who rings. `place.open` answers; `place.close` before it refuses.

    Attributes:
        place: where the call will happen.
        caller: who calls, as the line says. Anybody can claim any number: never a proof of who it is, and never logged
            whole (`masked_caller`).
        line: which of our lines rings: an account, a transport, a path.
    """

    place: Place
    caller: str = field(default="", repr=False)
    line: str = ""

    @property
    def masked_caller(self) -> str:
        """The last two characters of the caller's number or name, for the log and the console."""
        name = self.caller.removeprefix("sips:").removeprefix("sip:").partition("@")[0]
        last = "".join(
            each if each.isascii() and each.isalnum() else "?" for each in name[-2:]
        )  # it goes to a terminal
        return f"…{last}" if len(name) > len("00") else "unknown"


class Trunk(Protocol):
    """A source of calls, used by one event loop."""

    async def open(self) -> None:
        """Begin to take calls. Raises `PlaceError` when that is not possible, in words that say what to do."""

    async def next_call(self) -> IncomingCall | None:
        """Wait for the next caller; None when there will be no more (drained or closed)."""

    def drain(self) -> None:
        """Take no new calls from now on; those that are held go on."""

    async def close(self) -> None:
        """Hang up what is left and give the line back. May be called twice."""


class WaitingCalls:
    """Base of trunks: those who ring and were not taken yet. Used on the event loop, as all of a trunk.

    A caller may have been let in, by a thread or in an earlier step, and be told to the loop after the drain began:
    such a one is nobody's call any more, and the trunk must refuse it, or it would ring for ever.
    """

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[IncomingCall | None] = asyncio.Queue()
        self._draining = False

    async def next_call(self) -> IncomingCall | None:
        """Wait for the next caller; None when there will be no more."""
        if self._draining and self._waiting.empty():
            return None
        return await self._waiting.get()

    def drain(self) -> None:
        """Take no new calls; those that wait already are still given. May be called twice."""
        if not self._draining:
            self._draining = True
            self._waiting.put_nowait(None)

    def _rings(self, incoming: IncomingCall) -> bool:
        """A caller rings. False when no more are taken: refuse this one."""
        if not self._draining:
            self._waiting.put_nowait(incoming)
        return not self._draining
