"""Sounds that tests make."""

import numpy as np

from voicebot.audio import Sound


def hum(duration_s: float, rate_hz: int = 16_000, *, frequency_hz: float = 440.0, level: float = 0.3) -> Sound:
    """A sine of `level` of full scale."""
    times_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    return Sound.from_samples((level * 32767 * np.sin(2 * np.pi * frequency_hz * times_s)).astype(np.int16), rate_hz)
