"""`python -m bench.payments`: print how fast paying is."""

import argparse
import asyncio
import json
import logging
import os
import platform
from dataclasses import asdict
from typing import Any

import structlog
from rich.console import Console
from rich.table import Table

from bench.payments.calls import hold_calls
from bench.payments.writes import measure


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.payments", description=__doc__)
    parser.add_argument("--calls", type=int, default=1000, help="calls for time and memory; 10000 takes a quarter hour")
    parser.add_argument("--carts", type=int, default=300, help="carts, of six writes each, for each database")
    parser.add_argument("--json", action="store_true", help="print one JSON object, for programs")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    calls = asyncio.run(hold_calls(asked.calls)).as_json()
    writes = [asdict(figures) for figures in measure(carts=asked.carts)]
    load = os.getloadavg()
    figures = {
        "cores": os.cpu_count(),
        "load_before_and_during": [round(each, 1) for each in load],
        "python": platform.python_version(),
        "calls": calls,
        "writes": writes,
    }
    if asked.json:
        print(json.dumps(figures, indent=2))
    else:
        _print(figures, calls, writes)


def _print(figures: dict[str, Any], calls: dict[str, object], writes: list[dict[str, Any]]) -> None:
    console = Console(highlight=False)
    table = Table("calls", "", title=f"{calls['calls']} calls, {figures['cores']} cores, Python {figures['python']}")
    for name, value in calls.items():
        table.add_row(name.replace("_", " "), str(value))
    console.print(table)
    table = Table("database", "threads", "writes a second", "median ms", "p95 ms", title="the ledger's writes")
    for row in writes:
        table.add_row(*(str(value) for value in row.values()))
    console.print(table)
    console.print(f"load of the machine: {figures['load_before_and_during']}")


if __name__ == "__main__":
    main()
