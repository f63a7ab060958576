"""Single digits by people.

Of the Free Spoken Digit Dataset only the half that is for tuning is used, so that `bench.capture` plays nothing that
was learned. Of Speech Commands everybody who says a digit: nobody plays those.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soxr

from bench.capture.recordings import Recordings
from voicebot.audio.codec import TELEPHONE_HZ
from voicebot.speech.digits.opinion import NAMES

Sound = npt.NDArray[np.float64]
"""8 kHz, on the scale of 16-bit samples."""

PEOPLE = "people"

_SOFTEST = 0.03
_FRAME = 80
_MARGIN = 160
_WORDS_EACH = 40


@dataclass(frozen=True, slots=True)
class Clip:
    """What was said, as digits (none for another word), and its sound."""

    digits: str
    sound: Sound


def people(recordings: Recordings) -> dict[str, list[Clip]]:
    """By speaker; everybody of Speech Commands together is one."""
    found = {
        speaker: [
            Clip(digit, recordings.digit(speaker, digit, number) * 32_768)
            for digit in "0123456789"
            for number in recordings.clips(speaker, digit, tuning=True)
        ]
        for speaker in recordings.speakers()
    }
    return found | {
        PEOPLE: [Clip(str(digit), sound) for digit, name in enumerate(NAMES) for sound in _said(recordings, name)]
    }


def others(recordings: Recordings) -> list[Clip]:
    """Words that are no digits."""
    return [
        Clip("", sound)
        for word in ("go", "stop", "yes", "no", "other")
        for sound in list(_said(recordings, word, tuning=True))[:_WORDS_EACH]
    ]


def _said(recordings: Recordings, word: str, *, tuning: bool | None = None) -> Iterator[Sound]:
    for half in (True, False) if tuning is None else (tuning,):
        for _, sound in recordings.words(word, tuning=half):
            yield trimmed(soxr.resample(sound, 2 * TELEPHONE_HZ, TELEPHONE_HZ) * 32_768)


def trimmed(sound: Sound) -> Sound:
    """From the first frame to the last that is above a share of the loudest, and twice the softest."""
    frames = np.sqrt((sound[: sound.size // _FRAME * _FRAME].reshape(-1, _FRAME) ** 2).mean(axis=1))
    loud = np.flatnonzero(frames > max(frames.max() * _SOFTEST, frames.min() * 2))
    if not loud.size:
        return sound
    return sound[max(0, loud[0] * _FRAME - _MARGIN) : (loud[-1] + 1) * _FRAME + _MARGIN]


def noises(recordings: Recordings) -> list[Sound]:
    """Long noises at the telephone's rate."""
    return [soxr.resample(noise, 2 * TELEPHONE_HZ, TELEPHONE_HZ) for noise in recordings.noise().values()]
