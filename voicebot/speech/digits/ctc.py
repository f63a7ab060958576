"""Connectionist temporal classification: how likely a string of digits is, whenever exactly each was said.

Graves, Fernández, Gomez, Schmidhuber: "Connectionist temporal classification", ICML 2006. A digit's frames are followed
by any number of frames with nothing; between two equal digits there is at least one of those.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from voicebot.speech.digits.network import NOTHING

WIDTH: Final = 8
"""Beginnings that are followed at a time. On 120 cards 12 found nothing better."""

LEAST: Final = -7.0
"""A digit less likely than this in a frame is not looked at there."""

SURE: Final = -0.01
"""A frame that has nothing in it with at least this log-probability can begin no digit."""

Frames = npt.NDArray[np.float32]


def likelihoods(frames: Frames, texts: Sequence[str]) -> npt.NDArray[np.float64]:
    """The log-probability of each text of digits; of an empty one, that nothing was said.

    Args:
        frames: what `DigitNetwork.log_probabilities` gives.
        texts: strings of digits, at least one.
    """
    longest = max(len(text) for text in texts)
    labels = np.full((len(texts), 2 * longest + 1), NOTHING)
    for number, text in enumerate(texts):
        labels[number, 1 : 2 * len(text) : 2] = [int(digit) for digit in text]
    skips = np.zeros(labels.shape, dtype=bool)
    skips[:, 2:] = (labels[:, 2:] != NOTHING) & (labels[:, 2:] != labels[:, :-2])
    emitted = frames.astype(np.float64)[:, labels]
    reached = np.full(labels.shape, -np.inf)
    reached[:, :2] = emitted[0, :, :2]
    for now in emitted[1:]:
        stepped, skipped = np.full((2, *labels.shape), -np.inf)
        stepped[:, 1:] = reached[:, :-1]
        skipped[:, 2:] = np.where(skips[:, 2:], reached[:, :-2], -np.inf)
        reached = np.logaddexp(np.logaddexp(reached, stepped), skipped) + now
    rows = np.arange(len(texts))
    ends = np.array([2 * len(text) for text in texts])
    found: npt.NDArray[np.float64] = np.where(
        ends > 0, np.logaddexp(reached[rows, ends], reached[rows, ends - 1]), reached[rows, 0]
    )
    return found


def likeliest(frames: Frames, width: int = WIDTH) -> list[str]:
    """The texts that a search of so many beginnings ends with, best first (prefix beam search)."""
    # For each text: its log-probability if the last frame had nothing, and if it had the text's last digit.
    beam: dict[str, tuple[float, float]] = {"": (0.0, -math.inf)}
    for frame in frames.tolist():
        nothing = frame[NOTHING]
        if nothing > SURE:
            beam = {text: (_either(*ends) + nothing, -math.inf) for text, ends in beam.items()}
            continue
        digits = [digit for digit in range(NOTHING) if frame[digit] > LEAST]
        grown: dict[str, tuple[float, float]] = {}
        for text, (after_nothing, after_digit) in beam.items():
            total = _either(after_nothing, after_digit)
            last = int(text[-1]) if text else NOTHING
            silent, spoken = grown.get(text, (-math.inf, -math.inf))
            stays = after_digit + frame[last] if text else -math.inf
            grown[text] = _either(silent, total + nothing), _either(spoken, stays)
            for digit in digits:
                longer = f"{text}{digit}"
                silent, spoken = grown.get(longer, (-math.inf, -math.inf))
                begun = (after_nothing if digit == last else total) + frame[digit]
                grown[longer] = silent, _either(spoken, begun)
        ranked = sorted(grown.items(), key=lambda entry: -_either(*entry[1]))
        beam = dict(ranked[:width])
    return list(dict(sorted(beam.items(), key=lambda entry: -_either(*entry[1]))))


def _either(one: float, other: float) -> float:
    """The logarithm of the sum of two probabilities."""
    more, less = max(one, other), min(one, other)
    return more if less == -math.inf else more + math.log1p(math.exp(less - more))
