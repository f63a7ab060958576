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

_NEVER: Final = -math.inf
_NEITHER: Final = (_NEVER, _NEVER)

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
    # For each text: its log-probability if the last frame had nothing, if it had the text's last digit, and either way.
    beam: dict[str, tuple[float, float, float]] = {"": (0.0, _NEVER, 0.0)}
    for frame in frames.tolist():
        nothing = frame[NOTHING]
        if nothing > SURE:
            beam = {text: (total + nothing, _NEVER, total + nothing) for text, (_, _, total) in beam.items()}
            continue
        digits = [(digit, str(digit)) for digit in range(NOTHING) if frame[digit] > LEAST]
        grown: dict[str, tuple[float, float]] = {}
        for text, (after_nothing, after_digit, total) in beam.items():
            last = int(text[-1]) if text else NOTHING
            silent, spoken = grown.get(text, _NEITHER)
            grown[text] = _either(silent, total + nothing), _either(spoken, after_digit + frame[last])
            for digit, name in digits:
                longer = text + name
                silent, spoken = grown.get(longer, _NEITHER)
                begun = (after_nothing if digit == last else total) + frame[digit]
                grown[longer] = silent, _either(spoken, begun)
        totals = {text: _either(*ends) for text, ends in grown.items()}
        best = sorted(grown, key=lambda text: -totals[text])[:width]
        beam = {text: (*grown[text], totals[text]) for text in best}
    return sorted(beam, key=lambda text: -beam[text][2])


def _either(one: float, other: float) -> float:
    """The logarithm of the sum of two probabilities. Asked thousands of times a segment, mostly with one impossible."""
    if one == _NEVER:
        return other
    if other == _NEVER:
        return one
    return one + math.log1p(math.exp(other - one)) if one > other else other + math.log1p(math.exp(one - other))
