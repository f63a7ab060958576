"""Looking for a canary in everything that was written: bytes of every file, and keypad tones of every recording."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from tests.security.canary import Canary
from voicebot.audio import Sound
from voicebot.audio.tones import ToneDetector

TELEPHONE_HZ = 8000
ENOUGH = 6
"""So many digits of a number in a row, as tones, are a find: the rest may have been lost in a prompt."""


@dataclass(frozen=True, slots=True)
class Find:
    """A canary in a file. `secret` is its name, not the number."""

    file: str
    secret: str
    form: str


def search(folder: Path, canaries: Iterable[Canary]) -> list[Find]:
    """Every place in a folder where a canary stands."""
    wanted = list(canaries)
    finds = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name, data = str(path.relative_to(folder)), path.read_bytes()
        sound = data[:4] == b"RIFF"
        written = [canary for canary in wanted if not (sound and canary.short)]  # soft samples look like a few digits
        finds += [Find(name, canary.name, form) for canary in written for form in canary.forms_in(data)]
        if sound:
            pressed = keys_in(path)
            finds += [Find(name, canary.name, "tones") for canary in wanted if _pressed(canary, pressed)]
    return finds


def keys_in(recording: Path) -> list[str]:
    """The keypad keys that can be heard in a recording, channel by channel."""
    samples, rate_hz = soundfile.read(recording, dtype="int16", always_2d=True)
    channels = []
    for channel in np.asarray(samples).T:
        detector = ToneDetector(TELEPHONE_HZ)
        whole = Sound.from_samples(np.ascontiguousarray(channel), rate_hz).resampled(TELEPHONE_HZ)
        channels.append("".join(key for frame in whole.frames() for key in detector.hear(frame)[1]))
    return channels


def _pressed(canary: Canary, channels: Iterable[str]) -> bool:
    length = min(ENOUGH, len(canary.digits))
    pieces = {canary.digits[at : at + length] for at in range(len(canary.digits) - length + 1)}
    return any(piece in pressed for pressed in channels for piece in pieces)


def copies_in_memory(process: int, canary: Canary) -> int:
    """How often a number stands in the memory of a process, as plain digits; freed memory included."""
    wanted, copies = canary.digits.encode(), 0
    with Path(f"/proc/{process}/maps").open() as maps, Path(f"/proc/{process}/mem").open("rb", buffering=0) as memory:
        for line in maps:
            span, rights, *_ = line.split()
            if not rights.startswith("rw"):
                continue
            begin, end = (int(part, 16) for part in span.split("-"))
            try:
                memory.seek(begin)
                copies += memory.read(end - begin).count(wanted)
            except OSError:
                continue  # a mapping of the kernel's own
    return copies
