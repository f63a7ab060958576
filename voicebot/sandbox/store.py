"""The sandbox's memory: an SQLite database, in memory or in a file that outlives the process.

Plain sqlite3 on the event loop's thread: each statement takes microseconds, and the sandbox keeps to few concepts.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from voicebot.sandbox.books import Attempt, Books, CartBook, Incident
from voicebot.sandbox.errors import SandboxError
from voicebot.sandbox.messages import CartItem, FeesByTender, TenderType

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS carts (
    cart_id TEXT PRIMARY KEY, client_transaction_id TEXT NOT NULL, created_at TEXT NOT NULL,
    primary_amount TEXT NOT NULL, items TEXT NOT NULL, fees TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS attempts (
    number INTEGER PRIMARY KEY, cart_id TEXT NOT NULL REFERENCES carts, tender_type TEXT NOT NULL,
    last_four TEXT NOT NULL CHECK (length(last_four) <= 4), outcome TEXT NOT NULL, charged TEXT NOT NULL,
    payment_id TEXT UNIQUE, at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS attempts_of_cart ON attempts (cart_id);
CREATE TABLE IF NOT EXISTS incidents (number INTEGER PRIMARY KEY, incident TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


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

    def __init__(self, path: Path | None) -> None:
        """Open the file, or memory if there is no path.

        Raises:
            SandboxError: the file cannot be opened or is not a sandbox's.
        """
        self._where = str(path) if path else ":memory:"
        try:
            self._db = sqlite3.connect(self._where, isolation_level=None)
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        try:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.executescript(_SCHEMA)
        except sqlite3.Error as error:
            self._db.close()
            raise self._unusable(error) from error

    def _unusable(self, error: sqlite3.Error) -> SandboxError:
        return SandboxError(
            f"the sandbox cannot keep its state in {self._where}: {error}. Name a file in a folder that exists and "
            "may be written, or leave the path away to keep the state in memory."
        )

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            yield

    def clear(self) -> None:
        """Forget carts, attempts and incidents; keep the facts."""
        with self.transaction():
            for table in ("attempts", "carts", "incidents"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - the three names above

    # --- facts -------------------------------------------------------------------------------------------------------

    def fact(self, name: str) -> str | None:
        """A named fact, None if it was never set."""
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_fact(self, name: str, value: str) -> None:
        """Set a named fact."""
        self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def next_number(self, name: str) -> int:
        """Count up from 1, also over restarts and resets."""
        number = int(self.fact(name) or 0) + 1
        self.set_fact(name, str(number))
        return number

    # --- carts -------------------------------------------------------------------------------------------------------

    def add_cart(self, cart: StoredCart) -> None:
        """Store a new cart."""
        items = json.dumps([item.model_dump(include=_KEPT_OF_ITEM) for item in cart.items])
        self._db.execute(
            "INSERT INTO carts VALUES (?, ?, ?, ?, ?, ?)",
            (
                cart.cart_id,
                cart.client_transaction_id,
                cart.created_at,
                str(cart.primary),
                items,
                cart.fees.model_dump_json(),
            ),
        )

    def cart(self, cart_id: str) -> StoredCart | None:
        """A cart by its id, None if there is none."""
        row = self._db.execute("SELECT * FROM carts WHERE cart_id = ?", (cart_id,)).fetchone()
        if row is None:
            return None
        return StoredCart(
            cart_id=row[0],
            client_transaction_id=row[1],
            created_at=row[2],
            primary=Decimal(row[3]),
            items=tuple(CartItem.model_validate(item) for item in json.loads(row[4])),
            fees=FeesByTender.model_validate_json(row[5]),
        )

    # --- attempts ----------------------------------------------------------------------------------------------------

    def add_attempt(self, cart_id: str, attempt: Attempt) -> None:
        """Store what came of a try to pay."""
        self._db.execute(
            "INSERT INTO attempts (cart_id, tender_type, last_four, outcome, charged, payment_id, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                cart_id,
                attempt.tender_type,
                attempt.last_four,
                attempt.outcome,
                str(attempt.charged),
                attempt.payment_id,
                attempt.at,
            ),
        )

    def payment_of(self, cart_id: str) -> str | None:
        """The id of the first payment of a cart, None if it is not paid."""
        row = self._db.execute(
            "SELECT payment_id FROM attempts WHERE cart_id = ? AND payment_id IS NOT NULL ORDER BY number",
            (cart_id,),
        ).fetchone()
        return None if row is None else str(row[0])

    def payment(self, payment_id: str) -> tuple[str, Attempt] | None:
        """The cart's id and the attempt that a payment id stands for."""
        row = self._db.execute(f"{_SELECT_ATTEMPTS} WHERE payment_id = ?", (payment_id,)).fetchone()
        return None if row is None else (str(row[0]), _attempt(row))

    def books(self) -> Books:
        """Every cart with its attempts."""
        attempts: dict[str, list[Attempt]] = {}
        for row in self._db.execute(f"{_SELECT_ATTEMPTS} ORDER BY number"):
            attempts.setdefault(row[0], []).append(_attempt(row))
        rows = self._db.execute(
            "SELECT cart_id, client_transaction_id, created_at, primary_amount FROM carts ORDER BY rowid"
        )
        return Books(
            carts=tuple(
                CartBook(
                    cart_id=row[0],
                    client_transaction_id=row[1],
                    created_at=row[2],
                    primary=Decimal(row[3]),
                    attempts=tuple(attempts.get(row[0], ())),
                )
                for row in rows
            )
        )

    # --- incidents ---------------------------------------------------------------------------------------------------

    def add_incident(self, incident: Incident) -> None:
        """Store an incident."""
        self._db.execute("INSERT INTO incidents (incident) VALUES (?)", (incident.model_dump_json(),))

    def incidents(self) -> tuple[Incident, ...]:
        """Every incident, in order."""
        rows = self._db.execute("SELECT incident FROM incidents ORDER BY number")
        return tuple(Incident.model_validate_json(row[0]) for row in rows)


_SELECT_ATTEMPTS: Final = "SELECT cart_id, tender_type, last_four, outcome, charged, payment_id, at FROM attempts"
# What the client says about an item beyond this is never answered, so it is not kept either.
_KEPT_OF_ITEM: Final = {"clientItemId", "description", "amount", "type", "fundCategory"}


def _attempt(row: tuple[str, ...]) -> Attempt:
    return Attempt(
        tender_type=TenderType(row[1]).value,
        last_four=row[2],
        outcome=row[3],
        charged=Decimal(row[4]),
        payment_id=row[5],
        at=row[6],
    )
