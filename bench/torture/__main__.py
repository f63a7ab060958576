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

from bench.torture import arena, guards
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
        trials = pool.apply(arena.trials, (asked.runs, asked.seed))
        if asked.only:
            trials = [trial for trial in trials if asked.only in trial.kind]
        trials = [replace(trial, without=asked.without) for trial in trials][:: asked.every]
        outcomes = []
        with Progress(console=console, transient=True, disable=asked.json) as progress:
            task = progress.add_task("torture", total=len(trials))
            for outcome in pool.imap_unordered(arena.hold, trials, chunksize=2):
                outcomes.append(outcome)
                progress.advance(task)
    took_s = time.monotonic() - began_s
    broken = [outcome for outcome in outcomes if outcome.findings]
    if asked.json:
        print(json.dumps(_as_json(outcomes, asked, took_s), indent=2))
    else:
        _print(outcomes, took_s, asked)
    return 1 if broken else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.torture", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="pairs of faults by chance, beside all single ones")
    parser.add_argument("--seed", type=int, default=1, help="of the pairs; the same seed gives the same pairs")
    parser.add_argument("--every", type=int, default=1, help="hold each n-th trial only")
    parser.add_argument("--only", default="", help="hold trials only whose kind contains this")
    parser.add_argument("--without", default="", choices=["", *guards.GUARDS], help="take a guard out of the code")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that hold trials")
    parser.add_argument("--json", action="store_true", help="print one JSON object, for programs")
    return parser.parse_args()


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


def _as_json(outcomes: list[Outcome], asked: argparse.Namespace, took_s: float) -> dict[str, Any]:
    return {
        "runs": len(outcomes),
        "seed": asked.seed,
        "without": asked.without,
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
                "killed": outcome.killed,
                "findings": [f"{finding.violation}: {finding.what}" for finding in outcome.findings],
            }
            for outcome in outcomes
            if outcome.findings
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
