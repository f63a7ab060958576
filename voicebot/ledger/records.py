"""What the ledger takes and gives: plain immutable records. None has a place for tender.

Amounts of our own items are `Decimal`; amounts that came from the API are strings, kept exactly as they came.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias

from voicebot.ledger.states import IN_DOUBT, UNSETTLED, State

Tender: TypeAlias = Literal["card", "echeck"]
Outcome: TypeAlias = Literal["paid", "declined", "not_sent", "unknown", "not_paid"]

_MONEY = re.compile(r"\d{1,12}\.\d{2}", re.ASCII)
_CLIENT_ID = re.compile(r"[0-9A-F]{15,32}", re.ASCII)
_LAST_FOUR = re.compile(r"\d{1,4}", re.ASCII)
_TOO_MANY_DIGITS = re.compile(r"\d(?:[ .-]?\d){8,}", re.ASCII)
_ERROR_CODE = re.compile(r"[\w.:-]{1,64}", re.ASCII)
_WORDS_LIMIT = 300


@dataclass(frozen=True, slots=True)
class CartItem:
    """One thing that is paid for, as it was handed to PaymentExpress."""

    client_item_id: str
    description: str
    amount: Decimal
    type: str = ""
    fund_category: str = ""
    department: str = ""


@dataclass(frozen=True, slots=True)
class Amounts:
    """The three amounts of one tender, each a string exactly as the API gave it."""

    primary: str
    fee: str
    total: str

    def __post_init__(self) -> None:
        for name in ("primary", "fee", "total"):
            amount = getattr(self, name)
            if not _MONEY.fullmatch(amount):
                raise ValueError(f"{name} {amount!r} is not money as the API writes it, such as '1257.38'")


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One payment request on a cart.

    Attributes:
        number: 1 for the cart's first attempt.
        last_four: the last digits of the tender, four at most; all that is ever kept of it.
        outcome: None while the request may be under way.
        error_code: the vendor's, for a declined attempt.
    """

    number: int
    tender: Tender
    amounts: Amounts
    last_four: str
    started_at: datetime
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    error_code: str = ""
    payment_id: str = ""


@dataclass(frozen=True, slots=True)
class HistoryRecord:
    """One transition, written by the database itself in the same transaction. `before` is None for the first."""

    at: datetime
    before: State | None
    after: State
    why: str


@dataclass(frozen=True, slots=True)
class CartRecord:
    """A cart as it stood when it was read.

    Attributes:
        id: ours, sent as `clientTransactionId`: 16 upper-case hexadecimal digits.
        reference: eight digits, what a caller is told to ask by.
        account_number: the account at the agency whose bill is paid (never the tender's).
        items: what is paid for, in order.
        why: the reason of the last transition.
        changed_at: when that was.
        cart_id: the vendor's; empty until it is known.
        fees: costs by the vendor's tender type ("CreditCard", "ECheck"), as in the cart's answer.
        payment_id: the vendor's confirmation number; empty unless paid.
        error_code: the vendor's, of the last refusal.
        attempts: payment requests, oldest first.
        held_by: who holds the cart: a process, or empty.
        tries: how often its status was asked in vain since the outcome became unknown.
        next_try_at: when settling looks at it next.
        problem: why the last status request settled nothing.
        attention: why people should look at it; empty if they need not.
        attention_at: since when.
        caller_waits: a caller said yes to a payment and has not heard how it ended: it is still under way, in doubt,
            or the call was cut off.
    """

    id: str
    reference: str
    account_number: str
    items: tuple[CartItem, ...]
    state: State
    why: str
    recorded_at: datetime
    changed_at: datetime
    cart_id: str = ""
    fees: Mapping[str, Amounts] = field(default_factory=dict)
    payment_id: str = ""
    error_code: str = ""
    attempts: tuple[AttemptRecord, ...] = ()
    held_by: str = ""
    tries: int = 0
    next_try_at: datetime | None = None
    problem: str = ""
    attention: str = ""
    attention_at: datetime | None = None
    caller_waits: bool = False

    @property
    def attempt(self) -> AttemptRecord | None:
        """The last payment request, if there was one."""
        return self.attempts[-1] if self.attempts else None

    @property
    def total(self) -> Decimal:
        """What the items cost together, before fees."""
        return sum((item.amount for item in self.items), Decimal("0.00"))

    @property
    def unsettled(self) -> bool:
        """Whether the cart must not stay as it is once no call holds it."""
        return self.state in UNSETTLED

    @property
    def in_doubt(self) -> bool:
        """Whether money may have been taken without our knowing."""
        return self.state in IN_DOUBT


def check_client_id(text: str) -> str:
    """Our id in the vendor's form; ValueError otherwise."""
    if not _CLIENT_ID.fullmatch(text):
        raise ValueError(f"{text!r} is no clientTransactionId: 15 to 32 upper-case hexadecimal digits")
    return text


def check_last_four(text: str) -> str:
    """At most four digits; ValueError otherwise, without the text, which may be tender."""
    if not _LAST_FOUR.fullmatch(text):
        raise ValueError("last_four takes the last one to four digits of the tender and nothing else")
    return text


def plain_words(text: str) -> str:
    """A reason or problem fit to be kept: one line, short, and with no run of digits that could be tender.

    The second wall behind `Sensitive`: texts come from error messages, and nobody knows what those may quote one day.
    """
    masked = _TOO_MANY_DIGITS.sub("#", " ".join(text.split()))
    return masked[:_WORDS_LIMIT]


def plain_code(code: str) -> str:
    """The vendor's error code, kept if it looks like one and masked if it does not."""
    return code if _ERROR_CODE.fullmatch(code) and not _TOO_MANY_DIGITS.search(code) else plain_words(code)[:64]
