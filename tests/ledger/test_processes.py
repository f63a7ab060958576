"""Real processes on one ledger: killed with SIGKILL between any two steps, settling at once, writing at once."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ledger import children, support
from tests.ledger.children import AT_ONCE, Book
from tests.ledger.postgresql import new_schema
from voicebot.ledger import CartRecord, Ledger, State, settle_once


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    return new_schema(request.getfixturevalue("postgresql_socket"))


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    ledger = Ledger.open(url, busy_timeout_s=30)
    yield ledger
    ledger.close()


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path / "book")


def run(what: Callable[..., None], *arguments: Any, copies: int = 1) -> list[int | None]:
    """Exit codes of that many processes that did this at once."""
    running = [children.processes().Process(target=what, args=arguments) for _ in range(copies)]
    for process in running:
        process.start()
    for process in running:
        process.join()
    return [process.exitcode for process in running]


def test_a_process_killed_at_any_moment_leaves_nothing_lost_and_nothing_paid_twice(
    url: str, ledger: Ledger, book: Book
) -> None:
    seen: set[State] = set()
    for moment in range(1, 100):
        account = str(1000 + moment)
        (exit_code,) = run(children.pay, url, book.path, account, moment)
        left = [cart for cart in ledger.list(limit=1000) if cart.account_number == account]
        seen |= {cart.state for cart in left}
        asyncio.run(settle_once(ledger, book, AT_ONCE))
        _the_books_agree(ledger, book)
        if exit_code == 0:
            break
        assert exit_code == -signal.SIGKILL
    else:
        pytest.fail("the payment never came to its end")
    assert moment == 20, "every moment of the payment was tried, and the last run was not killed"
    assert seen == {State.RECORDED, State.CREATED, State.PAYING, State.DECLINED, State.UNKNOWN, State.PAID}
    accounts = {cart.account_number for cart in ledger.list(limit=1000)}
    assert all(ledger.pending_for_account(account) == () or _is_news(ledger, account) for account in accounts)


def _the_books_agree(ledger: Ledger, book: Book) -> None:
    carts: tuple[CartRecord, ...] = ledger.list(limit=1000)
    assert {cart.cart_id: cart.payment_id for cart in carts if cart.payment_id} == book.charged()
    assert {cart.state for cart in carts} <= {State.ABANDONED, State.DECLINED, State.PAID, State.NOT_PAID}
    assert ledger.unsettled() == ()
    made = {cart_id for (cart_id,) in book.entries("made")}
    known = {cart.cart_id for cart in carts} | {f"cart-{cart.id}" for cart in carts if cart.state is State.ABANDONED}
    assert made <= known, "a vendor's cart that the ledger cannot name was at most created"


def _is_news(ledger: Ledger, account: str) -> bool:
    """Nobody told these callers how it ended."""
    return all(cart.caller_waits and not cart.in_doubt for cart in ledger.pending_for_account(account))


def test_several_processes_settle_each_cart_once(url: str, ledger: Ledger, book: Book) -> None:
    carts = [support.unknown(ledger, f"cart-{number}", account=str(number)) for number in range(20)]
    for number in range(0, 20, 2):
        book.write("charged", f"cart-{number}", f"Z{number}")
    assert run(children.settle, url, book.path, copies=3) == [0, 0, 0]
    assert sorted(cart_id for (cart_id,) in book.entries("asked")) == sorted(cart.cart_id for cart in carts)
    assert {cart.cart_id: cart.payment_id for cart in ledger.list() if cart.state is State.PAID} == book.charged()
    assert {cart.state for cart in ledger.list()} == {State.PAID, State.NOT_PAID}
    assert {cart.held_by for cart in ledger.list()} == {""}


def test_a_settler_that_was_killed_holds_nothing_up(url: str, ledger: Ledger, book: Book) -> None:
    cart = support.unknown(ledger)
    assert run(children.claim_and_die, url, cart.id) == [-signal.SIGKILL]
    assert ledger.show(cart.id).held_by
    report = asyncio.run(settle_once(ledger, book, AT_ONCE))
    assert [each.state for each in report.settled] == [State.NOT_PAID]


def test_several_processes_write_at_once(url: str, ledger: Ledger) -> None:
    assert run(children.record_many, url, "1", 15, copies=3) == [0, 0, 0]
    carts = ledger.list(limit=1000)
    assert len({cart.reference for cart in carts}) == len(carts) == 45
    assert {cart.state for cart in carts} == {State.CREATED}
