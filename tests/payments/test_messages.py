"""What may be said, and what is understood."""

import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from tests.payments.fake_api import CART, CART_ID, PAYMENT_ID
from voicebot.payments import Cart, CartDetails, CartItem, CartRequest, CartState, CartStatus, TenderType

ITEM: dict[str, Any] = {
    "client_item_id": "102934",
    "description": "Tax",
    "amount": Decimal("1.00"),
    "type": "tax",
    "fund_category": "general",
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("client_item_id", "12345"),
        ("description", "Ab"),
        ("fund_category", "ab"),
        ("type", ""),
        ("amount", 1.0),
        ("limit_tenders", ("Crypto",)),
        ("surprise", "1"),
    ],
)
def test_items_keep_the_vendors_limits(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=field):
        CartItem(**{**ITEM, field: value})


def test_every_field_of_a_cart_is_written_by_the_vendors_name() -> None:
    cart = CartRequest(
        request=CartDetails(client_transaction_id="T1", location="ivr", meta={"extra information": "here"}),
        items=(
            CartItem(
                **ITEM,
                department="Treasury",
                limit_tenders=(TenderType.ECHECK,),
                meta={"extendedDescription": "value"},
                billing_info={"zip": "00000"},
            ),
        ),
    )
    assert json.loads(cart.model_dump_json(by_alias=True, exclude_none=True)) == {
        "request": {"clientTransactionId": "T1", "location": "ivr", "meta": {"extra information": "here"}},
        "items": [
            {
                "clientItemId": "102934",
                "description": "Tax",
                "amount": "1.00",
                "type": "tax",
                "fundCategory": "general",
                "department": "Treasury",
                "limitTenders": ["ECheck"],
                "meta": {"extendedDescription": "value"},
                "billingInfo": {"zip": "00000"},
            }
        ],
    }


def test_a_cart_has_at_least_one_item() -> None:
    with pytest.raises(ValidationError, match="items"):
        CartRequest(request=CartDetails(client_transaction_id="T1", location="ivr"), items=())


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"cartId": CART_ID},
        {"cartId": "", "fees": {}},
        {"cartId": "../../tokens", "fees": {}},
        {"cartId": 7, "fees": {}},
        {"cartId": CART_ID, "fees": []},
        {"cartId": CART_ID, "fees": {"CreditCard": {"primary": "1.00", "fee": "0.10"}}},
        {"cartId": CART_ID, "fees": {"CreditCard": {"primary": 1.0, "fee": 0.1, "total": 1.1}}},
        {"cartId": CART_ID, "fees": {"ECheck": None}},
    ],
)
def test_a_cart_that_could_mislead_is_no_cart(answer: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Cart.model_validate_json(json.dumps(answer))


def test_a_cart_survives_being_stored() -> None:
    cart = Cart.model_validate_json(json.dumps(CART))
    assert Cart.model_validate_json(cart.model_dump_json()) == cart
    assert Cart(cart_id=cart.cart_id, fees=cart.fees) == cart


@pytest.mark.parametrize(
    ("answer", "state", "payment_id"),
    [
        ({"paid": True, "paymentId": PAYMENT_ID}, CartState.PAID, PAYMENT_ID),
        ({"paid": True, "paymentId": None}, CartState.PAID, None),
        ({"paymentId": PAYMENT_ID}, CartState.PAID, PAYMENT_ID),
        ({"status": "PAID"}, CartState.PAID, None),
        ({"status": "Completed", "paymentId": PAYMENT_ID}, CartState.PAID, PAYMENT_ID),
        ({"paid": False}, CartState.NOT_PAID, None),
        ({"paid": False, "status": "Open"}, CartState.NOT_PAID, None),
        ({"status": "open", "paymentId": None}, CartState.NOT_PAID, None),
        ({"status": "NOT_PAID"}, CartState.NOT_PAID, None),
        ({"status": "Processing"}, CartState.UNSETTLED, None),
        ({"status": "Whatever"}, CartState.UNSETTLED, None),
        ({"paid": False, "status": "Processing"}, CartState.UNSETTLED, None),
        ({"paid": True, "status": "Open"}, CartState.UNSETTLED, None),
        ({"paid": False, "paymentId": PAYMENT_ID}, CartState.UNSETTLED, PAYMENT_ID),
        ({"status": "Open", "paymentId": PAYMENT_ID}, CartState.UNSETTLED, PAYMENT_ID),
    ],
)
def test_a_status_is_read_with_suspicion(answer: dict[str, Any], state: CartState, payment_id: str | None) -> None:
    status = CartStatus.model_validate_json(json.dumps(answer))
    assert (status.state, status.payment_id) == (state, payment_id)
    assert status.paid is {"paid": True, "not_paid": False, "unsettled": None}[state]


@pytest.mark.parametrize("answer", [{}, {"cartId": CART_ID}, {"paid": "false"}, {"paid": 0}, {"paid": None}])
def test_a_status_that_says_nothing_is_refused(answer: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CartStatus.model_validate_json(json.dumps(answer))
