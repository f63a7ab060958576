"""CPU and memory of a process and its children, from /proc (proc(5))."""

import os
from dataclasses import dataclass
from pathlib import Path

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1_000_000


@dataclass(frozen=True, slots=True)
class Usage:
    """So far: seconds of CPU; megabytes of resident memory, and of it with each shared page counted once."""

    cpu_s: float
    rss_mb: float
    pss_mb: float


def usage_of(pid: int) -> Usage:
    """Of a process and all below it."""
    cpu_s, rss_mb, pss_mb = 0.0, 0.0, 0.0
    for each in (pid, *_children(pid)):
        fields = Path(f"/proc/{each}/stat").read_text("ascii").rpartition(")")[2].split()
        cpu_s += (int(fields[11]) + int(fields[12])) * _TICK_S
        rss_mb += int(fields[21]) * _PAGE_MB
        pss_mb += _shared_once_mb(each)
    return Usage(cpu_s, rss_mb, pss_mb)


def _shared_once_mb(pid: int) -> float:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) * 1024 / 1_000_000


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text("ascii").split()]
    return found + [below for child in found for below in _children(child)]
