"""What other processes do in the tests: pay and die at a given moment, settle, hold a cart and die."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.ledger.support import CARD, ECHECK, FEES, ITEMS, Status
from voicebot.ledger import Ledger, SettleRules, settle_cart, settle_once

AT_ONCE = SettleRules(quiet_s=0.0)
"""These vendors do at once what they do, so "not paid" may be believed at once."""


def processes() -> ForkServerContext:
    """Processes that begin clean and quickly: forked from one that has imported everything and done nothing."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.ledger.children"])
    return context


@dataclass(frozen=True)
class Book:
    """The vendor's own book, in a file, so that it outlives whoever asks."""

    path: Path

    def write(self, *words: str) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(" ".join(words) + "\n")

    def entries(self, kind: str) -> list[list[str]]:
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
        return [line.split()[1:] for line in lines if line.split()[0] == kind]

    def charged(self) -> dict[str, str]:
        return {entry[0]: entry[1] for entry in self.entries("charged")}

    async def cart_status(self, cart_id: str, /) -> Status:
        self.write("asked", cart_id)
        payment_id = self.charged().get(cart_id)
        return Status(payment_id is not None, payment_id)


def pay(url: str, book_file: Path, account: str, die_at: int) -> None:
    """A declined card, then an eCheck that is charged and whose answer is lost, then its status; killed at a moment."""
    book, moment = Book(book_file), _moments(die_at)
    ledger = Ledger.open(url)
    event.listen(ledger._store._engine, "commit", lambda _connection: moment())  # all is said, nothing is on disk
    event.listen(Session, "after_commit", lambda _session: moment())  # all is on disk, nobody has heard
    own_id = ledger.record_cart(account, ITEMS).id
    book.write("made", f"cart-{own_id}")
    moment()
    ledger.cart_created(own_id, f"cart-{own_id}", FEES)
    ledger.paying(own_id, "card", CARD, "1111")
    book.write("refused", f"cart-{own_id}")
    moment()
    ledger.declined(own_id, "InsufficientFunds")
    ledger.paying(own_id, "echeck", ECHECK, "6789")
    book.write("charged", f"cart-{own_id}", f"Z-{own_id}")
    moment()
    ledger.unknown(own_id, "ReadTimeout")
    asyncio.run(settle_cart(ledger, book, own_id, AT_ONCE))
    ledger.call_ended(own_id, "goodbye")
    ledger.close()


def _moments(die_at: int) -> Callable[[], None]:
    passed = iter(range(1, 1000))

    def moment() -> None:
        if next(passed) == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    return moment


def settle(url: str, book_file: Path) -> None:
    """One round, as any process does it."""
    ledger = Ledger.open(url, busy_timeout_s=30)
    asyncio.run(settle_once(ledger, Book(book_file), AT_ONCE))
    ledger.close()


def claim_and_die(url: str, own_id: str) -> None:
    """A settler that is killed while it holds a cart for an hour."""
    ledger = Ledger.open(url)
    if ledger.claim(own_id, 3600):
        os.kill(os.getpid(), signal.SIGKILL)


def record_many(url: str, account: str, number: int) -> None:
    """A busy line."""
    ledger = Ledger.open(url, busy_timeout_s=30)
    for _ in range(number):
        own_id = ledger.record_cart(account, ITEMS).id
        ledger.cart_created(own_id, f"cart-{own_id}", FEES)
    ledger.close()
