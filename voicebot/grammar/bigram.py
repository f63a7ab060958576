"""The word statistics that Vosk makes of a phrase list, so that they can be looked at.

Vosk estimates a model of order 2 with discount 0.5 and a fixed back-off (language_model.cc and recognizer.cc of
vosk-api 0.3.45). Half of each word's chance goes to the followers that the phrases show, by their counts; the other
half goes to back-off, where any word follows any word by its overall count. So every pair of words can come out.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

DISCOUNT = 0.5
_END = ""


class Bigram:
    """What a phrase list makes likely."""

    def __init__(self, phrases: Sequence[str]) -> None:
        """Count the phrases."""
        self._after: dict[str, Counter[str]] = {}
        self._overall: Counter[str] = Counter()
        for phrase in phrases:
            words = [*phrase.split(), _END]
            self._overall.update(words)
            for first, second in pairwise(words):
                self._after.setdefault(first, Counter())[second] += 1

    @property
    def words(self) -> frozenset[str]:
        """Every word of the list."""
        return frozenset(self._after)

    def lists(self, first: str, second: str) -> bool:
        """Tell whether some phrase has the two words beside each other."""
        return self._after.get(first, Counter())[second] > 0

    def likelihood(self, first: str, second: str) -> float:
        """Give the weight (0 to 1) with which the decoder takes `second` after `first`, on its better way there."""
        counts = self._after[first]
        direct = DISCOUNT * counts[second] / counts.total()
        return max(direct, (1 - DISCOUNT) * DISCOUNT * self._overall[second] / self._overall.total())
