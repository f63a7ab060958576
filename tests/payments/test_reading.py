"""Every kind of answer, to a payment and to anything else, and what is made of it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from tests.payments.fake_api import CART_ID, PAYMENT_ID
from voicebot.payments import (
    AuthenticationFailed,
    CardTender,
    CartConflict,
    CartStatus,
    CircuitOpen,
    Declined,
    InvalidTender,
    NotFound,
    OutcomeUnknown,
    Payment,
    PaymentExpressError,
    RateLimited,
    RequestRefused,
    ServerFault,
    Unreachable,
)
from voicebot.payments.connection import Answer, Exchange, Lost, NotSent
from voicebot.payments.reading import read, read_payment, retry_after_s

CARD = CardTender(SecretStr("4111111111111111"), SecretStr("2027-05"), SecretStr("987"))
ERROR = {"errorCode": "SOME_CODE", "errorMessage": "For developers.", "displayMessage": "For callers."}
PAID = {"paymentId": PAYMENT_ID}
STATUS = {"paid": False}
HTML = b"<html><body>502 Bad Gateway</body></html>"


def answer(status: int, content: Any, kind: str = "application/json", **headers: str) -> Answer:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Answer(
        status, {"content-type": kind, **{name.replace("_", "-"): text for name, text in headers.items()}}, body
    )


@pytest.mark.parametrize(
    ("end", "payment", "other"),
    [
        (NotSent("ConnectError"), Unreachable, Unreachable),
        (NotSent("just down", retry_after_s=3.0), CircuitOpen, CircuitOpen),
        (Lost("ReadTimeout"), OutcomeUnknown, ServerFault),
        (answer(200, {**PAID, **STATUS}), Payment, CartStatus),
        (answer(201, {**PAID, **STATUS}), Payment, CartStatus),
        (answer(200, {**PAID, **STATUS}, "application/problem+json"), Payment, CartStatus),
        (answer(202, {**PAID, **STATUS}), OutcomeUnknown, ServerFault),
        (answer(204, b""), OutcomeUnknown, ServerFault),
        (answer(200, {}), OutcomeUnknown, ServerFault),
        (answer(200, []), OutcomeUnknown, ServerFault),
        (answer(200, b""), OutcomeUnknown, ServerFault),
        (answer(200, b'{"paymentId": "Z82'), OutcomeUnknown, ServerFault),
        (answer(200, {"paymentId": ""}), OutcomeUnknown, ServerFault),
        (answer(200, {"paymentId": 8290409311}), OutcomeUnknown, ServerFault),
        (answer(200, {"paymentId": None}), OutcomeUnknown, ServerFault),
        (answer(200, {**PAID, **STATUS}, "text/html"), OutcomeUnknown, ServerFault),
        (answer(200, {**PAID, **STATUS}, ""), OutcomeUnknown, ServerFault),
        (answer(200, {**PAID, **STATUS, **ERROR}), OutcomeUnknown, RequestRefused),
        (answer(200, ERROR), Declined, RequestRefused),
        (answer(200, {"errorCode": "SOME_CODE"}), Declined, RequestRefused),
        (answer(200, {"errorCode": ""}), OutcomeUnknown, ServerFault),
        (answer(200, {"errorCode": "InvalidRouting"}), InvalidTender, RequestRefused),
        (answer(200, {"errorCode": "CART_ALREADY_PAID"}), CartConflict, RequestRefused),
        (answer(303, PAID), OutcomeUnknown, ServerFault),
        (answer(307, b""), OutcomeUnknown, ServerFault),
        (answer(400, ERROR), RequestRefused, RequestRefused),
        (answer(400, HTML, "text/html"), OutcomeUnknown, RequestRefused),
        (answer(400, {"errorCode": "INVALID_SECURITY_CODE"}), InvalidTender, RequestRefused),
        (answer(401, ERROR), AuthenticationFailed, AuthenticationFailed),
        (answer(402, ERROR), Declined, RequestRefused),
        (answer(403, HTML, "text/html"), AuthenticationFailed, AuthenticationFailed),
        (answer(404, ERROR), NotFound, NotFound),
        (answer(404, HTML, "text/html"), OutcomeUnknown, NotFound),
        (answer(408, ERROR), OutcomeUnknown, ServerFault),
        (answer(409, ERROR), CartConflict, RequestRefused),
        (answer(409, HTML, "text/html"), CartConflict, RequestRefused),
        (answer(422, ERROR), RequestRefused, RequestRefused),
        (answer(429, ERROR), RateLimited, RateLimited),
        (answer(500, ERROR), OutcomeUnknown, ServerFault),
        (answer(502, HTML, "text/html"), OutcomeUnknown, ServerFault),
        (answer(503, {"errorCode": "InvalidRouting"}), OutcomeUnknown, ServerFault),
        (answer(599, PAID), OutcomeUnknown, ServerFault),
    ],
)
def test_each_answer_has_one_meaning(end: Exchange, payment: type, other: type) -> None:
    assert type(read_payment(end, CARD)) is payment
    assert type(read(end, CartStatus)) is other


@given(
    status=st.integers(min_value=100, max_value=599),
    kind=st.sampled_from(["application/json", "application/json; charset=utf-8", "text/html", ""]),
    content=st.one_of(
        st.binary(max_size=40),
        st.dictionaries(
            st.sampled_from(["paymentId", "errorCode", "displayMessage", "other"]),
            st.one_of(st.none(), st.integers(), st.text(max_size=20), st.sampled_from([PAYMENT_ID, "InvalidRouting"])),
        ).map(lambda content: json.dumps(content).encode()),
    ),
)
def test_only_a_clear_word_settles_a_payment(status: int, kind: str, content: bytes) -> None:
    outcome = read_payment(Answer(status, {"content-type": kind}, content), CARD)
    if isinstance(outcome, Payment):
        assert status in {200, 201}
        assert json.loads(content)["paymentId"] == outcome.payment_id
        assert not json.loads(content).get("errorCode")
    elif not outcome.may_have_charged:
        assert status in {401, 403, 429} or (status < 500 and json.loads(content)["errorCode"])


@pytest.mark.parametrize(
    ("code", "field"),
    [
        ("InvalidRouting", "routing_number"),
        ("INVALID_ROUTING_NUMBER", "routing_number"),
        ("InvalidAccount", "account_number"),
        ("INVALID_ACCOUNT_NUMBER", "account_number"),
        ("InvalidCardNumber", "account_number"),
        ("InvalidSecurityCode", "security_code"),
        ("INVALID_CVV", "security_code"),
        ("InvalidExpiration", "expiration"),
        ("EXPIRED_CARD", "expiration"),
        ("InvalidWithdrawalType", "withdrawal_type"),
    ],
)
def test_codes_name_the_field_to_ask_again(code: str, field: str) -> None:
    outcome = read_payment(answer(200, {**ERROR, "errorCode": code}), CARD)
    assert isinstance(outcome, InvalidTender)
    assert (outcome.field, outcome.code, outcome.display_message) == (field, code, "For callers.")


def test_what_the_caller_may_hear_and_what_not() -> None:
    outcome = read_payment(answer(200, ERROR), CARD)
    assert isinstance(outcome, Declined)
    assert outcome.display_message == "For callers."
    assert outcome.developer_message == "For developers."
    assert "For developers." not in str(outcome)
    silent = read_payment(
        answer(200, {"errorCode": "X", "errorMessage": "For developers.", "displayMessage": ""}), CARD
    )
    assert isinstance(silent, Declined)
    assert silent.display_message is None


def test_an_answer_that_repeats_the_tender_is_not_passed_on() -> None:
    echo = {
        "errorCode": "4111111111111111",
        "errorMessage": "No luck with 4111-1111 1111 1111 and 987.",
        "displayMessage": "Card 4111 1111 1111 1111 was refused.",
    }
    for status in (200, 400, 402, 404, 409):
        outcome = read_payment(answer(status, echo), CARD)
        assert isinstance(outcome, PaymentExpressError)
        assert outcome.display_message is None
        assert (outcome.code, outcome.developer_message) == ("Unreadable", "No luck with ### and ###.")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "7"}, 7.0),
        ({"retry_after": "0"}, 0.0),
        ({}, None),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "-3"}, None),
        ({"retry_after": "Wed, 04 Mar 2026 10:00:30 GMT", "date": "Wed, 04 Mar 2026 10:00:00 GMT"}, 30.0),
        ({"retry_after": "Wed, 04 Mar 2026 10:00:00 GMT", "date": "Wed, 04 Mar 2026 10:00:30 GMT"}, 0.0),
        ({"retry_after": "Wed, 04 Mar 2026 10:00:30 GMT"}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(answer(429, {}, **headers)) == seconds
    limited = read(answer(429, {}, **headers), CartStatus)
    assert isinstance(limited, RateLimited)
    assert limited.retry_after_s == seconds


def test_an_answers_repr_shows_no_body() -> None:
    assert repr(answer(200, {"cartId": CART_ID})) == "<Answer 200, 50 bytes>"
