"""The ledger's contracts on SQLite files."""

import pytest

from tests.ledger.contract import LedgerContract
from tests.ledger.contract_consents import ConsentsContract
from tests.ledger.contract_database import DatabaseContract
from tests.ledger.contract_holding import HoldingContract


class Sqlite:
    @pytest.fixture
    def url(self, sqlite_url: str) -> str:
        return sqlite_url


class TestLedger(Sqlite, LedgerContract):
    pass


class TestHolding(Sqlite, HoldingContract):
    pass


class TestDatabase(Sqlite, DatabaseContract):
    pass


class TestConsents(Sqlite, ConsentsContract):
    pass
