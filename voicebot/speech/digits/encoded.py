"""Digits in what Whisper's encoder sees: a small network above it, instead of Whisper's own decoder.

The encoder (Radford and others, 2022) has heard people of every accent on every sort of line. Its decoder writes one
digit after the other, so that equal digits get lost; three layers of our own, trained by `bench.digits.encoder`, say
what each moment of the sound is instead (CTC), from which any string of digits can be scored.
"""

from pathlib import Path
from typing import Final

import numpy as np

from voicebot.grammar.heard import Hypothesis
from voicebot.speech.digits.ctc import likeliest, likelihoods
from voicebot.speech.digits.network import Head, normalised, stored
from voicebot.speech.digits.opinion import NAMES
from voicebot.speech.products import Array

ENCODED_WEIGHTS: Final = Path(__file__).parent / "encoded.npz"

TOGETHER: Final = 2
"""Frames of the encoder, of 20 ms, that are one to the network."""

STRINGS: Final = 24
"""Strings that are followed, and given back at most."""


class EncodedDigits:
    """The network. Safe to use from any thread.

    Args:
        weights: what `bench.digits.encoder` wrote.
    """

    def __init__(self, weights: Path = ENCODED_WEIGHTS) -> None:
        self._head = Head(stored(weights))

    def of(self, encoded: Array) -> tuple[Hypothesis, ...]:
        """The likeliest strings of digits, with the logarithms of how likely they are, best first.

        Args:
            encoded: frames of 20 ms by what the encoder sees, of the sound only and not of the silence behind it.
        """
        frames = normalised(self._head.scores(paired(encoded)))
        texts = likeliest(frames, STRINGS)
        scores = likelihoods(frames, texts)
        guesses = (
            Hypothesis(tuple(NAMES[int(digit)] for digit in text), float(score))
            for text, score in zip(texts, scores, strict=True)
        )
        return tuple(sorted(guesses, key=lambda guess: -guess.score))


def paired(encoded: Array) -> Array:
    """Frames put together by `TOGETHER`; one that is left over goes."""
    frames = len(encoded) // TOGETHER
    return np.ascontiguousarray(encoded[: frames * TOGETHER]).reshape(frames, -1)
