"""Opening a ledger, and what is said when its store does not do as it should."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Engine

from tests.ledger import support
from tests.ledger.postgresql import USER, new_schema
from tests.ledger.support import ACCOUNT, CARD, ITEMS, Clock
from voicebot.ledger import Ledger, LedgerTooNew, LedgerUnavailable, State
from voicebot.ledger.models import Base
from voicebot.ledger.store import VERSION_TABLE, Store

NOBODY = 65534


# --- opening ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_migrations_make_what_the_models_say(kind: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("sqlite_url") if kind == "sqlite" else _schema(request)
    Store.open(url).close()
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def _schema(request: pytest.FixtureRequest) -> str:
    return new_schema(request.getfixturevalue("postgresql_socket"))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_many_may_open_a_new_ledger_at_once(kind: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("sqlite_url") if kind == "sqlite" else _schema(request)
    together = threading.Barrier(4)
    failures: list[BaseException] = []

    def open_it() -> None:
        together.wait()
        try:
            Store.open(url, busy_timeout_s=30).close()
        except BaseException as failure:  # noqa: BLE001 - judged below, in the test's own thread
            failures.append(failure)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_file_is_durable_and_for_its_user_only(sqlite_url: str, tmp_path: Path) -> None:
    store = Store.open(sqlite_url)
    with store.reading() as session:
        asked = {
            name: session.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    store.close()
    assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
    assert {file.stat().st_mode & 0o777 for file in tmp_path.glob("ledger.sqlite3*")} == {0o600}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_newer_ledger_is_refused_clearly(kind: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("sqlite_url") if kind == "sqlite" else _schema(request)
    Store.open(url).close()
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE ledger_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(LedgerTooNew, match=r"schema 9999.*run that release"):
        Store.open(url)


@pytest.mark.parametrize(
    "url", ["", "ledger.sqlite3", "sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory", "mysql://a/b"]
)
def test_a_url_that_is_none_of_ours_is_refused_with_examples(url: str) -> None:
    with pytest.raises(ValueError, match="sqlite:///path/to/file"):
        Store.open(url)


def test_a_password_is_not_told(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnavailable) as refusal:
        Store.open(f"postgresql://somebody:hunter2@/ledger?host={tmp_path}")
    assert "hunter2" not in str(refusal.value)
    assert "see that it runs" in str(refusal.value)


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnavailable, match=r"missing/ledger.*the folder must exist"):
        Store.open(f"sqlite:///{tmp_path}/missing/ledger.sqlite3")


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("These are my notes. " * 100)
    with pytest.raises(LedgerUnavailable, match="damaged or no ledger"):
        Store.open(f"sqlite:///{file}")
    assert file.read_text() == "These are my notes. " * 100


# --- SQLite that fails ------------------------------------------------------------------------------------------------


@pytest.fixture
def ledger(sqlite_url: str, clock: Clock) -> Iterator[Ledger]:
    ledger = Ledger.open(sqlite_url, clock=clock, monotonic=clock.monotonic, busy_timeout_s=0.05)
    yield ledger
    ledger.close()


def test_a_locked_database_is_said_to_be_locked(ledger: Ledger, tmp_path: Path) -> None:
    cart = support.created(ledger)
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LedgerUnavailable, match="keeps it locked: end that program"):
            ledger.paying(cart.id, "card", CARD, "1111")
        assert ledger.show(cart.id).state is State.CREATED  # readers go on
        other.execute("ROLLBACK")
    assert ledger.paying(cart.id, "card", CARD, "1111").state is State.PAYING


def test_a_full_database_decides_nothing_and_recovers(ledger: Ledger) -> None:
    cart = support.paying(ledger)
    pages = 0

    def fill(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages or 2**30}")

    engine = _engine(ledger)
    event.listen(engine, "checkout", fill)
    pages = 1
    with pytest.raises(LedgerUnavailable, match="disk is full: free some space"):
        _record_many(ledger)
    pages = 0
    assert ledger.paid(cart.id, "Z1").state is State.PAID


def test_a_full_disk_decides_nothing_and_recovers(clock: Clock) -> None:
    """A real one of a megabyte, filled by somebody else."""
    folder = Path(tempfile.mkdtemp(prefix="small"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        folder.rmdir()
        pytest.skip("only root may mount a small disk; the same is tested above with a database that may not grow")
    try:
        ledger = support.open_ledger(f"sqlite:///{folder / 'ledger.sqlite3'}", clock)
        cart = support.created(ledger)
        big = folder / "big"
        with pytest.raises(OSError, match="No space left"):
            big.write_bytes(bytes(2**20))
        with pytest.raises(LedgerUnavailable, match="disk is full: free some space"):
            _record_many(ledger)
        assert ledger.show(cart.id).state is State.CREATED
        big.unlink()
        assert ledger.paying(cart.id, "card", CARD, "1111").state is State.PAYING
        ledger.close()
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


@pytest.fixture
def not_root() -> Iterator[None]:
    """Root may write everywhere, so these tests are somebody else for a while."""
    if os.geteuid():
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def read_only_folder(clock: Clock) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="fixed"))  # pytest's own folders are closed to other users
    ledger = support.open_ledger(f"sqlite:///{folder / 'ledger.sqlite3'}", clock)
    support.created(ledger)
    ledger.close()
    for path in (folder / "ledger.sqlite3", folder):
        path.chmod(0o555)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.usefixtures("not_root")
def test_a_read_only_database_is_said_to_be_read_only(read_only_folder: Path, clock: Clock) -> None:
    with pytest.raises(LedgerUnavailable, match=r"read-only: give this user the right|cannot be opened: the folder"):
        support.open_ledger(f"sqlite:///{read_only_folder / 'ledger.sqlite3'}", clock).record_cart(ACCOUNT, ITEMS)


def _record_many(ledger: Ledger) -> None:
    for _ in range(100):
        ledger.record_cart(ACCOUNT, ITEMS)


def test_a_failing_write_does_not_move_the_cart(ledger: Ledger) -> None:
    cart = support.created(ledger)
    event.listen(_engine(ledger), "commit", _fail)
    with pytest.raises(LedgerUnavailable, match="disk failed"):
        ledger.paying(cart.id, "card", CARD, "1111")
    event.remove(_engine(ledger), "commit", _fail)
    assert ledger.show(cart.id).state is State.CREATED


def _fail(_connection: object) -> None:
    raise sqlite3.OperationalError("disk I/O error")


def _engine(ledger: Ledger) -> Engine:
    return ledger._store._engine


# --- PostgreSQL that fails --------------------------------------------------------------------------------------------


def test_a_server_that_goes_away_in_between_is_found_again(postgresql_socket: str, clock: Clock) -> None:
    ledger = support.open_ledger(new_schema(postgresql_socket), clock)
    cart = support.created(ledger)
    _end_other_connections(postgresql_socket)
    assert ledger.paying(cart.id, "card", CARD, "1111").state is State.PAYING
    ledger.close()


def test_a_server_that_goes_away_in_a_transaction_decides_nothing(postgresql_socket: str, clock: Clock) -> None:
    ledger = support.open_ledger(new_schema(postgresql_socket), clock)
    cart = support.created(ledger)

    def cut(_connection: object) -> None:
        _end_other_connections(postgresql_socket)

    event.listen(_engine(ledger), "commit", cut)
    with pytest.raises(LedgerUnavailable, match="server cannot be reached: see that it runs"):
        ledger.paying(cart.id, "card", CARD, "1111")
    event.remove(_engine(ledger), "commit", cut)
    assert ledger.show(cart.id).state is State.CREATED
    ledger.close()


def test_two_calls_of_one_account_do_not_pay_at_once(postgresql_socket: str, clock: Clock) -> None:
    """Two rows, two connections, one account: only the lock on the account keeps them apart."""
    ledger = support.open_ledger(new_schema(postgresql_socket), clock)
    carts = [support.created(ledger, f"cart-{n}") for n in range(4)]
    together = threading.Barrier(4)
    began: list[str] = []

    def pay(own_id: str) -> None:
        together.wait()
        try:
            began.append(ledger.paying(own_id, "card", CARD, "1111").id)
        except Exception as refusal:  # noqa: BLE001 - judged below, in the test's own thread
            refusals.append(type(refusal).__name__)

    refusals: list[str] = []
    threads = [threading.Thread(target=pay, args=[cart.id]) for cart in carts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ledger.close()
    assert (len(began), refusals) == (1, ["AccountInDoubt"] * 3)


def _end_other_connections(socket_folder: str) -> None:
    with psycopg.connect(host=socket_folder, user=USER, dbname="postgres", autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND usename = current_user AND backend_type = 'client backend'"
        )
