"""Who holds a cart, and whether they are still alive.

A process on this machine is known to be dead at once, so that its carts can be settled right after a crash. About a
process elsewhere nothing is known: its hold ends with its lease.
"""

import os
import socket
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

Purpose: TypeAlias = Literal["call", "settle"]

_PROC = Path("/proc")
_START_TIME_FIELD = 19  # of /proc/<pid>/stat, counted after the command's closing bracket (see proc(5), field 22)


@dataclass(frozen=True, slots=True)
class Process:
    """One process for all time: its number alone may be given again.

    Attributes:
        place: where its number means something: host, boot and pid namespace. Empty where that cannot be known.
        pid: its number there.
        started: its start time in clock ticks since boot, which no clock jump moves.
    """

    place: str
    pid: int
    started: str

    def __str__(self) -> str:
        return f"{self.place}/{self.pid}/{self.started}"

    @classmethod
    def parse(cls, text: str) -> "Process | None":
        """The other way round; None for anything else."""
        place, _, rest = text.partition("/")
        pid, _, started = rest.partition("/")
        return cls(place, int(pid), started) if pid.isascii() and pid.isdigit() else None


def this_process() -> Process:
    """Ourselves, also after a fork."""
    pid = os.getpid()
    return Process(_place(), pid, _started(pid) or "")


def known_dead(holder: str) -> bool:
    """Whether this holder certainly runs no more. False where nothing can be known."""
    process = Process.parse(holder)
    if process is None or not process.started or process.place != _place():
        return False
    return _started(process.pid) != process.started


@cache
def _place() -> str:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text("ascii").strip()
        namespace = str((_PROC / "self/ns/pid").stat().st_ino)
    except OSError:
        return f"{socket.gethostname()}:unknown"
    return f"{socket.gethostname()}:{boot}:{namespace}"


def _started(pid: int) -> str | None:
    """When a process began; None if it runs no more, a zombie included."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text("utf-8", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[_START_TIME_FIELD]
