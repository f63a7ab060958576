"""Cart handoffs: what is taken, what is refused, and what paying costs."""

import copy
import json
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.client import CART, Client, card_payment, echeck_payment
from voicebot.sandbox import CARTS_PATH, DEFAULT_FEES, FeeRule, Sandbox, TenderType

MISSING = object()


def changed(message: Any, path: str, value: object) -> dict[str, Any]:
    """A copy of a message with one thing replaced, or taken away."""
    copied: dict[str, Any] = copy.deepcopy(dict(message))
    *way, last = [int(part) if part.isdecimal() else part for part in path.split(".")]
    inner: Any = copied
    for part in way:
        inner = inner[part]
    if value is MISSING:
        del inner[last]
    else:
        inner[last] = value
    return copied


async def test_the_answer_is_the_vendors(client: Client) -> None:
    answer = await client.create_cart()
    assert answer.status_code == 200
    assert set(answer.json()) == {"cartId", "fees"}
    assert answer.json()["fees"] == {
        "CreditCard": {"primary": "1257.38", "fee": "29.55", "total": "1286.93"},
        "ECheck": {"primary": "1257.38", "fee": "0.50", "total": "1257.88"},
    }


async def test_every_optional_field_is_taken(client: Client) -> None:
    item = CART["items"][0] | {
        "department": "Treasury",
        "limitTenders": ["CreditCard", "ECheck"],
        "meta": {"extendedDescription": "value"},
        "billingInfo": {"name": "Pat Example", "address": {"zip": "00000"}},
    }
    request = CART["request"] | {"meta": {"extra information": "here"}}
    assert (await client.create_cart({"request": request, "items": [item, item]})).status_code == 200


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("surprise", 1),
        ("request", MISSING),
        ("request.clientTransactionId", MISSING),
        ("request.clientTransactionId", ""),
        ("request.clientTransactionId", 5),
        ("request.location", MISSING),
        ("request.surprise", "x"),
        ("request.meta", {"count": 5}),
        ("items", MISSING),
        ("items", []),
        ("items", {}),
        ("items.0.clientItemId", "12345"),
        ("items.0.clientItemId", 1029347859728),
        ("items.0.description", "ab"),
        ("items.0.fundCategory", "ab"),
        ("items.0.type", MISSING),
        ("items.0.type", ""),
        ("items.0.surprise", None),
        ("items.0.client_item_id", "1029347859728"),
        ("items.0.limitTenders", ["Cash"]),
        ("items.0.limitTenders", "ECheck"),
        ("items.0.description", "lone \ud800 surrogate"),
        *[
            ("items.0.amount", amount)
            for amount in (
                "1,257.38",
                12.5,
                "12.5",
                12,
                "12",
                "12.",
                ".50",
                "$1.00",
                "-1.00",
                "+1.00",
                "1.000",
                " 1.00",
                "1.00\n",
                "\uff11.00",
                "1e2",
                "",
                None,
                True,
            )
        ],
    ],
)
async def test_what_does_not_keep_to_the_schema_is_refused(client: Client, path: str, value: object) -> None:
    body = json.dumps(changed(CART, path, value)).encode()
    answer = await client.http.post(
        client.sandbox.general_url + CARTS_PATH,
        content=body,
        headers={**client.headers, "Content-Type": "application/json"},
    )
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "InvalidRequest")
    assert client.sandbox.books().carts == ()


PAYMENT_PROBLEMS: list[tuple[str, object]] = [
    ("surprise", 1),
    ("amounts", MISSING),
    ("amounts.fees", MISSING),
    ("amounts.fee", "1.00"),
    ("amounts.total", 1286.93),
    ("amounts.total", "1,286.93"),
    ("accountNumber", MISSING),
]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *PAYMENT_PROBLEMS,
        ("accountNumber", 4111111111111111),
        ("accountNumber", "4111 1111 1111 1111"),
        ("accountNumber", "41111"),
        ("expirationYear", "2090"),
        ("expirationYear", 90),
        ("expirationMonth", 0),
        ("expirationMonth", 13),
        ("expirationMonth", True),
        ("expirationMonth", 1.5),
        ("securityCode", 12),
        ("securityCode", "12"),
        ("securityCode", "12a"),
        ("securityCode", "12345"),
        ("securityCode", 12345),
        ("securityCode", None),
        ("securityCode", True),
    ],
)
async def test_a_bad_card_payment_is_refused_without_a_word_of_tender(client: Client, path: str, value: object) -> None:
    cart = await client.new_cart()
    answer = await client.pay(cart["cartId"], "card", changed(card_payment(cart), path, value))
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "InvalidRequest")
    assert "4111" not in answer.text
    if isinstance(value, str | int) and len(str(value)) > 4:
        assert str(value) not in answer.text
    assert client.sandbox.books().cart(cart["cartId"]).attempts == ()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *PAYMENT_PROBLEMS,
        ("withdrawalType", "checking"),
        ("withdrawalType", MISSING),
        ("routingNumber", 21000021),
        ("routingNumber", "02100002a"),
        ("routingNumber", ""),
        ("accountNumber", "12-34"),
    ],
)
async def test_a_bad_echeck_payment_is_refused(client: Client, path: str, value: object) -> None:
    cart = await client.new_cart()
    answer = await client.pay(cart["cartId"], "echeck", changed(echeck_payment(cart), path, value))
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "InvalidRequest")
    assert client.sandbox.books().cart(cart["cartId"]).attempts == ()


async def test_a_whole_number_may_be_written_with_a_point(client: Client) -> None:
    cart = await client.new_cart()
    answer = await client.pay_by_card(cart, expirationYear=2090.0, securityCode=999.0)
    assert "paymentId" in answer.json()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'"cart"', b"\xff"])
async def test_what_is_no_json_object_is_refused(client: Client, content: bytes) -> None:
    headers = {**client.headers, "Content-Type": "application/json"}
    url = client.sandbox.general_url + CARTS_PATH
    answer = await client.http.post(url, content=content, headers=headers)
    assert answer.status_code == 400
    assert set(answer.json()) == {"errorCode", "errorMessage"}


@pytest.mark.parametrize(
    ("limits", "offered"),
    [
        ([{"type": "ECheckOnly"}], {"ECheck"}),
        ([{"type": "CardOnly"}], {"CreditCard"}),
        ([{"limitTenders": ["ECheck"]}], {"ECheck"}),
        ([{"limitTenders": ["CreditCard"]}, {}], {"CreditCard"}),
        ([{"limitTenders": ["CreditCard"]}, {"limitTenders": ["ECheck"]}], None),
        ([{"type": "ECheckOnly", "limitTenders": ["CreditCard"]}], None),
    ],
)
async def test_items_limit_the_tender_types(
    client: Client, limits: list[dict[str, Any]], offered: set[str] | None
) -> None:
    answer = await client.create_cart({**CART, "items": [{**CART["items"][0], **limit} for limit in limits]})
    if offered is None:
        assert (answer.status_code, answer.json()["errorCode"]) == (409, "NoTenderType")
    else:
        assert set(answer.json()["fees"]) == offered


@pytest.mark.parametrize(
    ("amounts", "error_code"),
    [(["0.00"], "NothingToPay"), (["999999999.99", "0.01"], "AmountTooLarge"), (["999999999999.99"], "AmountTooLarge")],
)
async def test_impossible_sums_are_refused(client: Client, amounts: list[str], error_code: str) -> None:
    items = [{**CART["items"][0], "amount": amount} for amount in amounts]
    answer = await client.create_cart({**CART, "items": items})
    assert (answer.status_code, answer.json()["errorCode"]) == (409, error_code)


@pytest.mark.parametrize(
    ("primary", "card", "echeck"),
    [
        ("1257.38", "29.55", "0.50"),
        ("0.01", "1.00", "0.50"),
        ("42.55", "1.00", "0.50"),
        ("42.56", "1.00", "0.50"),
        ("43.00", "1.01", "0.50"),
        ("1000000.00", "23500.00", "0.50"),
    ],
)
def test_fees_by_default(primary: str, card: str, echeck: str) -> None:
    assert f"{DEFAULT_FEES[TenderType.CREDIT_CARD].fee(Decimal(primary)):.2f}" == card
    assert f"{DEFAULT_FEES[TenderType.ECHECK].fee(Decimal(primary)):.2f}" == echeck


async def test_fees_can_be_set() -> None:
    fees = {TenderType.CREDIT_CARD: FeeRule(minimum=Decimal("1.23")), TenderType.ECHECK: FeeRule()}
    async with Sandbox(fees=fees) as sandbox, Client(sandbox) as client:
        await client.log_in()
        cart = await client.new_cart()
        assert cart["fees"]["CreditCard"] == {"primary": "1257.38", "fee": "1.23", "total": "1258.61"}
        assert cart["fees"]["ECheck"]["fee"] == "0.00"


async def test_a_tender_type_without_a_fee_rule_is_not_offered() -> None:
    async with Sandbox(fees={TenderType.ECHECK: FeeRule()}) as sandbox, Client(sandbox) as client:
        await client.log_in()
        assert set((await client.new_cart())["fees"]) == {"ECheck"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", CARTS_PATH, 405), ("POST", "/api/v1/pay/carts", 404), ("GET", "/", 404), ("PUT", CARTS_PATH, 405)],
)
async def test_other_paths_and_methods_meet_the_error_body(client: Client, method: str, path: str, status: int) -> None:
    answer = await client.http.request(method, client.sandbox.general_url + path)
    assert answer.status_code == status
    assert set(answer.json()) == {"errorCode", "errorMessage"}


async def test_carts_are_not_made_on_the_vault(client: Client) -> None:
    answer = await client.http.post(client.sandbox.vault_url + CARTS_PATH, json=dict(CART), headers=client.headers)
    assert answer.status_code == 404
