"""The bot's own voice, come back: how much of what is heard is what was just played.

What is played is known to the sample, so an echo is found by correlating the two (Benesty et al., "Advances in Network
and Acoustic Echo Cancellation", 2001, has the same test for double talk): a line that sends some of the prompt back
gives a peak near 1 at its delay, another voice gives none.
"""

from collections import deque

import numpy as np

from voicebot.speech.activity import FRAME_S, FRAME_SAMPLES, Samples

WINDOW_S = 0.8
"""How much of what was heard last is looked at: two short words."""

LONGEST_DELAY_S = 0.6
"""From playing to the echo: a satellite there and back."""

_SIZE = 1 << 15
"""Samples of one transform: window and delay, and more."""


class Echo:
    """The last moments of both directions of a call, frame by frame."""

    def __init__(self) -> None:
        frames = round(WINDOW_S / FRAME_S)
        delays = round(LONGEST_DELAY_S / FRAME_S)
        silent = np.zeros(FRAME_SAMPLES, np.float32)
        self._heard: deque[Samples] = deque([silent] * frames, maxlen=frames)
        self._played: deque[Samples] = deque([silent] * (frames + delays), maxlen=frames + delays)

    def hears(self, frame: Samples) -> None:
        """20 ms more of what is heard, at the model's rate."""
        self._heard.append(frame)

    def plays(self, frame: Samples) -> None:
        """20 ms more of what is played meanwhile."""
        self._played.append(frame)

    def likeness(self, window_s: float = WINDOW_S) -> float:
        """The highest normalised correlation over all delays: 1 for a pure echo, near 0 for another sound.

        Args:
            window_s: how much of what was heard last is looked at, `WINDOW_S` at most.
        """
        frames, delays = round(window_s / FRAME_S), round(LONGEST_DELAY_S / FRAME_S)
        heard = _sharpened(np.concatenate(list(self._heard)[-frames:]))
        played = _sharpened(np.concatenate(list(self._played)[-frames - delays :]))
        power = float(heard @ heard)
        sums = np.concatenate(([0.0], np.cumsum(played.astype(np.float64) ** 2)))
        powers = sums[heard.size :] - sums[: -heard.size]
        if power <= 0 or powers.max() <= 0:
            return 0.0
        products = np.fft.irfft(np.fft.rfft(played, _SIZE) * np.conj(np.fft.rfft(heard, _SIZE)), _SIZE)
        # A delay at which next to nothing was played is no evidence, however alike it looks; a sound that dies away is.
        usual = np.maximum(powers, powers.max() / 1000)
        return float(np.max(np.abs(products[: powers.size]) / np.sqrt(power * usual)))


def _sharpened(samples: Samples) -> Samples:
    """Differences of neighbours: the low hum that all voices share no longer outweighs what tells them apart."""
    return np.diff(samples, prepend=np.float32(0))
