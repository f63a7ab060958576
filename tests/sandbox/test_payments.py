"""What comes of each test tender, and what the books say afterwards."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.client import CART, VISA, Client, card_payment
from voicebot.sandbox import BANK_ACCOUNTS, CARDS, REFUSALS, UNKNOWN_ROUTING, IncidentKind, PublishedTender, Sandbox
from voicebot.sandbox.tenders import code_length

ANSWERED = [tender for tender in CARDS if tender.fault is None]
ANSWERED_ACCOUNTS = [tender for tender in BANK_ACCOUNTS if tender.fault is None]


def by_number(tender: PublishedTender) -> str:
    return f"{tender.name} {tender.number[-4:]} {tender.outcome}"


@pytest.mark.parametrize("card", ANSWERED, ids=by_number)
async def test_each_card_has_its_documented_outcome(client: Client, card: PublishedTender) -> None:
    cart = await client.new_cart()
    code = "1" * code_length(card.number)
    answer = await client.pay_by_card(cart, accountNumber=card.number, securityCode=code)
    assert answer.status_code == 200
    attempt = client.sandbox.books().cart(cart["cartId"]).attempts[0]
    assert attempt.last_four == card.number[-4:]
    if card.outcome == "approved":
        assert answer.json() == {"paymentId": attempt.payment_id}
        assert attempt.charged == Decimal("1286.93")
    else:
        assert answer.json() == REFUSALS[card.outcome].model_dump(exclude_none=True)
        assert attempt.charged == 0
        assert attempt.payment_id is None


@pytest.mark.parametrize("account", ANSWERED_ACCOUNTS, ids=by_number)
async def test_each_bank_account_has_its_documented_outcome(client: Client, account: PublishedTender) -> None:
    cart = await client.new_cart()
    answer = await client.pay_by_echeck(cart, accountNumber=account.number, withdrawalType="Savings")
    assert answer.status_code == 200
    if account.outcome == "approved":
        assert client.sandbox.books().cart(cart["cartId"]).charged == Decimal("1257.88")
    else:
        assert answer.json() == REFUSALS[account.outcome].model_dump(exclude_none=True)
        assert client.sandbox.books().charged == 0


@pytest.mark.parametrize(
    ("changes", "error_code"),
    [
        ({"expirationYear": 2020, "expirationMonth": 5}, "ExpiredCard"),
        ({"securityCode": "1234"}, "InvalidSecurityCode"),
        ({"accountNumber": "378282246310005", "securityCode": "123"}, "InvalidSecurityCode"),
        ({"accountNumber": "1234123412341234"}, "InvalidAccountNumber"),
        ({"securityCode": "012"}, None),
        ({"accountNumber": "378282246310005", "securityCode": "0123"}, None),
        ({"accountNumber": "378282246310005", "securityCode": 1234}, None),
    ],
)
async def test_a_card_is_judged_by_more_than_its_number(
    client: Client, changes: dict[str, Any], error_code: str | None
) -> None:
    answer = await client.pay_by_card(await client.new_cart(), **changes)
    assert answer.status_code == 200
    assert answer.json().get("errorCode") == error_code


@pytest.mark.parametrize(
    ("changes", "error_code"),
    [
        ({"routingNumber": "021000022"}, "InvalidRouting"),
        ({"routingNumber": "9999999992"}, "InvalidRouting"),
        ({"routingNumber": UNKNOWN_ROUTING}, "InvalidRouting"),
        ({"accountNumber": "123"}, "InvalidAccountNumber"),
        ({"accountNumber": "123456789012345678"}, "InvalidAccountNumber"),
        ({"accountNumber": "1234", "routingNumber": "011401533"}, None),
    ],
)
async def test_an_echeck_is_judged_by_both_numbers(
    client: Client, changes: dict[str, Any], error_code: str | None
) -> None:
    answer = await client.pay_by_echeck(await client.new_cart(), **changes)
    assert answer.status_code == 200
    assert answer.json().get("errorCode") == error_code
    stored = client.sandbox.books().carts[0].attempts[0].last_four
    assert stored != changes.get("accountNumber")


async def test_a_declined_cart_may_be_paid_by_other_means(client: Client) -> None:
    cart = await client.new_cart()
    await client.pay_by_card(cart, accountNumber="4000000000000002")
    assert "paymentId" in (await client.pay_by_echeck(cart)).json()
    book = client.sandbox.books().cart(cart["cartId"])
    assert [attempt.outcome for attempt in book.attempts] == ["Declined", "paid"]
    assert len(book.payments) == 1


async def test_a_paid_cart_is_not_paid_again(client: Client) -> None:
    cart = await client.new_cart()
    await client.pay_by_card(cart)
    again = await client.pay_by_echeck(cart)
    assert (again.status_code, again.json()["errorCode"]) == (409, "CartAlreadyPaid")
    assert [incident.kind for incident in client.sandbox.incidents()] == [IncidentKind.PAID_AGAIN]
    assert len(client.sandbox.books().cart(cart["cartId"]).payments) == 1


async def test_of_many_payments_at_once_one_is_made(client: Client) -> None:
    cart = await client.new_cart()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(client.pay_by_card(cart)) for _ in range(20)]
    assert sorted(task.result().status_code for task in tasks) == [200] + [409] * 19
    assert len(client.sandbox.books().cart(cart["cartId"]).payments) == 1


async def test_an_unkind_paymentexpress_charges_twice() -> None:
    async with Sandbox(pays_once=False) as sandbox, Client(sandbox) as client:
        await client.log_in()
        cart = await client.new_cart()
        first, second = await client.pay_by_card(cart), await client.pay_by_card(cart)
        assert first.json()["paymentId"] != second.json()["paymentId"]
        book = sandbox.books().cart(cart["cartId"])
        assert len(book.payments) == 2
        assert book.charged == 2 * Decimal("1286.93")


@pytest.mark.parametrize(
    "wrong",
    [
        {"primary": "1257.37", "fees": "29.55", "total": "1286.92"},
        {"primary": "1257.38", "fees": "0.50", "total": "1257.88"},
        {"primary": "01257.38", "fees": "29.55", "total": "1286.93"},
    ],
)
async def test_amounts_must_be_those_of_the_cart(client: Client, wrong: dict[str, str]) -> None:
    answer = await client.pay_by_card(await client.new_cart(), amounts=wrong)
    assert (answer.status_code, answer.json()["errorCode"]) == (409, "AmountMismatch")
    assert [incident.kind for incident in client.sandbox.incidents()] == [IncidentKind.WRONG_AMOUNTS]
    assert client.sandbox.books().carts[0].attempts == ()


async def test_a_tender_type_that_is_not_offered_is_refused(client: Client) -> None:
    limited = {**CART, "items": [{**CART["items"][0], "type": "ECheckOnly"}]}
    cart = await client.new_cart(limited)
    payment = card_payment({"fees": {"CreditCard": {"primary": "1.00", "fee": "1.00", "total": "2.00"}}})
    answer = await client.pay(cart["cartId"], "card", payment)
    assert (answer.status_code, answer.json()["errorCode"]) == (409, "TenderNotOffered")
    assert [incident.kind for incident in client.sandbox.incidents()] == [IncidentKind.TENDER_NOT_OFFERED]


async def test_an_unknown_cart_cannot_be_paid(client: Client) -> None:
    answer = await client.pay_by_card({**await client.new_cart(), "cartId": "nobody"})
    assert (answer.status_code, answer.json()["errorCode"]) == (404, "CartNotFound")


@pytest.mark.parametrize("how", ["card", "echeck"])
async def test_tender_on_the_general_host_is_refused_and_counted(client: Client, how: str) -> None:
    cart = await client.new_cart()
    answer = await client.pay(cart["cartId"], how, card_payment(cart), origin=client.sandbox.general_url)
    assert (answer.status_code, answer.json()["errorCode"]) == (403, "VaultOnly")
    assert [incident.kind for incident in client.sandbox.incidents()] == [IncidentKind.TENDER_ON_GENERAL_HOST]
    assert client.sandbox.books().charged == 0


async def test_tender_hidden_in_another_request_is_counted(client: Client) -> None:
    item = CART["items"][0]
    await client.create_cart({**CART, "items": [{**item, "meta": {"note": f"paid with {VISA}"}}]})
    await client.create_cart({**CART, "items": [{**item, "meta": {"securityCode": "999"}}]})
    await client.status(VISA)
    kinds = [incident.kind for incident in client.sandbox.incidents()]
    assert kinds == [IncidentKind.TENDER_ON_GENERAL_HOST] * 3
    assert not any(VISA in incident.detail for incident in client.sandbox.incidents())


async def test_a_payment_can_be_looked_up(client: Client) -> None:
    cart = await client.new_cart()
    payment_id = (await client.pay_by_card(cart)).json()["paymentId"]
    record = (await client.look_up(payment_id)).json()
    assert record["originalAmount"] == record["remainingBalance"] == "1286.93"
    assert (record["primary"], record["fees"]) == ("1257.38", "29.55")
    assert (record["lastFour"], record["tenderType"], record["status"]) == (
        "1111",
        "CreditCard",
        "Completed",
    )
    assert [item["originalAmount"] for item in record["items"]] == ["1257.38"]
    assert (await client.look_up("Z0000000000")).status_code == 404


async def test_the_status_says_with_which_payment_a_cart_was_paid(client: Client) -> None:
    cart = await client.new_cart()
    before = (await client.status(cart["cartId"])).json()
    payment_id = (await client.pay_by_card(cart)).json()["paymentId"]
    after = (await client.status(cart["cartId"])).json()
    assert (before["status"], before["paid"]) == ("Open", False)
    assert (after["status"], after["paid"], after["paymentId"]) == ("Paid", True, payment_id)
    assert (await client.status("nobody")).status_code == 404
