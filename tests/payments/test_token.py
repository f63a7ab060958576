"""One token for everybody, for as long as it lives."""

import asyncio

import pytest

from tests.payments.conftest import FakeClock
from tests.payments.fake_api import CARD, CART_ID, STATUS, TOKEN, Answering, FakeApi, fake_api, raw, says, token
from voicebot.payments import (
    Amounts,
    AuthenticationFailed,
    CardTender,
    NotFound,
    PaymentExpress,
    PaymentExpressError,
    ServerFault,
)

REFUSED = says(401, {"errorCode": "TOKEN_EXPIRED", "errorMessage": "Expired."})


async def test_kept_for_its_lifetime_less_a_margin(api: FakeApi, client: PaymentExpress, clock: FakeClock) -> None:
    api.tell(TOKEN, token("first", expires_in=3600), token("second"))
    await client.cart_status(CART_ID)
    clock.now_s += 3600 - 61
    await client.cart_status(CART_ID)
    assert api.count(TOKEN) == 1
    clock.now_s += 2
    await client.cart_status(CART_ID)
    assert api.count(TOKEN) == 2
    assert api.last(STATUS).headers["authorization"] == "Bearer second"


async def test_an_answer_without_a_lifetime_is_kept_for_a_cautious_while(
    api: FakeApi, client: PaymentExpress, clock: FakeClock
) -> None:
    api.tell(TOKEN, says(200, {"access_token": "first", "token_type": "bearer"}))
    await client.cart_status(CART_ID)
    clock.now_s += 239
    await client.cart_status(CART_ID)
    assert api.count(TOKEN) == 1
    clock.now_s += 2
    await client.cart_status(CART_ID)
    assert api.count(TOKEN) == 2


async def test_many_calls_at_once_fetch_it_once(api: FakeApi, client: PaymentExpress) -> None:
    await asyncio.gather(*(client.cart_status(CART_ID) for _ in range(20)))
    assert api.count(TOKEN) == 1
    assert api.count(STATUS) == 20


async def test_refused_once_it_is_renewed_once_for_all(api: FakeApi, client: PaymentExpress) -> None:
    await client.cart_status(CART_ID)
    api.tell(TOKEN, token("second"))
    api.tell(STATUS, *[REFUSED] * 10)
    await asyncio.gather(*(client.cart_status(CART_ID) for _ in range(10)))
    assert api.count(TOKEN) == 2
    assert api.last(STATUS).headers["authorization"] == "Bearer second"


async def test_a_payment_whose_token_expired_is_sent_again_with_a_fresh_one(
    api: FakeApi, client: PaymentExpress, amounts: Amounts, card: CardTender
) -> None:
    api.tell(TOKEN, token("first"), token("second"))
    api.tell(CARD, REFUSED)
    await client.pay_card(CART_ID, amounts, card)
    assert [seen.headers["authorization"] for seen in api.seen if seen.host == "vault"] == [
        "Bearer first",
        "Bearer second",
    ]


async def test_refused_twice_is_our_fault(
    api: FakeApi, client: PaymentExpress, amounts: Amounts, card: CardTender
) -> None:
    api.tell(CARD, REFUSED, REFUSED)
    with pytest.raises(AuthenticationFailed) as failed:
        await client.pay_card(CART_ID, amounts, card)
    assert not failed.value.may_have_charged
    assert api.count(CARD) == 2
    assert api.count(TOKEN) == 2


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (says(401, {"error": "invalid_client"}), AuthenticationFailed, "invalid_client"),
        (says(400, {"error": "invalid_scope", "error_description": "no"}), AuthenticationFailed, "invalid_scope"),
        (says(400, {"error": "Card 4111 1111"}), AuthenticationFailed, "unreadable"),
        (raw(401, b"<html>"), AuthenticationFailed, "credentials"),
        (raw(403, b"<html>"), AuthenticationFailed, "credentials"),
        (raw(404, b"<html>"), NotFound, "paths"),
        (raw(200, b"<html>"), ServerFault, "nothing usable"),
        (says(200, []), ServerFault, "nothing usable"),
        (says(200, {"token_type": "bearer"}), ServerFault, "no usable bearer token"),
        (says(200, {"access_token": "a", "token_type": "mac"}), ServerFault, "no usable bearer token"),
        (says(200, {"access_token": "a\r\nX: 1", "token_type": "bearer"}), ServerFault, "no usable bearer token"),
        (says(500, {"errorCode": "X"}), ServerFault, "500"),
    ],
)
async def test_no_token_no_request(
    *,
    api: FakeApi,
    client: PaymentExpress,
    amounts: Amounts,
    card: CardTender,
    answer: Answering,
    error: type[PaymentExpressError],
    said: str,
) -> None:
    api.tell(TOKEN, *[answer] * 10)
    with pytest.raises(error, match=said) as failed:
        await client.pay_card(CART_ID, amounts, card)
    assert not failed.value.may_have_charged
    assert api.count(CARD) == 0


async def test_a_passing_fault_of_the_token_is_waited_out(
    api: FakeApi, client: PaymentExpress, clock: FakeClock
) -> None:
    api.tell(TOKEN, says(503, {}), says(429, {}, ("Retry-After", "5")), token())
    await client.cart_status(CART_ID)
    assert api.count(TOKEN) == 3
    assert clock.slept_s[1] == 5.0


async def test_credentials_may_travel_in_the_body() -> None:
    async with fake_api(token_auth="client_secret_post") as api, PaymentExpress(api.settings) as client:
        await client.cart_status(CART_ID)
        sent = api.last(TOKEN)
    assert sent.form["client_id"] == ["ivr-test"]
    assert sent.form["client_secret"] == ["sandbox-secret"]
    assert "authorization" not in sent.headers


async def test_waiting_for_somebody_elses_token_ends_with_the_budget() -> None:
    async with fake_api(answer_timeout_s=30.0) as api, PaymentExpress(api.settings) as client:
        api.tell(TOKEN, api.hangs)
        first = asyncio.create_task(client.cart_status(CART_ID))
        await api.hanging.wait()
        with pytest.raises(ServerFault, match="in time"):
            await client.cart_status(CART_ID, budget_s=0.05)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        assert (await client.cart_status(CART_ID)).paid
