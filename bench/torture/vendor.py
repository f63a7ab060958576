"""The vendor under torture: sandboxes in this process, and a relay that can hold a payment back on its way.

A request that is on its way while its sender is already dead is the worst that can happen to money: nobody at either
end knows of it. The relay makes that a matter of order instead of time.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Self, cast

from uvicorn.server import ServerState

from voicebot.sandbox import API_ROOT, ArmedFault, Books, Fault, HostName, Incident, RequestKind, Sandbox
from voicebot.sandbox.host import Connection

_CALM_TURNS: Final = 3
_TURN_S: Final = 0.002
_LONGEST_UNREST_S: Final = 60.0


class Relay:
    """Passes bytes to the vault. While it holds, the first payment waits until `release`; later ones pass.

    Args:
        vault_port: where the vault is.
        payment_read: waits until the vault has read the next payment whole.
    """

    def __init__(self, vault_port: int, payment_read: Callable[[], Awaitable[None]]) -> None:
        self._vault_port = vault_port
        self._payment_read = payment_read
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

    def abandon(self) -> None:
        """Break off whatever is under way."""
        for task in self._serving:
            task.cancel()

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
                await self._deliver(request, reader, writer)
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

    async def _deliver(self, request: bytes, client: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        read = asyncio.ensure_future(self._payment_read() if request.startswith(b"POST ") else asyncio.sleep(0))
        with contextlib.suppress(ConnectionError):
            answers, vault = await asyncio.open_connection("127.0.0.1", self._vault_port)
            farewell = asyncio.ensure_future(self._pass_farewell(client, vault, read))
            try:
                vault.write(request)
                while part := await answers.read(65536):
                    writer.write(part)
            finally:
                farewell.cancel()
                vault.close()
        read.cancel()

    @staticmethod
    async def _pass_farewell(
        client: asyncio.StreamReader, vault: asyncio.StreamWriter, read: asyncio.Future[None]
    ) -> None:
        """End the connection at the vault when its client has gone, or a vault that never answers would wait for ever.

        Not before the vault has the request: what a dead client had sent still arrives.
        """
        with contextlib.suppress(ConnectionError):
            while await client.read(65536):
                pass
        await read
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
        self._relay = Relay(int(self.sandbox.vault_url.rpartition(":")[2]), self._payment_read)
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

    async def calm_down(self) -> str:
        """Let everything that is on its way arrive, let late charges be made, and take the faults away.

        Returns:
            What never ended and was broken off, for a finding; nothing if all came to rest by itself.

        Raises:
            TimeoutError: not even that brought rest.
        """
        self._on_the_way.release()
        unrest = ""
        try:
            await self._rest()
        except TimeoutError:
            unrest = f"not at rest after {_LONGEST_UNREST_S:.0f} s: {self._under_way}"
            self._on_the_way.abandon()
            for connection in self._connections:
                connection.transport.abort()
            await self._rest()
        self.sandbox.clear_faults()
        return unrest

    async def _rest(self) -> None:
        async with asyncio.timeout(_LONGEST_UNREST_S):
            calm = 0
            while calm < _CALM_TURNS:
                await asyncio.sleep(_TURN_S)
                calm = 0 if self._under_way else calm + 1

    @property
    def _states(self) -> list[ServerState]:
        hosts = self.sandbox._run.hosts  # noqa: SLF001 - only the hosts know what they have not answered yet
        return [hosts[name]._state for name in HostName]  # noqa: SLF001

    @property
    def _connections(self) -> list[Connection]:
        return [cast("Connection", each) for state in self._states for each in state.connections]

    @property
    def _under_way(self) -> str:
        """What has not ended yet, in words."""
        parts = [f"{len(self._connections)} connections" * bool(self._connections)]
        parts += [f"{len(state.tasks)} requests" for state in self._states if state.tasks]
        parts += ["the relay"] * self._on_the_way.busy
        return ", ".join(part for part in parts if part)

    async def _payment_read(self) -> None:
        waits = [asyncio.ensure_future(self.sandbox.arrival(kind)) for kind in RequestKind if kind.takes_tender]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()

    @property
    def books(self) -> Books:
        return self.sandbox.books()

    @property
    def incidents(self) -> tuple[Incident, ...]:
        return self.sandbox.incidents()

    @property
    def faults_left(self) -> tuple[ArmedFault, ...]:
        return self.sandbox.faults()
