"""Who hears and speaks gives way to who keeps time: on a busy machine late sound is heard, a late answer hardly."""

import os
import sys
import threading

MORE_BY = 5
"""So much more niceness than the process has (nice(7)); a third of the processor where others want it too."""


def give_way() -> None:
    """Let other threads run before this one; on Linux, where each has a niceness of its own."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + MORE_BY)
