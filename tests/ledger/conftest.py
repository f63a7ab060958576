"""Ledgers to test: one a test, on SQLite or on a real PostgreSQL server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ledger.postgresql import postgresql_server
from tests.ledger.support import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ledger.sqlite3'}"


@pytest.fixture(scope="session")
def postgresql_socket() -> Iterator[str]:
    with postgresql_server() as folder:
        yield folder
