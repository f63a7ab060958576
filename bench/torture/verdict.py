"""Three books side by side: what the vendor charged, what the ledger says, what the caller was told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bench.torture.claims import payment_told, says_not_charged
from voicebot.ledger import CartRecord, State
from voicebot.sandbox import Books, Incident


class Violation(StrEnum):
    """A promise that was broken."""

    DOUBLE = "double payments"
    LOST = "lost carts"
    UNTRUE = "untrue sentences"
    UNSETTLED = "carts left unsettled"
    WRONG = "wrong ledger entries"
    INCIDENT = "forbidden requests"
    UNSERVED = "callers left without an answer"
    BROKEN = "bots that broke down"


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken promise, in words."""

    violation: Violation
    what: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known after a trial.

    Attributes:
        journal: what the bots noted, in order.
        books: what the vendor charged.
        incidents: what a client must never do, and did.
        carts: the whole ledger.
        problems: how bots broke down that should not have.
        served: the caller must have been told of a payment in the end.
        attention_due: people must have been called, as it was too late for anything else.
    """

    journal: Sequence[dict[str, Any]]
    books: Books
    incidents: Sequence[Incident]
    carts: Sequence[CartRecord]
    problems: Sequence[str]
    served: bool
    attention_due: bool = False


def judge(evidence: Evidence) -> list[Finding]:
    """Every promise that was broken in one trial, in which one caller wanted one bill paid once."""
    return [
        *_double(evidence),
        *_lost(evidence),
        *_untrue(evidence),
        *_unsettled(evidence),
        *_wrong(evidence),
        *(Finding(Violation.INCIDENT, f"{each.kind}: {each.detail}") for each in evidence.incidents),
        *_unserved(evidence),
        *(Finding(Violation.BROKEN, problem) for problem in evidence.problems),
        *(
            Finding(Violation.BROKEN, f"a call was cut off by {line['problem']}")
            for line in evidence.journal
            if line.get("problem")
        ),
    ]


def _double(evidence: Evidence) -> Iterator[Finding]:
    payments = [each.payment_id for cart in evidence.books.carts for each in cart.payments]
    if len(payments) > 1:
        carts = sum(bool(cart.payments) for cart in evidence.books.carts)
        yield Finding(Violation.DOUBLE, f"one bill, {len(payments)} payments on {carts} carts")


def _lost(evidence: Evidence) -> Iterator[Finding]:
    """A cart must be in the ledger by our id in any case, and by its cartId if the bot heard of it or it was paid."""
    ours = {cart.id for cart in evidence.carts}
    known = {cart.cart_id for cart in evidence.carts}
    heard = {line["cart"] for line in evidence.journal if "cart" in line}
    for cart in evidence.books.carts:
        if cart.client_transaction_id not in ours:
            yield Finding(Violation.LOST, "a cart that was never recorded")
        elif cart.cart_id not in known and (cart.attempts or cart.cart_id in heard):
            yield Finding(Violation.LOST, f"a cartId with {len(cart.attempts)} attempts that is not in the ledger")


def _untrue(evidence: Evidence) -> Iterator[Finding]:
    """That nothing was charged is about everything this caller has tried, also in earlier calls, and for all time."""
    charged = {each.last_four for cart in evidence.books.carts for each in cart.payments}
    payments = {each.payment_id for cart in evidence.books.carts for each in cart.payments}
    sent: dict[str, set[str]] = {}
    told_paid: set[str] = set()
    for line in evidence.journal:
        who, said = line.get("who", ""), line.get("said", "")
        tenders = sent.setdefault(who, set())
        if "pays" in line:
            tenders.add(line["pays"])
        payment_id = payment_told(said)
        if payment_id is not None:
            told_paid.add(who)
            if payment_id not in payments:
                yield Finding(Violation.UNTRUE, f"said: {said!r}; there is no such payment")
        elif who not in told_paid and says_not_charged(said) and tenders & charged:
            yield Finding(Violation.UNTRUE, f"said: {said!r}; it was charged")


def _unsettled(evidence: Evidence) -> Iterator[Finding]:
    for cart in evidence.carts:
        if cart.unsettled:
            yield Finding(Violation.UNSETTLED, f"a cart that is still {cart.state}: {cart.problem or cart.why}")


def _wrong(evidence: Evidence) -> Iterator[Finding]:
    """Both books name the same payments; people are called to nothing that is all right."""
    charged = {cart.cart_id: cart.payments[0].payment_id for cart in evidence.books.carts if cart.payments}
    for cart in evidence.carts:
        payment_id = charged.pop(cart.cart_id, None) if cart.cart_id else None
        if payment_id and (cart.state is not State.PAID or cart.payment_id != payment_id):
            yield Finding(Violation.WRONG, f"charged, and the ledger says {cart.state}")
        if not payment_id and cart.state is State.PAID:
            yield Finding(Violation.WRONG, "not charged, and the ledger says paid")
        if bool(cart.attention) != evidence.attention_due:
            yield Finding(Violation.WRONG, f"people are called without need, or not at all: {cart.attention!r}")


def _unserved(evidence: Evidence) -> Iterator[Finding]:
    if evidence.served and not any(payment_told(line.get("said", "")) for line in evidence.journal):
        yield Finding(Violation.UNSERVED, "called back when all was well, and heard of no payment")
