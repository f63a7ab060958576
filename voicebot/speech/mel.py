"""Bands of frequency as the ear divides them: triangles of one area, evenly on Slaney's mel scale.

The scale is linear to 1 kHz (15 mel) and logarithmic above, 27 steps for a factor of 6.4 (Auditory Toolbox, 1998).
"""

import numpy as np
import numpy.typing as npt

_LINEAR_HZ, _LINEAR_MELS = 1_000.0, 15.0
_HZ_PER_MEL = 200.0 / 3.0
_LOG_STEP = np.log(6.4) / 27.0


def bank(
    bands: int, frequencies_hz: npt.NDArray[np.floating], lowest_hz: float, highest_hz: float
) -> npt.NDArray[np.float32]:
    """What each frequency counts in each band, bands by frequencies."""
    edges = _hz(np.linspace(_mel(lowest_hz), _mel(highest_hz), bands + 2))
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (frequencies_hz - low) / (middle - low), (high - frequencies_hz) / (high - middle)
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return np.asarray(triangles * 2 / (high - low), np.float32)


def _mel(hz: float) -> float:
    return hz / _HZ_PER_MEL if hz < _LINEAR_HZ else float(_LINEAR_MELS + np.log(hz / _LINEAR_HZ) / _LOG_STEP)


def _hz(mels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    logarithmic = _LINEAR_HZ * np.exp((mels - _LINEAR_MELS) * _LOG_STEP)
    return np.where(mels < _LINEAR_MELS, mels * _HZ_PER_MEL, logarithmic)
