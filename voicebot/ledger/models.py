"""The tables, as SQLAlchemy maps them. The migrations make them; a test keeps the two the same.

What the database enforces by itself, beside keys and checks, is in the migrations: which transitions exist, that each
is written to the history, that history is only ever appended to, and that what identifies a cart never changes.
"""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC time, whether or not the database keeps zones (SQLite does not)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("the ledger keeps aware times only; give them a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of the ledger's tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcTime}


class Cart(Base):
    """One cart; see `records.CartRecord` for what each column means."""

    __tablename__ = "ledger_carts"
    __table_args__ = (
        CheckConstraint("(state = 'paid') = (payment_id IS NOT NULL)", name="paid_has_payment_id"),
        CheckConstraint("cart_id IS NOT NULL OR state IN ('recorded', 'refused', 'abandoned')", name="cart_id_kept"),
        CheckConstraint("(holder IS NULL) = (held_until IS NULL)", name="hold_has_an_end"),
        Index("ix_ledger_carts_unsettled", "state", "next_try_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    reference: Mapped[str] = mapped_column(String(8), unique=True)
    account_number: Mapped[str] = mapped_column(String(64), index=True)
    items: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    recorded_at: Mapped[datetime]

    state: Mapped[str] = mapped_column(String(16))
    why: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime]

    cart_id: Mapped[str | None] = mapped_column(String(128), unique=True)
    fees: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON)
    payment_id: Mapped[str | None] = mapped_column(String(128), unique=True)
    error_code: Mapped[str] = mapped_column(String(64))

    holder: Mapped[str | None] = mapped_column(Text)
    held_for: Mapped[str | None] = mapped_column(String(8))
    held_from: Mapped[datetime | None]
    held_until: Mapped[datetime | None]

    tries: Mapped[int]
    next_try_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(Text)
    attention: Mapped[str | None] = mapped_column(Text)
    attention_at: Mapped[datetime | None]
    caller_waits: Mapped[bool] = mapped_column(Boolean)

    attempts: Mapped[list["Attempt"]] = relationship(order_by="Attempt.number", lazy="selectin")


class Attempt(Base):
    """One payment request; see `records.AttemptRecord`."""

    __tablename__ = "ledger_attempts"
    __table_args__ = (
        CheckConstraint("tender IN ('card', 'echeck')", name="tender_is_known"),
        CheckConstraint("length(last_four) <= 4", name="last_four_only"),
        CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="outcome_has_a_time"),
        Index(
            "ix_ledger_attempts_one_open",
            "cart",
            unique=True,
            sqlite_where=text("outcome IS NULL"),
            postgresql_where=text("outcome IS NULL"),
        ),
    )

    cart: Mapped[str] = mapped_column(ForeignKey("ledger_carts.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tender: Mapped[str] = mapped_column(String(8))
    primary_amount: Mapped[str] = mapped_column(String(16))
    fee: Mapped[str] = mapped_column(String(16))
    total: Mapped[str] = mapped_column(String(16))
    last_four: Mapped[str] = mapped_column(String(4))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(16))
    error_code: Mapped[str] = mapped_column(String(64))
    payment_id: Mapped[str] = mapped_column(String(128))


class History(Base):
    """One transition; the database writes it, we only read."""

    __tablename__ = "ledger_history"
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: Mapped[int] = mapped_column(primary_key=True)
    cart: Mapped[str] = mapped_column(ForeignKey("ledger_carts.id"), index=True)
    at: Mapped[datetime]
    before: Mapped[str | None] = mapped_column(String(16))
    after: Mapped[str] = mapped_column(String(16))
    why: Mapped[str] = mapped_column(Text)


class ConsentRow(Base):
    """One caller's yes; see `consents`."""

    __tablename__ = "ledger_consents"
    __table_args__ = (
        CheckConstraint("length(last_four) <= 4", name="last_four_only"),
        UniqueConstraint("cart", "attempt"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    cart: Mapped[str] = mapped_column(ForeignKey("ledger_carts.id"))
    attempt: Mapped[int]
    tender: Mapped[str] = mapped_column(String(8))
    total: Mapped[str] = mapped_column(String(16))
    last_four: Mapped[str] = mapped_column(String(4))
    language: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    facts: Mapped[list[list[str]]] = mapped_column(JSON)
    answer: Mapped[str] = mapped_column(String(64))
    recording: Mapped[str] = mapped_column(Text)
    recording_sha256: Mapped[str] = mapped_column(String(64))
    previous: Mapped[str] = mapped_column(String(64), unique=True)
    hash: Mapped[str] = mapped_column(String(64))
