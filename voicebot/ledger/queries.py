"""Which carts are asked for, as queries. Oldest first, unless said otherwise."""

from datetime import datetime, timedelta

from sqlalchemy import Select, and_, func, or_, select

from voicebot.ledger.models import Cart, History
from voicebot.ledger.states import IN_DOUBT, UNSETTLED, State


def by_own_id(own_id: str) -> Select[Cart]:
    """One cart, locked for the transaction where the database locks rows."""
    return select(Cart).where(Cart.id == own_id).with_for_update()


def by_any_id(wanted: str) -> Select[Cart]:
    """One cart by our id, its reference, or the vendor's cartId."""
    return select(Cart).where(or_(Cart.id == wanted.upper(), Cart.reference == wanted, Cart.cart_id == wanted))


def newest() -> Select[Cart]:
    """The newest carts first."""
    return select(Cart).order_by(Cart.recorded_at.desc(), Cart.id)


def for_people(overdue: datetime) -> Select[Cart]:
    """Carts that ask for people, and those in doubt since before `overdue`; the newest first."""
    too_long = and_(Cart.state.in_(IN_DOUBT), Cart.changed_at <= overdue)
    return newest().where(or_(Cart.attention.is_not(None), too_long))


def by_state() -> Select[str, int]:
    """How many carts there are in each state that has any."""
    return select(Cart.state, func.count().label("carts")).group_by(Cart.state)


def count_of(query: Select[Cart]) -> Select[int]:
    """How many carts a query finds."""
    return select(func.count()).select_from(query.order_by(None).subquery())


def doubtful_since() -> Select[datetime]:
    """Since when the oldest unknown outcome is unknown."""
    return select(func.min(Cart.changed_at)).where(Cart.state.in_(IN_DOUBT))


def unsettled() -> Select[Cart]:
    """Carts that must not stay as they are."""
    return _oldest_first().where(Cart.state.in_(UNSETTLED))


CLOCKS_APART_S = 60.0
"""How far the clocks of processes that share a ledger may differ, time between reading and writing included."""


def due(now: datetime, *, horizon_s: float, early: bool) -> Select[Cart]:
    """Carts to be settled or looked at again now, held ones included; see `Ledger.due`."""
    arrived = or_(
        Cart.next_try_at.is_(None),
        Cart.next_try_at <= now,
        Cart.next_try_at > now + timedelta(seconds=horizon_s + CLOCKS_APART_S),
    )
    open_ = Cart.state.in_(UNSETTLED)
    again = and_(Cart.state == State.NOT_PAID, Cart.next_try_at.is_not(None), arrived)
    return _oldest_first().where(or_(open_ if early else and_(open_, arrived), again))


def in_doubt(account_number: str) -> Select[Cart]:
    """Carts of an account of which money may have been taken without our knowing."""
    return _oldest_first().where(Cart.account_number == account_number, Cart.state.in_(IN_DOUBT))


def pending(account_number: str) -> Select[Cart]:
    """Those, and carts that were in doubt and whose caller has not heard how they ended."""
    ended = and_(Cart.caller_waits, Cart.state.in_((State.PAID, State.NOT_PAID, State.DECLINED)))
    return _oldest_first().where(Cart.account_number == account_number, or_(Cart.state.in_(IN_DOUBT), ended))


def paid_since(account_number: str, since: datetime) -> Select[Cart]:
    """Payments of an account that became known after a moment."""
    return _oldest_first().where(
        Cart.account_number == account_number, Cart.state == State.PAID, Cart.changed_at > since
    )


def history(own_id: str) -> Select[History]:
    """Every transition of a cart."""
    return select(History).where(History.cart == own_id).order_by(History.number)


def _oldest_first() -> Select[Cart]:
    return select(Cart).order_by(Cart.recorded_at, Cart.id)
