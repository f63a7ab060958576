"""`python -m bench.torture`: hold the trials, print the table, and fail if a promise was broken."""

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench.torture import arena, guards, plan
from bench.torture.trial import Outcome
from bench.torture.verdict import Violation

MOST_SHOWN = 12
"""Broken promises printed in full."""

console = Console(highlight=False, stderr=True)


@dataclass(slots=True)
class Row:
    """What came of one kind of trial."""

    tried: int = 0
    struck: int = 0
    payments: int = 0
    violations: Counter[Violation] = field(default_factory=Counter)


def main() -> int:
    asked = _arguments()
    began_s = time.monotonic()
    with _workers(asked.workers) as pool:
        planned = pool.apply(arena.trials, (asked.runs, asked.seed))
        trials = plan.sample(planned, asked.every, asked.only)
        removed = list(guards.GUARDS) if asked.each_guard else [asked.without]
        trials = [replace(trial, without=guard) for guard in removed for trial in trials]
        outcomes = []
        with Progress(console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
            task = progress.add_task("torture", total=len(trials))
            for outcome in pool.imap_unordered(arena.hold, trials, chunksize=2):
                outcomes.append(outcome)
                progress.advance(task)
    took_s = time.monotonic() - began_s
    if asked.json:
        print(json.dumps(_as_json(outcomes, asked, took_s), indent=2))
    elif asked.each_guard:
        _print_guards(outcomes, took_s)
    else:
        _print(outcomes, took_s, asked)
    if asked.each_guard:
        noticed = {outcome.trial.without for outcome in outcomes if outcome.findings}
        return 0 if noticed == set(guards.GUARDS) else 1
    return 1 if any(outcome.findings for outcome in outcomes) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.torture", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="pairs of faults by chance, beside all single ones")
    parser.add_argument("--seed", type=int, default=1, help="of the pairs; the same seed gives the same pairs")
    parser.add_argument("--every", type=int, default=1, help="hold each n-th trial of a kind only")
    parser.add_argument("--only", default="", help="hold trials only whose kind contains this")
    parser.add_argument("--without", default="", choices=["", *guards.GUARDS], help="take a guard out of the code")
    parser.add_argument("--each-guard", action="store_true", help="take out every guard in turn; all must be noticed")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that hold trials")
    parser.add_argument("--json", action="store_true", help="print one JSON object, for programs")
    asked = parser.parse_args()
    if min(asked.every, asked.workers) < 1:
        parser.error("--every and --workers are 1 or more")
    return asked


@contextmanager
def _workers(number: int) -> Iterator[Any]:
    context = multiprocessing.get_context("spawn")
    with context.Pool(number, initializer=arena.start) as pool:
        yield pool
        pool.close()
        pool.join()


def _rows(outcomes: list[Outcome]) -> dict[str, Row]:
    rows: defaultdict[str, Row] = defaultdict(Row)
    for outcome in outcomes:
        row = rows[outcome.trial.kind]
        row.tried += 1
        row.struck += outcome.struck
        row.payments += outcome.payments
        row.violations.update({finding.violation for finding in outcome.findings})
    return dict(sorted(rows.items()))


def _print(outcomes: list[Outcome], took_s: float, asked: argparse.Namespace) -> None:
    broken = [outcome for outcome in outcomes if outcome.findings]
    for outcome in broken[:MOST_SHOWN]:
        console.print(f"[bold]{outcome.trial.kind}[/bold]: {outcome.trial.describe()}", soft_wrap=True)
        if outcome.killed:
            console.print(f"  killed at: {'; '.join(outcome.killed)}", markup=False, soft_wrap=True)
        for finding in outcome.findings:
            console.print(f"  {finding.violation}: {finding.what}", markup=False, soft_wrap=True)
    if len(broken) > MOST_SHOWN:
        console.print(f"and {len(broken) - MOST_SHOWN} more")
    rows = _rows(outcomes)
    table = Table("what goes wrong", "runs", "struck", "payments", *Violation, title="torture", show_footer=True)
    total = Row()
    for kind, row in rows.items():
        table.add_row(
            kind, f"{row.tried}", f"{row.struck}", f"{row.payments}", *(f"{row.violations[each]}" for each in Violation)
        )
        total.tried, total.struck = total.tried + row.tried, total.struck + row.struck
        total.payments += row.payments
        total.violations += row.violations
    sums = ["all", total.tried, total.struck, total.payments, *(total.violations[each] for each in Violation)]
    for column, number in zip(table.columns, sums, strict=True):
        column.footer = f"{number}"
    out = Console(highlight=False, width=None if sys.stdout.isatty() else 170)
    out.print(table)
    without = f", without {asked.without}: {guards.GUARDS[asked.without][0]}" if asked.without else ""
    out.print(f"{len(outcomes)} runs in {took_s:.0f} s, seed {asked.seed}{without}: {len(broken)} broke a promise")


def _print_guards(outcomes: list[Outcome], took_s: float) -> None:
    table = Table("without", "what it promises", "runs", "broken", *Violation, title="each guard taken out in turn")
    for guard, (promise, _) in guards.GUARDS.items():
        mine = [outcome for outcome in outcomes if outcome.trial.without == guard]
        counts = Counter(each for outcome in mine for each in {finding.violation for finding in outcome.findings})
        broken = sum(bool(outcome.findings) for outcome in mine)
        table.add_row(guard, promise, f"{len(mine)}", f"{broken}", *(f"{counts[each]}" for each in Violation))
    out = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
    out.print(table)
    out.print(f"{len(outcomes)} runs in {took_s:.0f} s")


def _as_json(outcomes: list[Outcome], asked: argparse.Namespace, took_s: float) -> dict[str, Any]:
    return {
        "runs": len(outcomes),
        "seed": asked.seed,
        "without": asked.without or asked.each_guard,
        "took_s": round(took_s, 1),
        "kinds": {
            kind: {
                "runs": row.tried,
                "struck": row.struck,
                "payments": row.payments,
                "violations": {each.value: row.violations[each] for each in Violation},
            }
            for kind, row in _rows(outcomes).items()
        },
        "broken": [
            {
                "kind": outcome.trial.kind,
                "trial": outcome.trial.describe(),
                "without": outcome.trial.without,
                "killed": outcome.killed,
                "findings": [f"{finding.violation}: {finding.what}" for finding in outcome.findings],
            }
            for outcome in outcomes
            if outcome.findings
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
