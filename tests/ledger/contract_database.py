"""What every database enforces by itself, past the ledger's own code."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from tests.ledger.any_store import AnyStore, in_state
from voicebot.ledger import CartRecord, Ledger, State
from voicebot.ledger.states import moves


class DatabaseContract(AnyStore):
    def test_the_database_allows_the_moves_of_the_table_and_no_other(self, ledger: Ledger, engine: Engine) -> None:
        allowed = set()
        for before in State:
            cart = in_state(ledger, before, account=f"of-{before}")
            for after in State:
                if before is not after and self._database_allows(engine, cart, after):
                    allowed.add((before, after))
        assert allowed == moves()

    def _database_allows(self, engine: Engine, cart: CartRecord, after: State) -> bool:
        """Whether a bare UPDATE to that state would do; it is never committed."""
        payment_id = "Z-any" if after is State.PAID else None
        cart_id = cart.cart_id or "any"
        with engine.connect() as connection:
            try:
                connection.execute(
                    text("UPDATE ledger_carts SET state = :after, payment_id = :paid, cart_id = :cart WHERE id = :id"),
                    {"after": after.value, "paid": payment_id, "cart": cart_id, "id": cart.id},
                )
            except IntegrityError as refusal:
                if "cannot move so" not in str(refusal):
                    raise
                return False
        return True

    @pytest.mark.parametrize(
        ("statement", "words"),
        [
            ("UPDATE ledger_history SET why = 'rewritten'", "never changes"),
            ("DELETE FROM ledger_history", "never deleted"),
            ("DELETE FROM ledger_attempts", "never deleted"),
            ("DELETE FROM ledger_carts", "never deleted"),
            ("UPDATE ledger_carts SET reference = '1'", "identifies"),
            ("UPDATE ledger_carts SET account_number = '1'", "identifies"),
            ("UPDATE ledger_carts SET items = '[]'", "identifies"),
            ("UPDATE ledger_carts SET cart_id = 'other'", "identifies"),
            ("UPDATE ledger_carts SET cart_id = NULL", "identifies"),
            ("UPDATE ledger_attempts SET total = '0.01'", "identifies"),
            ("UPDATE ledger_attempts SET last_four = '2222'", "identifies"),
            ("UPDATE ledger_carts SET payment_id = NULL", "paid_has_payment_id"),
        ],
    )
    def test_the_database_keeps_what_was_written(
        self, ledger: Ledger, engine: Engine, statement: str, words: str
    ) -> None:
        in_state(ledger, State.PAID)
        with engine.connect() as connection, pytest.raises(IntegrityError, match=words):
            connection.execute(text(statement))

    def test_the_database_writes_the_history_of_whoever_moves_a_cart(self, ledger: Ledger, engine: Engine) -> None:
        cart = in_state(ledger, State.CREATED)
        with engine.begin() as connection:
            connection.execute(text("UPDATE ledger_carts SET state = 'abandoned', why = 'by hand'"))
        assert [(step.after, step.why) for step in ledger.history(cart.id)][-1] == (State.ABANDONED, "by hand")

    def test_a_cart_begins_as_recorded(self, ledger: Ledger, engine: Engine) -> None:
        in_state(ledger, State.CREATED)
        with engine.connect() as connection:
            row = dict(connection.execute(text("SELECT * FROM ledger_carts")).mappings().one())
            row |= {"id": "F4BEF9CACEECE59", "reference": "1", "cart_id": "c2", "state": "created"}
            with pytest.raises(IntegrityError, match="begins as recorded"):
                connection.execute(_insert(row), _storable(row))

    def test_only_four_digits_of_a_tender_fit(self, ledger: Ledger, engine: Engine) -> None:
        in_state(ledger, State.PAYING)
        with engine.connect() as connection:
            row = dict(connection.execute(text("SELECT * FROM ledger_attempts")).mappings().one())
            row |= {"number": 2, "last_four": "41111", "outcome": "declined", "ended_at": row["started_at"]}
            names = ", ".join(row)
            values = ", ".join(f":{name}" for name in row)
            with pytest.raises(Exception, match=r"last_four_only|too long"):
                connection.execute(text(f"INSERT INTO ledger_attempts ({names}) VALUES ({values})"), row)  # noqa: S608 - column names only


def _insert(row: dict[str, Any]) -> Any:
    names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    return text(f"INSERT INTO ledger_carts ({names}) VALUES ({values})")  # noqa: S608 - column names only


def _storable(row: dict[str, Any]) -> dict[str, Any]:
    """JSON columns come back parsed where the database knows JSON; a bare statement takes them as text."""
    return {name: "[]" if isinstance(value, (list, dict)) else value for name, value in row.items()}
