"""Real HTTP that goes wrong in every way, and what the caller of the client is told."""

import asyncio
import socket

import pytest

from tests.payments.conftest import FakeClock
from tests.payments.fake_api import (
    CARD,
    CART_ID,
    CARTS,
    LOOKUP,
    PAYMENT_ID,
    STATUS,
    Answering,
    FakeApi,
    closes,
    fake_api,
    raw,
    says,
)
from voicebot.payments import (
    Amounts,
    ApiSettings,
    CardTender,
    CartConflict,
    CartRequest,
    CircuitOpen,
    Environment,
    OutcomeUnknown,
    PaymentExpress,
    PaymentExpressError,
    RateLimited,
    ServerFault,
    Unreachable,
)

JSON = ("Content-Type", "application/json")


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def drips(writer: asyncio.StreamWriter) -> None:
    """Begins to answer and never ends, a byte at a time: no single read takes long."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0)  # lets the client read


LOST: dict[str, Answering] = {
    "closes without a word": closes,
    "closes within the body": raw(200, b'{"paymentId": "Z82', JSON, length=100),
    "half of the JSON": raw(200, b'{"paymentId": "Z82', JSON),
    "not HTTP": raw(200, b"", ("bad header\x00", "")),
    "another content type": raw(200, b'{"paymentId": "Z8290409311"}', ("Content-Type", "text/html")),
    "an error page": raw(502, b"<html>Bad Gateway</html>", ("Content-Type", "text/html")),
    "broken compression": raw(200, b"not gzip", JSON, ("Content-Encoding", "gzip")),
    "endless": raw(200, b'{"paymentId": "Z8290409311", "more": "' + b"x" * 1_000_001 + b'"}', JSON),
    "500": says(500, {"errorCode": "OOPS"}),
    "503": says(503, {"errorCode": "OOPS"}),
    "success without paymentId": says(200, {}),
    "a redirect": raw(307, b"", ("Location", "http://127.0.0.1:1/elsewhere")),
}


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST.keys())
async def test_a_payment_that_may_have_been_charged_is_unknown_and_never_repeated(
    api: FakeApi, client: PaymentExpress, amounts: Amounts, card: CardTender, fault: Answering
) -> None:
    api.tell(CARD, fault)
    with pytest.raises(OutcomeUnknown, match="cart's status") as failed:
        await client.pay_card(CART_ID, amounts, card)
    assert failed.value.may_have_charged
    assert api.count(CARD) == 1


async def test_a_payment_that_hangs_is_unknown_in_time(
    api: FakeApi, client: PaymentExpress, amounts: Amounts, card: CardTender
) -> None:
    await client.cart_status(CART_ID)
    for hanging in (api.hangs, drips):
        api.tell(CARD, hanging)
        with pytest.raises(OutcomeUnknown):
            await client.pay_card(CART_ID, amounts, card, budget_s=0.3)
    assert api.count(CARD) == 2


async def test_a_redirect_does_not_carry_tender_elsewhere(
    api: FakeApi, client: PaymentExpress, amounts: Amounts, card: CardTender
) -> None:
    elsewhere = f"{api.settings.environment.general}/pay/voice/carts"
    for status in (301, 302, 303, 307, 308):
        api.tell(CARD, raw(status, b"", ("Location", elsewhere)))
        with pytest.raises(OutcomeUnknown):
            await client.pay_card(CART_ID, amounts, card)
    assert {seen.path for seen in api.seen if seen.host == "general"} == {"/oauth/token"}


async def test_a_conflict_asks_for_the_carts_status(
    api: FakeApi, client: PaymentExpress, amounts: Amounts, card: CardTender
) -> None:
    api.tell(CARD, says(409, {"errorCode": "CART_ALREADY_PAID", "errorMessage": "Paid."}))
    with pytest.raises(CartConflict) as conflict:
        await client.pay_card(CART_ID, amounts, card)
    assert isinstance(conflict.value, OutcomeUnknown)
    assert (await client.cart_status(CART_ID)).paid


@pytest.mark.parametrize("fault", [*list(LOST.values())[:9], says(429, {}, ("Retry-After", "1"))])
async def test_a_question_is_asked_again_after_a_passing_fault(
    api: FakeApi, client: PaymentExpress, clock: FakeClock, fault: Answering
) -> None:
    api.tell(STATUS, fault)
    api.tell(LOOKUP, fault)
    assert (await client.cart_status(CART_ID)).paid
    assert (await client.find_payment(PAYMENT_ID)).status == "Completed"
    assert api.count(STATUS) == 2
    assert len(clock.slept_s) == 2


async def test_a_question_that_hangs_is_asked_again(clock: FakeClock) -> None:
    async with (
        fake_api(answer_timeout_s=0.3) as api,
        PaymentExpress(api.settings, clock=clock, sleep=clock.sleep) as client,
    ):
        api.tell(STATUS, api.hangs)
        assert (await client.cart_status(CART_ID)).paid
        assert api.count(STATUS) == 2


async def test_tries_are_few_and_end_with_the_budget(api: FakeApi, client: PaymentExpress, clock: FakeClock) -> None:
    api.tell(STATUS, *[closes] * 20)
    with pytest.raises(ServerFault):
        await client.cart_status(CART_ID)
    assert api.count(STATUS) == 4
    began_s = clock.now_s
    with pytest.raises(ServerFault):
        await client.cart_status(CART_ID, budget_s=0.1)
    assert clock.now_s == began_s


async def test_retry_after_is_honoured_within_the_budget_only(
    api: FakeApi, client: PaymentExpress, clock: FakeClock
) -> None:
    api.tell(STATUS, says(429, {}, ("Retry-After", "4")))
    await client.cart_status(CART_ID)
    assert clock.slept_s == [4.0]
    api.tell(STATUS, says(429, {}, ("Retry-After", "60")))
    with pytest.raises(RateLimited) as limited:
        await client.cart_status(CART_ID)
    assert limited.value.retry_after_s == 60.0
    assert clock.slept_s == [4.0]


@pytest.mark.parametrize("fault", [closes, says(503, {})])
async def test_a_cart_that_may_have_been_made_is_not_made_again(
    api: FakeApi, client: PaymentExpress, cart: CartRequest, fault: Answering
) -> None:
    api.tell(CARTS, fault)
    with pytest.raises(ServerFault):
        await client.create_cart(cart)
    assert api.count(CARTS) == 1


async def test_a_cart_is_made_when_the_api_has_been_given_the_time_it_asked_for(
    api: FakeApi, client: PaymentExpress, cart: CartRequest, clock: FakeClock
) -> None:
    api.tell(CARTS, says(429, {}, ("Retry-After", "3")))
    assert (await client.create_cart(cart)).cart_id == CART_ID
    assert (api.count(CARTS), clock.slept_s) == (2, [3.0])
    api.tell(CARTS, says(429, {}, ("Retry-After", "60")))
    with pytest.raises(RateLimited):
        await client.create_cart(cart)
    assert (api.count(CARTS), clock.slept_s) == (3, [3.0])


async def test_a_payment_is_never_sent_again_by_itself_though_the_api_asks_to_come_back(
    api: FakeApi, client: PaymentExpress, amounts: Amounts, card: CardTender, clock: FakeClock
) -> None:
    api.tell(CARD, says(429, {}, ("Retry-After", "1")))
    with pytest.raises(RateLimited) as limited:
        await client.pay_card(CART_ID, amounts, card)
    assert (limited.value.retry_after_s, limited.value.may_have_charged) == (1.0, False)
    assert (api.count(CARD), clock.slept_s) == (1, [])


async def test_what_was_never_sent_is_tried_again(
    api: FakeApi, amounts: Amounts, card: CardTender, cart: CartRequest
) -> None:
    """The vault is down at first, and up when the client has waited: a payment goes out once."""
    general = api.settings.environment.general
    port = unused_port()
    servers = []

    async def sleep(_: float) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await api.serve("vault", reader, writer)

        servers.append(await asyncio.start_server(serve, "127.0.0.1", port))

    environment = Environment.custom(general=general, vault=f"http://127.0.0.1:{port}/api/v1")
    settings = api.settings.model_copy(update={"environment": environment})
    async with PaymentExpress(settings, sleep=sleep) as client:
        await client.create_cart(cart)
        assert (await client.pay_card(CART_ID, amounts, card)).payment_id == PAYMENT_ID
    assert api.count(CARD) == 1
    assert len(servers) == 1
    servers[0].close()


async def test_down_means_at_once_after_a_few_failures(
    api: FakeApi, clock: FakeClock, amounts: Amounts, card: CardTender, cart: CartRequest
) -> None:
    environment = Environment.custom(
        general=api.settings.environment.general, vault=f"http://127.0.0.1:{unused_port()}/api/v1"
    )
    settings = api.settings.model_copy(update={"environment": environment})
    async with PaymentExpress(settings, clock=clock, sleep=clock.sleep) as client:
        assert client.available
        with pytest.raises(Unreachable, match="nothing was sent") as first:
            await client.pay_card(CART_ID, amounts, card)
        assert not isinstance(first.value, CircuitOpen)
        assert client.available
        with pytest.raises(CircuitOpen):
            await client.pay_card(CART_ID, amounts, card)
        assert not client.available
        slept_s = len(clock.slept_s)
        with pytest.raises(CircuitOpen) as spared:
            await client.pay_card(CART_ID, amounts, card)
        assert len(clock.slept_s) == slept_s
        assert 0 < spared.value.retry_after_s <= settings.breaker_rest_s
        await client.create_cart(cart)  # the other host is not punished for it
        clock.now_s += settings.breaker_rest_s
        assert client.available


async def test_a_failing_api_is_spared_and_comes_back(api: FakeApi, client: PaymentExpress, clock: FakeClock) -> None:
    api.tell(STATUS, *[says(500, {})] * 5)
    with pytest.raises(ServerFault):
        await client.cart_status(CART_ID)
    with pytest.raises(CircuitOpen):
        await client.cart_status(CART_ID)
    asked = api.count(STATUS)
    with pytest.raises(CircuitOpen):
        await client.cart_status(CART_ID)
    assert api.count(STATUS) == asked
    clock.now_s += 20.0
    assert (await client.cart_status(CART_ID)).paid
    assert client.available


async def test_a_vault_that_is_down_is_noticed_before_any_card_is_given(api: FakeApi, clock: FakeClock) -> None:
    environment = Environment.custom(
        general=api.settings.environment.general, vault=f"http://127.0.0.1:{unused_port()}/api/v1"
    )
    settings = api.settings.model_copy(update={"environment": environment})
    async with PaymentExpress(settings, clock=clock, sleep=clock.sleep) as client:
        assert client.available, "nobody has tried yet"
        assert not await client.ready()
        clock.now_s += settings.breaker_rest_s
        assert client.available, "time to try again"
        assert not await client.ready(), "with a request that carries no card"


async def test_a_vault_that_answers_is_asked_once_a_minute_without_token_or_tender(
    api: FakeApi, client: PaymentExpress, amounts: Amounts, card: CardTender, clock: FakeClock
) -> None:
    assert await client.ready()
    (asked,) = api.seen
    assert (asked.host, asked.method, asked.path, asked.body) == ("vault", "HEAD", "/", b"")
    assert "authorization" not in asked.headers
    clock.now_s += 59
    assert await client.ready()
    assert len(api.seen) == 1
    clock.now_s += 2
    assert await client.ready()
    assert len(api.seen) == 2
    api.tell(CARD, closes)
    with pytest.raises(OutcomeUnknown):
        await client.pay_card(CART_ID, amounts, card)
    assert await client.ready()
    assert api.last("HEAD /").host == "vault"
    assert [seen.method for seen in api.seen].count("HEAD") == 3, "after a failure it is asked again at once"


async def test_a_vault_that_fails_is_not_ready(api: FakeApi, client: PaymentExpress) -> None:
    api.tell("HEAD /", *[says(503, {})] * 9)
    assert not await client.ready()
    assert api.count("HEAD /") == 4


async def test_hanging_up_in_the_middle_of_a_payment_leaves_all_well(
    api: FakeApi, client: PaymentExpress, amounts: Amounts, card: CardTender
) -> None:
    api.tell(CARD, api.hangs)
    paying = asyncio.create_task(client.pay_card(CART_ID, amounts, card))
    await api.hanging.wait()
    paying.cancel()
    with pytest.raises(asyncio.CancelledError) as cancelled:
        await paying
    assert cancelled.value.__context__ is None
    assert (await client.pay_card(CART_ID, amounts, card)).payment_id == PAYMENT_ID


async def test_no_time_left_means_not_sent(
    api: FakeApi, client: PaymentExpress, amounts: Amounts, card: CardTender
) -> None:
    await client.cart_status(CART_ID)
    for budget_s in (0.0, -1.0):
        with pytest.raises(PaymentExpressError) as failed:
            await client.pay_card(CART_ID, amounts, card, budget_s=budget_s)
        assert not failed.value.may_have_charged
    assert api.count(CARD) == 0


@pytest.mark.parametrize("api_id", ["", "../x", "a/b", "a?b", "a#b", "..", "a b", "é", "x" * 129])
async def test_an_id_can_not_bend_the_path(
    api: FakeApi, client: PaymentExpress, amounts: Amounts, card: CardTender, api_id: str
) -> None:
    with pytest.raises(ValueError, match="id"):
        await client.pay_card(api_id, amounts, card)
    with pytest.raises(ValueError, match="id"):
        await client.cart_status(api_id)
    with pytest.raises(ValueError, match="id"):
        await client.find_payment(api_id)
    assert api.seen == []


async def test_health_says_what_is_wrong_and_what_to_do(api: FakeApi, client: PaymentExpress) -> None:
    assert [(check.what, check.ok) for check in await client.health()] == [
        ("general host", True),
        ("vault host", True),
        ("credentials", True),
    ]
    dead = ApiSettings(
        environment=Environment.custom(
            general=f"http://127.0.0.1:{unused_port()}/api/v1", vault=api.settings.environment.vault
        ),
        client_id="ivr-test",
        client_secret=api.settings.client_secret,
    )
    async with PaymentExpress(dead, sleep=FakeClock().sleep) as other:
        general, vault, credentials = await other.health()
    assert (general.ok, vault.ok, credentials.ok) == (False, True, False)
    assert "check the address" in general.advice
    assert credentials.advice
