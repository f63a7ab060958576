"""Sound as data: 16-bit little-endian mono PCM that carries its own rate."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import soxr

FRAME_S = 0.020
"""Every place gives and takes frames of 20 ms, the packet of telephony (RFC 3551)."""

SAMPLE_BYTES = 2

FULL_SCALE = 32_768


@dataclass(frozen=True, slots=True)
class Sound:
    """A piece of mono sound.

    Attributes:
        pcm: signed 16-bit little-endian samples; never in a repr, as it may be a caller's card number.
        rate_hz: samples a second.
    """

    pcm: bytes = field(repr=False)
    rate_hz: int

    def __post_init__(self) -> None:
        if self.rate_hz <= 0:
            raise ValueError(f"a sound needs a positive rate, not {self.rate_hz} Hz")
        if len(self.pcm) % SAMPLE_BYTES:
            raise ValueError("16-bit sound has an even number of bytes; the last sample is cut in half")

    @classmethod
    def silence(cls, duration_s: float, rate_hz: int) -> "Sound":
        return cls(bytes(SAMPLE_BYTES * round(duration_s * rate_hz)), rate_hz)

    @classmethod
    def from_samples(cls, samples: npt.NDArray[np.int16], rate_hz: int) -> "Sound":
        return cls(samples.astype("<i2").tobytes(), rate_hz)

    @property
    def samples(self) -> npt.NDArray[np.int16]:
        """The samples as a read-only array over the same bytes."""
        return np.frombuffer(self.pcm, dtype="<i2")

    @property
    def duration_s(self) -> float:
        return len(self.pcm) / SAMPLE_BYTES / self.rate_hz

    def resampled(self, rate_hz: int) -> "Sound":
        """The same sound at another rate (soxr, high quality), every time to the last bit."""
        if rate_hz == self.rate_hz:
            return self
        # In floats: where soxr makes integers it adds noise whose seed is the time of day.
        return _clipped(soxr.resample(self.samples.astype(np.float32), self.rate_hz, rate_hz), rate_hz)

    @property
    def level_dbfs(self) -> float:
        """Root mean square in dB below full scale (a full square wave is 0 dB); minus infinity for silence."""
        samples = self.samples.astype(np.float64)
        power = float(np.mean(np.square(samples))) if samples.size else 0.0
        return 10 * math.log10(power / FULL_SCALE**2) if power else -math.inf

    def amplified(self, gain_db: float) -> "Sound":
        """Louder by `gain_db`, or softer where that is negative; what is too loud is clipped."""
        return _clipped(self.samples * 10 ** (gain_db / 20), self.rate_hz)

    def mixed(self, other: "Sound") -> "Sound":
        """Both at once, as long as the longer of the two; what is too loud together is clipped."""
        self._same_rate(other)
        mix = np.zeros(max(len(self.pcm), len(other.pcm)) // SAMPLE_BYTES)
        for sound in (self, other):
            mix[: len(sound.samples)] += sound.samples
        return _clipped(mix, self.rate_hz)

    def frames(self, frame_s: float = FRAME_S) -> Iterator["Sound"]:
        """The sound cut into frames of `frame_s` seconds, the last one filled up with silence."""
        size = round(frame_s * self.rate_hz) * SAMPLE_BYTES
        for start in range(0, len(self.pcm), size):
            yield Sound(self.pcm[start : start + size].ljust(size, b"\0"), self.rate_hz)

    def __add__(self, other: "Sound") -> "Sound":
        self._same_rate(other)
        return Sound(self.pcm + other.pcm, self.rate_hz)

    def _same_rate(self, other: "Sound") -> None:
        if other.rate_hz != self.rate_hz:
            raise ValueError(f"cannot join sounds of {self.rate_hz} Hz and {other.rate_hz} Hz; resample one first")


def _clipped(samples: npt.NDArray[np.floating], rate_hz: int) -> Sound:
    return Sound.from_samples(np.clip(np.rint(samples), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16), rate_hz)
