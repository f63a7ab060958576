"""PJSIP's Python binding, loaded only when a SIP line is wanted, and the rules that keep it alive.

1. Ports are made once, pooled and never freed: freeing them crashes the media thread after some hundred calls.
2. Every reference to a call is dropped while its disconnection is told: one that is collected later hangs up the next
   caller in its slot.
3. The process leaves by `leave` after the library was destroyed: at a normal exit Python frees what is gone already.
4. Endpoint, accounts and ports are held until then: one that is collected once the library was destroyed aborts the
   process.
5. A frame is never larger than its port's; an empty one received is normal; each callback catches what is raised in it.
6. Only the owner thread calls the library. Callbacks copy, and return.
7. A part of a record (`info.media`) points into it: the record itself needs a name for as long as the part is used.

One process has one endpoint, once.
"""

import ctypes
import importlib
import os
import sys
from typing import Any, NoReturn

from voicebot.audio.place import PlaceError

SWITCH_INTERVAL_S = 0.0005
"""How soon a busy Python thread makes room for the media thread; with Python's 5 ms, frames are late by the dozen."""


def load() -> Any:
    """The module `pjsua2`.

    Raises:
        PlaceError: it is not installed.
    """
    try:
        # The package's own module: its front asks the system for a version each time it is imported.
        return importlib.import_module("pjsua2.pjsua2")
    except ImportError as problem:
        raise PlaceError(
            f"telephone calls need the package pjsua2-python ({problem}): python3 tools/set_up.py --sip, "
            "or pip install -r requirements-sip.txt"
        ) from None


class _Vector(ctypes.Structure):
    """A C++ `std::vector<unsigned char>`: where its bytes begin and end."""

    _fields_ = (("begin", ctypes.c_void_p), ("end", ctypes.c_void_p))


def vector_bytes(vector: Any) -> bytes:
    """A copy of a `ByteVector` in one piece (6 µs for a frame); `bytes(vector)` takes a hundred times as long."""
    inside = _Vector.from_address(int(vector.this))
    return ctypes.string_at(inside.begin, inside.end - inside.begin) if inside.begin else b""


def quiet(library: Any) -> None:
    """Keep PJSIP from printing what it does before its settings are read."""
    set_level = getattr(ctypes.CDLL(library._pjsua2.__file__), "pj_log_set_level", None)  # noqa: SLF001 - its native half
    if set_level is not None:
        set_level(0)


def check_vectors(library: Any) -> None:
    """See that this build of the library lays its vectors out as `vector_bytes` reads them.

    Raises:
        PlaceError: it does not.
    """
    pattern = bytes(range(256))
    if vector_bytes(library.ByteVector(pattern)) != pattern or vector_bytes(library.ByteVector()):
        raise PlaceError("this build of pjsua2 keeps frames in another way; install the one of requirements-sip.txt")


def leave(code: int) -> NoReturn:
    """End a process that has used the library, at once and without Python's clearing up (rule 3)."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
