"""The ledger: what must survive a crash about every cart, and the only way to write it down.

Every method is one transaction: when it returns, the fact is on disk; when it raises `LedgerUnavailable`, say it again
later, for the same fact said twice changes nothing. The methods block for a disk sync; asynchronous code calls them
in a thread.
"""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from voicebot.ledger import rows
from voicebot.ledger.errors import IllegalTransition, NoSuchCart, NotHeld
from voicebot.ledger.holder import Purpose, known_dead, this_process
from voicebot.ledger.models import Cart, History
from voicebot.ledger.records import (
    Amounts,
    CartItem,
    CartRecord,
    HistoryRecord,
    Outcome,
    Tender,
    check_client_id,
    check_last_four,
    plain_code,
    plain_words,
)
from voicebot.ledger.states import IN_DOUBT, TABLE, UNSETTLED, Fact, State
from voicebot.ledger.store import Store

CALL_LEASE_S: Final = 900.0
"""How long a call holds its cart without writing to it; only where its process can't be seen to be dead."""

_REFERENCE_TRIES = 8
_OUTCOMES: Mapping[Fact, Outcome] = {
    Fact.PAID: "paid",
    Fact.DECLINED: "declined",
    Fact.NOT_SENT: "not_sent",
    Fact.UNKNOWN: "unknown",
    Fact.NOT_PAID: "not_paid",
}


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


class Ledger:
    """Carts, attempts and outcomes on disk. Safe to share between threads; other processes open their own.

    A call *holds* its cart from `record_cart` to `call_ended`; settling leaves held carts alone.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        call_lease_s: float = CALL_LEASE_S,
    ) -> None:
        self._store = store
        self._clock = clock
        self._monotonic = monotonic
        self._call_lease_s = call_lease_s
        self._begun: dict[tuple[str, int], float] = {}  # attempts of this process, on the clock that never jumps

    @classmethod
    def open(
        cls,
        url: str,
        *,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        busy_timeout_s: float = 5.0,
        call_lease_s: float = CALL_LEASE_S,
    ) -> "Ledger":
        """Open the ledger at `sqlite:///file` or `postgresql://…`, upgrading its schema if need be.

        Args:
            url: where it is kept.
            clock: gives the present time, aware.
            monotonic: seconds on a clock that never jumps.
            busy_timeout_s: how long to wait for another process's transaction.
            call_lease_s: see `CALL_LEASE_S`.

        Raises:
            ValueError: no such kind of URL.
            LedgerUnavailable, LedgerTooNew: in words that say what to do.
        """
        store = Store.open(url, busy_timeout_s=busy_timeout_s)
        return cls(store, clock=clock, monotonic=monotonic, call_lease_s=call_lease_s)

    def close(self) -> None:
        """Close the database. Twice is fine."""
        self._store.close()

    def now(self) -> datetime:
        """The ledger's idea of the present."""
        return self._clock()

    # --- what happens in a call ---------------------------------------------------------------------------------------

    def record_cart(
        self, account_number: str, items: Sequence[CartItem], *, client_transaction_id: str | None = None
    ) -> CartRecord:
        """Write down that a cart is about to be created, before the request leaves. The call holds it from here on.

        Args:
            account_number: the account at the agency whose bill is paid.
            items: what is to be paid for, at least one.
            client_transaction_id: our id; made here if not given.
        """
        if not items:
            raise ValueError("a cart has at least one item")
        own_id = check_client_id(client_transaction_id or secrets.token_hex(8).upper())
        now = self._clock()
        for tries_left in reversed(range(_REFERENCE_TRIES)):
            cart = rows.new_cart(own_id, f"{secrets.randbelow(10**8):08}", account_number, items, now)
            self._hold(cart, "call", self._call_lease_s)
            try:
                with self._store.writing() as session:
                    session.add(cart)
                    session.flush()
                    return rows.cart_record(cart)
            except IntegrityError as error:
                if not tries_left or self._is_recorded(own_id):
                    raise IllegalTransition(own_id, "nothing", "record_cart", "this id was used before") from error
        raise AssertionError("unreachable: the last try returns or raises")  # pragma: no cover

    def cart_created(self, own_id: str, cart_id: str, fees: Mapping[str, Amounts]) -> CartRecord:
        """The vendor made the cart: keep its id and what each tender type costs."""
        if not cart_id:
            raise ValueError("a created cart has a cartId")
        kept = {tender: rows.amounts_to_json(amounts) for tender, amounts in fees.items()}
        return self._take(own_id, Fact.CART_CREATED, "cart created", cart_id=cart_id, fees=kept)

    def cart_refused(self, own_id: str, why: str, *, error_code: str = "") -> CartRecord:
        """The vendor answered that it makes no such cart."""
        return self._take(own_id, Fact.CART_REFUSED, why, error_code=plain_code(error_code))

    def paying(self, own_id: str, tender: Tender, amounts: Amounts, last_four: str) -> CartRecord:
        """A payment request is about to leave. When this has returned, send it; if it raised, do not.

        Raises:
            IllegalTransition: the cart is paid, in doubt, or over.
            NotHeld: the call lost the cart to settling.
        """
        check_last_four(last_four)
        now = self._clock()
        with self._store.writing() as session:
            cart = self._locked(session, own_id)
            self._move(cart, Fact.PAYING, f"{tender} sent", now)
            if cart.holder != str(this_process()) or cart.held_for != "call":
                raise NotHeld(own_id)
            cart.tries, cart.next_try_at, cart.problem = 0, None, ""
            self._hold(cart, "call", self._call_lease_s)
            attempt = rows.new_attempt(len(cart.attempts) + 1, tender, amounts, last_four, now)
            cart.attempts.append(attempt)
            session.flush()
            record = rows.cart_record(cart)
        self._begun[own_id, attempt.number] = self._monotonic()
        return record

    def paid(self, own_id: str, payment_id: str) -> CartRecord:
        """The vendor said that the cart is paid, in its answer or as its status.

        Raises:
            IllegalTransition: it can't be, or not by this payment; people are told of the cart as well.
        """
        if not payment_id:
            raise ValueError("a paid cart has a paymentId")
        try:
            return self._take(own_id, Fact.PAID, "paid", payment_id=payment_id)
        except IllegalTransition:
            self._tell_people(own_id, "the vendor names a payment that this cart cannot have")
            raise

    def declined(self, own_id: str, error_code: str) -> CartRecord:
        """The vendor refused the tender: nothing was charged."""
        return self._take(own_id, Fact.DECLINED, "tender refused", error_code=plain_code(error_code))

    def not_sent(self, own_id: str, why: str) -> CartRecord:
        """The payment request provably never left: nothing was charged, and the cart is as before."""
        return self._take(own_id, Fact.NOT_SENT, why)

    def unknown(self, own_id: str, why: str) -> CartRecord:
        """The payment request left and no answer can be trusted."""
        return self._take(own_id, Fact.UNKNOWN, why)

    def not_paid(self, own_id: str, why: str = "status asked: not paid", *, look_again_s: float = 0.0) -> CartRecord:
        """The status was asked after an unknown outcome, late enough to be believed: nothing is charged.

        Args:
            own_id: the cart.
            why: how that is known.
            look_again_s: when above 0, settling asks once more after so many seconds.
        """
        return self._take(own_id, Fact.NOT_PAID, why, look_again_s=look_again_s)

    def abandoned(self, own_id: str, why: str) -> CartRecord:
        """No tender was charged and none will be."""
        return self._take(own_id, Fact.ABANDONED, why)

    def call_ended(self, own_id: str, why: str) -> CartRecord:
        """The call is over, however it went: always allowed, and always right.

        A cart that was never charged is abandoned, a payment under way becomes unknown and is due for settling at
        once, everything else stays as it is. The call's hold ends.
        """
        now = self._clock()
        with self._store.writing() as session:
            cart = self._locked(session, own_id)
            if Fact.ABANDONED in TABLE[State(cart.state)]:
                self._move(cart, Fact.ABANDONED, why, now)
            elif cart.state == State.PAYING:
                self._move(cart, Fact.UNKNOWN, why, now)
                self._end_attempt(cart, Fact.UNKNOWN, now)
            if cart.held_for == "call":
                rows.let_go(cart)
            session.flush()
            return rows.cart_record(cart)

    # --- who holds a cart ---------------------------------------------------------------------------------------------

    def renew(self, own_id: str) -> None:
        """The call goes on: its hold lasts for another lease. Needed only for waits near `call_lease_s`."""
        with self._store.writing() as session:
            cart = self._locked(session, own_id)
            if cart.holder != str(this_process()) or cart.held_for != "call":
                raise NotHeld(own_id)
            self._hold(cart, "call", self._call_lease_s)

    def claim(self, own_id: str, lease_s: float) -> CartRecord | None:
        """Take the cart for settling; None if a living call or another settler has it.

        Args:
            own_id: the cart.
            lease_s: how long the claim lasts should this process freeze; a dead one loses it at once.
        """
        with self._store.writing() as session:
            cart = self._locked(session, own_id)
            if self._is_held(cart, self._clock()):
                return None
            self._hold(cart, "settle", lease_s)
            session.flush()
            return rows.cart_record(cart)

    def release(self, own_id: str) -> None:
        """Give back what `claim` took; nothing if the claim ended meanwhile."""
        with self._store.writing() as session:
            cart = self._locked(session, own_id)
            if cart.holder == str(this_process()) and cart.held_for == "settle":
                rows.let_go(cart)

    def try_again(
        self,
        own_id: str,
        problem: str,
        *,
        delay_s: float,
        horizon_s: float = 3600.0,
        attention: str = "",
        forget: bool = False,
    ) -> CartRecord:
        """The status was asked and settled nothing: count it, and look again later.

        Asked before its time, it neither counts nor moves the schedule.

        Args:
            own_id: the cart.
            problem: why nothing was settled.
            delay_s: when to look again.
            horizon_s: as for `due`.
            attention: when given, people are told of it.
            forget: do not look again at all.
        """
        now = self._clock()
        with self._store.writing() as session:
            cart = self._locked(session, own_id)
            cart.problem = plain_words(problem)
            if forget:
                cart.next_try_at = None
            elif cart.next_try_at is None or not now < cart.next_try_at <= now + timedelta(seconds=horizon_s):
                cart.tries += 1
                cart.next_try_at = now + timedelta(seconds=delay_s)
            if attention and cart.attention is None:
                cart.attention, cart.attention_at = plain_words(attention), now
            session.flush()
            return rows.cart_record(cart)

    def acknowledge(self, own_id: str) -> CartRecord:
        """People have seen to it: the cart no longer asks for attention."""
        with self._store.writing() as session:
            cart = self._locked(session, own_id)
            cart.attention, cart.attention_at = None, None
            session.flush()
            return rows.cart_record(cart)

    def told(self, own_id: str) -> CartRecord:
        """A caller has heard how this payment ended."""
        with self._store.writing() as session:
            cart = self._locked(session, own_id)
            cart.caller_waits = False
            session.flush()
            return rows.cart_record(cart)

    # --- reading ------------------------------------------------------------------------------------------------------

    def show(self, id_or_reference: str) -> CartRecord:
        """One cart by our id, by its reference, or by the vendor's cartId. Raises NoSuchCart."""
        wanted = id_or_reference.strip()
        with self._store.reading() as session:
            match = or_(Cart.id == wanted.upper(), Cart.reference == wanted, Cart.cart_id == wanted)
            cart = session.scalars(select(Cart).where(match)).one_or_none()
            if cart is None:
                raise NoSuchCart(wanted)
            return rows.cart_record(cart)

    def by_reference(self, reference: str) -> CartRecord:
        """One cart by the eight digits that its caller was told. Raises NoSuchCart."""
        return self._one(Cart.reference == reference, reference)

    def history(self, own_id: str) -> tuple[HistoryRecord, ...]:
        """Every transition of a cart, oldest first. Raises NoSuchCart."""
        with self._store.reading() as session:
            found = session.scalars(select(History).where(History.cart == own_id).order_by(History.number)).all()
            if not found:
                raise NoSuchCart(own_id)
            return tuple(rows.history_record(row) for row in found)

    def list(self, *, attention: bool = False, limit: int = 100) -> tuple[CartRecord, ...]:
        """The newest carts first; with `attention`, those that people should look at."""
        query = select(Cart).order_by(Cart.recorded_at.desc(), Cart.id).limit(limit)
        if attention:
            query = query.where(Cart.attention.is_not(None))
        with self._store.reading() as session:
            return tuple(rows.cart_record(cart) for cart in session.scalars(query))

    def unsettled(self) -> tuple[CartRecord, ...]:
        """Every cart that must not stay as it is, oldest first, held ones included."""
        query = select(Cart).where(Cart.state.in_(UNSETTLED)).order_by(Cart.recorded_at, Cart.id)
        with self._store.reading() as session:
            return tuple(rows.cart_record(cart) for cart in session.scalars(query))

    def due(self, *, horizon_s: float, early: bool = False, limit: int = 100) -> tuple[CartRecord, ...]:
        """Carts that settling should look at now, oldest first: unsettled or to be looked at again, and held by nobody.

        Args:
            horizon_s: the longest wait ever set; a later date was set by a clock that has since gone back, so the
                cart is due.
            early: unsettled ones are due whenever they are asked for.
            limit: at most so many.
        """
        now = self._clock()
        arrived = or_(
            Cart.next_try_at.is_(None),
            Cart.next_try_at <= now,
            Cart.next_try_at > now + timedelta(seconds=horizon_s),
        )
        again = and_(Cart.state == State.NOT_PAID, Cart.next_try_at.is_not(None))
        unsettled = Cart.state.in_(UNSETTLED)
        wanted = or_(unsettled, and_(again, arrived)) if early else and_(or_(unsettled, again), arrived)
        query = select(Cart).where(wanted).order_by(Cart.recorded_at, Cart.id)
        with self._store.reading() as session:
            free = (cart for cart in session.scalars(query) if not self._is_held(cart, now))
            return tuple(rows.cart_record(cart) for cart in islice(free, limit))

    def pending_for_account(self, account_number: str) -> tuple[CartRecord, ...]:
        """Payments of this account that are in doubt, or were and whose caller has not heard how they ended.

        While one of them is `in_doubt`, take no other payment: tell its reference. Otherwise tell how it ended
        (`paid` with its paymentId; anything else: nothing was charged), then say so with `told`.
        """
        waiting = and_(Cart.caller_waits, Cart.state.in_((State.PAID, State.NOT_PAID, State.DECLINED)))
        query = (
            select(Cart)
            .where(Cart.account_number == account_number, or_(Cart.state.in_(IN_DOUBT), waiting))
            .order_by(Cart.recorded_at, Cart.id)
        )
        with self._store.reading() as session:
            return tuple(rows.cart_record(cart) for cart in session.scalars(query))

    def attempt_age_s(self, cart: CartRecord) -> float:
        """Seconds since the cart's last payment request began; negative if the wall clock has gone back since.

        An attempt of this process is measured on the clock that never jumps.
        """
        attempt = cart.attempt
        if attempt is None:
            raise ValueError(f"cart {cart.id} has no attempt")
        begun = self._begun.get((cart.id, attempt.number))
        if begun is not None:
            return self._monotonic() - begun
        return (self._clock() - attempt.started_at).total_seconds()

    # --- how it is done -----------------------------------------------------------------------------------------------

    def _take(self, own_id: str, fact: Fact, why: str, *, look_again_s: float = 0.0, **values: Any) -> CartRecord:
        """Carry out one line of the table, with the values that this fact brings."""
        now = self._clock()
        was: State | None = None
        try:
            with self._store.writing() as session:
                cart = self._locked(session, own_id)
                if self._is_known(cart, fact, values):
                    return rows.cart_record(cart)
                was = State(cart.state)
                self._move(cart, fact, why, now)
                for name, value in values.items():
                    setattr(cart, name, value)
                if was in (State.PAYING, State.UNKNOWN, State.NOT_PAID):
                    self._end_attempt(cart, fact, now)
                    self._after_doubt(cart, was, now, look_again_s)
                if cart.held_for == "call" and cart.holder == str(this_process()):
                    self._hold(cart, "call", self._call_lease_s)
                session.flush()
                return rows.cart_record(cart)
        except IntegrityError as error:
            raise IllegalTransition(own_id, str(was), str(fact), "the database refuses it") from error

    @staticmethod
    def _is_known(cart: Cart, fact: Fact, values: Mapping[str, Any]) -> bool:
        """Whether this is the fact that brought the cart here, said again."""
        if fact is Fact.NOT_SENT and not (cart.attempts and cart.attempts[-1].outcome == "not_sent"):
            return False
        arrives = {facts[fact] for facts in TABLE.values() if fact in facts}
        return cart.state in arrives and all(getattr(cart, name) == value for name, value in values.items())

    @staticmethod
    def _move(cart: Cart, fact: Fact, why: str, now: datetime) -> None:
        after = TABLE[State(cart.state)].get(fact)
        if after is None:
            hint = "another paymentId is known already" if (cart.state, fact) == (State.PAID, Fact.PAID) else ""
            raise IllegalTransition(cart.id, cart.state, str(fact), hint)
        cart.state, cart.why, cart.changed_at = after, plain_words(why), now

    def _end_attempt(self, cart: Cart, fact: Fact, now: datetime) -> None:
        attempt = cart.attempts[-1]
        attempt.outcome, attempt.ended_at = _OUTCOMES[fact], now
        attempt.error_code = cart.error_code if fact is Fact.DECLINED else ""
        attempt.payment_id = cart.payment_id or ""
        if fact is Fact.UNKNOWN:
            cart.caller_waits = True
            cart.tries, cart.next_try_at, cart.problem = 0, None, ""
        else:
            self._begun.pop((cart.id, attempt.number), None)

    @staticmethod
    def _after_doubt(cart: Cart, was: State, now: datetime, look_again_s: float) -> None:
        if cart.state == State.UNKNOWN:
            return
        cart.tries, cart.problem = 0, ""
        cart.next_try_at = now + timedelta(seconds=look_again_s) if look_again_s > 0 else None
        if was is State.NOT_PAID and cart.state == State.PAID:
            cart.caller_waits = True
            cart.attention, cart.attention_at = "paid after it had been found not paid", now
        elif was is State.UNKNOWN:
            cart.attention, cart.attention_at = None, None

    def _tell_people(self, own_id: str, attention: str) -> None:
        with self._store.writing() as session:
            cart = self._locked(session, own_id)
            cart.attention, cart.attention_at = attention, self._clock()

    def _hold(self, cart: Cart, purpose: Purpose, lease_s: float) -> None:
        now = self._clock()
        cart.holder, cart.held_for = str(this_process()), purpose
        cart.held_from, cart.held_until = now, now + timedelta(seconds=lease_s)

    @staticmethod
    def _is_held(cart: Cart, now: datetime) -> bool:
        """Whether somebody living holds the cart.

        A hold that seems to begin in the future by more than its own length was written before the clock went back; it
        no longer counts, so that no jump can lock a cart for longer than two leases.
        """
        if cart.holder is None or cart.held_from is None or cart.held_until is None or known_dead(cart.holder):
            return False
        return cart.held_from - (cart.held_until - cart.held_from) <= now < cart.held_until

    @staticmethod
    def _locked(session: Session, own_id: str) -> Cart:
        cart = session.scalars(select(Cart).where(Cart.id == own_id).with_for_update()).one_or_none()
        if cart is None:
            raise NoSuchCart(own_id)
        return cart

    def _one(self, condition: ColumnElement[bool], wanted: str) -> CartRecord:
        with self._store.reading() as session:
            cart = session.scalars(select(Cart).where(condition)).one_or_none()
            if cart is None:
                raise NoSuchCart(wanted)
            return rows.cart_record(cart)

    def _is_recorded(self, own_id: str) -> bool:
        with self._store.reading() as session:
            return session.get(Cart, own_id) is not None
