"""Bills in tables of our own, filled from a CSV file: the lookup that the demo uses and small agencies may keep."""

import asyncio
import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from voicebot.billing.accounts import Account, BillingUnavailable, Item, UnknownAccount, checked_amount
from voicebot.billing.bill_file import read_accounts, with_item
from voicebot.billing.models import AccountRow, ItemRow, LoadRow
from voicebot.billing.store import one_at_a_time, open_engine, upgrade


class AccountTable:
    """An `AccountLookup` on a database. Safe to share between threads; other processes open their own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._where = engine.url.render_as_string(hide_password=True)
        self._numbers: tuple[int, frozenset[str]] = (-1, frozenset())  # of which load, and the numbers themselves

    @classmethod
    def open(cls, url: str, *, busy_timeout_s: float = 5.0) -> "AccountTable":
        """Open the tables at `sqlite:///file` or `postgresql://…`, making or upgrading them if need be.

        Raises:
            ValueError: no such kind of URL.
            BillingUnavailable: in words that say what to do.
        """
        table = cls(open_engine(url, busy_timeout_s=busy_timeout_s))
        try:
            with table._telling():
                upgrade(table._engine)
        except BaseException:
            table.close()
            raise
        return table

    def close(self) -> None:
        """Close the database. Twice is fine."""
        self._engine.dispose()

    def load(self, path: Path) -> int:
        """Make the tables equal to this file, all or nothing; nothing is written if they are already.

        The file is taken to know of every payment that was made before it was last changed, and of none made since.

        Returns:
            How many accounts there are.

        Raises:
            ImpossibleBill: with file and line; the tables stay as they were.
            BillingUnavailable: the file or the tables can't be reached.
        """
        try:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            as_of = min(datetime.fromtimestamp(path.stat().st_mtime, UTC), datetime.now(UTC))
            accounts = read_accounts(path)
        except OSError as error:
            raise BillingUnavailable(f"{path} can't be read: {error.strerror}; see that it exists") from error
        with self._telling(), Session(self._engine.execution_options(writes=True)) as session, session.begin():
            one_at_a_time(session.connection())
            last = _last_load(session)
            if last is not None and last.digest == digest:
                return len(accounts)
            session.execute(delete(ItemRow))
            session.execute(delete(AccountRow))
            if accounts:
                session.execute(insert(AccountRow), [{"number": each.number, "name": each.name} for each in accounts])
            if items := [row for account in accounts for row in _item_rows(account)]:
                session.execute(insert(ItemRow), items)
            session.add(LoadRow(digest=digest, as_of=as_of.isoformat()))
        return len(accounts)

    async def find(self, account_number: str) -> Account:
        """What this account owes; see `AccountLookup.find`."""
        return await asyncio.to_thread(self._find, account_number)

    def account_numbers(self) -> frozenset[str]:
        """Every account number; kept until another file is loaded, by this process or another."""
        with self._telling(), Session(self._engine) as session:
            load = session.scalar(select(func.max(LoadRow.number))) or 0
            if self._numbers[0] != load:
                self._numbers = (load, frozenset(session.scalars(select(AccountRow.number))))
        return self._numbers[1]

    def _find(self, account_number: str) -> Account:
        with self._telling(), Session(self._engine) as session:
            row = session.get(AccountRow, account_number)
            if row is None:
                raise UnknownAccount(account_number)
            load = _last_load(session)
            as_of = datetime.fromisoformat(load.as_of) if load is not None and load.as_of is not None else None
            account = Account(row.number, row.name, as_of=as_of)
            for item in row.items:
                account = with_item(account, _item(item))
            return account

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error) as error:
            words = " ".join(str(getattr(error, "orig", None) or error).split())
            raise BillingUnavailable(
                f"the billing tables in {self._where} can't be used ({words}): see that the database is there, that"
                " this user may read and write it, and that nobody keeps it locked"
            ) from error


def _last_load(session: Session) -> LoadRow | None:
    return session.scalars(select(LoadRow).order_by(LoadRow.number.desc()).limit(1)).first()


def _item_rows(account: Account) -> list[dict[str, object]]:
    return [
        {
            "account_number": account.number,
            "position": position,
            "id": item.id,
            "description": item.description,
            "amount": str(item.amount),
            "type": item.type,
            "fund_category": item.fund_category,
            "department": item.department,
            "limit_tenders": " ".join(item.limit_tenders),
        }
        for position, item in enumerate((*account.items, *account.credits), start=1)
    ]


def _item(row: ItemRow) -> Item:
    where = f"account {row.account_number}, item {row.id}"
    return Item(
        id=row.id,
        description=row.description,
        amount=checked_amount(row.amount, row.type, where),
        type=row.type,
        fund_category=row.fund_category,
        department=row.department,
        limit_tenders=tuple(row.limit_tenders.split()),
    )
