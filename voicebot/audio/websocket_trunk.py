"""A server that takes the streams of telephony platforms; each connection is one call.

A connection is let in by a signature (Twilio signs the address that it was told to call with the account's token) or by
a secret of ours in its `Authorization` header, and only while there is room. What comes before the `start` message is
no call yet and has little time.
"""

import asyncio
import base64
import hashlib
import hmac
import logging
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus

import structlog
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode
from websockets.http11 import Request, Response

from voicebot.audio.media_stream import BadMessage, Started, read_message
from voicebot.audio.place import PlaceError
from voicebot.audio.trunk import IncomingCall, WaitingCalls
from voicebot.audio.websocket import WebSocketPlace

log = structlog.get_logger(__name__)

START_WITHIN_S = 10.0
"""From the connection to its `start` message."""

LONGEST_MESSAGE_BYTES = 64 * 1024
"""Messages of 20 ms have some 300 bytes."""

CALLER_PARAMETER = "caller"
"""The parameter of the stream in which a platform's call set-up may pass the caller's number on."""

# The library writes what it receives into its debugging log: callers' keys and sound. It has no log here.
_QUIET = logging.getLogger("voicebot.websocket.library")
_QUIET.disabled = True


@dataclass(frozen=True, slots=True)
class WebSocketAccess:
    """Who may stream calls to us: whoever shows one of the two. With neither, everybody who reaches the port.

    Attributes:
        secret: wanted as `Authorization: Bearer …`.
        signing_token: the key of `X-Twilio-Signature`.
        public_url: what the platform was told to call, exactly; it is what is signed.
    """

    secret: str = field(default="", repr=False)
    signing_token: str = field(default="", repr=False)
    public_url: str = ""

    def allows(self, headers: Headers) -> bool:
        """Whether a request with these headers is let in; takes the same time for every wrong answer."""
        shown = headers.get("Authorization", "")
        signature = headers.get("X-Twilio-Signature", "")
        by_secret = bool(self.secret) and _same(shown, f"Bearer {self.secret}")
        by_signature = bool(self.signing_token) and _same(signature, self.signature())
        return by_secret or by_signature or not (self.secret or self.signing_token)

    def signature(self) -> str:
        """The signature of `public_url` (Twilio, "Webhooks security": HMAC-SHA1 in base64)."""
        digest = hmac.new(self.signing_token.encode(), self.public_url.encode(), hashlib.sha1).digest()
        return base64.b64encode(digest).decode("ascii")


class WebSocketTrunk(WaitingCalls):
    """Takes calls as WebSocket connections.

    Args:
        host: address to listen on.
        port: port to listen on; 0 takes any free one, see `port`.
        path: of the address that platforms call.
        access: who may call.
        most_calls: connections at once; one more gets 503.
        tls: for `wss://` without a proxy in front.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        path: str = "/calls",
        access: WebSocketAccess | None = None,
        most_calls: int = 16,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__()
        self._address = (host, port)
        self._path = path
        self._access = access or WebSocketAccess()
        self._most_calls = most_calls
        self._tls = tls
        self._connections = 0
        self._server: Server | None = None

    @property
    def port(self) -> int:
        """The port that it listens on, once it is open."""
        if self._server is None:
            return self._address[1]
        return int(next(iter(self._server.sockets)).getsockname()[1])

    async def open(self) -> None:
        """Begin to listen; a second time it changes nothing.

        Raises:
            PlaceError: the port cannot be had.
        """
        if self._server is not None:
            return
        host, port = self._address
        try:
            self._server = await serve(
                self._hold,
                host,
                port,
                process_request=self._let_in,
                ssl=self._tls,
                compression=None,  # µ-law does not shrink
                max_size=LONGEST_MESSAGE_BYTES,
                open_timeout=START_WITHIN_S,
                close_timeout=2.0,
                server_header=None,
                logger=_QUIET,
            )
        except OSError as problem:
            raise cannot_listen(host, port, problem) from None

    async def close(self) -> None:
        self.drain()
        if self._server is not None:
            self._server.close(code=CloseCode.GOING_AWAY)
            await self._server.wait_closed()

    def _let_in(self, connection: ServerConnection, request: Request) -> Response | None:
        """Refuse a connection before it is one."""
        if request.path.partition("?")[0] != self._path:
            return connection.respond(HTTPStatus.NOT_FOUND, "no such line\n")
        if not self._access.allows(request.headers):
            log.warning("stream refused", reason="neither its secret nor its signature fits")
            return connection.respond(HTTPStatus.FORBIDDEN, "wrong or missing secret or signature\n")
        if self._draining or self._connections >= self._most_calls:
            log.warning("stream refused", reason="draining" if self._draining else "full", held=self._connections)
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "no line is free\n")
        return None

    async def _hold(self, connection: ServerConnection) -> None:
        """One connection, from its first message to its last."""
        if self._connections >= self._most_calls:  # they came in at the same moment
            await connection.close(CloseCode.TRY_AGAIN_LATER, "no line is free")
            return
        self._connections += 1
        try:
            await self._hold_stream(connection)
        except BadMessage as wrong:
            log.warning("stream cut off", reason=str(wrong))
            await connection.close(CloseCode.INVALID_DATA, str(wrong)[:100])
        except TimeoutError:
            await connection.close(CloseCode.POLICY_VIOLATION, "no start message")
        except ConnectionClosed:
            pass  # before there was a call
        finally:
            self._connections -= 1

    async def _hold_stream(self, connection: ServerConnection) -> None:
        async with asyncio.timeout(START_WITHIN_S):
            start = await _start_of(connection)
        caller = start.start.parameters.get(CALLER_PARAMETER, "")
        place = WebSocketPlace(start.start.stream_id, _sender(connection), connection.close)
        if not self._rings(IncomingCall(place, caller=caller, line=f"websocket {self._path}")):
            await connection.close(CloseCode.GOING_AWAY, "no more calls are taken")
            return
        try:
            async for text in connection:
                if (message := read_message(text)) is not None:
                    place.received(message)
                if place.ended.is_set():
                    break
        finally:
            place.connection_lost()


async def _start_of(connection: ServerConnection) -> Started:
    while not isinstance(message := read_message(await connection.recv()), Started):
        if message is not None:
            raise BadMessage("the first messages of a stream are connected and start")
    return message


def _sender(connection: ServerConnection) -> Callable[[str], Awaitable[None]]:
    """`send` with an error of the standard library."""

    async def send(text: str) -> None:
        try:
            await connection.send(text)
        except ConnectionClosed:
            raise ConnectionError from None

    return send


def cannot_listen(host: str, port: int, problem: OSError) -> PlaceError:
    """Why calls cannot be taken at an address, and what to do."""
    return PlaceError(
        f"cannot listen on {host}:{port} ({problem.strerror or problem}); choose another address with "
        "websocket.host and websocket.port"
    )


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
