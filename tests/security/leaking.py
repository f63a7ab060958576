"""Every leak that a careless change could make, one on each channel, to prove that the search would find it."""

import contextlib
import logging
import os
import sqlite3
import sys
from pathlib import Path

import soundfile
import structlog

from tests.security.canary import WORDS
from voicebot.audio import key_tones

RATE_HZ = 8000

CHANNELS = {
    "libraries.log": "digits",
    "stdout.txt": "digits",
    "stderr.txt": "key by key",
    "tmp/careless": "words",
    "voicebot.sqlite3-wal": "digits",
    "environ.careless": "digits",
    "careless.wav": "tones",
    "prompts/careless": "wide characters",
}
"""Where each leak is found, and in which form."""


def leak(folder: Path, secret: str) -> None:
    """Let a number out on every channel. Called while a ledger is open, so that the database's log is in use."""
    groups = [secret[at : at + 4] for at in range(0, len(secret), 4)]
    logging.getLogger("careless").debug("card %s", " ".join(groups))
    sys.stdout.write("card " + "-".join(groups) + "\n")
    for key in secret:
        structlog.get_logger("careless").debug("pressed", key=key)
    spoken = [WORDS[int(digit)].replace("(?:zero|oh|o)", "oh") for digit in secret]
    Path(os.environ["TMPDIR"], "careless").write_text(", ".join(spoken).capitalize(), "ascii")
    with contextlib.closing(sqlite3.connect(folder / "voicebot.sqlite3")) as database, database:
        database.execute("CREATE TABLE careless (number TEXT)")
        database.execute("INSERT INTO careless VALUES (?)", (secret,))
    (folder / "environ.careless").write_bytes(b"HOME=/\0CARD=" + secret.encode() + b"\0")
    soundfile.write(folder / "careless.wav", key_tones(secret, RATE_HZ).samples, RATE_HZ, subtype="PCM_16")
    (folder / "prompts").mkdir(exist_ok=True)
    (folder / "prompts" / "careless").write_bytes(secret.encode("utf-16-le"))
