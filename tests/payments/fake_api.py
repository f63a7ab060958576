"""Two real HTTP hosts on loopback that answer as a test tells them to, down to the byte and the closed connection.

Written on h11 and bare sockets, as no web framework can be made to misbehave on the wire.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import h11
from pydantic import SecretStr

from voicebot.payments import ApiSettings, Environment

CART_ID = "4ed4137c-3d89-44ad-92a1-c9f3e916f51e"
PAYMENT_ID = "Z8290409311"

Answering = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    host: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, list[str]]:
        return parse_qs(self.body.decode())


def raw(status: int, body: bytes, *headers: tuple[str, str], length: int | None = None) -> Answering:
    """An answer of these bytes; `length` may promise more than there are, and then the connection closes."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status} As Told", f"Content-Length: {len(body) if length is None else length}"]
        lines += [f"{name}: {value}" for name, value in headers]
        writer.write("\r\n".join([*lines, "Connection: close", "", ""]).encode() + body)
        await writer.drain()

    return answer


def says(status: int, content: Any, *headers: tuple[str, str]) -> Answering:
    """A JSON answer."""
    return raw(status, json.dumps(content).encode(), ("Content-Type", "application/json; charset=utf-8"), *headers)


async def closes(writer: asyncio.StreamWriter) -> None:
    """Not a byte, and the connection closes."""
    writer.transport.abort()


def token(value: str = "token-1", **more: Any) -> Answering:
    return says(200, {"access_token": value, "token_type": "Bearer", "expires_in": 28800, **more})


CART = {
    "cartId": CART_ID,
    "fees": {
        "CreditCard": {"primary": "1257.38", "fee": "1.23", "total": "1258.61"},
        "ECheck": {"primary": "1257.38", "fee": "0.50", "total": "1257.88"},
    },
}

HAPPY: dict[str, Answering] = {
    "POST /oauth/token": token(),
    "POST /pay/voice/carts": says(200, CART),
    f"POST /pay/voice/carts/{CART_ID}/payments/card": says(200, {"paymentId": PAYMENT_ID}),
    f"POST /pay/voice/carts/{CART_ID}/payments/echeck": says(200, {"paymentId": PAYMENT_ID}),
    f"GET /pay/voice/carts/{CART_ID}": says(200, {"cartId": CART_ID, "paid": True, "paymentId": PAYMENT_ID}),
    f"GET /pay/payments/{PAYMENT_ID}": says(200, {"paymentId": PAYMENT_ID, "status": "Completed"}),
    "HEAD /": raw(404, b""),
}

CARD = f"POST /pay/voice/carts/{CART_ID}/payments/card"
ECHECK = f"POST /pay/voice/carts/{CART_ID}/payments/echeck"
STATUS = f"GET /pay/voice/carts/{CART_ID}"
CARTS = "POST /pay/voice/carts"
LOOKUP = f"GET /pay/payments/{PAYMENT_ID}"
TOKEN = "POST /oauth/token"


@dataclass
class FakeApi:
    """What both hosts have seen, and what they say: `told` first, one after the other, then the happy answer."""

    settings: ApiSettings
    seen: list[Seen] = field(default_factory=list)
    told: dict[str, list[Answering]] = field(default_factory=dict)
    hanging: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, request: str, *answers: Answering) -> None:
        """The next answers to one request, such as "GET /pay/payments/Z1"."""
        self.told.setdefault(request, []).extend(answers)

    def count(self, request: str) -> int:
        return sum(f"{seen.method} {seen.path}" == request for seen in self.seen)

    def last(self, request: str) -> Seen:
        return [seen for seen in self.seen if f"{seen.method} {seen.path}" == request][-1]

    async def hangs(self, _: asyncio.StreamWriter) -> None:
        """Accepts, and says nothing until the test is over; `hanging` is set once it does so."""
        self.hanging.set()
        await asyncio.Event().wait()

    async def serve(self, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while seen := await _read_request(host, reader):
                self.seen.append(seen)
                key = f"{seen.method} {seen.path}"
                queued = self.told.get(key)
                answer = queued.pop(0) if queued else HAPPY.get(key, says(404, {"errorCode": "NO_SUCH_PATH"}))
                await answer(writer)
                if answer is not closes:
                    break
        finally:
            writer.close()


async def _read_request(host: str, reader: asyncio.StreamReader) -> Seen | None:
    connection = h11.Connection(h11.SERVER)
    request, body = None, b""
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            data = await reader.read(65536)
            if not data:
                return None
            connection.receive_data(data)
        elif isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
        elif isinstance(event, h11.EndOfMessage) and request:
            headers = {name.decode(): value.decode() for name, value in request.headers}
            path = request.target.decode().removeprefix("/api/v1")
            return Seen(host, request.method.decode(), path, headers, body)


@asynccontextmanager
async def fake_api(**settings: Any) -> AsyncIterator[FakeApi]:
    """Both hosts, up, on ports of their own."""
    tasks: set[asyncio.Task[None]] = set()
    api: FakeApi

    def serving(host: str) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]:
        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(api.serve(host, reader, writer))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            task.add_done_callback(lambda _: writer.close())  # also of one that was ended before it began

        return connected

    general = await asyncio.start_server(serving("general"), "127.0.0.1", 0)
    vault = await asyncio.start_server(serving("vault"), "127.0.0.1", 0)
    urls = [f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/v1" for server in (general, vault)]
    api = FakeApi(
        ApiSettings(
            environment=Environment.custom(general=urls[0], vault=urls[1]),
            client_id="ivr-test",
            client_secret=SecretStr("sandbox-secret"),
            scopes=("carts", "payments"),
            **settings,
        )
    )
    try:
        yield api
    finally:
        for server in (general, vault):
            server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
