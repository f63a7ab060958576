"""What `run_bot.py sip` shows: a live table of calls on a terminal, lines elsewhere, JSON lines for programs.

Callers are shown masked; what they say is not shown at all.
"""

import contextlib
import fcntl
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from voicebot.call import HeldCall, Silent, Watcher
from voicebot.cli.options import print_json
from voicebot.dialog import Turn

KEPT = 10
"""Ended calls that stay on the table."""
REFRESH_HZ = 2
OUTCOMES = {"paid": "bold green", "unknown": "bold red", "declined": "bold red", "missed": "dim"}


class Screen(Protocol):
    """Follows a switchboard."""

    def ready(self, addresses: Iterable[str]) -> None:
        """Calls can come in."""

    def watch(self, held: HeldCall) -> Watcher:
        """A call begins."""

    def ended(self, held: HeldCall) -> None:
        """A call is over."""

    def draining(self) -> None:
        """No new calls are taken."""


def outcome_of(held: HeldCall) -> str:
    """What came of a call in one word."""
    if held.report is None:
        return "missed"
    return f"{held.report.outcome}: {held.report.problem}" if held.report.problem else held.report.outcome


class _Follower(Silent):
    """Tells each question, result and step of one call."""

    def __init__(self, tell: Callable[[str, str], None]) -> None:
        self._tell = tell

    def asked(self, question: str, at_s: float) -> None:
        del at_s
        self._tell("asked", question)

    def turned(self, turn: Turn, at_s: float) -> None:
        del at_s
        self._tell("answered", f"{turn.question}: {turn.result}")

    def happened(self, what: str, at_s: float) -> None:
        del at_s
        self._tell("happened", what)


class JsonLines:
    """One JSON object a line: `ready`, `began`, `asked`, `answered`, `happened`, `ended` with the call's report.

    Args:
        worker: the number of this process among several, which each line then names; 0 where there is one.
    """

    def __init__(self, worker: int = 0) -> None:
        self._worker = {"worker": worker} if worker else {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to give back."""

    def ready(self, addresses: Iterable[str]) -> None:
        self._print(event="ready", addresses=list(addresses), pid=os.getpid())

    def watch(self, held: HeldCall) -> Watcher:
        self._print(event="began", call=held.number, caller=held.incoming.masked_caller, line=held.incoming.line)
        return _Follower(lambda event, what: self._print(event=event, call=held.number, what=what))

    def ended(self, held: HeldCall) -> None:
        report = held.report.as_json() if held.report is not None else None
        self._print(event="ended", call=held.number, outcome=outcome_of(held), report=report)

    def draining(self) -> None:
        self._print(event="draining")

    def _print(self, **data: Any) -> None:
        with _alone():
            print_json(data | self._worker, indent=None)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Workers write on one pipe, which cuts long lines: one at a time. The lock ends with its holder."""
    with Path(__file__).open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@dataclass(slots=True)
class _Row:
    held: HeldCall
    now: str = "ringing"
    last: str = ""
    ended_s: float | None = field(default=None)


class CallTable:
    """The table of calls, live on a terminal; elsewhere a line for each beginning and end."""

    def __init__(self, console: Console, registrations: Callable[[], Iterable[str]] = tuple) -> None:
        self._console = console
        self._registrations = registrations
        self._held: dict[int, _Row] = {}
        self._over: deque[_Row] = deque(maxlen=KEPT)
        self._title = "waiting for calls"
        self._live = (
            Live(get_renderable=self._table, console=console, refresh_per_second=REFRESH_HZ)
            if console.is_terminal
            else None
        )

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def ready(self, addresses: Iterable[str]) -> None:
        self._title = f"calls at {', '.join(addresses)}"
        if self._live is None:
            self._console.print(self._title)

    def watch(self, held: HeldCall) -> Watcher:
        row = self._held[held.number] = _Row(held)
        if self._live is None:
            self._console.print(f"call {held.number}: {held.incoming.masked_caller} on {held.incoming.line}")

        def tell(event: str, what: str) -> None:
            if event == "asked":
                row.now = what
            else:
                row.last = what

        return _Follower(tell)

    def ended(self, held: HeldCall) -> None:
        row = self._held.pop(held.number, None) or _Row(held)
        row.now, row.ended_s = outcome_of(held), time.monotonic()
        self._over.append(row)
        if self._live is None:
            self._console.print(f"call {held.number}: {row.now} after {row.ended_s - held.began_s:.0f} s")

    def draining(self) -> None:
        self._title = "no new calls; waiting for the last ones (once more: hang up)"
        if self._live is None:
            self._console.print(self._title)

    def _table(self) -> Table:
        table = Table("call", "caller", "line", "time", "now", "last", title=self._title)
        table.caption = "; ".join(self._registrations()) or None
        now_s = time.monotonic()
        for row in (*self._over, *self._held.values()):
            over, incoming = row.ended_s is not None, row.held.incoming
            length_s = (row.ended_s or now_s) - row.held.began_s
            table.add_row(
                str(row.held.number),
                incoming.masked_caller,
                incoming.line,
                f"{int(length_s) // 60:02}:{int(length_s) % 60:02}",
                Text(row.now, OUTCOMES.get(row.now, "") if over else ""),
                row.last,
                style="dim" if over else "",
            )
        return table
