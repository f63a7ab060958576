"""The ground under the ledger's contracts: a ledger on a store that the subclass names, and carts in every state."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import Engine

from tests.ledger import support
from tests.ledger.support import ACCOUNT, CARD, FEES, ITEMS, Clock
from voicebot.ledger import CartRecord, Fact, Ledger, State


def in_state(ledger: Ledger, state: State, account: str = ACCOUNT) -> CartRecord:
    """A cart brought there by the shortest way, still held by its call."""
    own_id = ledger.record_cart(account, ITEMS).id
    ways: dict[State, list[Fact]] = {
        State.RECORDED: [],
        State.REFUSED: [Fact.CART_REFUSED],
        State.CREATED: [Fact.CART_CREATED],
        State.ABANDONED: [Fact.CART_CREATED, Fact.ABANDONED],
        State.PAYING: [Fact.CART_CREATED, Fact.PAYING],
        State.PAID: [Fact.CART_CREATED, Fact.PAYING, Fact.PAID],
        State.DECLINED: [Fact.CART_CREATED, Fact.PAYING, Fact.DECLINED],
        State.UNKNOWN: [Fact.CART_CREATED, Fact.PAYING, Fact.UNKNOWN],
        State.NOT_PAID: [Fact.CART_CREATED, Fact.PAYING, Fact.UNKNOWN, Fact.NOT_PAID],
    }
    first: dict[Fact, Callable[[], object]] = {
        Fact.CART_REFUSED: lambda: ledger.cart_refused(own_id, "refused", error_code="BadItem"),
        Fact.CART_CREATED: lambda: ledger.cart_created(own_id, f"vendor-{own_id}", FEES),
        Fact.ABANDONED: lambda: ledger.abandoned(own_id, "caller hung up"),
        Fact.PAYING: lambda: ledger.paying(own_id, "card", CARD, "1111"),
        Fact.PAID: lambda: ledger.paid(own_id, f"Z-{own_id}"),
        Fact.DECLINED: lambda: ledger.declined(own_id, "InsufficientFunds"),
        Fact.UNKNOWN: lambda: ledger.unknown(own_id, "ReadTimeout"),
        Fact.NOT_PAID: lambda: ledger.not_paid(own_id),
    }
    for fact in ways[state]:
        first[fact]()
    return ledger.show(own_id)


class AnyStore:
    """Base of the contracts: one subclass a database, which gives `url`."""

    @pytest.fixture
    def url(self) -> str:
        raise NotImplementedError

    @pytest.fixture
    def ledger(self, url: str, clock: Clock) -> Iterator[Ledger]:
        ledger = support.open_ledger(url, clock)
        yield ledger
        ledger.close()

    @pytest.fixture
    def engine(self, url: str, ledger: Ledger) -> Iterator[Engine]:
        """The database, past the ledger's own code."""
        del ledger
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        yield engine
        engine.dispose()
