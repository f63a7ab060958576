"""Text-mode calls against a sandbox in a process of its own: how long they take, where, and what stays in memory."""

import asyncio
import resource
import statistics
import sys
import tempfile
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
from pydantic import SecretStr

from bench.bills import BillsThatStay
from bench.torture.callers import CALLERS
from bench.torture.patching import put
from voicebot.audio import ScriptedPlace
from voicebot.call import Call, House
from voicebot.cli.furnish import furnished
from voicebot.payments import connection
from voicebot.sandbox import API_ROOT, Sandbox
from voicebot.settings import PaymentSettings, Settings

PAGE_BYTES = resource.getpagesize()
WARM_UP = 20


@dataclass(slots=True)
class Waiting:
    """Time during which a request of ours was with the sandbox."""

    spent_s: float = 0.0
    requests: int = 0


class _Timed(httpx.AsyncBaseTransport):
    def __init__(self, inner: httpx.AsyncBaseTransport, waiting: Waiting) -> None:
        self._inner, self._waiting = inner, waiting

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        began_s = time.perf_counter()
        response = await self._inner.handle_async_request(request)
        self._waiting.spent_s += time.perf_counter() - began_s
        self._waiting.requests += 1
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


@dataclass(slots=True)
class CallFigures:
    """What a number of calls came to.

    Attributes:
        calls: how many, one after the other.
        call_s: each call's time on the wall.
        waiting: of it, the time until the sandbox's answers began.
        cpu_s: processor time of the bot, all calls together.
        memory_mb: resident memory after each tenth of the calls.
    """

    calls: int
    call_s: list[float] = field(default_factory=list)
    waiting: Waiting = field(default_factory=Waiting)
    cpu_s: float = 0.0
    memory_mb: list[float] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        total_s = sum(self.call_s)
        return {
            "calls": self.calls,
            "median_ms": round(statistics.median(self.call_s) * 1000, 1),
            "p95_ms": round(statistics.quantiles(self.call_s, n=20)[-1] * 1000, 1),
            "calls_per_s": round(self.calls / total_s, 1),
            "cpu_ms_a_call": round(self.cpu_s / self.calls * 1000, 1),
            "requests_a_call": round(self.waiting.requests / self.calls, 2),
            "share_outside_the_sandbox": round(1 - self.waiting.spent_s / total_s, 3),
            "memory_mb": [round(size, 1) for size in self.memory_mb],
        }


@asynccontextmanager
async def _sandbox() -> AsyncIterator[PaymentSettings]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.payments.calls", stdin=PIPE, stdout=PIPE
    )
    assert process.stdout is not None
    assert process.stdin is not None
    general, vault, scopes = (await process.stdout.readline()).decode().split()
    try:
        yield PaymentSettings(
            environment="custom",
            general_url=general,
            vault_url=vault,
            client_id="sandbox-client",
            client_secret=SecretStr("sandbox-secret"),
            scopes=tuple(scopes.split(",")),
        )
    finally:
        process.stdin.close()
        await process.wait()


async def hold_calls(number: int) -> CallFigures:
    """Pay the same bill so many times, by card and keypad, with files on the disk."""
    figures = CallFigures(number)
    network = connection._network  # noqa: SLF001 - the product's own transport is what is timed
    put(connection, _network=lambda *args, **options: _Timed(network(*args, **options), figures.waiting))
    try:
        with tempfile.TemporaryDirectory() as folder:
            async with _sandbox() as payments:
                settings = Settings(database=f"sqlite:///{folder}/voicebot.sqlite3", payments=payments)
                async with furnished(settings, sound=False) as (house, _):
                    await _hold(replace(house, billing=BillsThatStay(house.billing)), figures)
    finally:
        put(connection, _network=network)
    return figures


async def _hold(house: House, figures: CallFigures) -> None:
    for _ in range(WARM_UP):
        await _call(house)
    figures.waiting.spent_s, figures.waiting.requests = 0.0, 0
    cpu_s = time.process_time()
    for number in range(1, figures.calls + 1):
        began_s = time.perf_counter()
        await _call(house)
        figures.call_s.append(time.perf_counter() - began_s)
        if number % max(1, figures.calls // 10) == 0:
            figures.memory_mb.append(_resident_mb())
    figures.cpu_s = time.process_time() - cpu_s


async def _call(house: House) -> None:
    report = await Call(house, ScriptedPlace(CALLERS["card"].turns(0), has_sound=False, can_transfer=False)).run()
    assert report.outcome == "paid", report


def _resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES / 1e6


async def _serve() -> None:
    async with Sandbox() as sandbox:
        print(sandbox.general_url + API_ROOT, sandbox.vault_url + API_ROOT, ",".join(sandbox.scopes), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
