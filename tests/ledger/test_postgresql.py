"""The ledger's contracts on a real PostgreSQL server."""

import pytest

from tests.ledger.contract import LedgerContract
from tests.ledger.contract_consents import ConsentsContract
from tests.ledger.contract_database import DatabaseContract
from tests.ledger.contract_holding import HoldingContract
from tests.ledger.postgresql import new_schema


class Postgresql:
    @pytest.fixture
    def url(self, postgresql_socket: str) -> str:
        return new_schema(postgresql_socket)


class TestLedger(Postgresql, LedgerContract):
    pass


class TestHolding(Postgresql, HoldingContract):
    pass


class TestDatabase(Postgresql, DatabaseContract):
    pass


class TestConsents(Postgresql, ConsentsContract):
    pass
