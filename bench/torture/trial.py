"""One trial: a call with something wrong in it, the end of the bot, settling, a caller who calls back, the verdict."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

from bench.torture.bot import LATER_S, Order
from bench.torture.claims import payment_told
from bench.torture.journal import read_journal
from bench.torture.nursery import PROBLEM_FILE, Nursery
from bench.torture.vendor import Vendor
from bench.torture.verdict import Evidence, Finding, judge
from voicebot.ledger import CartRecord, Ledger
from voicebot.sandbox import Fault

AFTER_THE_LAST_LOOK_S: Final = 5000.0
"""By when a cart that was found not paid has been asked about once more."""
WHEN_SETTLED_S: Final = 10_000.0
"""When a caller calls back who waits until all is settled: later than any settling was."""
ROUNDS: Final = 5
PATIENT: Final = 12.0
KILLED: Final = -9

CallBack = Literal["never", "at once", "when settled", "both"]


@dataclass(frozen=True, slots=True)
class Trial:
    """What goes wrong in one call.

    Attributes:
        kind: for the table.
        caller: a name of `CALLERS`.
        kill_at: the step at which the bot is killed; 0: it lives.
        faults: of the vendor, armed from the start.
        hold: the first payment is held on its way until the bot is gone and settling was tried once.
        for_an_hour: it is held until settling has given it up, longer than any guard can wait.
        another: who calls at the same time.
        in_turn: the other one says yes only when the first has hung up, having given no thought to it before.
        beside: a settling bot works all the time beside the call.
        settle_kill_at: the step at which the settling bot is killed; 0: it lives.
        call_back: when a caller who was not told of a payment calls again with the same wish.
        pays_once: whether the vendor refuses to charge a cart twice.
        without: the guard that is taken out.
    """

    kind: str
    caller: str
    kill_at: int = 0
    faults: tuple[Fault, ...] = ()
    hold: bool = False
    for_an_hour: bool = False
    another: str = ""
    in_turn: bool = False
    beside: bool = False
    settle_kill_at: int = 0
    call_back: CallBack = "when settled"
    pays_once: bool = False
    without: str = ""

    @property
    def goes_well(self) -> bool:
        """Whether nothing goes wrong, so that the caller has to be served at once."""
        return not (self.kill_at or self.faults or self.hold)

    def describe(self) -> str:
        """For a person who wants to see it again."""
        parts = [f"caller {self.caller}"]
        if self.kill_at:
            parts.append(f"killed at step {self.kill_at}")
        parts += [f"{fault.request or 'any request'}: {fault.describe()}" for fault in self.faults]
        if self.hold:
            parts.append("payment held on its way" + " for an hour" * self.for_an_hour)
        if self.another:
            parts.append(f"{self.another} calls at the same time" + ", and agrees afterwards" * self.in_turn)
        if self.beside:
            parts.append("settling beside the call")
        if self.settle_kill_at:
            parts.append(f"settling killed at step {self.settle_kill_at}")
        parts.append(f"calls back {self.call_back}")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a trial went.

    Attributes:
        struck: whether what was to go wrong did: the bot was killed, a fault met its request.
        killed: what the bots were doing when they were killed.
        payments: how many payments the vendor made.
        steps: the labels of all steps, if they were asked for.
        said: everything that the caller was told.
    """

    trial: Trial
    findings: list[Finding]
    struck: bool
    killed: tuple[str, ...] = ()
    payments: int = 0
    steps: tuple[str, ...] = ()
    said: tuple[str, ...] = ()


@dataclass(slots=True)
class Bench:
    """Where trials are held, one after the other."""

    nursery: Nursery
    vendors: dict[bool, Vendor]
    folder: Path
    _problems: list[str] = field(default_factory=list)

    async def hold(self, trial: Trial, *, count: bool = False) -> Outcome:
        """Hold one trial from the first call to the verdict."""
        vendor = self.vendors[trial.pays_once]
        self._problems = []
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.nursery.template, self.folder)
        general, vault = vendor.begin(trial.faults, hold=trial.hold)

        def order(**what: Any) -> Order:
            return Order(str(self.folder), general, vault, without=trial.without, **what)

        first = order(
            caller=trial.caller,
            another=trial.another,
            in_turn=trial.in_turn,
            beside=trial.beside,
            kill_at=trial.kill_at,
            patience=PATIENT if not (trial.faults or trial.hold) else 1.0,
            count=count,
        )
        await self._bot(first)
        if trial.call_back in {"at once", "both"} and not self._knows():
            await self._bot(order(caller=trial.caller, call=1))
        if trial.hold or trial.faults:
            await self._bot(order(kill_at=trial.settle_kill_at))
        met = len(vendor.faults_left) < len(trial.faults) or any(fault.times != 1 for fault in trial.faults)
        if trial.for_an_hour:
            await self._bot(order(later_s=LATER_S))
        await self._calm(vendor)
        settle = order(later_s=LATER_S, rounds=ROUNDS, patience=PATIENT)
        again = 0 if trial.hold or trial.faults else trial.settle_kill_at
        await self._bot(replace(settle, kill_at=again, count=count))
        if trial.settle_kill_at:
            await self._bot(settle)
        if trial.for_an_hour:
            await self._bot(replace(settle, later_s=AFTER_THE_LAST_LOOK_S, rounds=1))
        called_back = trial.call_back in {"when settled", "both"} and not self._knows()
        if called_back:
            await self._bot(order(caller=trial.caller, call=2, later_s=WHEN_SETTLED_S, patience=PATIENT))
            await self._calm(vendor)
        return self._outcome(trial, vendor, met=met, served=called_back or trial.goes_well)

    def _outcome(self, trial: Trial, vendor: Vendor, *, met: bool, served: bool) -> Outcome:
        journal, books = self._journal(), vendor.books
        evidence = Evidence(
            journal,
            books,
            vendor.incidents,
            self._ledger(),
            self._problems,
            served=served and trial.caller != "stops",
            attention_due=trial.for_an_hour,
        )
        killed = tuple(line["killed"] for line in journal if "killed" in line)
        return Outcome(
            trial,
            judge(evidence),
            struck=met or bool(killed),
            killed=killed,
            payments=sum(len(cart.payments) for cart in books.carts),
            steps=tuple(next((line["steps"] for line in journal if "steps" in line), ())),
            said=tuple(line["said"] for line in journal if "said" in line),
        )

    async def _bot(self, order: Order) -> None:
        """Have an order obeyed; whatever a bot died of other than our own kill is noted."""
        code = await self.nursery.obey(order)
        if code not in {0, KILLED}:
            problem = self.folder / PROBLEM_FILE
            words = problem.read_text("utf-8").splitlines()[-1] if problem.exists() else "no word of why"
            self._problems.append(f"ended with {code}: {words}")

    async def _calm(self, vendor: Vendor) -> None:
        unrest = await vendor.calm_down()
        if unrest:
            self._problems.append(unrest)

    def _journal(self) -> Sequence[dict[str, Any]]:
        return read_journal(self.folder / "journal.jsonl")

    def _knows(self) -> bool:
        """Whether the caller was told of the payment, and so has no reason to call again."""
        return any(payment_told(line.get("said", "")) for line in self._journal())

    def _ledger(self) -> tuple[CartRecord, ...]:
        ledger = Ledger.open(f"sqlite:///{self.folder}/voicebot.sqlite3")
        try:
            return ledger.list(limit=100)
        finally:
            ledger.close()
