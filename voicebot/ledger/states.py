"""The life of a cart, as one table. The code, the database's triggers, the tests and the diagram all follow it.

The rules behind the table:

1. A state is written durably *before* the step that it protects. `recorded` stands before the create request leaves,
   `paying` before the payment request leaves. So whatever a crash interrupts, the state on disk is never ahead of the
   truth, and what may have happened since is known.
2. Tender leaves in `paying` and nowhere else. A cart that was never `paying` cannot have been charged; it may be
   abandoned without asking anybody.
3. `paying` ends in what the vendor answered (`paid`, `declined`), or in `unknown`. A `paying` that nobody holds any
   more, because its process died, *is* unknown. Only a request that provably never left goes back to `created`.
4. `unknown` is left by knowledge, never by time: the vendor's late answer, or the cart's status. Until then nothing is
   sent again: there is no way from `unknown` to `paying`.
5. What is known not to be charged (`declined`, `not_paid`) may be tried again on the same cart, which takes one
   successful payment at most.
6. A charge always wins: should the vendor say "paid" after it had said "not paid", the cart is paid, and people are
   told.
7. `paid`, `refused` and `abandoned` are final.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    """Where a cart stands.

    Attributes:
        RECORDED: ours is on disk; the create request may have left, no cartId is known.
        REFUSED: the vendor made no cart. Final.
        CREATED: the cartId is on disk; no tender has left.
        ABANDONED: the call ended with no tender ever charged. Final.
        PAYING: a payment request may have left.
        PAID: the paymentId is on disk. Final.
        DECLINED: the vendor refused the tender; nothing is charged.
        UNKNOWN: a payment request left and its outcome is not known; the cart's status has to be asked.
        NOT_PAID: the status was asked after an unknown outcome: nothing is charged.
    """

    RECORDED = "recorded"
    REFUSED = "refused"
    CREATED = "created"
    ABANDONED = "abandoned"
    PAYING = "paying"
    PAID = "paid"
    DECLINED = "declined"
    UNKNOWN = "unknown"
    NOT_PAID = "not_paid"


class Fact(StrEnum):
    """What can become known about a cart; each is a method of `Ledger`."""

    CART_CREATED = "cart_created"
    CART_REFUSED = "cart_refused"
    ABANDONED = "abandoned"
    PAYING = "paying"
    PAID = "paid"
    DECLINED = "declined"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"
    NOT_PAID = "not_paid"


FIRST = State.RECORDED

TABLE: Mapping[State, Mapping[Fact, State]] = MappingProxyType(
    {
        State.RECORDED: {
            Fact.CART_CREATED: State.CREATED,
            Fact.CART_REFUSED: State.REFUSED,
            Fact.ABANDONED: State.ABANDONED,
        },
        State.CREATED: {
            Fact.PAYING: State.PAYING,
            Fact.ABANDONED: State.ABANDONED,
        },
        State.PAYING: {
            Fact.PAID: State.PAID,
            Fact.DECLINED: State.DECLINED,
            Fact.NOT_SENT: State.CREATED,
            Fact.UNKNOWN: State.UNKNOWN,
        },
        State.DECLINED: {
            Fact.PAYING: State.PAYING,
        },
        State.UNKNOWN: {
            Fact.PAID: State.PAID,
            Fact.DECLINED: State.DECLINED,
            Fact.NOT_PAID: State.NOT_PAID,
        },
        State.NOT_PAID: {
            Fact.PAYING: State.PAYING,
            Fact.PAID: State.PAID,
            Fact.DECLINED: State.DECLINED,
        },
        State.PAID: {},
        State.REFUSED: {},
        State.ABANDONED: {},
    }
)

UNSETTLED = frozenset({State.RECORDED, State.CREATED, State.PAYING, State.UNKNOWN})
"""States in which a cart that no call holds must not stay."""

IN_DOUBT = frozenset({State.PAYING, State.UNKNOWN})
"""States in which money may have been taken without our knowing."""


def moves() -> frozenset[tuple[State, State]]:
    """Every (from, to) of the table, as the database's trigger enforces them."""
    return frozenset((state, after) for state, facts in TABLE.items() for after in facts.values())


def diagram() -> str:
    """The table as a Mermaid state diagram, for `docs/ledger.md`."""
    lines = ["stateDiagram-v2", f"    [*] --> {FIRST}: record_cart"]
    for state, facts in TABLE.items():
        lines += [f"    {state} --> {after}: {fact}" for fact, after in facts.items()]
        if not facts:
            lines.append(f"    {state} --> [*]")
    return "\n".join(lines)
