"""Threads that are preferred, where the system allows it."""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.sip.waiting import becomes_true
from voicebot.audio.sip.priority import LESS_BY, prefer, threads

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="niceness is the process's there")


def own_niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def may_be_preferred() -> bool:
    try:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), own_niceness() - LESS_BY)
    except PermissionError:
        return False
    return True


def test_new_threads_are_preferred_where_that_is_allowed() -> None:
    with ThreadPoolExecutor(1) as other:
        allowed = other.submit(may_be_preferred).result()
    before = threads()
    with ThreadPoolExecutor(1) as pool:
        number = pool.submit(threading.get_native_id).result()
        assert threads() - before == {number}
        prefer(threads() - before)
        assert pool.submit(own_niceness).result() == own_niceness() - (LESS_BY if allowed else 0)


async def test_a_thread_that_is_gone_changes_nothing() -> None:
    before = own_niceness()
    with ThreadPoolExecutor(1) as pool:
        gone = pool.submit(threading.get_native_id).result()
    await becomes_true(lambda: gone not in threads())  # the kernel lists it a little longer than Python does
    prefer({gone})
    assert own_niceness() == before
