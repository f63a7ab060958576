"""The telephone line: a `Trunk` over PJSIP."""

import asyncio
import sys
from typing import TYPE_CHECKING, ClassVar

from voicebot.audio.place import PlaceError
from voicebot.audio.sip import library
from voicebot.audio.sip.options import SipOptions
from voicebot.audio.sip.place import UNAVAILABLE, Control, SipPlace
from voicebot.audio.trunk import IncomingCall, WaitingCalls

if TYPE_CHECKING:
    from voicebot.audio.sip.endpoint import Endpoint, Registration


class SipTrunk(WaitingCalls):
    """Callers by SIP. One for a process, once: PJSIP does not come up a second time safely.

    A process that has opened one ends by `leave`.
    """

    _of_process: ClassVar["Endpoint | None"] = None
    """Held to the end of the process: collecting what PJSIP has destroyed aborts it (rule 4 of `library`)."""

    def __init__(self, options: SipOptions) -> None:
        super().__init__()
        self._options = options
        self._endpoint: Endpoint | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()
        self._closed = False

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where it listens, as `udp:192.0.2.1:5060`; empty before `open`."""
        return self._endpoint.addresses if self._endpoint is not None else ()

    @property
    def registrations(self) -> "tuple[Registration, ...]":
        """How the accounts stand; those that have no answer yet are missing."""
        return tuple(self._endpoint.registrations.values()) if self._endpoint is not None else ()

    @property
    def calls(self) -> int:
        """Calls on the line, from the first ring to the last BYE; the event loop may not have heard of them yet."""
        return len(self._endpoint.calls) if self._endpoint is not None else 0

    async def registrations_known(self) -> None:
        """Wait until every account has had an answer, good or bad."""
        while len(self.registrations) < len(self._options.accounts):
            self._news.clear()
            await self._news.wait()

    async def open(self) -> None:
        if SipTrunk._of_process is not None:
            raise PlaceError("this process has had its telephone line; start another process for another one")
        module = library.load()
        library.check_vectors(module)
        library.quiet(module)
        from voicebot.audio.sip.endpoint import Endpoint  # noqa: PLC0415 - needs the optional package

        sys.setswitchinterval(library.SWITCH_INTERVAL_S)
        loop = self._loop = asyncio.get_running_loop()
        self._endpoint = Endpoint(self._options, self._rang, lambda: loop.call_soon_threadsafe(self._news.set))
        SipTrunk._of_process = self._endpoint
        await asyncio.to_thread(self._endpoint.start)

    def drain(self) -> None:
        super().drain()
        if self._endpoint is not None and not self._endpoint.draining:
            self._endpoint.drain()

    async def close(self) -> None:
        if self._endpoint is not None and not self._closed:
            self._closed = True
            self.drain()
            await asyncio.to_thread(self._endpoint.stop)

    def _rang(self, control: Control, number: int, caller: str, account: str, domain: str) -> SipPlace:
        """A caller rings (on the owner thread)."""
        assert self._loop is not None  # noqa: S101 - set before the endpoint was started
        options = self._options
        place = SipPlace(
            control, number, self._loop, domain=domain, ring_s=options.ring_s, in_band=options.keys == "in_band"
        )
        self._loop.call_soon_threadsafe(self._told, control, number, IncomingCall(place, caller, account))
        return place

    def _told(self, control: Control, number: int, incoming: IncomingCall) -> None:
        if not self._rings(incoming):
            control.hang_up(number, UNAVAILABLE)
