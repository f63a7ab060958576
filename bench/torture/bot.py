"""The bot under torture: the product as it is, watched and killed from outside.

Everything here runs in a process that was forked for one order: to hold one call, or to settle like a bot that has just
been started. The product is not changed; its methods are wrapped to count steps, and waits are shortened where a
caller's patience is not what is tested.
"""

import asyncio
import functools
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from sqlalchemy import event
from sqlalchemy.orm import Session

from bench.bills import BillsThatStay
from bench.torture.callers import CALLERS
from bench.torture.journal import Journal, Steps
from bench.torture.patching import put
from bench.torture.people import Person
from voicebot.billing import AccountTable
from voicebot.call import Call, CartTerms, House, Silent, cashier
from voicebot.cli import furnish
from voicebot.dialog import Line, Script
from voicebot.dialog import actions as do
from voicebot.dialog import events as on
from voicebot.ledger import Ledger, settle_once
from voicebot.payments import ApiSettings, Environment, PaymentExpress, client, connection
from voicebot.payments.connection import tls_context
from voicebot.sandbox import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, DEFAULT_SCOPES
from voicebot.settings import Settings

LEDGER_WRITES = (
    "record_cart",
    "cart_created",
    "cart_refused",
    "paying",
    "paid",
    "declined",
    "not_sent",
    "unknown",
    "not_paid",
    "abandoned",
    "call_ended",
    "told",
    "claim",
    "release",
    "try_again",
    "looked_again",
)
"""Every method of the ledger that writes and that calls or settling use."""

LATER_S = 600.0
"""How far a settling bot's clock has gone on: further than any payment request lives."""

PAYMENT_BUDGET_S = 0.4
"""Instead of 40 s: what is lost is lost as well after less than a second."""
TRY_S = 0.3
BUDGET_S = 0.9
CONNECT_S = 0.2


@dataclass(frozen=True, slots=True)
class Order:
    """What a bot is to do.

    Attributes:
        folder: has the database and gets the journal.
        general: URL of the general host; vault: of the vault.
        caller: who calls; empty: settle.
        call: 0 for the first call of this caller, 1 for the second.
        another: who calls at the same time, if anybody.
        in_turn: the other one agrees to pay when the first call is over.
        beside: settle without rest while the call lasts, as a bot with a much later clock does.
        kill_at: the step at which the bot is killed; 0: never.
        later_s: how far the wall clock has gone on since the call, in seconds.
        rounds: how often to settle, the same time apart.
        without: the guard that is taken out of the code; empty: none.
        patience: how much longer than usual it waits for answers; more than 1 where none is lost and a busy machine
            must not look like one.
        count: note every step's label at the end.
    """

    folder: str
    general: str
    vault: str
    caller: str = ""
    call: int = 0
    another: str = ""
    in_turn: bool = False
    beside: bool = False
    kill_at: int = 0
    later_s: float = 0.0
    rounds: int = 1
    without: str = ""
    patience: float = 1.0
    count: bool = False

    @property
    def database(self) -> str:
        return f"sqlite:///{self.folder}/voicebot.sqlite3"


@dataclass(frozen=True, slots=True)
class Furniture:
    """What is the same for every bot and dear to make; made once, before any is forked."""

    settings: Settings
    script: Script

    @classmethod
    def make(cls, folder: Path) -> "Furniture":
        """Read grammars and wording, and leave a database with the demo's bills in `folder` to be copied."""
        settings = Settings(database=f"sqlite:///{folder}/voicebot.sqlite3")
        furnish.open_ledger(settings).close()
        accounts = furnish.open_accounts(settings)
        script = furnish.script_for(settings, furnish.grammars_for(settings), accounts)
        accounts.close()
        certificates = tls_context(None)
        put(client, tls_context=lambda _ca_file: certificates)  # 20 ms each otherwise
        return cls(settings, script)


def rehearse(folder: Path, furniture: Furniture) -> None:
    """Hold a call that leads nowhere and settle nothing: what is imported and compiled at first use is there then."""
    nowhere = "http://127.0.0.1:{}/api/v1"
    order = Order(str(folder), nowhere.format(8), nowhere.format(9), caller="card")
    put(cashier, CHECK_PAUSE_S=0.01)
    asyncio.run(_hold(order, furniture, Journal(folder / "journal.jsonl")))
    asyncio.run(_settle(order, furniture))


def obey(order: Order, furniture: Furniture, remove: Callable[[str], None]) -> None:
    """Do what is ordered, in a process made for it alone."""
    journal = Journal(Path(order.folder) / "journal.jsonl")
    steps = Steps(journal, order.kill_at)
    _watch_ledger(steps)
    _watch_requests(steps)
    if order.without:
        remove(order.without)
    if order.caller:
        _watch_call(steps, journal)
        asyncio.run(_hold(order, furniture, journal))
    else:
        asyncio.run(_settle(order, furniture))
    if order.count:
        journal.note(steps=steps.labels)


async def _hold(order: Order, furniture: Furniture, journal: Journal) -> None:
    settings, ledger = furniture.settings, _open_ledger(order)
    billing = AccountTable.open(order.database)
    async with _client(order) as client:
        house = House(
            script=furniture.script,
            phrases={},
            ledger=ledger,
            billing=BillsThatStay(billing),
            payments=client,
            terms=CartTerms(settings.payments.location, settings.payments.item_type, settings.payments.fund_category),
            decoding=ThreadPoolExecutor(1),
            today=lambda: datetime.now(UTC).date(),
        )
        settling = asyncio.create_task(_settle_beside(order, furniture, client)) if order.beside else None
        await _calls(house, order, journal)
        if settling is not None:
            settling.cancel()
            await asyncio.wait({settling})


async def _calls(house: House, order: Order, journal: Journal) -> None:
    over = asyncio.Event()

    async def first() -> None:
        await _call(house, order.caller, order.call, journal)
        over.set()

    calls = [first()]
    if order.another:
        calls.append(_call(house, order.another, order.call, journal, over if order.in_turn else None))
    await asyncio.gather(*calls)


async def _call(
    house: House, name: str, number: int, journal: Journal, agrees_after: asyncio.Event | None = None
) -> None:
    caller = CALLERS[name]
    told = _Told(journal, name, leaves=caller.leaves_while_paying and number == 0)
    report = await Call(house, Person(caller.turns(number), agrees_after), watcher=told).run()
    journal.note(ended=report.outcome, problem=report.problem)


async def _settle_beside(order: Order, furniture: Furniture, client: PaymentExpress) -> None:
    ledger, rules = _open_ledger(order, later_s=LATER_S), furnish.settle_rules(furniture.settings)
    while True:
        await settle_once(ledger, client, rules)


async def _settle(order: Order, furniture: Furniture) -> None:
    rules = furnish.settle_rules(furniture.settings)
    async with _client(order) as client:
        for number in range(1, order.rounds + 1):
            ledger = _open_ledger(order, later_s=order.later_s * number)
            await settle_once(ledger, client, rules)
            left = ledger.unsettled()
            ledger.close()
            if not left:
                return


def _open_ledger(order: Order, *, later_s: float | None = None) -> Ledger:
    later = timedelta(seconds=order.later_s if later_s is None else later_s)
    return Ledger.open(order.database, clock=lambda: datetime.now(UTC) + later)


def _client(order: Order) -> PaymentExpress:
    settings = ApiSettings(
        environment=Environment.custom(general=order.general, vault=order.vault),
        client_id=DEFAULT_CLIENT_ID,
        client_secret=SecretStr(DEFAULT_CLIENT_SECRET),
        scopes=tuple(sorted(set(DEFAULT_SCOPES.values()))),
        connect_timeout_s=CONNECT_S * order.patience,
        answer_timeout_s=TRY_S * order.patience,
        budget_s=BUDGET_S * order.patience,
        payment_budget_s=PAYMENT_BUDGET_S * order.patience,
    )
    return PaymentExpress(settings, sleep=lambda wait_s: asyncio.sleep(wait_s / 50))


class _Told(Silent):
    """Writes down what the caller is told."""

    def __init__(self, journal: Journal, who: str, *, leaves: bool) -> None:
        self._journal = journal
        self.who = who
        self.leaves = leaves

    def said(self, line: Line, at_s: float) -> None:
        del at_s
        self._journal.note(said=line.shown, who=self.who)


# --- where a bot can die ----------------------------------------------------------------------------------------------

_writing = threading.local()


def _watch_ledger(steps: Steps) -> None:
    """A step before each write, one when all is said and nothing on disk, one when it is on disk and nobody knows."""

    def watched(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def write(self: Ledger, *args: Any, **kwargs: Any) -> Any:
            steps.reached(f"ledger {name}: before")
            _writing.fact = name
            try:
                return method(self, *args, **kwargs)
            finally:
                _writing.fact = ""

        return write

    for name in LEDGER_WRITES:
        put(Ledger, **{name: watched(name, getattr(Ledger, name))})

    @event.listens_for(Session, "before_commit")
    def _before(_session: Session) -> None:
        if name := getattr(_writing, "fact", ""):
            steps.reached(f"ledger {name}: not yet on disk")

    @event.listens_for(Session, "after_commit")
    def _after(_session: Session) -> None:
        if name := getattr(_writing, "fact", ""):
            steps.reached(f"ledger {name}: on disk")


class _Watched(httpx.AsyncBaseTransport):
    """The product's own transport, with a step at each thing that the connection does."""

    def __init__(self, inner: httpx.AsyncBaseTransport, steps: Steps) -> None:
        self._inner = inner
        self._steps = steps

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        kind = _kind(request)
        theirs = request.extensions.get("trace")

        async def trace(what: str, about: Mapping[str, Any]) -> None:
            self._steps.reached(f"request {kind}: {what}")
            if theirs is not None:
                await theirs(what, about)

        self._steps.reached(f"request {kind}: before")
        request.extensions = {**request.extensions, "trace": trace}
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


def _kind(request: httpx.Request) -> str:
    path = request.url.path
    if path.endswith(("/card", "/echeck")):
        return path.rpartition("/")[2]
    if path.endswith("/token"):
        return "token"
    return {"POST": "cart", "HEAD": "vault"}.get(request.method, "status")


def _watch_requests(steps: Steps) -> None:
    network = connection._network  # noqa: SLF001 - the product's own transport is what is watched

    def watched(*args: Any, **kwargs: Any) -> httpx.AsyncBaseTransport:
        return _Watched(network(*args, **kwargs), steps)

    put(connection, _network=watched)


def _watch_call(steps: Steps, journal: Journal) -> None:
    """A step before each event that the dialog takes and before each action that is carried out."""
    handle, carry_out = Call._handle, Call._carry_out  # noqa: SLF001

    def watched_handle(self: Call, happened: on.Event, at_s: float | None = None) -> None:
        steps.reached(f"event {type(happened).__name__}")
        if isinstance(happened, on.CartCreated) and self._cashier.cart is not None:
            journal.note(cart=self._cashier.cart.cart_id)
        handle(self, happened, at_s)

    def watched_carry_out(self: Call, action: do.Action) -> None:
        steps.reached(f"action {type(action).__name__}")
        if isinstance(action, do.Pay):
            answers = dict(action.answers)
            number = answers.get("card_number") or answers["bank_account_number"]
            journal.note(pays=number.last_four, who=_told(self).who)
        carry_out(self, action)
        if isinstance(action, do.Pay) and _told(self).leaves:
            asyncio.get_running_loop().call_soon(self._hang_up)

    put(Call, _handle=watched_handle, _carry_out=watched_carry_out)


def _told(call: Call) -> _Told:
    watcher = call._watcher  # noqa: SLF001
    assert isinstance(watcher, _Told)
    return watcher
