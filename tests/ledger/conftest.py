"""Ledgers to test: one a test. The PostgreSQL server is in `tests/conftest.py`."""

from pathlib import Path

import pytest

from tests.ledger.support import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
