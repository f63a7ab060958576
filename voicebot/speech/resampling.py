"""Sound of any rate brought to the model's, as it comes.

The telephone's 8 kHz are doubled by a short half-band filter, 2.5 ms late. `soxr`, which takes every other rate, works
in blocks: on pieces of 20 ms its stream is 62 ms late (median; 115 ms at most), and a caller waits that much longer.
"""

from typing import Final, Protocol

import numpy as np
import soxr

from voicebot.speech.activity import MODEL_HZ, Samples

_HALF_TAPS = 40
"""Input samples that a new sample between two others is made of: flat to 3.6 kHz, images 60 dB down from 4.4 kHz on."""

_KAISER_BETA = 5.65

_PLACES = np.arange(_HALF_TAPS) - (_HALF_TAPS - 1) / 2
_BETWEEN = (np.sinc(_PLACES) * np.kaiser(_HALF_TAPS, _KAISER_BETA)).astype(np.float32)
_BETWEEN /= _BETWEEN.sum()
_BETWEEN_REVERSED = np.ascontiguousarray(_BETWEEN[::-1])
_DELAY = _HALF_TAPS // 2


class Resampler(Protocol):
    """What both sorts do."""

    def feed(self, samples: Samples) -> Samples:
        """The next samples, at the model's rate; some may come with the next piece only."""

    def finish(self) -> Samples:
        """What is left when the sound is over."""


def resampler_from(rate_hz: int) -> Resampler:
    """The resampler for sound of this rate."""
    if rate_hz == MODEL_HZ:
        return _Same()
    return _Doubled() if 2 * rate_hz == MODEL_HZ else _Streamed(rate_hz)


class _Same:
    """Sound that has the model's rate."""

    def feed(self, samples: Samples) -> Samples:
        return samples

    def finish(self) -> Samples:
        return np.zeros(0, np.float32)


class _Doubled:
    """Each sample as it is, and one between it and the next by a windowed sinc."""

    def __init__(self) -> None:
        self._before: Samples = np.zeros(_HALF_TAPS - 1, np.float32)

    def feed(self, samples: Samples) -> Samples:
        known = np.concatenate((self._before, samples))
        self._before = known[-(_HALF_TAPS - 1) :]
        doubled = np.empty((samples.size, 2), np.float32)
        if samples.size:
            doubled[:, 0] = known[_DELAY - 1 : _DELAY - 1 + samples.size]
            doubled[:, 1] = np.correlate(known, _BETWEEN_REVERSED, "valid")
        return doubled.reshape(-1)

    def finish(self) -> Samples:
        return self.feed(np.zeros(_DELAY, np.float32))


class _Streamed:
    """Any other rate."""

    def __init__(self, rate_hz: int) -> None:
        self._stream: Final = soxr.ResampleStream(rate_hz, MODEL_HZ, 1, dtype="float32")

    def feed(self, samples: Samples) -> Samples:
        return np.asarray(self._stream.resample_chunk(samples), np.float32)

    def finish(self) -> Samples:
        return np.asarray(self._stream.resample_chunk(np.zeros(0, np.float32), last=True), np.float32)
