"""The tones of a telephone keypad (DTMF): made for tests and scripted callers, and found in what a caller's line sends.

Frequencies: ITU-T Q.23. What a receiver must take and must refuse: ITU-T Q.24, column "North American administrations".
A line that has an event for each key (RFC 4733, SIP INFO) needs no detector.
"""

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from voicebot.audio.sound import FULL_SCALE, Sound

ROWS_HZ = (697, 770, 852, 941)
COLUMNS_HZ = (1209, 1336, 1477)
KEYPAD = ("123", "456", "789", "*0#")
"""The keys by row and column. The fourth column, A to D, is on no caller's telephone, and only costs false alarms."""

WINDOW_S = 0.020
STEP_S = 0.010
STEPS_ON = 2
"""Windows in a row that must show one key: they are surely found in 40 ms of tone, which must be taken (Q.24)."""
STEPS_OFF = 4
"""Windows without it that end a press: a gap of 10 ms must not make two of one, one of 40 ms must."""

PURITY = 0.80
"""The share of a window's power that the two tones must hold; noise at 10 dB leaves that much, a voice never does."""
TWIST_DB = 8.0
"""How much louder one tone may be than the other."""
QUIETEST_DBFS = -45.0

_DETUNED = (-0.012, 0.0, 0.012)
"""A telephone may be off by 1.5 % in frequency; each tone is sought at its own and beside it."""

_Floats = npt.NDArray[np.float64]


def key_tones(keys: str, rate_hz: int, *, on_s: float = 0.1, off_s: float = 0.1, level_dbfs: float = -13.0) -> Sound:
    """The sound of `keys` pressed one after the other, each followed by `off_s` of silence.

    Args:
        keys: out of `0-9*#`.
        rate_hz: rate of the sound.
        on_s: how long each tone lasts.
        off_s: how long the silence after it.
        level_dbfs: level of each of the two tones of a key.
    """
    times_s = np.arange(round(on_s * rate_hz)) / rate_hz
    amplitude = FULL_SCALE * math.sqrt(2) * 10 ** (level_dbfs / 20)
    sound = Sound(b"", rate_hz)
    for key in keys:
        row_hz, column_hz = _frequencies(key)
        wave = np.sin(2 * np.pi * row_hz * times_s) + np.sin(2 * np.pi * column_hz * times_s)
        tone = np.clip(np.rint(amplitude * wave), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
        sound += Sound.from_samples(tone, rate_hz) + Sound.silence(off_s, rate_hz)
    return sound


def _frequencies(key: str) -> tuple[int, int]:
    for row_hz, row in zip(ROWS_HZ, KEYPAD, strict=True):
        if len(key) == 1 and key in row:
            return row_hz, COLUMNS_HZ[row.index(key)]
    raise ValueError("a keypad has the keys 0 to 9, * and #")


class ToneDetector:
    """Finds keys in a stream of sound and takes their tones out of it.

    Each window of 20 ms is projected on the tones; it shows a key if a row's and a column's hold nearly all of its
    power, at about the same level. One detector serves one line; it needs about 0.1 ms for a frame of 20 ms.
    """

    def __init__(self, rate_hz: int) -> None:
        self._bank = _Bank.at(rate_hz)
        self._rate_hz = rate_hz
        self._tail: npt.NDArray[np.int16] = np.zeros(self._bank.window - self._bank.step, dtype=np.int16)
        self._candidate = ""
        self._steps_on = 0
        self._steps_off = 0
        self._pressed = ""

    def hear(self, sound: Sound) -> tuple[Sound, str]:
        """Take the next piece of sound, a whole number of steps of 10 ms.

        Returns:
            The sound with silence where it shows a tone (the first and last few ms of one may be left), and the keys
            that are now known to have been pressed, each once however long it is held.
        """
        step = self._bank.step
        if sound.rate_hz != self._rate_hz or len(sound.samples) % step:
            raise ValueError(f"this detector takes multiples of 10 ms of sound at {self._rate_hz} Hz")
        stretch = np.concatenate((self._tail, sound.samples))
        self._tail = stretch[len(stretch) - len(self._tail) :]
        cleaned, keys = stretch.copy(), ""
        for start in range(0, len(sound.samples), step):
            key = self._bank.key(stretch[start : start + self._bank.window])
            if key or self._candidate:  # the step after the last such window holds the end of the tone
                cleaned[start : start + self._bank.window] = 0
            keys += self._step(key)
        return Sound.from_samples(cleaned[len(self._tail) :], self._rate_hz), keys

    def _step(self, key: str) -> str:
        """One window further: the key that is now certain, or nothing."""
        if self._pressed:
            self._steps_off = 0 if key == self._pressed else self._steps_off + 1
            if self._steps_off >= STEPS_OFF:
                self._pressed = ""
        self._steps_on = self._steps_on + 1 if key == self._candidate else 1
        self._candidate = key
        if not key or self._pressed or self._steps_on < STEPS_ON:
            return ""
        self._pressed, self._steps_off = key, 0
        return key


class _Bank:
    """The tones as orthonormal bases, two dimensions (sine and cosine) a tone, for windows of one rate."""

    @classmethod
    @lru_cache(maxsize=4)
    def at(cls, rate_hz: int) -> "_Bank":
        return cls(rate_hz)

    def __init__(self, rate_hz: int) -> None:
        self.window = round(WINDOW_S * rate_hz)
        self.step = round(STEP_S * rate_hz)
        times_s = np.arange(self.window) / rate_hz
        self._quietest = self.window * (FULL_SCALE * 10 ** (QUIETEST_DBFS / 20)) ** 2
        tuned = [1 + off for off in _DETUNED]
        waves = [[_waves(tone * by, times_s) for by in tuned] for tone in (*ROWS_HZ, *COLUMNS_HZ)]
        self._singles = np.stack([_basis(wave) for tone in waves for wave in tone])
        rows, columns = waves[: len(ROWS_HZ)], waves[len(ROWS_HZ) :]
        self._pairs = {
            (row * len(tuned) + row_tuned, column * len(tuned) + column_tuned): _basis(np.vstack((low, high)))
            for row, lows in enumerate(rows)
            for column, highs in enumerate(columns)
            for row_tuned, low in enumerate(lows)
            for column_tuned, high in enumerate(highs)
        }

    def key(self, samples: npt.NDArray[np.int16]) -> str:
        """The key that a window shows, or nothing."""
        window = samples.astype(np.float64)
        power = float(window @ window)
        if power < self._quietest:
            return ""
        tones = np.square(self._singles @ window).sum(axis=1)
        rows, columns = np.split(tones, [len(ROWS_HZ) * len(_DETUNED)])
        row, column = int(np.argmax(rows)), int(np.argmax(columns))
        twist_db = abs(10 * math.log10(columns[column] / rows[row]))
        held = float(np.square(self._pairs[row, column] @ window).sum())
        if twist_db > TWIST_DB or held < PURITY * power:
            return ""
        return KEYPAD[row // len(_DETUNED)][column // len(_DETUNED)]


def _waves(frequency_hz: float, times_s: _Floats) -> _Floats:
    phases = 2 * np.pi * frequency_hz * times_s
    return np.stack((np.cos(phases), np.sin(phases)))


def _basis(waves: _Floats) -> _Floats:
    """An orthonormal basis of the space that the rows of `waves` span, as rows."""
    return np.linalg.qr(waves.T)[0].T
