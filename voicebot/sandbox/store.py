"""The sandbox's memory: SQLite, in memory or in a file that outlives the process, or a PostgreSQL database.

Plain statements on the event loop's thread: each takes less than a millisecond, and the sandbox keeps to few concepts.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    URL,
    CheckConstraint,
    Column,
    Connection,
    Engine,
    ForeignKey,
    Integer,
    MetaData,
    StaticPool,
    Table,
    Text,
    create_engine,
    delete,
    insert,
    inspect,
    make_url,
    select,
)
from sqlalchemy.exc import SQLAlchemyError

from voicebot.sandbox.books import Attempt, Books, CartBook, Incident
from voicebot.sandbox.errors import SandboxError
from voicebot.sandbox.messages import CartItem, FeesByTender, TenderType

_METADATA: Final = MetaData()
_CARTS: Final = Table(
    "carts",
    _METADATA,
    Column("number", Integer, primary_key=True),
    Column("cart_id", Text, nullable=False, unique=True),
    Column("client_transaction_id", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("primary_amount", Text, nullable=False),
    Column("items", Text, nullable=False),
    Column("fees", Text, nullable=False),
)
_ATTEMPTS: Final = Table(
    "attempts",
    _METADATA,
    Column("number", Integer, primary_key=True),
    Column("cart_id", Text, ForeignKey("carts.cart_id"), nullable=False, index=True),
    Column("tender_type", Text, nullable=False),
    Column("last_four", Text, CheckConstraint("length(last_four) <= 4"), nullable=False),
    Column("outcome", Text, nullable=False),
    Column("charged", Text, nullable=False),
    Column("payment_id", Text, unique=True),
    Column("at", Text, nullable=False),
)
_INCIDENTS: Final = Table(
    "incidents",
    _METADATA,
    Column("number", Integer, primary_key=True),
    Column("incident", Text, nullable=False),
)
_FACTS: Final = Table(
    "facts",
    _METADATA,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class StoredCart:
    """A cart as it was handed off, with what each tender type costs."""

    cart_id: str
    client_transaction_id: str
    created_at: str
    primary: Decimal
    items: tuple[CartItem, ...]
    fees: FeesByTender


class Store:
    """Carts, attempts, incidents and a few named facts."""

    def __init__(self, where: Path | str | None) -> None:
        """Open a file or the database of a URL, or memory if neither is given.

        Raises:
            SandboxError: it cannot be opened or is not a sandbox's.
        """
        try:
            self._engine = _engine(where)
            self._db = self._open()
        except (SQLAlchemyError, ImportError, ValueError) as error:
            why = str(getattr(error, "orig", error)).strip().partition("\n")[0]
            raise SandboxError(
                f"the sandbox cannot keep its state in {_name(where)}: {why}. Name a file in a folder that exists and "
                "may be written, or the URL of a PostgreSQL database that runs; without either the state is in memory."
            ) from None

    def _open(self) -> Connection:
        try:
            connection = self._engine.connect()
            _METADATA.create_all(connection)
            self._check(connection)
        except BaseException:
            self._engine.dispose()
            raise
        return connection

    @staticmethod
    def _check(connection: Connection) -> None:
        found = {column["name"] for column in inspect(connection).get_columns("carts")}
        if found != set(_CARTS.columns.keys()):
            raise SQLAlchemyError("its tables are not those of this version")

    def close(self) -> None:
        """Close the database."""
        self._db.close()
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Outside of one each statement is one by itself."""
        self._db.exec_driver_sql("BEGIN")
        try:
            yield
        except BaseException:
            self._db.exec_driver_sql("ROLLBACK")
            raise
        self._db.exec_driver_sql("COMMIT")

    def clear(self) -> None:
        """Forget carts, attempts and incidents; keep the facts."""
        with self.transaction():
            for table in (_ATTEMPTS, _CARTS, _INCIDENTS):
                self._db.execute(delete(table))

    # --- facts -------------------------------------------------------------------------------------------------------

    def fact(self, name: str) -> str | None:
        """A named fact, None if it was never set."""
        return self._db.execute(select(_FACTS.c.value).where(_FACTS.c.name == name)).scalar()

    def set_fact(self, name: str, value: str) -> None:
        """Set a named fact."""
        changed = self._db.execute(_FACTS.update().where(_FACTS.c.name == name).values(value=value))
        if not changed.rowcount:
            self._db.execute(insert(_FACTS).values(name=name, value=value))

    def next_number(self, name: str) -> int:
        """Count up from 1, also over restarts and resets."""
        number = int(self.fact(name) or 0) + 1
        self.set_fact(name, str(number))
        return number

    # --- carts -------------------------------------------------------------------------------------------------------

    def add_cart(self, cart: StoredCart) -> None:
        """Store a new cart."""
        self._db.execute(
            insert(_CARTS).values(
                cart_id=cart.cart_id,
                client_transaction_id=cart.client_transaction_id,
                created_at=cart.created_at,
                primary_amount=str(cart.primary),
                items=json.dumps([item.model_dump(include=_KEPT_OF_ITEM) for item in cart.items]),
                fees=cart.fees.model_dump_json(),
            )
        )

    def cart(self, cart_id: str) -> StoredCart | None:
        """A cart by its id, None if there is none."""
        row = self._db.execute(select(_CARTS).where(_CARTS.c.cart_id == cart_id)).one_or_none()
        if row is None:
            return None
        return StoredCart(
            cart_id=row.cart_id,
            client_transaction_id=row.client_transaction_id,
            created_at=row.created_at,
            primary=Decimal(row.primary_amount),
            items=tuple(CartItem.model_validate(item) for item in json.loads(row.items)),
            fees=FeesByTender.model_validate_json(row.fees),
        )

    # --- attempts ----------------------------------------------------------------------------------------------------

    def add_attempt(self, cart_id: str, attempt: Attempt) -> None:
        """Store what came of a try to pay."""
        self._db.execute(
            insert(_ATTEMPTS).values(
                cart_id=cart_id,
                tender_type=attempt.tender_type,
                last_four=attempt.last_four,
                outcome=attempt.outcome,
                charged=str(attempt.charged),
                payment_id=attempt.payment_id,
                at=attempt.at,
            )
        )

    def payment_of(self, cart_id: str) -> str | None:
        """The id of the first payment of a cart, None if it is not paid."""
        paid = (_ATTEMPTS.c.cart_id == cart_id) & _ATTEMPTS.c.payment_id.is_not(None)
        return self._db.execute(
            select(_ATTEMPTS.c.payment_id).where(paid).order_by(_ATTEMPTS.c.number).limit(1)
        ).scalar()

    def payment(self, payment_id: str) -> tuple[str, Attempt] | None:
        """The cart's id and the attempt that a payment id stands for."""
        row = self._db.execute(select(_ATTEMPTS).where(_ATTEMPTS.c.payment_id == payment_id)).one_or_none()
        return None if row is None else (str(row.cart_id), _attempt(row))

    def books(self) -> Books:
        """Every cart with its attempts."""
        attempts: dict[str, list[Attempt]] = {}
        for row in self._db.execute(select(_ATTEMPTS).order_by(_ATTEMPTS.c.number)):
            attempts.setdefault(row.cart_id, []).append(_attempt(row))
        rows = self._db.execute(select(_CARTS).order_by(_CARTS.c.number))
        return Books(
            carts=tuple(
                CartBook(
                    cart_id=row.cart_id,
                    client_transaction_id=row.client_transaction_id,
                    created_at=row.created_at,
                    primary=Decimal(row.primary_amount),
                    attempts=tuple(attempts.get(row.cart_id, ())),
                )
                for row in rows
            )
        )

    # --- incidents ---------------------------------------------------------------------------------------------------

    def add_incident(self, incident: Incident) -> None:
        """Store an incident."""
        self._db.execute(insert(_INCIDENTS).values(incident=incident.model_dump_json()))

    def incidents(self) -> tuple[Incident, ...]:
        """Every incident, in order."""
        rows = self._db.execute(select(_INCIDENTS.c.incident).order_by(_INCIDENTS.c.number))
        return tuple(Incident.model_validate_json(row.incident) for row in rows)


# What the client says about an item beyond this is never answered, so it is not kept either.
_KEPT_OF_ITEM: Final = {"clientItemId", "description", "amount", "type", "fundCategory"}


def _attempt(row: Any) -> Attempt:
    return Attempt(
        tender_type=TenderType(row.tender_type).value,
        last_four=row.last_four,
        outcome=row.outcome,
        charged=Decimal(row.charged),
        payment_id=row.payment_id,
        at=row.at,
    )


def _is_url(where: Path | str | None) -> bool:
    return isinstance(where, str) and "://" in where


def _name(where: Path | str | None) -> str:
    """Of a URL only what kind it is: it may have a password in it."""
    return f"this {str(where).partition(':')[0]} database" if _is_url(where) else str(where or "memory")


def _engine(where: Path | str | None) -> Engine:
    url = make_url(str(where)) if _is_url(where) else URL.create("sqlite", database=str(where) if where else None)
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    elif url.get_backend_name() != "sqlite":
        raise ValueError("it is neither SQLite nor PostgreSQL")
    engine = create_engine(url, isolation_level="AUTOCOMMIT", hide_parameters=True, poolclass=StaticPool)
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            connection.exec_driver_sql("PRAGMA synchronous = NORMAL")
    return engine
