"""Where trials are held: an event loop with both vendors and a nursery, kept from trial to trial."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
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


class Arena:
    """A bench for those who are not asynchronous themselves."""

    def __init__(self) -> None:
        self._runner, self._stack = asyncio.Runner(), AsyncExitStack()
        self._bench = self._runner.run(self._stack.enter_async_context(opened()))

    def close(self) -> None:
        """Take everything apart. The arena is of no use afterwards."""
        self._runner.run(self._stack.aclose())
        self._runner.close()

    def hold(self, trial: Trial, *, count: bool = False) -> Outcome:
        """See `Bench.hold`."""
        return self._runner.run(self._bench.hold(trial, count=count))

    def every_trial(self, *, pairs: int, seed: int) -> list[Trial]:
        """See `every_trial`."""
        return self._runner.run(every_trial(self._bench, pairs=pairs, seed=seed))


# --- in a worker process ----------------------------------------------------------------------------------------------

_here: list[Arena] = []


def start() -> None:
    """Prepare this process to hold trials."""
    arena = Arena()
    Finalize(None, arena.close, exitpriority=10)
    _here.append(arena)


def trials(pairs: int, seed: int) -> list[Trial]:
    """See `every_trial`."""
    return _here[0].every_trial(pairs=pairs, seed=seed)


def hold(trial: Trial) -> Outcome:
    """Hold one trial in this process."""
    return _here[0].hold(trial)
