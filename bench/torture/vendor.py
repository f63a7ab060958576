"""The vendor under torture: sandboxes in this process, and a relay that can hold a payment back on its way.

A request that is on its way while its sender is already dead is the worst that can happen to money: nobody at either
end knows of it. The relay makes that a matter of order instead of time.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Final, Self

from voicebot.sandbox import API_ROOT, ArmedFault, Books, Fault, HostName, Incident, Sandbox

_CALM_TURNS: Final = 3
_TURN_S: Final = 0.002
_LONGEST_UNREST_S: Final = 60.0


class Relay:
    """Passes bytes to the vault. While it holds, the first payment waits until `release`; later ones pass."""

    def __init__(self, vault_port: int) -> None:
        self._vault_port = vault_port
        self._server: asyncio.Server | None = None
        self._released = asyncio.Event()
        self._holding = False
        self._serving: set[asyncio.Task[None]] = set()  # asyncio forgets a server's tasks when their client has gone
        self.port = 0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._begin, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        if self._server is not None:
            self._server.close()

    def hold(self) -> None:
        self._released.clear()
        self._holding = True

    def release(self) -> None:
        self._holding = False
        self._released.set()

    @property
    def busy(self) -> bool:
        """Whether a request or its answer is under way."""
        return bool(self._serving)

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await self._request(reader)
            if self._holding and request.startswith(b"POST "):  # not whether anybody is there at all
                self._holding = False
                await self._released.wait()
            if request:
                await self._deliver(request, writer)
        finally:
            writer.close()

    @staticmethod
    async def _request(reader: asyncio.StreamReader) -> bytes:
        """One whole request; nothing if its sender died in the middle of it."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            fields = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:] if b": " in line)
            body = await reader.readexactly(int(fields.get(b"content-length", b"0")))
            line, _, rest = head.partition(b"\r\n")
            return b"\r\n".join((line, b"Connection: close", rest)) + body  # one request a connection
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""

    async def _deliver(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            answers, vault = await asyncio.open_connection("127.0.0.1", self._vault_port)
            try:
                vault.write(request)
                while part := await answers.read(65536):
                    writer.write(part)
            finally:
                vault.close()


class Vendor:
    """A PaymentExpress for one trial at a time.

    Args:
        pays_once: False charges a cart again when it is asked to, so that a double payment shows.
    """

    def __init__(self, *, pays_once: bool) -> None:
        self.sandbox = Sandbox(pays_once=pays_once)
        self._relay: Relay | None = None

    async def __aenter__(self) -> Self:
        """Open both hosts and the relay."""
        await self.sandbox.start()
        self._relay = Relay(int(self.sandbox.vault_url.rpartition(":")[2]))
        await self._relay.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close them."""
        if self._relay is not None:
            self._relay.close()
        await self.sandbox.stop()

    @property
    def _on_the_way(self) -> Relay:
        assert self._relay is not None
        return self._relay

    def begin(self, faults: Sequence[Fault], *, hold: bool) -> tuple[str, str]:
        """A clean sheet for a trial; returns the URLs of both hosts."""
        self.sandbox.reset()
        for fault in faults:
            self.sandbox.add_fault(fault)
        vault = self.sandbox.vault_url
        if hold:
            self._on_the_way.hold()
            vault = f"http://127.0.0.1:{self._on_the_way.port}"
        return self.sandbox.general_url + API_ROOT, vault + API_ROOT

    async def calm_down(self) -> None:
        """Let everything that is on its way arrive, let late charges be made, and take the faults away."""
        self._on_the_way.release()
        async with asyncio.timeout(_LONGEST_UNREST_S):
            calm = 0
            while calm < _CALM_TURNS:
                await asyncio.sleep(_TURN_S)
                calm = 0 if self._busy else calm + 1
        self.sandbox.clear_faults()

    @property
    def _busy(self) -> bool:
        hosts = self.sandbox._run.hosts  # noqa: SLF001 - only the hosts know what they have not answered yet
        states = [hosts[name]._state for name in HostName]  # noqa: SLF001
        return self._on_the_way.busy or any(state.connections or state.tasks for state in states)

    @property
    def books(self) -> Books:
        return self.sandbox.books()

    @property
    def incidents(self) -> tuple[Incident, ...]:
        return self.sandbox.incidents()

    @property
    def faults_left(self) -> tuple[ArmedFault, ...]:
        return self.sandbox.faults()
