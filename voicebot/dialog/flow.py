"""The conversation as one table: in which state, what may happen, and where it leads.

Rules of the table:

1. A state is a question, a piece of work that somebody else does, or an end. The caller can only be heard in a
   question; work is never interrupted by the caller, other than by hanging up.
2. `PAYING` has exactly one way in: `YES` in `CONFIRM_PAYMENT`.
3. Whatever leaves `PAYING` without a clear answer goes to `CHECKING_CART`; no way leads from there to a new cart.
4. A value that the caller must be asked about goes by `UNSURE` to a question of its own; `NO` there leads back. What
   may not be read back (a security code), or proves nothing when it is (the end of a number whose other digits are
   in doubt), is asked for again instead, or only the group of digits that is in doubt. A bank account number is always
   heard twice, or keyed. An account number that was sure and exists is said in passing, before what is owed for it.
5. What may happen in every question stands in `IN_EVERY_QUESTION`, and what may happen everywhere in `EVERYWHERE`;
   the rows of a state come first.
6. `GO_BACK` and `GO_ON` are not in the table: they lead to the last question that was answered, and to the one that was
   being asked when a goodbye or an operator was heard and not for certain, which only the call knows.

A signal that a state has no row for is a mistake in our code (`UnexpectedSignalError`), never one of the caller.
The picture in `docs/how-a-call-works.md` is drawn from this table by `run_bot.py flow`.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    """Where a call can be. The states that are questions have the question's name."""

    WAITING = "waiting"

    LANGUAGE = "language"
    ACCOUNT_NUMBER = "account_number"
    CONFIRM_ACCOUNT_NUMBER = "confirm_account_number"
    FINDING_ITEMS = "finding_items"
    ITEM_CHOICE = "item_choice"
    CONFIRM_ITEM_CHOICE = "confirm_item_choice"
    RECORDING_CART = "recording_cart"
    CREATING_CART = "creating_cart"
    TENDER = "tender"
    CONFIRM_TENDER = "confirm_tender"

    CARD_NUMBER = "card_number"
    CONFIRM_CARD_NUMBER = "confirm_card_number"
    EXPIRATION = "expiration"
    CONFIRM_EXPIRATION = "confirm_expiration"
    SECURITY_CODE = "security_code"

    WITHDRAWAL_TYPE = "withdrawal_type"
    CONFIRM_WITHDRAWAL_TYPE = "confirm_withdrawal_type"
    ROUTING_NUMBER = "routing_number"
    CONFIRM_ROUTING_NUMBER = "confirm_routing_number"
    BANK_ACCOUNT_NUMBER = "bank_account_number"

    CONFIRM_PAYMENT = "confirm_payment"
    PAYING = "paying"
    CHECKING_CART = "checking_cart"
    AFTER_DECLINE = "after_decline"
    REPEAT_CONFIRMATION = "repeat_confirmation"

    CONFIRM_GOODBYE = "confirm_goodbye"
    CONFIRM_OPERATOR = "confirm_operator"

    TRANSFERRING = "transferring"
    CLOSING = "closing"
    ENDED = "ended"


class Signal(StrEnum):
    """What can happen in a state."""

    BEGIN = "begin"
    CHOOSE_LANGUAGE = "choose language"
    HEARD = "heard"
    UNSURE = "unsure"
    YES = "yes"
    NO = "no"
    CARD = "card"
    ECHECK = "echeck"
    CORRECT_CARD = "correct card"
    CORRECT_ECHECK = "correct echeck"
    OTHER = "other tender"
    STOP = "stop"

    NOTHING_OWED = "nothing owed"
    UNKNOWN_ACCOUNT = "unknown account"
    ONE_ITEM = "one item"
    SEVERAL_ITEMS = "several items"
    RECORDED = "recorded"
    CREATED = "created"
    PAID = "paid"
    DECLINED = "declined"
    NOT_SENT = "not sent"
    UNKNOWN = "unknown"
    NOT_PAID = "not paid"
    FAILED = "failed"

    GAVE_UP = "gave up"
    OPERATOR = "operator"
    START_OVER = "start over"
    GOODBYE = "goodbye"
    MAYBE_OPERATOR = "maybe operator"
    MAYBE_GOODBYE = "maybe goodbye"
    GO_ON = "go on"
    CONNECTED = "connected"
    REFUSED = "refused"
    SAID = "said"
    HUNG_UP = "hung up"


S, X = State, Signal

TRANSITIONS: Mapping[State, Mapping[Signal, State]] = MappingProxyType(
    {
        S.WAITING: {X.BEGIN: S.ACCOUNT_NUMBER, X.CHOOSE_LANGUAGE: S.LANGUAGE},
        S.LANGUAGE: {X.HEARD: S.ACCOUNT_NUMBER},
        # What is to be paid for
        S.ACCOUNT_NUMBER: {X.HEARD: S.FINDING_ITEMS, X.UNSURE: S.CONFIRM_ACCOUNT_NUMBER},
        S.CONFIRM_ACCOUNT_NUMBER: {X.YES: S.FINDING_ITEMS, X.NO: S.ACCOUNT_NUMBER},
        S.FINDING_ITEMS: {
            X.ONE_ITEM: S.RECORDING_CART,
            X.SEVERAL_ITEMS: S.ITEM_CHOICE,
            X.NOTHING_OWED: S.CLOSING,
            X.UNKNOWN_ACCOUNT: S.ACCOUNT_NUMBER,
            X.GAVE_UP: S.CLOSING,
            X.FAILED: S.CLOSING,
        },
        S.ITEM_CHOICE: {X.HEARD: S.RECORDING_CART, X.UNSURE: S.CONFIRM_ITEM_CHOICE},
        S.CONFIRM_ITEM_CHOICE: {X.YES: S.RECORDING_CART, X.NO: S.ITEM_CHOICE},
        S.RECORDING_CART: {X.RECORDED: S.CREATING_CART, X.FAILED: S.CLOSING},
        S.CREATING_CART: {X.CREATED: S.TENDER, X.FAILED: S.CLOSING},
        # How it is paid
        S.TENDER: {X.CARD: S.CARD_NUMBER, X.ECHECK: S.WITHDRAWAL_TYPE, X.UNSURE: S.CONFIRM_TENDER},
        S.CONFIRM_TENDER: {X.CARD: S.CARD_NUMBER, X.ECHECK: S.WITHDRAWAL_TYPE, X.NO: S.TENDER},
        S.CARD_NUMBER: {X.HEARD: S.EXPIRATION, X.UNSURE: S.CONFIRM_CARD_NUMBER},
        S.CONFIRM_CARD_NUMBER: {X.YES: S.EXPIRATION, X.NO: S.CARD_NUMBER},
        S.EXPIRATION: {X.HEARD: S.SECURITY_CODE, X.UNSURE: S.CONFIRM_EXPIRATION},
        S.CONFIRM_EXPIRATION: {X.YES: S.SECURITY_CODE, X.NO: S.EXPIRATION},
        S.SECURITY_CODE: {X.HEARD: S.CONFIRM_PAYMENT},
        S.WITHDRAWAL_TYPE: {X.HEARD: S.ROUTING_NUMBER, X.UNSURE: S.CONFIRM_WITHDRAWAL_TYPE},
        S.CONFIRM_WITHDRAWAL_TYPE: {X.YES: S.ROUTING_NUMBER, X.NO: S.WITHDRAWAL_TYPE},
        S.ROUTING_NUMBER: {X.HEARD: S.BANK_ACCOUNT_NUMBER, X.UNSURE: S.CONFIRM_ROUTING_NUMBER},
        S.CONFIRM_ROUTING_NUMBER: {X.YES: S.BANK_ACCOUNT_NUMBER, X.NO: S.ROUTING_NUMBER},
        S.BANK_ACCOUNT_NUMBER: {X.HEARD: S.CONFIRM_PAYMENT},
        # The money
        S.CONFIRM_PAYMENT: {X.YES: S.PAYING, X.NO: S.AFTER_DECLINE},
        S.PAYING: {
            X.PAID: S.REPEAT_CONFIRMATION,
            X.DECLINED: S.AFTER_DECLINE,
            X.NOT_SENT: S.CLOSING,
            X.UNKNOWN: S.CHECKING_CART,
        },
        S.CHECKING_CART: {X.PAID: S.REPEAT_CONFIRMATION, X.NOT_PAID: S.AFTER_DECLINE, X.UNKNOWN: S.CLOSING},
        S.AFTER_DECLINE: {
            X.CORRECT_CARD: S.CARD_NUMBER,
            X.CORRECT_ECHECK: S.WITHDRAWAL_TYPE,
            X.OTHER: S.TENDER,
            X.STOP: S.CLOSING,
        },
        S.REPEAT_CONFIRMATION: {X.YES: S.REPEAT_CONFIRMATION, X.NO: S.CLOSING, X.START_OVER: S.CLOSING},
        # The end; what leads to it from every question is below
        S.CONFIRM_GOODBYE: {},
        S.CONFIRM_OPERATOR: {},
        S.TRANSFERRING: {X.CONNECTED: S.ENDED, X.REFUSED: S.CLOSING},
        S.CLOSING: {X.SAID: S.ENDED},
        S.ENDED: {},
    }
)

IN_EVERY_QUESTION: Mapping[Signal, State] = MappingProxyType(
    {
        X.GAVE_UP: S.CLOSING,
        X.OPERATOR: S.TRANSFERRING,
        X.START_OVER: S.ACCOUNT_NUMBER,
        X.GOODBYE: S.CLOSING,
        X.MAYBE_OPERATOR: S.CONFIRM_OPERATOR,
        X.MAYBE_GOODBYE: S.CONFIRM_GOODBYE,
    }
)

EVERYWHERE: Mapping[Signal, State] = MappingProxyType({X.HUNG_UP: S.ENDED})

WORK = frozenset({S.FINDING_ITEMS, S.RECORDING_CART, S.CREATING_CART, S.PAYING, S.CHECKING_CART, S.TRANSFERRING})
ENDS = frozenset({S.WAITING, S.CLOSING, S.ENDED})
QUESTIONS = frozenset(State) - WORK - ENDS
ASIDES = frozenset({S.CONFIRM_GOODBYE, S.CONFIRM_OPERATOR})
"""Questions that come between, and after which the one that was being asked goes on."""

MONEY_MAY_HAVE_MOVED = frozenset({S.PAYING, S.CHECKING_CART})
"""States that a caller's hanging up does not end: what was begun is seen through first."""


class UnexpectedSignalError(Exception):
    """The table has no row for this: a mistake in our code."""


def next_state(state: State, signal: Signal) -> State:
    """Where a signal leads.

    Raises:
        UnexpectedSignalError: the table has no such row.
    """
    for rows in (TRANSITIONS[state], IN_EVERY_QUESTION if state in QUESTIONS else {}, EVERYWHERE):
        if signal in rows:
            return rows[signal]
    raise UnexpectedSignalError(f"the conversation has no way for {signal.value!r} in {state.value!r}")


def mermaid() -> str:
    """The table as a Mermaid state diagram; what may happen in every question is one arrow from a note."""
    lines = ["stateDiagram-v2", "    [*] --> waiting"]
    for state, rows in TRANSITIONS.items():
        targets: dict[State, list[str]] = {}
        for signal, target in rows.items():
            targets.setdefault(target, []).append(signal.value)
        lines += [f"    {state.value} --> {target.value}: {', '.join(names)}" for target, names in targets.items()]
    lines += [f"    {state.value}:::work" for state in State if state in WORK]
    anywhere = "; ".join(f"{signal.value} to {target.value}" for signal, target in IN_EVERY_QUESTION.items())
    lines += [
        "    ended --> [*]",
        "    note right of account_number",
        f"        In every question: {anywhere}; go back to the question before.",
        "        From confirm_goodbye and confirm_operator: go on to the question that was being asked.",
        "        Everywhere: hung up to ended, after a payment under way has been seen through.",
        "    end note",
        "    classDef work fill:#e8eef7,stroke:#5b7aa8",
    ]
    return "\n".join(lines) + "\n"
