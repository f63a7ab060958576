"""Whether a short answer was a yes, a no, or anything else: two small networks of our own.

One is asked about every answer. It stands on the lower layers of the digit network, which were taught by far more
people than we have recordings of; the upper ones learned from the tuning half of Speech Commands and from Kokoro's
voices (`bench.answers`). It takes a tenth of the time of the second recogniser, so that this one need be asked about
few. The other one stands on what the second recogniser's encoder sees, where that is asked in any case (`second.py`),
and learned from the same clips.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from voicebot.grammar.heard import ANSWERS, Hypothesis
from voicebot.speech.activity import MODEL_HZ, Samples
from voicebot.speech.digits.features import log_mel
from voicebot.speech.digits.network import DigitNetwork, Head, stored
from voicebot.speech.products import Array

WEIGHTS: Final = Path(__file__).parent / "answers.npz"
SECOND_WEIGHTS: Final = Path(__file__).parent / "answers_second.npz"

LONGEST_S: Final = 3.0
"""They learned from single words and short phrases."""


class AnswerHead:
    """The upper layers of one of them. Safe to use from any thread.

    Args:
        weights: what `bench.answers` wrote.
    """

    def __init__(self, weights: Path) -> None:
        self._head = Head(stored(weights))

    def log_probabilities(self, seen: Array) -> Array:
        """Of each of `ANSWERS`, and of anything else, wherever in the sound it was said.

        Args:
            seen: by the lower layers, frames by features.
        """
        frames = self._head.scores(seen).astype(np.float64)
        found = np.logaddexp.reduce(frames[:, :-1] - frames[:, -1:], axis=0)
        all_of_them = np.append(found, 0.0)
        return np.asarray(all_of_them - np.logaddexp.reduce(all_of_them), np.float32)


class AnswerOpinion:
    """The network. Safe to use from any thread.

    Args:
        weights: of the upper layers; the project's own when not given.
        network: whose lower layers it stands on; loaded when not given.
    """

    def __init__(self, weights: Path = WEIGHTS, network: DigitNetwork | None = None) -> None:
        self._network = network or DigitNetwork()
        self._head = AnswerHead(weights)

    def of(self, hypotheses: Sequence[Hypothesis], sound: Samples) -> tuple[Hypothesis, ...]:
        """How likely the segment is a yes, a no, or neither (no words), likeliest first, as logarithms.

        Nothing where no words were heard, or the segment is too long for an answer of a word or two.

        Args:
            hypotheses: the recogniser's.
            sound: the segment as the recogniser heard it.
        """
        if not hypotheses or sound.size > LONGEST_S * MODEL_HZ:
            return ()
        scores = self._head.log_probabilities(self._network.embedded(log_mel(sound)))
        guesses = zip((*((answer,) for answer in ANSWERS), ()), scores.tolist(), strict=True)
        return tuple(sorted((Hypothesis(words, score) for words, score in guesses), key=lambda guess: -guess.score))
