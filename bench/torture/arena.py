"""Where trials are held: an event loop with both vendors and a nursery, kept from trial to trial."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Final

from bench.torture import plan
from bench.torture.callers import CALLERS
from bench.torture.nursery import Nursery
from bench.torture.trial import Bench, Outcome, Trial
from bench.torture.vendor import Vendor

_IN_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it


@asynccontextmanager
async def opened() -> AsyncIterator[Bench]:
    """A bench with all that belongs to it. Files are in memory: `kill -9` does not care, and a disk is slow."""
    async with AsyncExitStack() as stack:
        parent = _IN_MEMORY if _IN_MEMORY.is_dir() else None
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="torture-", dir=parent)))
        (folder / "template").mkdir()
        nursery = await stack.enter_async_context(Nursery(folder / "template"))
        vendors = {once: await stack.enter_async_context(Vendor(pays_once=once)) for once in (False, True)}
        yield Bench(nursery, vendors, folder / "trial")


async def every_trial(bench: Bench, *, pairs: int, seed: int) -> list[Trial]:
    """The whole plan. What can be killed is learned from calls in which nothing goes wrong."""
    well = {name: await bench.hold(Trial("nothing goes wrong", name), count=True) for name in CALLERS}
    steps = {name: outcome.steps for name, outcome in well.items()}
    pay_step = steps["card"].index("request card: http11.receive_response_headers.complete") + 1
    settling = await bench.hold(Trial("settling", "card", kill_at=pay_step), count=True)
    return [
        *(outcome.trial for outcome in well.values()),
        *plan.kills(steps),
        *plan.faults(),
        *plan.held(steps),
        *plan.lost_and_killed(steps),
        *plan.settling_killed(settling.steps, "card", pay_step),
        *plan.beside(),
        *plan.pairs(steps, pairs, seed),
    ]


# --- in a worker process ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Worker:
    runner: asyncio.Runner
    stack: AsyncExitStack
    bench: Bench

    def end(self) -> None:
        self.runner.run(self.stack.aclose())
        self.runner.close()


_here: list[_Worker] = []


def start() -> None:
    """Prepare this process to hold trials."""
    runner, stack = asyncio.Runner(), AsyncExitStack()
    worker = _Worker(runner, stack, runner.run(stack.enter_async_context(opened())))
    Finalize(None, worker.end, exitpriority=10)
    _here.append(worker)


def trials(pairs: int, seed: int) -> list[Trial]:
    """See `every_trial`."""
    worker = _here[0]
    return worker.runner.run(every_trial(worker.bench, pairs=pairs, seed=seed))


def hold(trial: Trial) -> Outcome:
    """Hold one trial in this process."""
    worker = _here[0]
    return worker.runner.run(worker.bench.hold(trial))
