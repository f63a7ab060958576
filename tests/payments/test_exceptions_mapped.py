"""Every exception of the HTTP libraries ends as one of ours: walked class by class, so that a new one can't slip by."""

import inspect
import ssl
from collections.abc import Iterator
from types import ModuleType

import anyio
import h11
import httpcore
import httpx
import pytest

from tests.payments.conftest import FakeClock
from tests.payments.fake_api import CART_ID, FakeApi
from voicebot.payments import (
    Amounts,
    CardTender,
    OutcomeUnknown,
    PaymentExpress,
    PaymentExpressError,
    ServerFault,
    Unreachable,
)
from voicebot.payments.connection import Lost, NotSent, classify

NEVER_LEFT = {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol", "InvalidURL"}


def exceptions_of(module: ModuleType) -> Iterator[type[Exception]]:
    for _, member in inspect.getmembers(module, inspect.isclass):
        if issubclass(member, Exception):
            yield member


OF_HTTPX = list(exceptions_of(httpx))
BELOW = [
    *exceptions_of(httpcore),
    *exceptions_of(h11),
    *exceptions_of(ssl),
    *exceptions_of(anyio),
    *OSError.__subclasses__(),
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    MemoryError,
    ExceptionGroup,
]


def make(kind: type[Exception]) -> Exception:
    request = httpx.Request("POST", "https://vault.example", content=b"4111111111111111")
    if issubclass(kind, httpx.HTTPStatusError):
        return kind("told", request=request, response=httpx.Response(500, request=request))
    if issubclass(kind, ExceptionGroup):
        return kind("told", [ValueError("inside")])
    for arguments in (("told",), (), ("told", "twice"), ("utf-8", b"", 0, 1, "told")):
        try:
            made = kind(*arguments)
        except (TypeError, ValueError):
            continue
        if isinstance(made, httpx.RequestError):
            made.request = request
        return made
    raise AssertionError(f"do not know how to make {kind}")


def test_there_is_something_to_walk() -> None:
    assert {kind.__name__ for kind in OF_HTTPX} >= NEVER_LEFT
    assert len(OF_HTTPX) > 25
    assert ssl.SSLCertVerificationError in BELOW


@pytest.mark.parametrize("kind", [*OF_HTTPX, *BELOW], ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
async def test_each_becomes_one_of_ours(
    *,
    api: FakeApi,
    clock: FakeClock,
    amounts: Amounts,
    card: CardTender,
    kind: type[Exception],
) -> None:
    calls = 0

    async def transport(request: httpx.Request) -> httpx.Response:
        nonlocal calls
        if request.url.path.endswith("/oauth/token"):
            return httpx.Response(200, json={"access_token": "a", "token_type": "bearer", "expires_in": 3600})
        calls += 1
        raise make(kind)

    async with PaymentExpress(
        api.settings, clock=clock, sleep=clock.sleep, transport=lambda: httpx.MockTransport(transport)
    ) as client:
        with pytest.raises(PaymentExpressError) as paying:
            await client.pay_card(CART_ID, amounts, card)
        tried = calls
        with pytest.raises(PaymentExpressError) as asking:
            await client.cart_status(CART_ID)

    if kind.__module__ == "httpx" and kind.__name__ in NEVER_LEFT:
        assert type(paying.value) is Unreachable
        assert type(asking.value) is Unreachable
        assert tried == 4
    else:
        assert type(paying.value) is OutcomeUnknown
        assert type(asking.value) is ServerFault
        assert tried == 1
    for raised in (paying.value, asking.value):
        assert raised.__cause__ is None
        assert raised.__context__ is None


@pytest.mark.parametrize("kind", OF_HTTPX, ids=lambda kind: kind.__name__)
def test_nothing_counts_as_unsent_once_sending_began(kind: type[Exception]) -> None:
    assert isinstance(classify(make(kind), began=True), Lost)


async def test_the_connection_itself_says_when_sending_begins(
    api: FakeApi, clock: FakeClock, amounts: Amounts, card: CardTender
) -> None:
    """A transport that sends and then claims that it could not connect is not believed."""

    async def transport(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/oauth/token"):
            return httpx.Response(200, json={"access_token": "a", "token_type": "bearer"})
        await request.extensions["trace"]("http11.send_request_headers.started", {})
        raise httpx.ConnectError("told")

    async with PaymentExpress(
        api.settings, clock=clock, sleep=clock.sleep, transport=lambda: httpx.MockTransport(transport)
    ) as client:
        with pytest.raises(OutcomeUnknown):
            await client.pay_card(CART_ID, amounts, card)
    assert isinstance(classify(httpx.ConnectError("told"), began=False), NotSent)
