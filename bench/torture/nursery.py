"""A process that forks bots: it has read and imported everything once, and runs no thread of its own.

Orders come as one JSON object a line on standard input, how each bot ended goes back as one line on standard output.
"""

import asyncio
import contextlib
import json
import logging
import os
import shutil
import signal
import sys
import tempfile
import traceback
from asyncio.subprocess import PIPE, Process
from dataclasses import asdict
from pathlib import Path
from typing import Self

import structlog

from bench.torture import guards
from bench.torture.bot import Furniture, Order, obey, rehearse

LONGEST_S = 30
"""No bot lives longer; one that hangs is killed, which counts as a violation."""
PROBLEM_FILE = "problem.txt"


class Nursery:
    """The other end of the pipe. Use as an async context manager."""

    def __init__(self, folder: Path) -> None:
        """`folder` gets the database that every trial begins with."""
        self.template = folder
        self._process: Process | None = None

    async def __aenter__(self) -> Self:
        """Start, and wait until it can fork."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bench.torture.nursery",
            str(self.template),
            stdin=PIPE,
            stdout=PIPE,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # its threads would not survive a fork
        )
        await self._answer()
        return self

    async def __aexit__(self, *_: object) -> None:
        """End it."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            await self._process.wait()

    async def obey(self, order: Order) -> int:
        """Have a bot made for this order; returns its exit code, negative for the signal that ended it."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
        await self._process.stdin.drain()
        return int(await self._answer())

    async def _answer(self) -> bytes:
        assert self._process is not None
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError("the nursery has ended; see its words on standard error")
        return line


def _serve(folder: Path) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    furniture = Furniture.make(folder)
    with tempfile.TemporaryDirectory() as stage:
        shutil.copytree(folder, stage, dirs_exist_ok=True)
        rehearse(Path(stage), furniture)
    _say(0)
    for line in sys.stdin.buffer:
        order = Order(**json.loads(line))
        bot = os.fork()
        if bot == 0:
            _be_a_bot(order, furniture)
        _, status = os.waitpid(bot, 0)
        _say(os.waitstatus_to_exitcode(status))


def _be_a_bot(order: Order, furniture: Furniture) -> None:
    code = 1
    with contextlib.suppress(BaseException):
        signal.alarm(LONGEST_S)
        try:
            obey(order, furniture, guards.remove)
            code = 0
        except BaseException:  # noqa: BLE001 - whatever it was, the trial must tell of it
            Path(order.folder, PROBLEM_FILE).write_text(traceback.format_exc(), "utf-8")
    os._exit(code)


def _say(number: int) -> None:
    sys.stdout.buffer.write(f"{number}\n".encode())
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
