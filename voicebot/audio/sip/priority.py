"""Sound first: PJSIP's threads before everything else on a busy machine.

They need a hundredth of a core, and need it within 20 ms. On Linux each thread has a niceness of its own. A lower one
than the process has takes a right (root, CAP_SYS_NICE, or `LimitNICE=` in a systemd unit); without it nothing changes.
"""

import contextlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path

LESS_BY = 10
"""So much less niceness than the process has; 10 is a tenth of the waiting (nice(7), sched(7))."""


def threads() -> frozenset[int]:
    """The threads of this process, Python's and others, as the kernel numbers them; none where that is not Linux."""
    if sys.platform != "linux":
        return frozenset()
    return frozenset(int(task.name) for task in Path("/proc/self/task").iterdir())


def prefer(chosen: Iterable[int]) -> None:
    """Let these threads run before others, where that is allowed."""
    with contextlib.suppress(PermissionError, ProcessLookupError):
        for thread in chosen:
            os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, 0) - LESS_BY)
