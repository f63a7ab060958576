"""From what HTTP gave us to a message or one of our errors. Pure, and returns errors rather than raising them.

Two rules, because of what is at stake:

- **a payment** (`read_payment`): only a well-formed success means "paid", only a well-formed refusal means "not
  charged"; all else is `OutcomeUnknown`.
- **anything else** (`read`, `failure`): charges nobody, so whatever makes no sense is a `ServerFault`.

| answer | payment | other |
| --- | --- | --- |
| never sent | Unreachable | Unreachable |
| lost after sending, or incomplete | OutcomeUnknown | ServerFault |
| 200, 201 with the message | the message | the message |
| 200 with `errorCode` | Declined, InvalidTender; CartConflict when the code says so | RequestRefused |
| 2xx otherwise, 3xx, 408, 5xx, another content type, not JSON | OutcomeUnknown | ServerFault |
| 401 (after a fresh token), 403 | AuthenticationFailed | AuthenticationFailed |
| 429 | RateLimited | RateLimited |
| 402 with `errorCode` | Declined, InvalidTender | RequestRefused |
| 404 with `errorCode` | NotFound | NotFound |
| 409 | CartConflict | RequestRefused |
| other 4xx with `errorCode` | RequestRefused, InvalidTender | RequestRefused |
| other 4xx without | OutcomeUnknown | RequestRefused, NotFound |
"""

import re
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final, TypeVar

from pydantic import ValidationError

from voicebot.payments.connection import Answer, Exchange, Lost, NotSent
from voicebot.payments.errors import (
    AuthenticationFailed,
    CartConflict,
    CircuitOpen,
    Declined,
    InvalidTender,
    NotFound,
    OutcomeUnknown,
    PaymentExpressError,
    RateLimited,
    RequestRefused,
    ServerFault,
    Unreachable,
)
from voicebot.payments.messages import ErrorBody, Payment
from voicebot.payments.tender import Tender, TenderField, echoes
from voicebot.payments.wire import AnswerMessage

M = TypeVar("M", bound=AnswerMessage)

_INVALID_FIELDS: Final[tuple[tuple[str, TenderField], ...]] = (
    ("routing", "routing_number"),
    ("securitycode", "security_code"),
    ("cvv", "security_code"),
    ("cvc", "security_code"),
    ("expir", "expiration"),
    ("withdrawaltype", "withdrawal_type"),
    ("accounttype", "withdrawal_type"),
    ("account", "account_number"),
    ("cardnumber", "account_number"),
)
"""What part of an `Invalid…` code names which field. `InvalidRouting` is the vendor's; the others are assumed."""

_CONFLICT_WORDS: Final = ("alreadypaid", "duplicate", "alreadycompleted", "cartclosed", "cartpaid")
"""Codes which say that the cart, not the tender, is why nothing was charged now. Assumed."""


def _squeezed(code: str) -> str:
    """`InvalidRouting` and `INVALID_ROUTING` alike: the vendor's pages show both styles."""
    return "".join(letter for letter in code.lower() if letter.isalnum())


def _parsed(answer: Answer, message: type[M]) -> M | None:
    """The message, if the answer is JSON by its content type and holds it; None otherwise."""
    content_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json" and not content_type.endswith("+json"):
        return None
    try:
        return message.model_validate_json(answer.body)
    except ValidationError:
        return None


def error_body(answer: Answer, tender: Tender | None = None) -> ErrorBody | None:
    """The answer's error, if it is one, without what repeats the tender, and with digits masked for developers."""
    body = _parsed(answer, ErrorBody)
    if body is None:
        return None
    code = body.error_code if re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", body.error_code) else "Unreadable"
    shown = body.display_message or None
    if tender and shown and echoes(tender, shown):
        shown = None
    return ErrorBody(
        error_code="Unreadable" if tender and echoes(tender, code) else code,
        error_message=re.sub(r"[0-9](?:[ .-]?[0-9]){2,}", "###", body.error_message),
        display_message=shown,
    )


def retry_after_s(answer: Answer) -> float | None:
    """`Retry-After` as seconds; a date is taken relative to the answer's own `Date`. None if absent or unreadable."""
    value = answer.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        after = parsedate_to_datetime(value) - parsedate_to_datetime(answer.headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    return max(0.0, after.total_seconds())


def _not_sent(end: NotSent) -> Unreachable:
    if end.retry_after_s is not None:
        return CircuitOpen(f"PaymentExpress is not asked now: {end.why}", retry_after_s=end.retry_after_s)
    return Unreachable(f"PaymentExpress can't be reached ({end.why}); nothing was sent")


def _refused_early(answer: Answer) -> PaymentExpressError | None:
    """What is turned away before anybody looks at the request itself."""
    if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return AuthenticationFailed(
            f"PaymentExpress refused our credentials ({answer.status}): check client id, secret and scopes",
            status=answer.status,
        )
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited("PaymentExpress asks us to slow down", retry_after_s=retry_after_s(answer), status=429)
    return None


def _refusal(kind: type[RequestRefused], answer: Answer, error: ErrorBody) -> RequestRefused:
    return kind(
        f"PaymentExpress refused the request ({answer.status}, {error.error_code})",
        code=error.error_code,
        status=answer.status,
        display_message=error.display_message,
        developer_message=error.error_message,
    )


def read(end: Exchange, message: type[M]) -> M | PaymentExpressError:
    """The outcome of a request that charges nobody."""
    if isinstance(end, Answer) and end.is_success and error_body(end) is None:
        found = _parsed(end, message)
        if found:
            return found
    return failure(end)


def failure(end: Exchange) -> PaymentExpressError:
    """What went wrong with a request that charges nobody and did not bring what was asked for."""
    if isinstance(end, NotSent):
        return _not_sent(end)
    if isinstance(end, Lost):
        return ServerFault(f"PaymentExpress did not answer ({end.why})")
    early = _refused_early(end)
    if early:
        return early
    kind = NotFound if end.status == HTTPStatus.NOT_FOUND else RequestRefused
    error = error_body(end) if end.is_success or end.is_refusal else None
    if error:
        return _refusal(kind, end, error)
    if end.is_refusal:
        return kind(f"PaymentExpress refused the request ({end.status}); check the paths", status=end.status)
    return ServerFault(f"PaymentExpress answered {end.status} with nothing usable", status=end.status)


def _payment_failure(answer: Answer, error: ErrorBody) -> PaymentExpressError:
    """A well-formed error to a payment, by its code and status."""
    code = _squeezed(error.error_code)
    if answer.status == HTTPStatus.CONFLICT or any(word in code for word in _CONFLICT_WORDS):
        return CartConflict(
            f"PaymentExpress says that this cart can't be paid now ({error.error_code}); ask for its status",
            code=error.error_code,
            status=answer.status,
            developer_message=error.error_message,
        )
    field = next((field for part, field in _INVALID_FIELDS if "invalid" in code and part in code), None)
    if field or "expiredcard" in code or "cardexpired" in code:
        return InvalidTender(
            f"PaymentExpress refused the tender's {field or 'expiration'} ({error.error_code}); nothing was charged",
            field=field or "expiration",
            code=error.error_code,
            status=answer.status,
            display_message=error.display_message,
            developer_message=error.error_message,
        )
    if answer.status in {HTTPStatus.OK, HTTPStatus.PAYMENT_REQUIRED}:
        return Declined(
            f"PaymentExpress did not charge the tender ({error.error_code})",
            code=error.error_code,
            status=answer.status,
            display_message=error.display_message,
            developer_message=error.error_message,
        )
    return _refusal(NotFound if answer.status == HTTPStatus.NOT_FOUND else RequestRefused, answer, error)


def read_payment(end: Exchange, tender: Tender) -> Payment | PaymentExpressError:
    """The outcome of a payment's request."""
    if isinstance(end, NotSent):
        return _not_sent(end)
    if isinstance(end, Lost):
        return OutcomeUnknown(f"the payment was sent and its answer lost ({end.why}); ask for the cart's status")
    early = _refused_early(end)
    return early or _read_payment_answer(end, tender)


def _read_payment_answer(answer: Answer, tender: Tender) -> Payment | PaymentExpressError:
    payment = _parsed(answer, Payment) if answer.is_success else None
    error = error_body(answer, tender) if answer.is_success or answer.is_refusal else None
    if payment and not error:
        return payment
    if error and not payment:
        return _payment_failure(answer, error)
    if answer.status == HTTPStatus.CONFLICT:
        return CartConflict("PaymentExpress says that this cart can't be paid now; ask for its status", status=409)
    return OutcomeUnknown(
        f"the payment was answered {answer.status} with nothing that can be trusted; ask for the cart's status",
        status=answer.status,
    )
