"""One listening port: uvicorn's HTTP protocol on a socket that we own.

uvicorn's own `Server` polls for its end, installs signal handlers and cannot stop listening for a while; the
sandbox needs none of the first two and all of the last, so it uses uvicorn's protocol and keeps the socket itself.
"""

import asyncio
import contextlib
import errno
import socket
import struct
from typing import Final

import h11
from starlette.types import ASGIApp
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from voicebot.sandbox.errors import SandboxError

_BACKLOG: Final = 128
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)  # struct linger of socket(7): on, no time to linger


class Connection(H11Protocol):
    """A client's connection, which the application can reach to break it."""

    def __init__(self, config: Config, server_state: ServerState, loop: asyncio.AbstractEventLoop) -> None:
        """A connection that puts itself into the state of each request's scope."""
        super().__init__(config, server_state, {"connection": self}, loop)
        self.access_log = False  # a request's line belongs to the sandbox's own records, not to a log

    @property
    def _socket(self) -> socket.socket:
        its_socket: socket.socket = self.transport.get_extra_info("socket")
        return its_socket

    def write_and_close(self, wire: bytes) -> None:
        """Send these bytes as they are, then close."""
        self.transport.write(wire)
        self.transport.close()

    def finish(self) -> None:
        """End an idle connection at once; let a request that is being answered be the last."""
        if self.conn.our_state is h11.IDLE:
            # The transport closes a turn of the loop later; a client in this loop must not find it open till then.
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        self.shutdown()

    def reset(self) -> None:
        """Close without a farewell: the client's next read meets RST."""
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.transport.abort()


class Host:
    """One port with an ASGI application behind it."""

    def __init__(self, name: str, app: ASGIApp) -> None:
        """A host that listens once `open` is called; `name` is for messages."""
        self.name = name
        self.port = 0
        self._address = ""
        # access_log is left on here because turning it off would silence every other uvicorn of this process.
        self._config = Config(app, lifespan="off", log_config=None, ws="none", proxy_headers=False)
        self._config.load()
        self._state = ServerState()
        self._listener: socket.socket | None = None
        self._guard: socket.socket | None = None
        self._greetings: set[asyncio.Task[object]] = set()

    def open(self, address: str, port: int) -> None:
        """Listen; port 0 takes any free one.

        Raises:
            SandboxError: the port is in use or may not be used.
        """
        self._address, self.port = address, port
        try:
            listener = self._bind()
            self.port = listener.getsockname()[1]
            try:
                # The guard is bound and never listens: it keeps the port ours while the host refuses connections.
                # Linux lets two sockets with SO_REUSEADDR share a port as long as only one of them listens.
                self._guard = self._bind()
                self._listen(listener)
            except OSError:
                listener.close()
                raise
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> SandboxError:
        if error.errno == errno.EADDRINUSE:
            return SandboxError(
                f"port {self.port} on {self._address}, for the sandbox's {self.name} host, is in use. Stop the program "
                f"that uses it, or choose another port for the {self.name} host (0 takes any free one)."
            )
        return SandboxError(
            f"the sandbox's {self.name} host cannot listen on {self._address}, port {self.port}: {error.strerror}. "
            "Choose an address of this machine and a port from 1024 to 65535 (0 takes any free one)."
        )

    def _bind(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._address else socket.AF_INET
        # The protocol is named because asyncio turns Nagle's delay off only where it is (40 ms an answer otherwise).
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self._address, self.port))
        except OverflowError as error:
            listener.close()
            raise OSError(errno.EINVAL, "there is no such port") from error
        except OSError:
            listener.close()
            raise
        return listener

    def _listen(self, listener: socket.socket) -> None:
        listener.settimeout(0)
        listener.listen(_BACKLOG)
        asyncio.get_running_loop().add_reader(listener, self._greet, listener)
        self._listener = listener

    def _greet(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            client, _ = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        client.settimeout(0)
        greeting: asyncio.Task[object] = loop.create_task(
            loop.connect_accepted_socket(lambda: Connection(self._config, self._state, loop), client)
        )
        self._greetings.add(greeting)
        greeting.add_done_callback(self._greetings.discard)

    def refuse(self) -> None:
        """Stop listening and end idle connections; a request being answered is answered, then its connection ends."""
        self._stop_listening()
        for connection in self._connections():
            connection.finish()

    def accept(self) -> None:
        """Listen again after `refuse`."""
        if self._listener is None and self._guard is not None:
            self._listen(self._bind())

    def _stop_listening(self) -> None:
        if self._listener is not None:
            asyncio.get_running_loop().remove_reader(self._listener)
            self._listener.close()
            self._listener = None

    def _connections(self) -> tuple[Connection, ...]:
        return tuple(c for c in self._state.connections if isinstance(c, Connection))

    async def close(self) -> None:
        """Stop listening, break every connection, wait for their requests to end."""
        self._stop_listening()
        if self._guard is not None:
            self._guard.close()
            self._guard = None
        await asyncio.gather(*self._greetings, return_exceptions=True)
        for connection in self._connections():
            connection.transport.abort()
        # One turn of the loop, in which aborted transports close their sockets and tell their requests so.
        await asyncio.sleep(0)
        tasks = tuple(self._state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
