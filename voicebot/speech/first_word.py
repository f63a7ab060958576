"""Which pieces of Whisper's vocabulary a spoken word may begin with, how likely it began with one, and text in pieces.

Whisper writes text in pieces, mostly whole words, in capitals or not, and gives each piece of its 51,864 a likelihood.
That of a word is the sum over its spellings; of a word that is no piece of its own, over its longest beginning that is
one ("that" for "that's").
"""

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

QUESTION = ("ĠIs", "Ġthat", "Ġright", "Ġ?", "ĠPlease", "Ġsay", "Ġyes", "Ġor", "Ġno", "Ġ.")
"""What is given to it as said before."""

SPACE = "Ġ"
"""How it writes the space before a word."""


class Pieces:
    """The pieces by what they say.

    Args:
        tokens: the vocabulary, in its order.
    """

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = tuple(tokens)
        self._exact = {token: number for number, token in enumerate(tokens)}
        self._spelled: dict[str, list[int]] = {}
        for number, token in enumerate(tokens):
            self._spelled.setdefault(token.removeprefix(SPACE).lower(), []).append(number)

    def of(self, word: str) -> list[int]:
        """The numbers of the pieces that a word, in lower case, may begin with."""
        beginnings = (word[:length] for length in range(len(word), 0, -1))
        return next((self._spelled[beginning] for beginning in beginnings if beginning in self._spelled), [])

    def likely(self, logits: npt.NDArray[np.float32], words: Sequence[str]) -> dict[str, float]:
        """The logarithm of how likely each of the words comes first.

        Args:
            logits: of all pieces.
            words: in lower case.
        """
        scores = logits.astype(np.float64)
        scores -= np.logaddexp.reduce(scores)
        return {word: float(np.logaddexp.reduce(scores[places])) for word in words if (places := self.of(word))}

    def spell(self, text: str) -> list[int]:
        """A text as numbers of pieces, each the longest that goes."""
        found: list[int] = []
        for word in re.findall(r"[\w'-]+|[.,?]", text):
            rest = f"{SPACE}{word}" if word[0].isalnum() else word
            while rest:
                length = next((size for size in range(len(rest), 0, -1) if rest[:size] in self._exact), 0)
                if length:
                    found.append(self._exact[rest[:length]])
                rest = rest[length or 1 :]
        return found

    def words(self, pieces: Sequence[int]) -> tuple[str, ...]:
        """What pieces come to: words in lower case, without marks."""
        text = "".join(self._tokens[piece] for piece in pieces if not self._tokens[piece].startswith("<|"))
        return tuple(re.sub(r"[^a-z0-9' ]", " ", text.replace(SPACE, " ").lower()).split())
