"""Test tenders: one table of published test numbers and what the sandbox answers to each.

Card numbers are those that Stripe and Braintree publish for testing; bank accounts are Stripe's. None of them can
be charged anywhere. Numbers that are not in the table are approved if their check digit is right, so that a test may
make its own; see `judge_card` and `judge_bank_account`.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from voicebot.sandbox.faults import Fault, FaultKind
from voicebot.sandbox.messages import ErrorBody


@dataclass(frozen=True, slots=True)
class PublishedTender:
    """One row of the table.

    Attributes:
        number: card number, or bank account number.
        name: brand of a card, kind of a bank account.
        outcome: `approved`, a key of `REFUSALS`, or what the fault does.
        fault: strikes whenever this tender is sent.
    """

    number: str
    name: str
    outcome: str = "approved"
    fault: Fault | None = None


REFUSALS: Final[dict[str, ErrorBody]] = {
    "Declined": ErrorBody(
        errorCode="Declined",
        errorMessage="The card was declined by its issuer.",
        displayMessage="Your card was declined. Please use another card or contact your bank.",
    ),
    "DeclinedWithoutMessage": ErrorBody(
        errorCode="Declined",
        errorMessage="Processor response 2000.",
    ),
    "InsufficientFunds": ErrorBody(
        errorCode="InsufficientFunds",
        errorMessage="The tender does not cover the amount.",
        displayMessage="There are not enough funds to make this payment.",
    ),
    "InvalidSecurityCode": ErrorBody(
        errorCode="InvalidSecurityCode",
        errorMessage="The security code does not match the card.",
        displayMessage="The security code you provided does not match your card.",
    ),
    "ExpiredCard": ErrorBody(
        errorCode="ExpiredCard",
        errorMessage="The card has expired or the expiration date is wrong.",
        displayMessage="Your card has expired, or its expiration date is not correct.",
    ),
    "InvalidAccountNumber": ErrorBody(
        errorCode="InvalidAccountNumber",
        errorMessage="Customer provided an invalid account number.",
        displayMessage="You have provided an invalid or incorrect account number.",
    ),
    "InvalidRouting": ErrorBody(
        errorCode="InvalidRouting",
        errorMessage="Customer provided an invalid routing number.",
        displayMessage="You have provided an invalid or incorrect routing number for your account.",
    ),
    "AccountClosed": ErrorBody(
        errorCode="AccountClosed",
        errorMessage="The bank account is closed.",
        displayMessage="This bank account cannot be used for payments.",
    ),
    "DebitNotAuthorized": ErrorBody(
        errorCode="DebitNotAuthorized",
        errorMessage="Return code R10.",
    ),
}
"""Payment-level failures: the body of an HTTP 200 answer."""

UNKNOWN_ROUTING: Final = "999999992"
"""Passes the ABA checksum and belongs to no bank: answered with InvalidRouting (after the vendor's example)."""


def _fault(kind: FaultKind, **options: object) -> Fault:
    return Fault.model_validate({"kind": kind, "times": 0, **options})


CARDS: Final[tuple[PublishedTender, ...]] = (
    PublishedTender("4111111111111111", "Visa"),
    PublishedTender("4242424242424242", "Visa"),
    PublishedTender("4012888888881881", "Visa"),
    PublishedTender("4000056655665556", "Visa debit"),
    PublishedTender("5555555555554444", "Mastercard"),
    PublishedTender("5105105105105100", "Mastercard"),
    PublishedTender("2223003122003222", "Mastercard 2-series"),
    PublishedTender("378282246310005", "American Express"),
    PublishedTender("371449635398431", "American Express"),
    PublishedTender("6011111111111117", "Discover"),
    PublishedTender("3056930009020004", "Diners Club"),
    PublishedTender("36227206271667", "Diners Club, 14 digits"),
    PublishedTender("3566002020360505", "JCB"),
    PublishedTender("6200000000000005", "UnionPay"),
    PublishedTender("4000000000000002", "Visa", "Declined"),
    PublishedTender("4000000000009987", "Visa", "DeclinedWithoutMessage"),
    PublishedTender("4000000000009995", "Visa", "InsufficientFunds"),
    PublishedTender("4000000000000127", "Visa", "InvalidSecurityCode"),
    PublishedTender("4000000000000069", "Visa", "ExpiredCard"),
    PublishedTender("4242424242424241", "wrong check digit", "InvalidAccountNumber"),
    PublishedTender("4000000000000119", "Visa", "fault", _fault(FaultKind.STATUS, carried_out=True)),
    PublishedTender("4000000000009979", "Visa", "fault", _fault(FaultKind.STATUS, status=503)),
    PublishedTender("4000000000006975", "Visa", "fault", _fault(FaultKind.CLOSE)),
    PublishedTender("4000000000000259", "Visa", "fault", _fault(FaultKind.CLOSE, carried_out=True)),
    PublishedTender("4000000000002685", "Visa", "fault", _fault(FaultKind.SILENT)),
    PublishedTender("4000000000001976", "Visa", "fault", _fault(FaultKind.SILENT, carried_out=True)),
    PublishedTender("4000000000005423", "Visa", "fault", _fault(FaultKind.LATE, carried_out=True, for_s=30)),
    PublishedTender("4000000000000341", "Visa", "fault", _fault(FaultKind.LATE, for_s=30)),
    PublishedTender("4000000000000101", "Visa", "fault", _fault(FaultKind.HALF_BODY)),
    PublishedTender("4000000000000010", "Visa", "fault", _fault(FaultKind.INVALID_JSON)),
    PublishedTender("4000000000000028", "Visa", "fault", _fault(FaultKind.HTML, carried_out=True, status=502)),
    PublishedTender("4000000000000036", "Visa", "fault", _fault(FaultKind.NO_ID)),
)
"""Cards. Any expiration that is not past and any code of the brand's length go with them."""

BANK_ACCOUNTS: Final[tuple[PublishedTender, ...]] = (
    PublishedTender("000123456789", "any bank account"),
    PublishedTender("000222222227", "any bank account", "InsufficientFunds"),
    PublishedTender("000111111113", "any bank account", "AccountClosed"),
    PublishedTender("000111111116", "any bank account", "InvalidAccountNumber"),
    PublishedTender("000333333335", "any bank account", "DebitNotAuthorized"),
    PublishedTender("000444444440", "any bank account", "fault", _fault(FaultKind.CLOSE, carried_out=True)),
    PublishedTender("000555555559", "any bank account", "fault", _fault(FaultKind.SILENT, carried_out=True)),
)
"""Bank accounts. Any routing number with a right checksum goes with them, but for `UNKNOWN_ROUTING`."""

_BY_NUMBER: Final = {tender.number: tender for tender in CARDS + BANK_ACCOUNTS}


def tender_fault(number: object) -> Fault | None:
    """The fault that a tender triggers by its number, if any."""
    tender = _BY_NUMBER.get(number) if isinstance(number, str) else None
    return tender.fault if tender else None


def names_a_published_tender(text: str) -> bool:
    """Whether a published number stands anywhere in the text."""
    return any(number in text for number in _BY_NUMBER)


def luhn_is_right(number: str) -> bool:
    """The check digit of ISO/IEC 7812-1."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2])
    return (sum(int(digit) for digit in number[-1::-2]) + sum(doubled)) % 10 == 0


def routing_is_right(number: str) -> bool:
    """Nine digits and the checksum of ABA routing numbers: weights 3, 7, 1."""
    weights = (3, 7, 1) * 3
    return len(number) == len(weights) and sum(w * int(d) for w, d in zip(weights, number, strict=True)) % 10 == 0


def code_length(card_number: str) -> int:
    """Digits of the security code: four on American Express cards, otherwise three."""
    return 4 if card_number.startswith(("34", "37")) else 3


def judge_card(number: str, expires: tuple[int, int], security_code: str, today: date) -> ErrorBody | None:
    """What the card network says: None if approved.

    Args:
        number: the card's number, digits only.
        expires: year and month; the card is good to the end of that month.
        security_code: digits as sent; a number has lost its leading zeros.
        today: the sandbox's date.
    """
    if not luhn_is_right(number):
        return REFUSALS["InvalidAccountNumber"]
    if expires < (today.year, today.month):
        return REFUSALS["ExpiredCard"]
    if len(security_code) != code_length(number):
        return REFUSALS["InvalidSecurityCode"]
    return _outcome(number)


def judge_bank_account(routing_number: str, account_number: str) -> ErrorBody | None:
    """What the bank says: None if approved. Account numbers have 4 to 17 digits (Nacha)."""
    if not routing_is_right(routing_number) or routing_number == UNKNOWN_ROUTING:
        return REFUSALS["InvalidRouting"]
    if not 4 <= len(account_number) <= 17:  # noqa: PLR2004 - the two bounds are named in the docstring
        return REFUSALS["InvalidAccountNumber"]
    return _outcome(account_number)


def _outcome(number: str) -> ErrorBody | None:
    tender = _BY_NUMBER.get(number)
    return REFUSALS.get(tender.outcome) if tender else None
