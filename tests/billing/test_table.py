"""The lookup on tables, on SQLite and on a real PostgreSQL server."""

import os
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine

from tests.billing.test_bill_file import DEMO, GOOD, bills
from tests.ledger.postgresql import new_schema
from voicebot.billing import AccountLookup, AccountTable, BillingUnavailable, ImpossibleBill, UnknownAccount
from voicebot.billing.models import Base
from voicebot.billing.store import VERSION_TABLE


class BillingContract:
    """What every database must do; one subclass each, which gives `url`."""

    @pytest.fixture
    def url(self) -> str:
        raise NotImplementedError

    @pytest.fixture
    def table(self, url: str) -> Iterator[AccountTable]:
        table = AccountTable.open(url)
        table.load(DEMO)
        yield table
        table.close()

    @pytest.fixture
    def engine(self, url: str) -> Iterator[Engine]:
        """The database, past the room's own code."""
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        yield engine
        engine.dispose()

    async def test_an_account_is_found_with_what_it_owes(self, table: AccountTable) -> None:
        lookup: AccountLookup = table
        account = await lookup.find("2890345")
        assert (account.name, account.owed) == ("Pat Example", Decimal("1257.38"))
        assert [item.description for item in (await lookup.find("4111872")).items] == [
            "Property Taxes for Account #4111872",
            "Water and Sewer",
            "Storm Water Fee",
        ]

    async def test_an_account_may_owe_nothing(self, table: AccountTable) -> None:
        account = await table.find("7100200")
        assert (account.items, account.credits) == ((), ())

    async def test_a_credit_is_no_item(self, table: AccountTable) -> None:
        account = await table.find("6006006")
        assert [str(item.amount) for item in account.items] == ["103.33"]
        assert [str(item.amount) for item in account.credits] == ["-20.00"]

    @pytest.mark.parametrize("number", ["2890344", "02890345", "", "2890345 ", "' OR 1=1 --"])
    async def test_an_account_that_does_not_exist_is_unknown(self, table: AccountTable, number: str) -> None:
        with pytest.raises(UnknownAccount) as refusal:
            await table.find(number)
        assert refusal.value.account_number == number

    async def test_leading_zeros_count(self, table: AccountTable) -> None:
        assert (await table.find("0012345678")).name == "Zoe Leadingzero"
        with pytest.raises(UnknownAccount):
            await table.find("12345678")

    @pytest.mark.parametrize("amount", ["0.00", "-5.00", "1.005", "NaN", "99999999.00", ""])
    async def test_an_impossible_bill_in_the_tables_is_refused_too(
        self, table: AccountTable, engine: Engine, amount: str
    ) -> None:
        with engine.begin() as connection:
            connection.execute(
                text("UPDATE billing_items SET amount = :amount WHERE account_number = '2890345'"), {"amount": amount}
            )
        with pytest.raises(ImpossibleBill, match="account 2890345, item 1029347859728"):
            await table.find("2890345")
        assert (await table.find("4111872")).items

    def test_loading_again_changes_nothing(self, table: AccountTable, engine: Engine) -> None:
        def everything() -> list[object]:
            with engine.connect() as connection:
                return [
                    tuple(row)
                    for name in ("billing_accounts", "billing_items", "billing_loads")
                    for row in connection.execute(text(f"SELECT * FROM {name} ORDER BY 1, 2"))  # noqa: S608 - fixed names
                ]

        before = everything()
        assert table.load(DEMO) == len(table.account_numbers())
        assert everything() == before

    async def test_bills_are_as_of_when_their_file_was_written(
        self, table: AccountTable, engine: Engine, tmp_path: Path
    ) -> None:
        path = bills(tmp_path, GOOD)
        os.utime(path, (1_800_000_000, 1_800_000_000 - 86400 * 365))
        table.load(path)
        written = datetime(2026, 1, 15, 8, 0, tzinfo=UTC)
        assert (await table.find("2890345")).as_of == written
        path.touch()
        table.load(path)
        assert (await table.find("2890345")).as_of == written, "the same bills, however often they are copied"
        with engine.begin() as connection:
            connection.execute(text("UPDATE billing_loads SET as_of = NULL"))
        assert (await table.find("2890345")).as_of is None

    async def test_a_file_from_the_future_is_as_of_now(self, table: AccountTable, tmp_path: Path) -> None:
        path, before = bills(tmp_path, GOOD), datetime.now(UTC)
        os.utime(path, (4_000_000_000, 4_000_000_000))
        table.load(path)
        as_of = (await table.find("2890345")).as_of
        assert as_of is not None
        assert before <= as_of <= datetime.now(UTC)

    async def test_another_file_replaces_everything(self, table: AccountTable, tmp_path: Path) -> None:
        assert "4111872" in table.account_numbers()
        assert table.load(bills(tmp_path, GOOD)) == 1
        assert table.account_numbers() == {"2890345"}
        with pytest.raises(UnknownAccount):
            await table.find("4111872")

    def test_an_empty_file_empties_the_tables(self, table: AccountTable, tmp_path: Path) -> None:
        assert table.load(bills(tmp_path)) == 0
        assert table.account_numbers() == frozenset()

    async def test_a_bad_file_leaves_the_tables_as_they_were(self, table: AccountTable, tmp_path: Path) -> None:
        before = table.account_numbers()
        with pytest.raises(ImpossibleBill):
            table.load(bills(tmp_path, GOOD, GOOD))
        assert table.account_numbers() == before
        assert (await table.find("2890345")).owed == Decimal("1257.38")

    def test_what_another_process_loaded_is_seen(self, table: AccountTable, url: str, tmp_path: Path) -> None:
        assert len(table.account_numbers()) > 1
        other = AccountTable.open(url)
        other.load(bills(tmp_path, GOOD))
        other.close()
        assert table.account_numbers() == {"2890345"}

    def test_the_numbers_are_kept_between_calls(self, table: AccountTable) -> None:
        assert table.account_numbers() is table.account_numbers()

    def test_the_migrations_make_what_the_models_say(self, table: AccountTable, engine: Engine) -> None:
        del table
        with engine.connect() as connection:
            options = {"version_table": VERSION_TABLE, "compare_type": True}
            context = MigrationContext.configure(connection, opts=options)
            assert compare_metadata(context, Base.metadata) == []

    def test_newer_tables_are_refused(self, table: AccountTable, engine: Engine, url: str) -> None:
        del table
        with engine.begin() as connection:
            connection.execute(text("UPDATE billing_version SET version_num = '9999'"))
        with pytest.raises(BillingUnavailable, match="newer release"):
            AccountTable.open(url)

    def test_many_may_open_and_load_at_once(self, url: str) -> None:
        together = threading.Barrier(4)
        loaded: list[int] = []

        def load() -> None:
            together.wait()
            with closing(AccountTable.open(url, busy_timeout_s=30)) as table:
                loaded.append(table.load(DEMO))

        threads = [threading.Thread(target=load) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(loaded) == 4


class TestSqlite(BillingContract):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'billing.sqlite3'}"

    def test_a_hundred_thousand_accounts_are_listed(self, url: str, tmp_path: Path) -> None:
        rows = (f"{1_000_000 + n},,10{n:06},Water,12.50,,,," for n in range(100_000))
        table = AccountTable.open(url)
        assert table.load(bills(tmp_path, *rows)) == 100_000
        assert len(table.account_numbers()) == 100_000
        assert "1099999" in table.account_numbers()
        table.close()

    async def test_a_table_that_is_gone_is_unavailable(self, table: AccountTable, engine: Engine) -> None:
        with engine.begin() as connection:
            connection.execute(text("DROP TABLE billing_items"))
        with pytest.raises(BillingUnavailable, match="see that the database is there"):
            await table.find("2890345")

    def test_a_file_that_is_missing_is_named(self, table: AccountTable, tmp_path: Path) -> None:
        with pytest.raises(BillingUnavailable, match=r"none\.csv can't be read"):
            table.load(tmp_path / "none.csv")

    def test_a_folder_that_is_missing_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(BillingUnavailable, match="unable to open"):
            AccountTable.open(f"sqlite:///{tmp_path}/missing/billing.sqlite3")

    def test_a_url_that_is_none_is_refused(self) -> None:
        with pytest.raises(ValueError, match="sqlite:///path"):
            AccountTable.open("bills")


class TestPostgresql(BillingContract):
    @pytest.fixture
    def url(self, postgresql_socket: str) -> str:
        return new_schema(postgresql_socket)
