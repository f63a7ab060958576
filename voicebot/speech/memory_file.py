"""A file name for programs that can only write to files, kept away from every disk."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class MemoryFile:
    """A file that goes when its `with` ends.

    Attributes:
        path: its name, in this process and in children that inherit `descriptors`.
        descriptors: what a child needs; empty where the system has no files in memory.
    """

    path: Path
    descriptors: tuple[int, ...] = ()


@contextlib.contextmanager
def memory_file() -> Iterator[MemoryFile]:
    """An empty file in memory on Linux; elsewhere one in a private folder that is removed afterwards."""
    if sys.platform == "linux":
        descriptor = os.memfd_create("sound")
        try:
            yield MemoryFile(Path(f"/proc/self/fd/{descriptor}"), (descriptor,))
        finally:
            os.close(descriptor)
    else:
        with tempfile.TemporaryDirectory(prefix="voicebot-") as folder:
            yield MemoryFile(Path(folder) / "sound.wav")
