"""Spoken strings spliced from single digits, and the line that they come over."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import soxr

from bench.capture.recordings import FSDD_HZ, Recordings, Samples
from voicebot.audio.sound import Sound

LEAD_S = 0.5
TAIL_S = 3.5
"""Quiet before and after; long enough behind for the longest silence that a decision may wait for."""

_FRAME = 80
"""Samples at `FSDD_HZ`, 10 ms."""
_SOFTEST = 0.03
"""A frame is part of a word when it is above this share (-30 dB) of the word's loudest, and twice its softest."""

_MU = 255.0


@dataclass(frozen=True, slots=True)
class Line:
    """A way for sound to come.

    Attributes:
        rate_hz: 16000 for a microphone, 8000 for a telephone with G.711 µ-law.
        noise_db: signal-to-noise ratio, None for the recordings' own.
    """

    rate_hz: int
    noise_db: float | None = None

    @property
    def name(self) -> str:
        sort = "16 kHz" if self.rate_hz > FSDD_HZ else "8 kHz µ-law"
        return f"{sort}, clean" if self.noise_db is None else f"{sort}, {self.noise_db:g} dB"


@dataclass(frozen=True, slots=True)
class Utterance:
    """A spliced string: 8 kHz samples with quiet around them, and when the speech in it ends."""

    samples: Samples
    speech_end_s: float
    groups: int


def splice(
    recordings: Recordings,
    speaker: str,
    groups: list[str],
    rng: np.random.Generator,
    *,
    tuning: bool,
    pause_s: tuple[float, float] = (0.2, 2.0),
) -> Utterance:
    """Digits one after the other, 50 to 200 ms apart, with pauses between groups."""
    background = _background(recordings, speaker, rng, tuning=tuning)
    pieces = [background(LEAD_S)]
    for number, group in enumerate(groups):
        if number:
            pieces.append(background(rng.uniform(*pause_s)))
        for place, digit in enumerate(group):
            if place:
                pieces.append(background(rng.uniform(0.05, 0.2)))
            clips = recordings.clips(speaker, digit, tuning=tuning)
            pieces.append(recordings.digit(speaker, digit, int(rng.choice(clips))))
    speech = np.concatenate(pieces)
    return Utterance(np.concatenate([speech, background(TAIL_S)]), _end_s(pieces), len(groups))


def _end_s(pieces: list[Samples]) -> float:
    """Where the last digit ends: some clips go on for half a second of quiet."""
    return sum(len(piece) for piece in pieces[:-1]) / FSDD_HZ + word_end_s(pieces[-1], FSDD_HZ)


def word_end_s(samples: Samples, rate_hz: int) -> float:
    """Where a word ends in its recording, in seconds; at the recording's end where that is cut or all noise."""
    frame = _FRAME * rate_hz // FSDD_HZ
    frames = np.sqrt((samples[: len(samples) // frame * frame].reshape(-1, frame) ** 2).mean(axis=1))
    loud = np.flatnonzero(frames > max(frames.max() * _SOFTEST, frames.min() * 2))
    return (int(loud[-1]) + 1) * frame / rate_hz if loud.size else len(samples) / rate_hz


def _background(
    recordings: Recordings, speaker: str, rng: np.random.Generator, *, tuning: bool
) -> Callable[[float], Samples]:
    """Quiet as loud as the speaker's own clips have it at their softest."""
    clip = recordings.digit(speaker, "8", recordings.clips(speaker, "8", tuning=tuning)[0])
    frames = clip[: len(clip) // 80 * 80].reshape(-1, 80)
    level = max(1e-4, float(np.sqrt((frames**2).mean(axis=1)).min()))

    def quiet(duration_s: float) -> Samples:
        return rng.normal(0.0, level, round(duration_s * FSDD_HZ))

    return quiet


def over(line: Line, samples: Samples, own_hz: int, rng: np.random.Generator, noise: Samples | None = None) -> Sound:
    """The sound as it comes over a line: noise added, resampled, through the codec.

    The noise is white when none is given; its level is measured against the loud half of the signal.
    """
    signal = samples
    if line.noise_db is not None:
        frames = np.sqrt((signal[: len(signal) // 160 * 160].reshape(-1, 160) ** 2).mean(axis=1))
        loud = float(np.sqrt((np.sort(frames)[len(frames) // 2 :] ** 2).mean()))
        added = rng.normal(0.0, 1.0, len(signal)) if noise is None else np.resize(noise, len(signal))
        signal = signal + added * (loud / np.sqrt((added**2).mean()) * 10 ** (-line.noise_db / 20))
    if own_hz != line.rate_hz:
        signal = soxr.resample(signal, own_hz, line.rate_hz)
    signal = np.clip(signal, -1.0, 1.0)
    if line.rate_hz == FSDD_HZ:
        signal = mu_law(signal)
    return Sound.from_samples(np.round(signal * 32767.0).astype(np.int16), line.rate_hz)


def mu_law(samples: Samples) -> Samples:
    """Through ITU-T G.711's continuous µ-law and back, at 8 bits."""
    small = np.sign(samples) * np.log1p(_MU * np.abs(samples)) / np.log1p(_MU)
    coded = np.round(small * 127.0) / 127.0
    decoded: Samples = np.sign(coded) * np.expm1(np.abs(coded) * np.log1p(_MU)) / _MU
    return decoded
