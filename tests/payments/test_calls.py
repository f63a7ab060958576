"""The five calls against a healthy API: what is sent, where to, and what is made of the answer."""

import base64

import pytest
from pydantic import SecretStr

from tests.payments.fake_api import CARD, CART, CART_ID, CARTS, ECHECK, LOOKUP, PAYMENT_ID, STATUS, TOKEN, FakeApi, says
from voicebot.payments import (
    Amounts,
    CardTender,
    CartRequest,
    CartState,
    ECheckTender,
    PaymentExpress,
    TenderType,
)


async def test_a_cart_is_created_as_the_vendors_page_writes_it(
    api: FakeApi, client: PaymentExpress, cart: CartRequest
) -> None:
    made = await client.create_cart(cart)

    sent = api.last(CARTS)
    assert sent.host == "general"
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["authorization"] == "Bearer token-1"
    assert sent.json == {
        "request": {"clientTransactionId": "F4BEF9CACEECE59", "location": "ivr-main"},
        "items": [
            {
                "clientItemId": "1029347859728",
                "description": "Property Taxes for Account #2890345",
                "amount": "1257.38",
                "type": "tax",
                "fundCategory": "general",
            }
        ],
    }
    assert made.cart_id == CART_ID
    assert set(made.fees) == {TenderType.CARD, TenderType.ECHECK}
    assert made.fees[TenderType.CARD].amounts() == Amounts(primary="1257.38", fees="1.23", total="1258.61")


async def test_unknown_tender_types_are_kept_and_not_offered(
    api: FakeApi, client: PaymentExpress, cart: CartRequest
) -> None:
    crypto = {"rate": 3, "anything": ["else"]}
    api.tell(CARTS, says(200, {**CART, "fees": {"Crypto": crypto, "ECheck": CART["fees"]["ECheck"]}, "new": 1}))  # type: ignore[index]  # a JSON object
    made = await client.create_cart(cart)
    assert set(made.fees) == {TenderType.ECHECK}
    assert made.other_fees == {"Crypto": crypto}


async def test_a_card_is_charged_on_the_vault(
    api: FakeApi, client: PaymentExpress, amounts: Amounts, card: CardTender
) -> None:
    payment = await client.pay_card(CART_ID, amounts, card)

    assert payment.payment_id == PAYMENT_ID
    sent = api.last(CARD)
    assert sent.host == "vault"
    assert sent.json == {
        "amounts": {"primary": "1257.38", "fees": "1.23", "total": "1258.61"},
        "expirationYear": 2027,
        "expirationMonth": 5,
        "securityCode": 999,
        "accountNumber": "4111111111111111",
    }


@pytest.mark.parametrize(("code", "on_the_wire"), [("999", 999), ("1234", 1234), ("012", "012"), ("000", "000")])
async def test_a_security_code_arrives_as_it_was_said(
    api: FakeApi, client: PaymentExpress, amounts: Amounts, code: str, on_the_wire: object
) -> None:
    card = CardTender(SecretStr("4111111111111111"), SecretStr("2027-12"), SecretStr(code))
    await client.pay_card(CART_ID, amounts, card)
    assert api.last(CARD).json["securityCode"] == on_the_wire


async def test_a_bank_account_is_debited_on_the_vault(
    api: FakeApi, client: PaymentExpress, amounts: Amounts, echeck: ECheckTender
) -> None:
    payment = await client.pay_echeck(CART_ID, amounts, echeck)

    assert payment.payment_id == PAYMENT_ID
    sent = api.last(ECHECK)
    assert sent.host == "vault"
    assert sent.json == {
        "amounts": {"primary": "1257.38", "fees": "1.23", "total": "1258.61"},
        "withdrawalType": "Checking",
        "accountNumber": "0011223344",
        "routingNumber": "021000021",
    }


async def test_amounts_go_back_exactly_as_they_came(api: FakeApi, client: PaymentExpress, card: CardTender) -> None:
    odd = Amounts(primary="007.10", fees="0.00", total="007.10")
    await client.pay_card(CART_ID, odd, card)
    assert api.last(CARD).json["amounts"] == {"primary": "007.10", "fees": "0.00", "total": "007.10"}


async def test_cart_status_and_payment_lookup_ask_the_general_host(api: FakeApi, client: PaymentExpress) -> None:
    status = await client.cart_status(CART_ID)
    assert (status.state, status.paid, status.payment_id) == (CartState.PAID, True, PAYMENT_ID)

    api.tell(
        LOOKUP,
        says(
            200,
            {
                "paymentId": PAYMENT_ID,
                "status": "Completed",
                "createdAt": "2026-03-04T05:06:07Z",
                "originalAmount": "1258.61",
                "remainingBalance": "1000.00",
                "items": [{"clientItemId": "1029347859728", "originalAmount": "1257.38", "remainingBalance": "1.00"}],
            },
        ),
    )
    record = await client.find_payment(PAYMENT_ID)
    assert (record.status, record.amount, record.balance) == ("Completed", "1258.61", "1000.00")
    assert record.items[0].balance == "1.00"
    assert {seen.host for seen in api.seen} == {"general"}
    assert api.count(STATUS) == 1


async def test_the_token_is_asked_for_with_credentials_and_scopes(api: FakeApi, client: PaymentExpress) -> None:
    await client.cart_status(CART_ID)
    sent = api.last(TOKEN)
    assert sent.host == "general"
    assert sent.form == {"grant_type": ["client_credentials"], "scope": ["carts payments"]}
    credentials = base64.b64decode(sent.headers["authorization"].removeprefix("Basic ")).decode()
    assert credentials == "ivr-test:sandbox-secret"
