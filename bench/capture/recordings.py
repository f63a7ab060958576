"""The recordings of people: where they are, and which half of them may be used for what."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from voicebot.cli.errors import BadInput

Samples = npt.NDArray[np.float64]
"""Mono sound from -1 to 1."""

FSDD_HZ = 8_000
COMMANDS_HZ = 16_000


class NoRecordings(BadInput):
    """The folder of recordings is missing; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Recordings:
    """A folder laid out as `fsdd/SPEAKER/DIGIT_N.flac`, `commands/WORD/*.flac`, `noise/*.flac`."""

    folder: Path

    def __post_init__(self) -> None:
        missing = [name for name in ("fsdd", "commands", "noise") if not (self.folder / name).is_dir()]
        if missing:
            raise NoRecordings(
                f"{self.folder} has no {', '.join(missing)}: give a folder with the Free Spoken Digit Dataset in "
                "fsdd/SPEAKER/DIGIT_N.flac, words of Speech Commands in commands/WORD/, and noise/ with --speech FOLDER"
            )

    def speakers(self) -> list[str]:
        """Everybody who says digits."""
        return sorted(path.name for path in (self.folder / "fsdd").iterdir() if path.is_dir())

    def digit(self, speaker: str, digit: str, clip: int) -> Samples:
        """One spoken digit, 8 kHz."""
        return _read(self.folder / "fsdd" / speaker / f"{digit}_{clip}.flac", FSDD_HZ)

    def clips(self, speaker: str, digit: str, *, tuning: bool) -> list[int]:
        """Clip numbers of one half: the first half is for tuning, the second for reports."""
        numbers = sorted(
            int(path.stem.partition("_")[2]) for path in (self.folder / "fsdd" / speaker).glob(f"{digit}_*.flac")
        )
        middle = len(numbers) // 2
        return numbers[:middle] if tuning else numbers[middle:]

    def words(self, word: str, *, tuning: bool) -> Iterator[tuple[str, Samples]]:
        """Name and sound (16 kHz) of one half of the recordings of a word; halves share no speaker."""
        for path in sorted((self.folder / "commands" / word).rglob("*.flac")):
            speaker = path.stem.partition("_")[0]
            if (int.from_bytes(speaker.encode()[-3:], "big") % 2 == 0) == tuning:
                yield path.name, _read(path, COMMANDS_HZ)

    def noise(self) -> dict[str, Samples]:
        """Long noises by name, 16 kHz."""
        return {path.stem: _read(path, COMMANDS_HZ) for path in sorted((self.folder / "noise").glob("*.flac"))}


def _read(path: Path, rate_hz: int) -> Samples:
    samples, own_hz = soundfile.read(path, dtype="float64")
    wanted: Samples = samples if own_hz == rate_hz else soxr.resample(samples, own_hz, rate_hz)
    return wanted
