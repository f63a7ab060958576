"""How many facts the ledger puts on disk each second, on SQLite and on PostgreSQL, synced to the disk both."""

import secrets
import statistics
import tempfile
import threading
import time
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from tests.ledger.postgresql import new_schema, postgresql_server
from voicebot.ledger import Amounts, CartItem, Ledger

COSTS = Amounts("1257.38", "29.55", "1286.93")
ITEMS = (CartItem("1029347859728", "Property Taxes", Decimal("1257.38")),)
WRITES_A_CART = 6


@dataclass(frozen=True, slots=True)
class WriteFigures:
    """What one database did."""

    database: str
    threads: int
    writes_per_s: float
    median_ms: float
    p95_ms: float


def measure(*, carts: int) -> list[WriteFigures]:
    """One call after the other, and four at once, on both databases."""
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        figures += [_measure("SQLite", f"sqlite:///{folder}/ledger.sqlite3", carts, threads) for threads in (1, 4)]
    with postgresql_server(durable=True) as server:
        figures += [_measure("PostgreSQL", new_schema(server), carts, threads) for threads in (1, 4)]
    return figures


def _measure(name: str, url: str, carts: int, threads: int) -> WriteFigures:
    ledger = Ledger.open(url, busy_timeout_s=30)
    times_s: list[float] = []
    workers = [threading.Thread(target=_pay, args=(ledger, carts // threads, times_s)) for _ in range(threads)]
    began_s = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    took_s = time.perf_counter() - began_s
    ledger.close()
    return WriteFigures(
        name,
        threads,
        round(len(times_s) / took_s, 1),
        round(statistics.median(times_s) * 1000, 2),
        round(statistics.quantiles(times_s, n=20)[-1] * 1000, 2),
    )


def _pay(ledger: Ledger, carts: int, times_s: list[float]) -> None:
    """The writes of a whole paid call, cart by cart."""
    for _ in range(carts):
        account = str(secrets.randbelow(10**9))
        began_s = time.perf_counter()
        own_id = ledger.record_cart(account, ITEMS).id
        marks = [time.perf_counter()]
        facts = (
            partial(ledger.cart_created, own_id, f"cart-{own_id}", {"CreditCard": COSTS}),
            partial(ledger.paying, own_id, "card", COSTS, "1111"),
            partial(ledger.paid, own_id, f"Z{own_id}"),
            partial(ledger.told, own_id),
            partial(ledger.call_ended, own_id, "goodbye"),
        )
        for fact in facts:
            fact()
            marks.append(time.perf_counter())
        times_s += [after - before for before, after in zip([began_s, *marks], marks, strict=False)]
