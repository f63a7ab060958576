"""The figures of one process, in Prometheus' format (docs/health.md lists them).

A `Metrics` follows a switchboard: `watch` when a call begins, `ended` when it is over. What belongs to the moment (the
queue, memory, carts) is read when somebody asks.
"""

import asyncio
import os
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from voicebot.audio import LivePlace
from voicebot.call import HeldCall, House, Watcher
from voicebot.dialog import Line, Turn
from voicebot.ledger import LedgerError

log = structlog.get_logger(__name__)

ANSWER_BUCKETS_S = (0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0)
OUTCOMES = ("paid", "declined", "abandoned", "transferred", "unknown", "missed", "failed")
LONGEST_READ_S = 5.0
"""For the ledger's counts; a database that hangs must not hang the figures."""

_STATM = Path("/proc/self/statm")


class Metrics:
    """Counts the calls of one switchboard, and reads the rest of the house when asked.

    Args:
        house: whose ledger, API and decoding pool are looked at.
        overdue_s: an outcome unknown for so long is a matter for people.
    """

    def __init__(self, house: House, *, overdue_s: float) -> None:
        self._house = house
        self._overdue_s = overdue_s
        self.registry = registry = CollectorRegistry()
        self._now = Gauge("voicebot_calls_now", "Calls that are held at this moment.", registry=registry)
        self._calls = Counter("voicebot_calls", "Calls that are over, by outcome.", ["outcome"], registry=registry)
        for outcome in OUTCOMES:
            self._calls.labels(outcome)
        self._answer = Histogram(
            "voicebot_answer_seconds",
            "From the end of the caller's speech to the bot's first sound after it.",
            buckets=ANSWER_BUCKETS_S,
            registry=registry,
        )
        self._frames = Counter("voicebot_frames", "Frames of callers' sound, 20 ms each.", registry=registry)
        self._late = Counter("voicebot_frames_late", "Those that came more than 20 ms late.", registry=registry)
        self._queue = Gauge("voicebot_decoding_queue", "Frames that wait for a decoding thread.", registry=registry)
        self._memory = Gauge("voicebot_resident_memory_bytes", "Memory of this process.", registry=registry)
        self._carts = Gauge("voicebot_carts", "Carts of the whole ledger, by state.", ["state"], registry=registry)
        self._attention = Gauge("voicebot_carts_attention", "Carts that people should look at.", registry=registry)
        self._doubt = Gauge("voicebot_doubt_seconds", "Age of the oldest unknown outcome.", registry=registry)
        self._ledger = Gauge("voicebot_ledger_up", "1 when the ledger could be read.", registry=registry)
        self._api = Gauge("voicebot_api_up", "0 while PaymentExpress is taken to be down.", registry=registry)

    def watch(self, watcher: Watcher) -> Watcher:
        """A call begins; its watcher, which now also counts."""
        self._now.inc()
        return _Timed(watcher, self._answer)

    def ended(self, held: HeldCall) -> None:
        """A call is over. Those that were never answered count as missed."""
        self._now.dec()
        report = held.report
        outcome = "missed" if report is None else "failed" if report.problem else report.outcome
        self._calls.labels(outcome if outcome in OUTCOMES else "abandoned").inc()
        if isinstance(place := held.incoming.place, LivePlace):
            self._frames.inc(place.frames_heard)
            self._late.inc(place.frames_late)

    async def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        self._queue.set(waiting(self._house.decoding))
        self._memory.set(resident_bytes())
        self._api.set(self._house.payments.available)
        try:
            async with asyncio.timeout(LONGEST_READ_S):
                counts = await asyncio.to_thread(self._house.ledger.counts, overdue_s=self._overdue_s)
        except (LedgerError, TimeoutError) as problem:
            log.warning("the ledger's counts cannot be read", problem=type(problem).__name__)
            self._ledger.set(0)
        else:
            self._ledger.set(1)
            for state, number in counts.carts.items():
                self._carts.labels(state.value).set(number)
            self._attention.set(counts.attention)
            self._doubt.set(counts.longest_doubt_s)
        return generate_latest(self.registry)


class _Timed:
    """Passes everything on to a call's own watcher, and takes the time from the caller's words to the bot's."""

    def __init__(self, watcher: Watcher, answer: Histogram) -> None:
        self._watcher = watcher
        self._answer = answer
        self._spoke_until_s: float | None = None

    def heard(self, until_s: float, at_s: float) -> None:
        self._spoke_until_s = until_s
        self._watcher.heard(until_s, at_s)

    def said(self, line: Line, at_s: float) -> None:
        if self._spoke_until_s is not None:
            self._answer.observe(max(0.0, at_s - self._spoke_until_s))
            self._spoke_until_s = None
        self._watcher.said(line, at_s)

    def asked(self, question: str, at_s: float) -> None:
        self._watcher.asked(question, at_s)

    def turned(self, turn: Turn, at_s: float) -> None:
        self._watcher.turned(turn, at_s)

    def happened(self, what: str, at_s: float) -> None:
        self._watcher.happened(what, at_s)


def waiting(pool: Executor) -> int:
    """How many pieces of work no thread has taken up yet."""
    return pool._work_queue.qsize() if isinstance(pool, ThreadPoolExecutor) else 0  # noqa: SLF001 - told nowhere else


def resident_bytes() -> int:
    """This process's memory; 0 where the system does not say."""
    try:
        return int(_STATM.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
