"""A thread that gives way, and no other one."""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from voicebot.speech import give_way
from voicebot.speech.priority import MORE_BY

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="niceness is the process's there")

LARGEST = 19


def own_niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def test_only_the_thread_itself_gives_way() -> None:
    before = own_niceness()
    with ThreadPoolExecutor(1, initializer=give_way) as pool:
        assert pool.submit(own_niceness).result() == min(before + MORE_BY, LARGEST)
    assert own_niceness() == before
