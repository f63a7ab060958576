"""What happened in a bot, written down as it happens, so that it is still there when the bot is not."""

import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any


class Journal:
    """A file of one JSON object a line; each is in the kernel's hands before the next thing happens."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def note(self, **facts: Any) -> None:
        os.write(self._file, json.dumps(facts).encode() + b"\n")


def read_journal(path: Path) -> list[dict[str, Any]]:
    """Everything that was noted, in order."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


class Steps:
    """Counts the moments at which a bot can die, and lets it die at one of them.

    Args:
        journal: is told what the bot was doing when it was killed.
        kill_at: the number of that moment, from 1; 0: never.
    """

    def __init__(self, journal: Journal, kill_at: int) -> None:
        self._journal = journal
        self._kill_at = kill_at
        self._lock = threading.Lock()
        self.labels: list[str] = []

    def reached(self, label: str) -> None:
        """One more moment. If it is the one, this process ends here, with all its threads."""
        with self._lock:
            self.labels.append(label)
            number = len(self.labels)
        if number == self._kill_at:
            self._journal.note(killed=label)
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(60)  # the signal ends the process while this thread waits here
