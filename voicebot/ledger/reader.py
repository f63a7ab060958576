"""What can be asked of the ledger; nothing here writes. Each answer is as of one moment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from sqlalchemy import Select, select

from voicebot.ledger import consents, moves, queries, rows
from voicebot.ledger.consents import Broken, ConsentRecord
from voicebot.ledger.errors import NoSuchCart
from voicebot.ledger.models import Cart
from voicebot.ledger.records import CartRecord, HistoryRecord
from voicebot.ledger.states import State
from voicebot.ledger.store import Store

OVERDUE_S: Final = 3600.0
"""An outcome that is unknown for so long is a matter for people."""


@dataclass(frozen=True, slots=True)
class LedgerCounts:
    """How many carts there are, for gauges and alarms.

    Attributes:
        carts: by state; every state is there, also with none.
        attention: carts that people should look at: those that ask for it, and those in doubt for too long.
        longest_doubt_s: age of the oldest outcome that is not known, in seconds; 0.0 if all are.
    """

    carts: Mapping[State, int]
    attention: int
    longest_doubt_s: float


class LedgerReader:
    """The asking half of `Ledger`."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def now(self) -> datetime:
        """The ledger's idea of the present."""
        return self._clock()

    def show(self, id_or_reference: str) -> CartRecord:
        """One cart by our id, by its reference, or by the vendor's cartId. Raises NoSuchCart."""
        return self._one(queries.by_any_id(id_or_reference.strip()), id_or_reference)

    def by_reference(self, reference: str) -> CartRecord:
        """One cart by the eight digits that its caller was told. Raises NoSuchCart."""
        return self._one(select(Cart).where(Cart.reference == reference), reference)

    def consents(self, reference: str = "") -> tuple[ConsentRecord, ...]:
        """What callers said yes to, oldest first; with a reference, that cart's. Raises NoSuchCart."""
        if reference:
            self.by_reference(reference)
        with self._store.reading() as session:
            return tuple(consents.record(*row) for row in session.execute(consents.rows_of(reference)))

    def broken_consents(self) -> tuple[Broken, ...]:
        """Everything in the chain of consents that is not as it was written; nothing when all is well."""
        with self._store.reading() as session:
            return tuple(consents.broken(session))

    def history(self, own_id: str) -> tuple[HistoryRecord, ...]:
        """Every transition of a cart, oldest first. Raises NoSuchCart."""
        with self._store.reading() as session:
            found = tuple(rows.history_record(row) for row in session.scalars(queries.history(own_id)))
        if not found:
            raise NoSuchCart(own_id)
        return found

    def list(
        self, *, attention: bool = False, overdue_s: float = OVERDUE_S, limit: int = 100
    ) -> tuple[CartRecord, ...]:
        """The newest carts first.

        Args:
            attention: only those that people should look at: those that ask for it, and those in doubt for more than
                `overdue_s` seconds, which says so even where nobody settles any more.
            overdue_s: see `attention`.
            limit: at most so many.
        """
        if attention:
            return self._many(queries.for_people(self._overdue(overdue_s)).limit(limit))
        return self._many(queries.newest().limit(limit))

    def counts(self, *, overdue_s: float = OVERDUE_S) -> LedgerCounts:
        """How many carts there are in each state, and how many need people; see `list` for `overdue_s`."""
        with self._store.reading() as session:
            by_state = {row.state: row.carts for row in session.execute(queries.by_state())}
            attention = session.scalar(queries.count_of(queries.for_people(self._overdue(overdue_s)))) or 0
            doubtful = session.scalar(queries.doubtful_since())
        doubt_s = (self._clock() - doubtful).total_seconds() if doubtful is not None else 0.0
        return LedgerCounts({state: by_state.get(state, 0) for state in State}, attention, max(0.0, doubt_s))

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

    def paid_since(self, account_number: str, since: datetime) -> tuple[CartRecord, ...]:
        """Payments of this account that became known after a moment: a bill of then lists them still. Oldest first."""
        return self._many(queries.paid_since(account_number, since))

    def _overdue(self, overdue_s: float) -> datetime:
        return self._clock() - timedelta(seconds=overdue_s)

    def _one(self, query: Select[Cart], wanted: str) -> CartRecord:
        with self._store.reading() as session:
            cart = session.scalars(query).first()
            if cart is None:
                raise NoSuchCart(wanted)
            return rows.cart_record(cart)

    def _many(self, query: Select[Cart]) -> tuple[CartRecord, ...]:
        with self._store.reading() as session:
            return tuple(rows.cart_record(cart) for cart in session.scalars(query))
