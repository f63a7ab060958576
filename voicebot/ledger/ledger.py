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
from typing import Any, Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from voicebot.ledger import consents, moves, queries, rows
from voicebot.ledger.consents import ConsentGiven
from voicebot.ledger.errors import AccountInDoubt, AlreadyPaid, IllegalTransition, NoSuchCart
from voicebot.ledger.models import Cart
from voicebot.ledger.reader import LedgerReader
from voicebot.ledger.records import (
    Amounts,
    CartItem,
    CartRecord,
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


class Ledger(LedgerReader):
    """Carts, attempts and outcomes on disk. Safe to share between threads; other processes open their own.

    This half writes; what can be asked is in `LedgerReader`. A call *holds* its cart from `record_cart` to
    `call_ended`; settling leaves held carts alone.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        call_lease_s: float = CALL_LEASE_S,
    ) -> None:
        super().__init__(store, clock)
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

    def paying(
        self, own_id: str, tender: Tender, amounts: Amounts, last_four: str, *, consent: ConsentGiven | None = None
    ) -> CartRecord:
        """A payment request is about to leave. When this has returned, send it; if it raised, do not.

        Args:
            own_id: the cart.
            tender: what it is paid with.
            amounts: as the API gave them for it.
            last_four: of the tender.
            consent: the caller's yes, written in the same transaction; a call always has one.

        Raises:
            IllegalTransition: the cart is paid, in doubt, or over.
            NotHeld: the call lost the cart to settling.
            AccountInDoubt: another payment of the same account is not settled; the same bill could be paid twice.
            AlreadyPaid: another call has paid an item of this cart since the cart was recorded.
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
            for other in session.scalars(queries.paid_since(cart.account_number, cart.recorded_at)):
                if moves.same_item(cart, other):
                    raise AlreadyPaid(own_id, other.reference)
            if consent is not None:
                self._store.serialize(session, "consents")
                consents.append(session, cart, consent, now)
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

    def _tell_people(self, own_id: str, attention: str) -> None:
        with self._changing(own_id) as cart:
            moves.raise_attention(cart, attention, self._clock())

    def _is_recorded(self, own_id: str) -> bool:
        with self._store.reading() as session:
            return session.get(Cart, own_id) is not None
