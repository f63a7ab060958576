"""The tables, as SQLAlchemy maps them. The migrations make them; a test keeps the two the same."""

from sqlalchemy import ForeignKey, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """Base of the billing tables."""

    metadata = MetaData(
        naming_convention={
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class AccountRow(Base):
    """One account."""

    __tablename__ = "billing_accounts"

    number: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    items: Mapped[list["ItemRow"]] = relationship(order_by="ItemRow.position", lazy="selectin")


class ItemRow(Base):
    """One item; its amount is text, as binary fractions have no place in money and SQLite has no decimals."""

    __tablename__ = "billing_items"

    account_number: Mapped[str] = mapped_column(ForeignKey("billing_accounts.number"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    amount: Mapped[str] = mapped_column(String(24))
    type: Mapped[str] = mapped_column(Text)
    fund_category: Mapped[str] = mapped_column(Text)
    department: Mapped[str] = mapped_column(Text)
    limit_tenders: Mapped[str] = mapped_column(Text)


class LoadRow(Base):
    """One load of a file. The last one tells which bills are in the tables, and as of when they tell the truth.

    The time is text (ISO 8601, UTC), as SQLite keeps no time zones.
    """

    __tablename__ = "billing_loads"
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    as_of: Mapped[str | None] = mapped_column(String(40))
