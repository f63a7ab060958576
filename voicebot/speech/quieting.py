"""The line's noise taken out of speech before it is decoded, where there is enough of it to do harm.

Kaldi's models lose whole digits in a hiss. A Wiener filter with the decision-directed estimate (Ephraim and Malah, IEEE
Transactions on Acoustics, Speech and Signal Processing 32, 1984) lowers what is no louder than the noise that was
heard while nobody spoke. It wears away soft consonants too, so it goes only as far as is needed: until the background
is `CLEAN_DB` below the speech. A line that is as clean as that passes unchanged, to the bit.
"""

import math
from collections import deque
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from voicebot.speech.activity import FRAME_SAMPLES, Samples
from voicebot.speech.levelling import LEVEL_DECAY, loudness

CLEAN_DB = 32.0
"""Speech that is so far above the background is left as it is."""

DEEPEST_DB = -15.0
"""Nothing is lowered by more."""

WINDOW = 480
HOP = 160
"""Windows of 30 ms, 10 ms apart."""

SMOOTHING = 0.98
"""How much of a band's estimate comes from the window before (Ephraim and Malah's alpha)."""

LEAST_SIGNAL = 10 ** (-25 / 10)
"""Of speech to noise in a band: the same estimate's usual lower bound."""

HEARD_FRAMES = 100
"""The background is known from the last 0.8 s without speech: from the quieter half of them, as a breath is among."""

FEWEST_FRAMES = 8
SPREAD = 2
_SPREAD = np.full(2 * SPREAD + 1, 1 / (2 * SPREAD + 1))

_KEPT = WINDOW - HOP
_TAPER = np.sqrt(np.hanning(WINDOW + 1)[:-1]).astype(np.float32)
_UNITY = np.float32(2 * HOP / WINDOW)
"""What overlapping windows, tapered twice, must be multiplied by."""

_NOISE_TAPER = np.hanning(FRAME_SAMPLES).astype(np.float32)
_NOISE_SCALE = float(np.sum(_TAPER**2) / np.sum(_NOISE_TAPER**2))

Bands = npt.NDArray[np.float32]


class Quieting:
    """The filter of one listen."""

    def __init__(self) -> None:
        self._heard: deque[Samples] = deque(maxlen=HEARD_FRAMES)
        self._level = 0.0
        self._noise: Bands | None = None
        self._noise_rms = 0.0
        self._floor: np.float32 | None = None  # of this segment; None until its first piece is here
        self._before = np.zeros(WINDOW // 2 + 1, np.float32)  # speech over noise in the window before, as estimated
        self._input = np.zeros(_KEPT, np.float32)
        self._output = np.zeros(_KEPT, np.float32)

    def notice(self, frames: Iterable[Samples]) -> None:
        """Frames of 20 ms in which nobody spoke."""
        self._heard.extend(frames)

    def begin(self) -> None:
        """A segment begins: what was noticed until now is its background."""
        self._floor = None
        self._noise = None
        if len(self._heard) >= FEWEST_FRAMES:
            by_loudness = sorted(self._heard, key=lambda frame: float(frame @ frame))
            quiet = np.array(by_loudness[: len(by_loudness) // 2])
            self._noise_rms = math.sqrt(float(np.mean(quiet * quiet)))
            power = np.abs(np.fft.rfft(quiet * _NOISE_TAPER, WINDOW)) ** 2
            power = np.convolve(np.pad(power.mean(axis=0), SPREAD, "edge"), _SPREAD, "valid")
            self._noise = (power * _NOISE_SCALE + 1.0).astype(np.float32)
        for memory in (self._before, self._input, self._output):
            memory.fill(0.0)

    def applied_to(self, samples: Samples) -> Samples:
        """The segment's next piece, of whole frames, as long as it came; where it was filtered, 20 ms later."""
        self._level = max(self._level * LEVEL_DECAY, loudness(samples))
        if self._noise is None:
            return samples
        if self._floor is None:
            over_db = 20 * math.log10(max(self._level, 1.0) / max(self._noise_rms, 1.0))
            self._floor = np.float32(10 ** (min(0.0, max(DEEPEST_DB, over_db - CLEAN_DB)) / 20))
        return samples if self._floor == 1.0 else self._filtered(samples, self._noise, self._floor)

    def _filtered(self, samples: Samples, noise: Bands, floor: np.float32) -> Samples:
        padded = np.concatenate((self._input, samples))
        self._input = padded[-_KEPT:]
        bands = np.fft.rfft(np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP] * _TAPER)
        bands *= self._gains((np.abs(bands) ** 2 / noise).astype(np.float32), floor)
        pieces = np.fft.irfft(bands).astype(np.float32) * (_TAPER * _UNITY)
        mixed = np.zeros(samples.size + _KEPT, np.float32)
        mixed[:_KEPT] = self._output
        for number, piece in enumerate(pieces):
            mixed[number * HOP : number * HOP + WINDOW] += piece
        self._output = mixed[samples.size :]
        return mixed[: samples.size]

    def _gains(self, over_noise: Bands, floor: np.float32) -> Bands:
        """For each window what each band is multiplied by."""
        now = np.maximum(over_noise - 1, 0) * np.float32(1 - SMOOTHING)
        gains = np.empty_like(over_noise)
        for number, excess in enumerate(now):
            signal = np.maximum(np.float32(SMOOTHING) * self._before + excess, np.float32(LEAST_SIGNAL))
            gains[number] = np.maximum(signal / (1 + signal), floor)
            self._before = gains[number] ** 2 * over_noise[number]
        return gains
