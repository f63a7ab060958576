"""Who is alive, and who certainly is not."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from voicebot.ledger import holder
from voicebot.ledger.holder import Process, known_dead, this_process


@pytest.fixture
def other() -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours that does nothing until it is ended."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def as_holder(pid: int) -> Process:
    return Process(this_process().place, pid, holder._started(pid) or "")


def test_we_live_and_say_so_in_words_that_can_be_read_back() -> None:
    assert not known_dead(str(this_process()))
    assert Process.parse(str(this_process())) == this_process()


def test_a_killed_process_is_dead_at_once_even_as_a_zombie(other: subprocess.Popen[bytes]) -> None:
    text = str(as_holder(other.pid))
    assert not known_dead(text)
    other.send_signal(signal.SIGKILL)
    other.stdin.close() if other.stdin else None
    os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)  # it ended, and stays a zombie
    assert known_dead(text)


def test_a_number_given_again_is_another_process() -> None:
    ours = this_process()
    assert known_dead(str(Process(ours.place, ours.pid, "1")))


@pytest.mark.parametrize("text", ["", "nonsense", "elsewhere:boot:1/1/1"])
def test_of_others_nothing_is_known(text: str) -> None:
    assert not known_dead(text)


def test_where_no_start_time_is_told_nothing_is_known() -> None:
    ours = this_process()
    assert not known_dead(str(Process(ours.place, ours.pid, "")))
