"""Many calls at once: several processes, each with a house of its own, take the next call when they are free."""

import asyncio
import logging
import multiprocessing
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING

import structlog

from bench.callers.exchange import Options, open_exchange
from bench.callers.verdict import Result

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess


class CrowdError(Exception):
    """A process of calls ended before its time."""


def hold_calls(
    options: Options, indexes: Sequence[int], processes: int, done: Callable[[Result], None] = lambda _: None
) -> list[Result]:
    """Hold these calls, and give their results in the order of the indexes.

    Args:
        options: of the run.
        indexes: of the calls.
        processes: how many at a time; the results do not depend on it.
        done: is told of each call that is over.

    Raises:
        CrowdError: a process died.
    """
    context = multiprocessing.get_context("spawn")  # nothing of a loaded model or a running loop is inherited
    waiting = list(reversed(indexes))
    results: dict[int, Result] = {}
    workers: dict[Connection, SpawnProcess] = {}
    for _ in range(min(processes, len(indexes))):
        ours, theirs = context.Pipe()
        worker = context.Process(target=_work, args=(options, theirs), daemon=False)
        worker.start()
        theirs.close()
        workers[ours] = worker
        ours.send(waiting.pop())
    try:
        while len(results) < len(indexes):
            for ready in wait(list(workers)):
                assert isinstance(ready, Connection)
                result = _received(ready)
                results[result.index] = result
                done(result)
                if waiting:
                    ready.send(waiting.pop())
    finally:
        for connection, worker in workers.items():
            connection.close()
            worker.join()
    return [results[index] for index in indexes]


def _received(connection: Connection) -> Result:
    try:
        result = connection.recv()
    except EOFError:
        raise CrowdError("a process of calls died; its own words are above") from None
    assert isinstance(result, Result)
    return result


def _work(options: Options, orders: Connection) -> None:
    """Be one process: hold the calls that are asked for, until nobody asks any more."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(_hold(options, orders))


async def _hold(options: Options, orders: Connection) -> None:
    async with open_exchange(options) as exchange:
        while True:
            try:
                index = await asyncio.to_thread(orders.recv)
            except EOFError:
                return
            orders.send(await exchange.call(index))
