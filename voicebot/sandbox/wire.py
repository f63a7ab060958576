"""What stands between the wire and the applications: records each request and strikes with faults.

A fault is struck as the client would meet it: connections are really closed or reset, half a body is really half.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Final, Self

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voicebot.sandbox.application import Serving
from voicebot.sandbox.books import IncidentKind, SeenRequest
from voicebot.sandbox.errors import ApiError, error_response
from voicebot.sandbox.faults import Fault, FaultBox, FaultKind
from voicebot.sandbox.host import Connection
from voicebot.sandbox.paths import HostName, RequestKind, recognize
from voicebot.sandbox.tenders import names_a_published_tender, tender_fault

_KEPT_REQUESTS: Final = 10_000
_IDS: Final = ("paymentId", "cartId", "access_token")
_TENDER_FIELDS: Final = (b'"accountNumber"', b'"securityCode"', b'"routingNumber"')
_PAGE: Final = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>\n"


@dataclass(slots=True)
class Reply:
    """An answer of the application, held back."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    async def collect(self, message: Message) -> None:
        """Take the place of `send`."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self.body += message.get("body", b"")

    def retyped(self, body: bytes, content_type: bytes) -> Self:
        """The same status with another body."""
        rest = [h for h in self.headers if h[0].lower() not in {b"content-type", b"content-length"}]
        length = str(len(body)).encode()
        return type(self)(self.status, [*rest, (b"content-type", content_type), (b"content-length", length)], body)

    def wire(self) -> bytes:
        """The whole answer as bytes of HTTP/1.1."""
        head = f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}\r\n".encode()
        return head + b"".join(name + b": " + value + b"\r\n" for name, value in self.headers) + b"\r\n" + self.body

    async def send(self, send: Send) -> None:
        """Answer properly."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and the means to answer it."""

    app: ASGIApp
    scope: Scope
    receive: Receive
    send: Send
    body: bytes
    request: RequestKind
    cart_id: str | None

    @property
    def connection(self) -> Connection:
        """The client's connection."""
        connection: Connection = self.scope["state"]["connection"]
        return connection

    async def run(self, send: Send) -> None:
        """Let the application do its work and answer to `send`."""
        unread = [{"type": "http.request", "body": self.body, "more_body": False}]

        async def receive() -> Message:
            return unread.pop() if unread else await self.receive()

        await self.app(self.scope, receive, send)

    async def reply(self) -> Reply:
        """Let the application do its work and hold its answer back."""
        reply = Reply()
        await self.run(reply.collect)
        return reply

    async def gone(self) -> None:
        """Wait until the client has gone."""
        while (await self.receive())["type"] != "http.disconnect":
            pass


class Journal:
    """The last requests that arrived, without their content."""

    def __init__(self) -> None:
        """An empty journal."""
        self._count = 0
        self._seen: dict[int, SeenRequest] = {}
        self._waiting: list[tuple[RequestKind, asyncio.Future[SeenRequest]]] = []

    def follow(self, exchange: Exchange, fault: Fault | None) -> Exchange:
        """Note a request that has arrived; the exchange returned notes the status of its answer too."""
        self._count += 1
        seen = SeenRequest(
            number=self._count,
            request=exchange.request,
            cart_id=exchange.cart_id,
            fault=fault.describe() if fault else None,
        )
        self._seen[seen.number] = seen
        for waiting in [w for w in self._waiting if w[0] is exchange.request]:
            self._waiting.remove(waiting)
            if not waiting[1].done():
                waiting[1].set_result(seen)
        if len(self._seen) > _KEPT_REQUESTS:
            del self._seen[next(iter(self._seen))]

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start" and seen.number in self._seen:
                self._seen[seen.number] = seen.model_copy(update={"status": message["status"]})
            await exchange.send(message)

        return replace(exchange, send=send)

    async def arrival(self, request: RequestKind) -> SeenRequest:
        """Wait for the next request of this kind to arrive."""
        seen: asyncio.Future[SeenRequest] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, seen))
        return await seen

    def requests(self) -> tuple[SeenRequest, ...]:
        """Every request kept, in order of arrival."""
        return tuple(self._seen.values())

    def clear(self) -> None:
        """Forget them."""
        self._seen.clear()


class Front:
    """The ASGI application that a host serves."""

    def __init__(
        self,
        app: ASGIApp,
        host: HostName,
        *,
        serving: Serving,
        faults: FaultBox,
        journal: Journal,
        woken: Callable[[], None],
    ) -> None:
        """Stand before `app`; `woken` is called when a sleeping fault has woken."""
        self._app = app
        self._host = host
        self._serving = serving
        self._processor = serving.processor
        self._faults = faults
        self._journal = journal
        self._woken = woken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        known = recognize(scope["method"], scope["path"]) if scope["type"] == "http" else None
        scope["state"]["serving"] = self._serving
        if known is None or known[0].host is not self._host:
            if known and known[0].takes_tender:
                self._processor.report(IncidentKind.TENDER_ON_GENERAL_HOST, self._host, f"a {known[0]} payment")
            await self._app(scope, receive, send)
            return
        body = await _whole_body(receive)
        if body is not None:
            # Cancelled means that the sandbox stops; uvicorn would log it as an error of the application.
            with contextlib.suppress(asyncio.CancelledError):
                await self._serve(Exchange(self._app, scope, receive, send, body, *known))

    async def _serve(self, exchange: Exchange) -> None:
        request = exchange.request
        if self._host is HostName.GENERAL and _holds_tender(exchange.scope, exchange.body):
            self._processor.report(IncidentKind.TENDER_ON_GENERAL_HOST, self._host, f"in a {request} request")
        fault = self._faults.strike(request)
        if fault is None and request.takes_tender:
            fault = _fault_of_tender(exchange.body)
        exchange = self._journal.follow(exchange, fault)
        if fault is None:
            await exchange.run(exchange.send)
        elif fault.carried_out:
            await _damage(exchange, fault, await exchange.reply())
        else:
            await self._prevent(exchange, fault)
        if self._faults.answered(request):
            self._woken()

    async def _prevent(self, exchange: Exchange, fault: Fault) -> None:
        """Strike before the request does its work."""
        if fault.kind is FaultKind.LATE:
            await self._carry_out_late(exchange, fault.for_s)
        elif fault.kind is FaultKind.EXPIRE_TOKEN:
            self._serving.tokens.expire_all()
            await exchange.run(exchange.send)
        elif fault.kind is FaultKind.NO_DISPLAY_MESSAGE:
            status = 200 if exchange.request.takes_tender else 400
            await _error(status, "ProcessorError", exchange.scope, exchange.receive, exchange.send)
        else:
            await _damage(exchange, fault, Reply())

    async def _carry_out_late(self, exchange: Exchange, for_s: float) -> None:
        # The client may have given up long since; the charge is made all the same. Until then the cart is processing.
        late = (
            self._processor.paying_late(exchange.cart_id)
            if exchange.cart_id and exchange.request.takes_tender
            else contextlib.nullcontext()
        )
        with late:
            await asyncio.sleep(for_s)
            await exchange.run(exchange.send)


async def _damage(exchange: Exchange, fault: Fault, reply: Reply) -> None:
    """Strike at the answer."""
    match fault.kind:
        case FaultKind.SILENT:
            await exchange.gone()
        case FaultKind.LATE:
            await asyncio.sleep(fault.for_s)
            await reply.send(exchange.send)
        case FaultKind.CLOSE:
            await _break(exchange, b"")
        case FaultKind.RESET:
            exchange.connection.reset()
            await exchange.gone()
        case FaultKind.HALF_BODY:
            wire = reply.wire()
            await _break(exchange, wire[: len(wire) - max(1, len(reply.body) // 2)])
        case FaultKind.DUPLICATE:
            await _break(exchange, reply.wire() * 2)
        case FaultKind.INVALID_JSON:
            await reply.retyped(reply.body[:-1], b"application/json").send(exchange.send)
        case FaultKind.WRONG_CONTENT_TYPE:
            await reply.retyped(reply.body, b"text/plain; charset=utf-8").send(exchange.send)
        case FaultKind.NO_ID:
            await _without_id(reply).send(exchange.send)
        case FaultKind.HTML:
            page = _PAGE.format(HTTPStatus(fault.status).phrase).encode()
            await Reply(fault.status).retyped(page, b"text/html; charset=utf-8").send(exchange.send)
        case FaultKind.STATUS:
            headers = {} if fault.retry_after_s is None else {"Retry-After": str(fault.retry_after_s)}
            code = HTTPStatus(fault.status).name
            answer = error_response(ApiError(fault.status, code, "a fault of the sandbox", headers=headers))
            await answer(exchange.scope, exchange.receive, exchange.send)
        case _:
            raise AssertionError(f"{fault.kind} is not struck at an answer")


async def _break(exchange: Exchange, wire: bytes) -> None:
    exchange.connection.write_and_close(wire)
    await exchange.gone()


async def _error(status: int, code: str, scope: Scope, receive: Receive, send: Send) -> None:
    await error_response(ApiError(status, code, "a fault of the sandbox"))(scope, receive, send)


def _without_id(reply: Reply) -> Reply:
    answer = json.loads(reply.body)
    kept = {name: value for name, value in answer.items() if name not in _IDS}
    return reply.retyped(json.dumps(kept).encode(), b"application/json")


async def _whole_body(receive: Receive) -> bytes | None:
    """The request's body; None if the client went away in the middle of it."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


def _holds_tender(scope: Scope, body: bytes) -> bool:
    url = scope["path"] + scope["query_string"].decode("latin-1")
    return any(name in body for name in _TENDER_FIELDS) or names_a_published_tender(url + body.decode("latin-1"))


def _fault_of_tender(body: bytes) -> Fault | None:
    try:
        payment = json.loads(body)
    except ValueError:
        return None
    return tender_fault(payment.get("accountNumber")) if isinstance(payment, dict) else None
