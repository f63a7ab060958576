"""What the network looks at: loudness in 32 bands of the telephone, a hundred times a second.

The bands are those of the speech embedding that the network's lower layers were taken from (see `network`): 60 to
3,800 Hz, evenly on Slaney's mel scale, windows of 25 ms, decimal logarithm of the power plus two.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from voicebot.speech import mel
from voicebot.speech.activity import MODEL_HZ, Samples
from voicebot.speech.products import product

BANDS: Final = 32
HOP: Final = 160
_WINDOW: Final = 400
_FFT: Final = 512
_LOWEST_HZ, _HIGHEST_HZ = 60.0, 3_800.0
_LEAST_POWER: Final = np.float32(1e-10)
_OFFSET: Final = np.float32(2.0)


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


_TAPER = _taper()
_BANK = np.ascontiguousarray(mel.bank(BANDS, np.fft.rfftfreq(_FFT, 1 / MODEL_HZ), _LOWEST_HZ, _HIGHEST_HZ).T)
