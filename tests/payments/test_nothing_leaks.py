"""A tender leaves nothing behind: not in exceptions and what they hold on to, not in logs, not in the client."""

import asyncio
import gc
import logging
import re
import types
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import httpx
import pytest
import structlog
from pydantic import SecretStr

from tests.payments.conftest import FakeClock
from tests.payments.fake_api import CARD, CART_ID, Answering, FakeApi, closes, fake_api, raw, says
from voicebot.payments import Amounts, CardTender, PaymentExpress, PaymentExpressError
from voicebot.payments.tender import FOR_THE_VAULT, CardPayment

NUMBER = "4000000000000002"

_FRAMES = re.compile(r"/(voicebot|httpx|httpcore|h11|anyio|asyncio)/")
_ROADS_TO_EVERYTHING = (types.ModuleType, types.FunctionType, types.CodeType, type, logging.Logger)


def reachable(root: object) -> Iterable[object]:
    """All that an object keeps alive, through frames of tracebacks too; not into a wrapped value, nor this file."""
    seen: set[int] = set()
    waiting: list[object] = [root]
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen or isinstance(thing, (*_ROADS_TO_EVERYTHING, SecretStr)):
            continue
        if isinstance(thing, types.FrameType):
            if _FRAMES.search(thing.f_code.co_filename) or thing.f_code.co_name == "stuck_while_writing":
                waiting.extend(thing.f_locals.values())
            seen.add(id(thing))
            continue
        if isinstance(thing, dict) and "__builtins__" in thing:
            continue
        seen.add(id(thing))
        yield thing
        waiting.extend(gc.get_referents(thing))


def holds_number(root: object) -> bool:
    """Whether the card's number is in any text, bytes or number that `root` keeps alive."""
    return any(
        (isinstance(thing, str) and NUMBER in thing)
        or (isinstance(thing, bytes | bytearray) and NUMBER.encode() in thing)
        or (isinstance(thing, int) and thing == int(NUMBER))
        for thing in reachable(root)
    )


@pytest.fixture
def card() -> CardTender:
    return CardTender(SecretStr(NUMBER), SecretStr("2027-05"), SecretStr("987"))


ECHO = {
    "errorCode": "X",
    "errorMessage": f"Bad number {NUMBER}.",
    "displayMessage": f"Your card {NUMBER} was refused.",
}

FAULTS: dict[str, Answering] = {
    "closes": closes,
    "half a body": raw(200, NUMBER.encode(), ("Content-Type", "application/json"), length=100),
    "echoes in nonsense": raw(200, NUMBER.encode(), ("Content-Type", "application/json")),
    "echoes in a refusal": says(400, ECHO),
    "echoes in a decline": says(200, ECHO),
    "echoes in a conflict": says(409, ECHO),
    "echoes in a fault": says(500, ECHO),
    "echoes in a header": raw(401, b"", ("WWW-Authenticate", NUMBER)),
}


async def failing(pay: Callable[[], Awaitable[object]]) -> PaymentExpressError:
    with pytest.raises(PaymentExpressError) as failed:
        await pay()
    return failed.value


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_an_exception_keeps_no_tender(
    api: FakeApi, client: PaymentExpress, amounts: Amounts, card: CardTender, fault: Answering
) -> None:
    api.tell(CARD, fault, fault)
    problem = await failing(lambda: client.pay_card(CART_ID, amounts, card))
    assert not holds_number(problem)
    assert not holds_number(problem.__traceback__)
    assert NUMBER not in repr(problem) + str(problem) + repr(problem.__dict__)


async def test_a_timeout_or_a_cancelled_call_keeps_no_tender(amounts: Amounts, card: CardTender) -> None:
    async with fake_api() as api, PaymentExpress(api.settings) as client:
        api.tell(CARD, api.hangs, api.hangs)
        await client.cart_status(CART_ID)
        problem = await failing(lambda: client.pay_card(CART_ID, amounts, card, budget_s=2.0))
        assert problem.may_have_charged
        assert not holds_number(problem)

        api.hanging.clear()
        paying = asyncio.create_task(client.pay_card(CART_ID, amounts, card))
        await api.hanging.wait()
        paying.cancel()
        with pytest.raises(asyncio.CancelledError) as cancelled:
            await paying
        assert not holds_number(cancelled.value)


async def test_a_call_that_is_cancelled_while_it_writes_keeps_no_tender(
    api: FakeApi, amounts: Amounts, card: CardTender
) -> None:
    writing = asyncio.Event()

    async def stuck_while_writing(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/oauth/token"):
            return httpx.Response(200, json={"access_token": "a", "token_type": "bearer"})
        content = await request.aread()
        writing.set()
        await asyncio.Event().wait()
        raise AssertionError(content)

    async with PaymentExpress(api.settings, transport=lambda: httpx.MockTransport(stuck_while_writing)) as client:
        paying = asyncio.create_task(client.pay_card(CART_ID, amounts, card))
        await writing.wait()
        paying.cancel()
        with pytest.raises(asyncio.CancelledError) as cancelled:
            await paying
    assert not holds_number(cancelled.value)


async def test_the_search_finds_what_leaks(amounts: Amounts, card: CardTender) -> None:
    """The same search, on purpose: an exception of httpx that holds its request, alone, chained and in a frame."""
    body = CardPayment.of(amounts, card).model_dump_json(context=FOR_THE_VAULT).encode()
    leak = httpx.ReadError("told", request=httpx.Request("POST", "https://vault.example", content=body))
    chained = RuntimeError("chained")
    chained.__context__ = leak
    for leaking in (leak, chained, {"deep": [(body,)]}, [int(NUMBER)]):
        assert holds_number(leaking)
    assert not holds_number(card)


async def test_the_client_keeps_no_tender(
    api: FakeApi, client: PaymentExpress, amounts: Amounts, card: CardTender
) -> None:
    await client.pay_card(CART_ID, amounts, card)
    api.tell(CARD, closes)
    await failing(lambda: client.pay_card(CART_ID, amounts, card))
    assert not holds_number(client)


async def test_garbage_that_waits_for_collection_keeps_no_tender(
    client: PaymentExpress, amounts: Amounts, card: CardTender
) -> None:
    """httpx's request and response hold each other: what lives on until the collector comes has forgotten the body."""
    gc.collect()
    gc.disable()
    try:
        await client.pay_card(CART_ID, amounts, card)
        # By `type`, as `isinstance` asks the object, and a weak proxy whose object is gone does not answer.
        requests = [thing for thing in gc.get_objects() if issubclass(type(thing), httpx.Request)]
        assert not any(holds_number(request) for request in requests)
    finally:
        gc.enable()


@pytest.mark.parametrize("fault", [None, *list(FAULTS.values())[:-1]], ids=["none", *list(FAULTS)[:-1]])
async def test_logs_say_what_happened_and_nothing_else(
    *,
    api: FakeApi,
    amounts: Amounts,
    card: CardTender,
    caplog: pytest.LogCaptureFixture,
    fault: Answering | None,
) -> None:
    if fault:
        api.tell(CARD, fault, fault)
    caplog.set_level(logging.DEBUG)
    clock = FakeClock()
    with structlog.testing.capture_logs() as entries:
        async with PaymentExpress(api.settings, clock=clock, sleep=clock.sleep) as client:
            await asyncio.gather(client.pay_card(CART_ID, amounts, card), return_exceptions=True)
    everything = repr(entries) + caplog.text + repr(caplog.records)
    for secret in (NUMBER, "token-1", "sandbox-secret", ECHO["errorMessage"]):
        assert secret not in everything
    # Three digits stand in ports and addresses of memory too: the code is sought where it stands alone.
    assert not re.search(r"(?<![0-9a-f.])987(?![0-9a-f])", everything)

    calls: list[dict[str, Any]] = [dict(entry) for entry in entries if entry.get("host") == "vault"]
    assert calls
    assert set(calls[0]) == {"event", "log_level", "host", "method", "path", "status", "failure", "duration_s"}
    assert calls[0]["path"] == "/pay/voice/carts/{cart_id}/payments/card"
