"""What the network looks at: loudness in 32 bands of the telephone, a hundred times a second.

The bands are those of the speech embedding that the network's lower layers were taken from (see `network`): 60 to
3,800 Hz, evenly on Slaney's mel scale, windows of 25 ms, decimal logarithm of the power plus two.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from voicebot.speech.activity import MODEL_HZ, Samples
from voicebot.speech.digits.products import product

BANDS: Final = 32
HOP: Final = 160
_WINDOW: Final = 400
_FFT: Final = 512
_LOWEST_HZ, _HIGHEST_HZ = 60.0, 3_800.0
_LEAST_POWER: Final = np.float32(1e-10)
_OFFSET: Final = np.float32(2.0)

_LINEAR_HZ = 1_000.0
_HZ_PER_MEL = 200.0 / 3.0
_LINEAR_MELS = _LINEAR_HZ / _HZ_PER_MEL
_LOG_STEP = np.log(6.4) / 27.0
"""Slaney's scale: linear to 1 kHz, logarithmic above, 27 mels to 6.4 kHz (Auditory Toolbox, 1998)."""


def log_mel(samples: Samples) -> npt.NDArray[np.float32]:
    """Windows by bands; sound shorter than one window is filled up with silence."""
    padded = np.pad(samples, (0, max(0, _FFT - samples.size)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::HOP]
    power = np.abs(np.fft.rfft(windows * _TAPER)) ** 2
    return np.asarray(
        np.log10(np.maximum(product(power.astype(np.float32), _BANK), _LEAST_POWER)) + _OFFSET, np.float32
    )


def _taper() -> npt.NDArray[np.float32]:
    edge = (_FFT - _WINDOW) // 2
    return np.pad(np.hanning(_WINDOW + 1)[:-1], edge).astype(np.float32)


def _bank() -> npt.NDArray[np.float32]:
    """Triangles of one area, frequencies by bands."""
    edges = _hz(np.linspace(_mel(_LOWEST_HZ), _mel(_HIGHEST_HZ), BANDS + 2))
    frequencies = np.fft.rfftfreq(_FFT, 1 / MODEL_HZ)[:, None]
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (frequencies - low) / (middle - low), (high - frequencies) / (high - middle)
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)) * 2 / (high - low), np.float32)


def _mel(hz: float) -> float:
    return hz / _HZ_PER_MEL if hz < _LINEAR_HZ else float(_LINEAR_MELS + np.log(hz / _LINEAR_HZ) / _LOG_STEP)


def _hz(mels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    logarithmic = _LINEAR_HZ * np.exp((mels - _LINEAR_MELS) * _LOG_STEP)
    return np.where(mels < _LINEAR_MELS, mels * _HZ_PER_MEL, logarithmic)


_TAPER = _taper()
_BANK = _bank()
