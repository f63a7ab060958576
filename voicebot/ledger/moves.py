"""What each fact does to a cart's row. No database here: rows in memory, inside a transaction of `Ledger`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from voicebot.ledger.errors import IllegalTransition, NotHeld
from voicebot.ledger.holder import Purpose, known_dead, this_process
from voicebot.ledger.models import Attempt, Cart
from voicebot.ledger.records import Amounts, Outcome, Tender, plain_words
from voicebot.ledger.states import TABLE, Fact, State

OUTCOMES: Mapping[Fact, Outcome] = {
    Fact.PAID: "paid",
    Fact.DECLINED: "declined",
    Fact.NOT_SENT: "not_sent",
    Fact.UNKNOWN: "unknown",
    Fact.NOT_PAID: "not_paid",
}
"""What each fact that ends a payment request makes of it."""


def move(cart: Cart, fact: Fact, why: str, now: datetime) -> None:
    """Follow one line of the table, or raise IllegalTransition. The database writes the history."""
    after = TABLE[State(cart.state)].get(fact)
    if after is None:
        hint = "another paymentId is known already" if (cart.state, fact) == (State.PAID, Fact.PAID) else ""
        raise IllegalTransition(cart.id, cart.state, str(fact), hint)
    cart.state, cart.why, cart.changed_at = after, plain_words(why), now


def is_known(cart: Cart, fact: Fact, values: Mapping[str, Any]) -> bool:
    """Whether this is the fact that brought the cart here, said again."""
    if fact is Fact.NOT_SENT and not (cart.attempts and cart.attempts[-1].outcome == OUTCOMES[fact]):
        return False
    arrives = {facts[fact] for facts in TABLE.values() if fact in facts}
    return cart.state in arrives and all(getattr(cart, name) == value for name, value in values.items())


def take(
    cart: Cart, fact: Fact, why: str, values: Mapping[str, Any], now: datetime, *, look_again_s: float = 0.0
) -> None:
    """Follow one line of the table with the values that the fact brings, and end the payment request it is about."""
    before = State(cart.state)
    move(cart, fact, why, now)
    for name, value in values.items():
        setattr(cart, name, value)
    if fact not in OUTCOMES:
        return
    attempt = cart.attempts[-1]
    attempt.outcome, attempt.ended_at = OUTCOMES[fact], now
    attempt.error_code = cart.error_code if fact is Fact.DECLINED else ""
    attempt.payment_id = cart.payment_id or ""
    cart.tries, cart.problem = 0, ""
    cart.next_try_at = now + timedelta(seconds=look_again_s) if look_again_s > 0 else None
    if fact is Fact.UNKNOWN:
        cart.caller_waits = True
    elif before is State.UNKNOWN:
        cart.attention, cart.attention_at = None, None
    elif before is State.NOT_PAID and fact is Fact.PAID:
        cart.caller_waits = True  # who was told that nothing was charged was told wrongly
        cart.attention, cart.attention_at = "paid after it had been found not paid", now


def begin_attempt(cart: Cart, tender: Tender, amounts: Amounts, last_four: str, now: datetime) -> int:
    """A payment request is about to leave; returns its number."""
    move(cart, Fact.PAYING, f"{tender} about to be sent", now)
    cart.tries, cart.next_try_at, cart.problem = 0, None, ""
    cart.caller_waits = True  # from their yes until they are told, also if the bot dies in between
    attempt = Attempt(
        number=len(cart.attempts) + 1,
        tender=tender,
        primary_amount=amounts.primary,
        fee=amounts.fee,
        total=amounts.total,
        last_four=last_four,
        started_at=now,
        error_code="",
        payment_id="",
    )
    cart.attempts.append(attempt)
    return attempt.number


def same_item(cart: Cart, other: Cart) -> bool:
    """Whether both hold an item of the same id and amount: the same thing, which is paid for once."""
    items = {(item["client_item_id"], item["amount"]) for item in cart.items}
    return any((item["client_item_id"], item["amount"]) in items for item in other.items)


def end_call(cart: Cart, why: str, now: datetime) -> None:
    """Nobody will carry the cart on: abandon what was never charged, doubt what is under way, leave the rest."""
    if Fact.ABANDONED in TABLE[State(cart.state)]:
        move(cart, Fact.ABANDONED, why, now)
    elif cart.state == State.PAYING:
        take(cart, Fact.UNKNOWN, why, {}, now)
    if cart.held_for == "call":
        let_go(cart)


def try_later(cart: Cart, problem: str, now: datetime, *, delay_s: float, horizon_s: float) -> None:
    """Asked in vain: count it and look again later. Asked before its time, it neither counts nor moves the schedule."""
    cart.problem = plain_words(problem)
    if cart.next_try_at is None or not now < cart.next_try_at <= now + timedelta(seconds=horizon_s):
        cart.tries += 1
        cart.next_try_at = now + timedelta(seconds=delay_s)


def raise_attention(cart: Cart, why: str, now: datetime) -> None:
    """Ask for people, unless that was done before."""
    if cart.attention is None:
        cart.attention, cart.attention_at = plain_words(why), now


# --- who holds a cart -------------------------------------------------------------------------------------------------


def hold(cart: Cart, purpose: Purpose, now: datetime, lease_s: float) -> None:
    """This process has the cart, for so long."""
    cart.holder, cart.held_for = str(this_process()), purpose
    cart.held_from, cart.held_until = now, now + timedelta(seconds=lease_s)


def let_go(cart: Cart) -> None:
    """Nobody has the cart any more."""
    cart.holder = cart.held_for = cart.held_from = cart.held_until = None


def is_ours(cart: Cart, purpose: Purpose) -> bool:
    """Whether this process has the cart, for this."""
    return cart.holder == str(this_process()) and cart.held_for == purpose


def require_ours(cart: Cart) -> None:
    """Raise NotHeld unless a call of this process has the cart."""
    if not is_ours(cart, "call"):
        raise NotHeld(cart.id)


def is_held(cart: Cart, now: datetime) -> bool:
    """Whether somebody living has the cart.

    A hold that seems to begin in the future by more than its own length was written before the clock went back; it no
    longer counts, so that no jump can lock a cart for longer than two leases.
    """
    if cart.holder is None or cart.held_from is None or cart.held_until is None or known_dead(cart.holder):
        return False
    return cart.held_from - (cart.held_until - cart.held_from) <= now < cart.held_until
