"""Rows of the database to records and back."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import cast

from voicebot.ledger.models import Attempt, Cart, History
from voicebot.ledger.records import (
    Amounts,
    AttemptRecord,
    CartItem,
    CartRecord,
    HistoryRecord,
    Outcome,
    Tender,
)
from voicebot.ledger.states import FIRST, State


def new_cart(own_id: str, reference: str, account_number: str, items: Sequence[CartItem], now: datetime) -> Cart:
    """A cart's first row, held by nobody yet."""
    return Cart(
        id=own_id,
        reference=reference,
        account_number=account_number,
        items=[_item_to_json(item) for item in items],
        recorded_at=now,
        state=FIRST,
        why="about to be created",
        changed_at=now,
        fees={},
        error_code="",
        tries=0,
        problem="",
        caller_waits=False,
        attempts=[],
    )


def cart_record(cart: Cart) -> CartRecord:
    """A cart as it stands in its row."""
    return CartRecord(
        id=cart.id,
        reference=cart.reference,
        account_number=cart.account_number,
        items=tuple(_item_from_json(item) for item in cart.items),
        state=State(cart.state),
        why=cart.why,
        recorded_at=cart.recorded_at,
        changed_at=cart.changed_at,
        cart_id=cart.cart_id or "",
        fees={tender: Amounts(**amounts) for tender, amounts in cart.fees.items()},
        payment_id=cart.payment_id or "",
        error_code=cart.error_code,
        attempts=tuple(_attempt_record(attempt) for attempt in cart.attempts),
        held_by=cart.holder or "",
        tries=cart.tries,
        next_try_at=cart.next_try_at,
        problem=cart.problem,
        attention=cart.attention or "",
        attention_at=cart.attention_at,
        caller_waits=cart.caller_waits,
    )


def history_record(row: History) -> HistoryRecord:
    """One transition."""
    return HistoryRecord(row.at, State(row.before) if row.before else None, State(row.after), row.why)


def amounts_to_json(amounts: Amounts) -> dict[str, str]:
    """Three texts, as they are."""
    return asdict(amounts)


def _attempt_record(row: Attempt) -> AttemptRecord:
    return AttemptRecord(
        number=row.number,
        tender=cast("Tender", row.tender),
        amounts=Amounts(row.primary_amount, row.fee, row.total),
        last_four=row.last_four,
        started_at=row.started_at,
        ended_at=row.ended_at,
        outcome=cast("Outcome | None", row.outcome),
        error_code=row.error_code,
        payment_id=row.payment_id,
    )


def _item_to_json(item: CartItem) -> dict[str, str]:
    return asdict(item) | {"amount": f"{item.amount:.2f}"}


def _item_from_json(item: dict[str, str]) -> CartItem:
    return CartItem(**{**item, "amount": Decimal(item["amount"])})  # type: ignore[arg-type]  # one value is a Decimal, the others are text
