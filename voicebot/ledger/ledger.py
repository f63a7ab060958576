"""The ledger: what must survive a crash about every cart, and the only way to write it down.

Every method is one transaction: when it returns, the fact is on disk; when it raises `LedgerUnavailable`, say it again
later, for the same fact said twice changes nothing. The methods block for a disk sync; asynchronous code calls them
in a thread.
"""

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from voicebot.ledger import moves, queries, rows
from voicebot.ledger.errors import AccountInDoubt, IllegalTransition, NoSuchCart
from voicebot.ledger.models import Cart
from voicebot.ledger.records import (
    Amounts,
    CartItem,
    CartRecord,
    HistoryRecord,
    Tender,
    check_client_id,
    check_last_four,
    plain_code,
)
from voicebot.ledger.states import Fact, State
from voicebot.ledger.store import Store

CALL_LEASE_S: Final = 900.0
"""How long a call holds its cart without writing to it; only where its process can't be seen to be dead."""

_REFERENCE_TRIES = 8


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
            moves.hold(cart, "call", now, self._call_lease_s)
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
            AccountInDoubt: another payment of the same account is not settled; the same bill could be paid twice.
        """
        check_last_four(last_four)
        now = self._clock()
        with self._store.writing() as session:
            cart = self._locked(session, own_id)
            number = moves.begin_attempt(cart, tender, amounts, last_four, now)
            moves.require_ours(cart)
            moves.hold(cart, "call", now, self._call_lease_s)
            self._store.serialize(session, cart.account_number)
            for other in session.scalars(queries.in_doubt(cart.account_number)):
                if other.id != own_id:
                    raise AccountInDoubt(own_id, other.reference)
            record = rows.cart_record(cart)
        self._begun[own_id, number] = self._monotonic()
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
        with self._changing(own_id) as cart:
            moves.end_call(cart, why, self._clock())
        return rows.cart_record(cart)

    # --- who holds a cart ---------------------------------------------------------------------------------------------

    def renew(self, own_id: str) -> None:
        """The call goes on: its hold lasts for another lease. Needed only for waits near `call_lease_s`."""
        with self._changing(own_id) as cart:
            moves.require_ours(cart)
            moves.hold(cart, "call", self._clock(), self._call_lease_s)

    def claim(self, own_id: str, lease_s: float) -> CartRecord | None:
        """Take the cart for settling; None if a living call or another settler has it.

        Args:
            own_id: the cart.
            lease_s: how long the claim lasts should this process freeze; a dead one loses it at once.
        """
        with self._changing(own_id) as cart:
            now = self._clock()
            if moves.is_held(cart, now):
                return None
            moves.hold(cart, "settle", now, lease_s)
        return rows.cart_record(cart)

    def release(self, own_id: str) -> CartRecord:
        """Give back what `claim` took; nothing if the claim ended meanwhile."""
        with self._changing(own_id) as cart:
            if moves.is_ours(cart, "settle"):
                moves.let_go(cart)
        return rows.cart_record(cart)

    def try_again(
        self,
        own_id: str,
        problem: str,
        *,
        delay_s: float,
        horizon_s: float = 3600.0,
        attention: str = "",
    ) -> CartRecord:
        """The status was asked and settled nothing: count it, and look again later.

        Asked before its time, it neither counts nor moves the schedule.

        Args:
            own_id: the cart.
            problem: why nothing was settled.
            delay_s: when to look again.
            horizon_s: as for `due`.
            attention: when given, people are told of it.
        """
        now = self._clock()
        with self._changing(own_id) as cart:
            moves.try_later(cart, problem, now, delay_s=delay_s, horizon_s=horizon_s)
            if attention:
                moves.raise_attention(cart, attention, now)
        return rows.cart_record(cart)

    def looked_again(self, own_id: str) -> CartRecord:
        """The last look at a cart that was found not paid is done; settling leaves it alone from now on."""
        with self._changing(own_id) as cart:
            cart.next_try_at, cart.problem = None, ""
        return rows.cart_record(cart)

    def acknowledge(self, own_id: str) -> CartRecord:
        """People have seen to it: the cart no longer asks for attention."""
        with self._changing(own_id) as cart:
            cart.attention, cart.attention_at = None, None
        return rows.cart_record(cart)

    def told(self, own_id: str) -> CartRecord:
        """A caller has heard how this payment ended."""
        with self._changing(own_id) as cart:
            cart.caller_waits = False
        return rows.cart_record(cart)

    # --- reading ------------------------------------------------------------------------------------------------------

    def show(self, id_or_reference: str) -> CartRecord:
        """One cart by our id, by its reference, or by the vendor's cartId. Raises NoSuchCart."""
        return self._one(queries.by_any_id(id_or_reference.strip()), id_or_reference)

    def by_reference(self, reference: str) -> CartRecord:
        """One cart by the eight digits that its caller was told. Raises NoSuchCart."""
        return self._one(select(Cart).where(Cart.reference == reference), reference)

    def history(self, own_id: str) -> tuple[HistoryRecord, ...]:
        """Every transition of a cart, oldest first. Raises NoSuchCart."""
        with self._store.reading() as session:
            found = tuple(rows.history_record(row) for row in session.scalars(queries.history(own_id)))
        if not found:
            raise NoSuchCart(own_id)
        return found

    def list(self, *, attention: bool = False, limit: int = 100) -> tuple[CartRecord, ...]:
        """The newest carts first; with `attention`, those that people should look at."""
        return self._many(queries.newest(limit, attention=attention))

    def unsettled(self) -> tuple[CartRecord, ...]:
        """Every cart that must not stay as it is, oldest first, held ones included."""
        return self._many(queries.unsettled())

    def due(self, *, horizon_s: float, early: bool = False, limit: int = 100) -> tuple[CartRecord, ...]:
        """Carts that settling should look at now, oldest first: unsettled or to be looked at again, and held by nobody.

        Args:
            horizon_s: the longest wait ever set; a later date was set by a clock that has since gone back, so the
                cart is due.
            early: unsettled ones are due whenever they are asked for.
            limit: at most so many.
        """
        now = self._clock()
        with self._store.reading() as session:
            found = session.scalars(queries.due(now, horizon_s=horizon_s, early=early))
            free = (cart for cart in found if not moves.is_held(cart, now))
            return tuple(rows.cart_record(cart) for cart in islice(free, limit))

    def pending_for_account(self, account_number: str) -> tuple[CartRecord, ...]:
        """Payments of this account that are in doubt, or were and whose caller has not heard how they ended.

        While one of them is `in_doubt`, take no other payment: tell its reference. Otherwise tell how it ended
        (`paid` with its paymentId; anything else: nothing was charged), then say so with `told`.
        """
        return self._many(queries.pending(account_number))

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
        """Carry out one line of the table, or nothing if it was carried out before with the same values."""
        now = self._clock()
        before = ""
        try:
            with self._changing(own_id) as cart:
                before = cart.state
                if not moves.is_known(cart, fact, values):
                    moves.take(cart, fact, why, values, now, look_again_s=look_again_s)
                    if moves.is_ours(cart, "call"):
                        moves.hold(cart, "call", now, self._call_lease_s)
        except IntegrityError as error:
            raise IllegalTransition(own_id, before, str(fact), "the database refuses it") from error
        if cart.state != State.UNKNOWN and cart.attempts:
            self._begun.pop((own_id, cart.attempts[-1].number), None)
        return rows.cart_record(cart)

    @contextlib.contextmanager
    def _changing(self, own_id: str) -> Iterator[Cart]:
        """One cart, locked; what is done to it in the block is on disk when the block ends."""
        with self._store.writing() as session:
            yield self._locked(session, own_id)

    @staticmethod
    def _locked(session: Session, own_id: str) -> Cart:
        cart = session.scalars(queries.by_own_id(own_id)).one_or_none()
        if cart is None:
            raise NoSuchCart(own_id)
        return cart

    def _one(self, query: Select[Cart], wanted: str) -> CartRecord:
        with self._store.reading() as session:
            cart = session.scalars(query).first()
            if cart is None:
                raise NoSuchCart(wanted)
            return rows.cart_record(cart)

    def _many(self, query: Select[Cart]) -> tuple[CartRecord, ...]:
        with self._store.reading() as session:
            return tuple(rows.cart_record(cart) for cart in session.scalars(query))

    def _tell_people(self, own_id: str, attention: str) -> None:
        with self._changing(own_id) as cart:
            moves.raise_attention(cart, attention, self._clock())

    def _is_recorded(self, own_id: str) -> bool:
        with self._store.reading() as session:
            return session.get(Cart, own_id) is not None
