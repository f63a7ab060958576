"""The ledger's contract on SQLite files."""

import pytest

from tests.ledger.contract import LedgerContract


class TestSqlite(LedgerContract):
    @pytest.fixture
    def url(self, sqlite_url: str) -> str:
        return sqlite_url
