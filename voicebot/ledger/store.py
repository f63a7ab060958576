"""The database behind the ledger: opening it durably, bringing its schema up to date, and saying plainly what is wrong.

SQLite is opened with a write-ahead log and a full sync at each commit, so that a commit survives a power cut; each
writing transaction takes the write lock at its start, so that what it read is still true when it writes. PostgreSQL
commits synchronously by its own default.
"""

import contextlib
import os
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from voicebot.ledger.errors import LedgerTooNew, LedgerUnavailable

VERSION_TABLE = "ledger_version"

_MIGRATIONS = Path(__file__).parent / "migrations"
_UPGRADE_KEY = 0x1ED6E4  # of the PostgreSQL advisory lock; any number that nobody else uses
_KEYED = 0x1ED6E5  # seed of the advisory locks of `serialize`
_IN_THIS_PROCESS = threading.Lock()  # Alembic keeps the running migration in a module variable

_ADVICE = (
    (
        r"database or disk is full|no space left|disk full",
        "the disk is full: free some space; calls must not take payments until then",
    ),
    (
        r"readonly database|read-only",
        "it is read-only: give this user the right to write the file and its folder",
    ),
    (
        r"database is locked|database table is locked|lock timeout|statement timeout|deadlock detected",
        "another program keeps it locked: end that program (a backup, a database browser), then try again",
    ),
    (
        r"unable to open database file",
        "it cannot be opened: the folder must exist and this user must be able to write there",
    ),
    (
        r"disk i/o error|input/output error|file too large",
        "the disk failed or allows no more: check it and its quota; calls must not take payments until then",
    ),
    (
        r"not a database|malformed",
        "it is damaged or no ledger: keep the file, restore the newest backup, and compare with the vendor's records",
    ),
    (
        r"connection.*(refused|failed|lost|closed)|terminating connection|shutting down|no such file|timeout|timed out",
        "the server cannot be reached: see that it runs and that the URL is right",
    ),
    (
        r"password|authentication|role .* does not exist|database .* does not exist",
        "the server refuses us: check user, password and database name in the URL",
    ),
)


class Store:
    """An open database. Made by `Store.open`; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._where = engine.url.render_as_string(hide_password=True)

    @classmethod
    def open(cls, url: str, *, busy_timeout_s: float = 5.0) -> "Store":
        """Open the database and bring its schema up to date; several processes may do so at once.

        Args:
            url: `sqlite:///folder/file.sqlite3` or `postgresql://user@host/name`.
            busy_timeout_s: how long to wait for another process's transaction.

        Raises:
            ValueError: the URL is none of ours.
            LedgerUnavailable: it can't be opened; LedgerTooNew: a later release wrote it.
        """
        where = checked_url(url)
        if where.get_backend_name() == "sqlite":
            engine = _sqlite(where, busy_timeout_s)
        else:
            engine = _postgresql(where, busy_timeout_s)
        store = cls(engine)
        try:
            store._prepare(busy_timeout_s)
        except BaseException:
            store.close()
            raise
        return store

    @contextlib.contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that only reads."""
        with self._telling(), Session(self._engine) as session:
            yield session

    @contextlib.contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that is on disk when the block ends, or that never was.

        Raises:
            LedgerUnavailable: it may or may not be on disk; repeating it decides.
        """
        with (
            self._telling(),
            Session(self._engine.execution_options(writes=True), expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    def serialize(self, session: Session, key: str) -> None:
        """Let no other transaction pass here with the same key until this one ends. SQLite has one writer anyway."""
        if self._engine.dialect.name == "postgresql":
            session.execute(
                text("SELECT pg_advisory_xact_lock(hashtextextended(:key, :seed))"), {"key": key, "seed": _KEYED}
            )

    def close(self) -> None:
        """Give every connection back. Twice is fine."""
        self._engine.dispose()

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise  # the database refused a fact, not us: `Ledger` knows which
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: BaseException) -> LedgerUnavailable:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        words = " ".join(str(cause).split()) or type(cause).__name__
        for pattern, advice in _ADVICE:
            if re.search(pattern, words, re.IGNORECASE):
                return LedgerUnavailable(f"the ledger {self._where} can't be used: {advice} ({words})")
        return LedgerUnavailable(f"the ledger {self._where} can't be used: {words}")

    def _prepare(self, busy_timeout_s: float) -> None:
        if self._engine.dialect.name == "sqlite":
            self._keep_a_write_ahead_log(time.monotonic() + busy_timeout_s)
        with self._telling(), self._engine.connect() as connection:
            if self._is_current(connection):
                return
        with (
            _IN_THIS_PROCESS,
            self._telling(),
            self._engine.execution_options(writes=True).begin() as connection,
        ):
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_KEY})
            if not self._is_current(connection):  # another process may have been faster
                config = _alembic()
                config.attributes["connection"] = connection
                command.upgrade(config, "head")

    def _is_current(self, connection: Connection) -> bool:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        here = context.get_current_revision()
        newest, known = _schemas()
        if here is not None and here not in known:
            raise LedgerTooNew(
                f"the ledger {self._where} was written by a newer release (schema {here}; this program knows up to"
                f" {newest}): run that release, or restore a backup made before the upgrade"
            )
        return here == newest

    def _keep_a_write_ahead_log(self, deadline_s: float) -> None:
        """Switch the file to WAL, once for all its life. SQLite does not wait for others here, so we do."""
        while True:
            try:
                with self._telling(), self._engine.connect() as connection:
                    if connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal":
                        return
                    connection.rollback()
                    raw: Any = connection.connection.driver_connection
                    raw.execute("PRAGMA journal_mode = WAL")
            except LedgerUnavailable as error:
                if "locked" not in str(error) or time.monotonic() > deadline_s:
                    raise
                time.sleep(0.02)


def checked_url(url: str) -> URL:
    """Where a ledger can be kept, with the driver that it is reached by.

    Raises:
        ValueError: nowhere there; the text says what to give.
    """
    hint = "give sqlite:///path/to/file.sqlite3 or postgresql://user@host/name"
    try:
        where = make_url(url)
    except SQLAlchemyError:
        raise ValueError(f"the ledger's URL can't be read: {hint}") from None
    if where.get_backend_name() == "sqlite":
        if not where.database or where.database == ":memory:" or where.database.startswith("file:"):
            raise ValueError(f"a ledger in memory would forget payments: {hint}")
        return where.set(drivername="sqlite+pysqlite")
    if where.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return where.set(drivername="postgresql+psycopg")
    raise ValueError(f"the ledger can't be kept in {where.drivername!r}: {hint}")


def _sqlite(where: URL, busy_timeout_s: float) -> Engine:
    # Only this user may read what people owe and paid; SQLite gives its log files the same rights.
    with contextlib.suppress(OSError):
        os.close(os.open(str(where.database), os.O_CREAT | os.O_RDWR, 0o600))
    engine = create_engine(
        where,
        hide_parameters=True,
        connect_args={"timeout": busy_timeout_s, "isolation_level": None, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # The driver would begin at the first write only, too late to be sure of what was read before.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(where: URL, busy_timeout_s: float) -> Engine:
    milliseconds = round(busy_timeout_s * 1000)
    ours = f"-c lock_timeout={milliseconds} -c statement_timeout={2 * milliseconds} -c timezone=UTC"
    return create_engine(
        where.difference_update_query(["options"]),
        hide_parameters=True,
        pool_pre_ping=True,  # a connection that died in the pool is replaced before it is used
        connect_args={
            "connect_timeout": max(2, round(busy_timeout_s)),
            "options": f"{ours} {where.query.get('options', '')}",
        },
    )


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@cache
def _schemas() -> tuple[str, frozenset[str]]:
    """The newest schema that this program knows, and all of them."""
    steps = [step.revision for step in ScriptDirectory.from_config(_alembic()).walk_revisions()]
    return steps[0], frozenset(steps)
