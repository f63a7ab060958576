"""Digits as they come over a telephone: run together or apart, too fast, too soft, cut off, in a room, in noise.

What a few speakers cannot teach is how others speak; what can be taught is what does not matter.
"""

from collections.abc import Sequence

import numpy as np

from bench.capture.lines import mu_law
from bench.digits.clips import Clip, Sound
from voicebot.audio.codec import TELEPHONE_HZ
from voicebot.speech.activity import Samples
from voicebot.speech.resampling import resampler_from

LEVEL = 3_000.0
"""Where `Levelling` brings speech to before the network hears it."""

OTHER_SHARE = 0.06
"""Of words that are no digits."""

NOISE_DB = (60.0, 45.0, 35.0, 25.0, 18.0, 12.0)
NOISE_SHARES = (0.2, 0.2, 0.25, 0.2, 0.1, 0.05)

_FRAME = 160
_LOUD = 90


class Lines:
    """Draws lines of digits.

    Args:
        others: words that are no digits.
        noises: long noises.
        rng: all chance comes from here.
        lasts_s: how long each line is.
    """

    def __init__(
        self, others: Sequence[Clip], noises: Sequence[Sound], rng: np.random.Generator, lasts_s: float = 3.0
    ) -> None:
        self._lasts_s = lasts_s
        self._others = others
        self._noises = noises
        self._rng = rng

    def draw(self, clips: Sequence[Clip]) -> tuple[Samples, str]:
        """Some of the clips one after the other, at the model's rate, and the digits that they are."""
        sound, digits = self._said(clips)
        sound = self._in_a_room(self._coloured(sound))
        sound *= LEVEL / loudness(sound) if digits else 1.0
        if self._rng.random() < 0.1:
            sound = np.clip(sound, -2 * LEVEL, 2 * LEVEL)
        sound = self._coded(self._noisy(sound))
        sound = sound * _decibels(self._rng.normal(0, 2)) + self._rng.normal(0, 4, sound.size)
        resampler = resampler_from(TELEPHONE_HZ)
        return np.concatenate((resampler.feed(sound.astype(np.float32)), resampler.finish())), digits

    def _said(self, clips: Sequence[Clip]) -> tuple[Sound, str]:
        rng, digits = self._rng, ""
        sound = np.zeros(round(self._lasts_s * TELEPHONE_HZ))
        at = round(rng.uniform(0.05, 0.5) * TELEPHONE_HZ)
        runs_together = rng.random() < 0.4
        while True:
            clip = clips[int(rng.integers(len(clips)))]
            if rng.random() < OTHER_SHARE:
                clip = self._others[int(rng.integers(len(self._others)))]
            word = self._varied(clip)
            if at + word.size > sound.size - 400:
                return sound, digits
            sound[at : at + word.size] += word
            digits += clip.digits
            gap_s = rng.uniform(-0.03, 0.1) if runs_together else 0.02 + rng.exponential(0.15)
            at += word.size + round(gap_s * TELEPHONE_HZ)
            if rng.random() < 0.12:
                return sound, digits

    def _varied(self, clip: Clip) -> Sound:
        """Faster with a smaller mouth or slower with a larger one; louder or softer; cut off or faint at an edge."""
        rng = self._rng
        pace = float(np.clip(np.exp(rng.normal(0, 0.12)), 0.75, 1.35))
        places = np.arange(int(clip.sound.size / pace)) * pace
        word: Sound = np.interp(places, np.arange(clip.sound.size), clip.sound)
        word *= LEVEL / loudness(word) * _decibels(rng.normal(0, 2.5))
        if clip.digits and rng.random() < 0.25:
            cut = round(rng.uniform(0, 0.035) * TELEPHONE_HZ)
            word = word[cut:] if rng.random() < 0.5 else word[: word.size - cut]
        if rng.random() < 0.2:
            edge = min(word.size // 4, 400)
            word[:edge] *= np.linspace(0.2, 1, edge)
        return word

    def _coloured(self, sound: Sound) -> Sound:
        """Through some microphone."""
        rng = self._rng
        if rng.random() >= 0.8:
            return sound
        spectrum = np.fft.rfft(sound)
        hz = np.linspace(0, TELEPHONE_HZ / 2, spectrum.size)
        steps = np.cumsum(rng.normal(0, 2.5, 7))
        gains = 10 ** (np.interp(hz, np.linspace(0, TELEPHONE_HZ / 2, 7), steps - steps.mean()) / 20)
        gains[hz < rng.choice([0, 0, 200, 300])] *= 0.1
        if rng.random() < 0.3:
            gains[hz > rng.uniform(3_200, 3_900)] *= 0.05
        return np.fft.irfft(spectrum * gains, sound.size)

    def _in_a_room(self, sound: Sound) -> Sound:
        rng = self._rng
        if rng.random() >= 0.35:
            return sound
        length = round(rng.uniform(0.05, 0.35) * TELEPHONE_HZ)
        echo = rng.normal(0, 1, length) * np.exp(-np.arange(length) / (length / 5))
        echo *= rng.uniform(0.1, 0.7) / np.sqrt((echo**2).sum())
        echo[0] = 1.0
        size = 2 * sound.size
        return np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(echo, size))[: sound.size]

    def _noisy(self, sound: Sound) -> Sound:
        rng = self._rng
        below_db = rng.choice(NOISE_DB, p=NOISE_SHARES) + rng.uniform(-4, 4)
        if rng.random() < 0.6:
            noise = rng.normal(0, 1, sound.size)
            noise[1:] += rng.uniform(-1, 1) * noise[:-1]
        else:
            long = self._noises[int(rng.integers(len(self._noises)))]
            start = rng.integers(long.size - sound.size)
            noise = long[start : start + sound.size]
        scale = LEVEL * _decibels(-below_db) / float(np.sqrt((noise**2).mean() + 1e-9))
        return sound + noise * scale

    def _coded(self, sound: Sound) -> Sound:
        """Through µ-law, louder or softer, and back to the level that speech is brought to."""
        rng = self._rng
        if rng.random() >= 0.7:
            return sound
        coded = mu_law(np.clip(sound * _decibels(rng.uniform(-20, 3)) / 32_768, -1, 1)) * 32_768
        return coded * (LEVEL / max(loudness(coded), 30.0))


def loudness(sound: Sound) -> float:
    """The root mean square of the loud frames of 20 ms."""
    frames = sound[: sound.size // _FRAME * _FRAME].reshape(-1, _FRAME)
    return float(np.percentile(np.sqrt((frames**2).mean(axis=1)), _LOUD)) + 1e-6


def _decibels(db: float) -> float:
    return float(10 ** (db / 20))
