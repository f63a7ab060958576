"""Opening the billing tables: the same database as the ledger's or another one, with a schema version of its own.

What these tables hold can be loaded again at any time, so a lost commit costs nothing; the ledger is stricter.
"""

import sqlite3
import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from voicebot.billing.accounts import BillingUnavailable

VERSION_TABLE = "billing_version"

_MIGRATIONS = Path(__file__).parent / "migrations"
_KEY = 0xB1111  # of the PostgreSQL advisory lock; any number that nobody else uses
_IN_THIS_PROCESS = threading.Lock()  # Alembic keeps the running migration in a module variable


def open_engine(url: str, *, busy_timeout_s: float) -> Engine:
    """An engine whose writing transactions (`execution_options(writes=True)`) lock at their start."""
    try:
        where = make_url(url)
    except SQLAlchemyError:
        raise ValueError("give the billing tables sqlite:///path/to/file.sqlite3 or postgresql://…") from None
    if where.get_backend_name() != "sqlite":
        return create_engine(
            where.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_pre_ping=True,  # a connection that died in the pool is replaced before it is used
            connect_args={"connect_timeout": max(2, round(busy_timeout_s))},
        )
    connect_args = {"timeout": busy_timeout_s, "isolation_level": None, "check_same_thread": False}
    engine = create_engine(where.set(drivername="sqlite+pysqlite"), hide_parameters=True, connect_args=connect_args)

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def upgrade(engine: Engine) -> None:
    """Bring the tables up to date; several processes may do so at once.

    Raises:
        BillingUnavailable: a newer release wrote them.
    """
    with engine.connect() as connection:
        if _is_current(connection):
            return
    with _IN_THIS_PROCESS, engine.execution_options(writes=True).begin() as connection:
        one_at_a_time(connection)
        if not _is_current(connection):  # another process may have been faster
            config = _alembic()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def one_at_a_time(connection: Connection) -> None:
    """Let no other upgrade or load run until this transaction ends. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _KEY})


def _is_current(connection: Connection) -> bool:
    migrations = ScriptDirectory.from_config(_alembic())
    here = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()
    if here is not None and here not in {script.revision for script in migrations.walk_revisions()}:
        raise BillingUnavailable(
            f"the billing tables were written by a newer release (schema {here}): run that release, or load the bills"
            " into a new database"
        )
    return here == migrations.get_current_head()


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
