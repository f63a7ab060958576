"""The ledger's contract on a real PostgreSQL server."""

import pytest

from tests.ledger.contract import LedgerContract
from tests.ledger.postgresql import new_schema


class TestPostgresql(LedgerContract):
    @pytest.fixture
    def url(self, postgresql_socket: str) -> str:
        return new_schema(postgresql_socket)
