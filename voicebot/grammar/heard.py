"""What a recogniser heard: words with scores, before anybody knows what they mean.

The recogniser makes these, `capture` reads them; they live here because both may import `grammar`. The words
may be a card number, so they have no repr and cannot be pickled.
"""

from dataclasses import dataclass, field
from typing import Final, NoReturn

ANSWERS: Final = ("yes", "no")
"""What short answers come to: "yeah" and "that's right" are a yes, "nope" and "wrong" a no."""

WHOLE: Final = {"yes": "[yes]", "no": "[no]"}
"""Names for how likely the whole of a sound is such an answer, where a recogniser is asked about words of it."""


class Unpicklable:
    """Base of everything that may hold what a caller said: it never leaves the process by accident."""

    __slots__ = ()

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} may hold a card number and cannot be pickled")


@dataclass(frozen=True, slots=True)
class Hypothesis(Unpicklable):
    """One guess at the words of a segment.

    Attributes:
        words: lower-case words as the model spells them, in order.
        score: Vosk's log-likelihood. Only differences between hypotheses of one segment mean something.
    """

    words: tuple[str, ...] = field(repr=False)
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Segment(Unpicklable):
    """One stretch of speech between two silences: what it may have been, best first.

    Attributes:
        hypotheses: the N-best list, best score first; empty when sound was heard but no words.
        start_s: where the speech began, on the call's clock, in seconds.
        end_s: where it ended.
        network: what the network for digits, or for yes and no, says of the same sound, best score first, on a scale of
            its own; empty where it was not asked. What it does not name it thinks nothing of.
        times: when each word of the likeliest hypothesis began and ended, on the call's clock; empty if not asked for.
    """

    hypotheses: tuple[Hypothesis, ...]
    start_s: float
    end_s: float
    network: tuple[Hypothesis, ...] = ()
    times: tuple[tuple[float, float], ...] = ()

    @property
    def best(self) -> Hypothesis | None:
        return self.hypotheses[0] if self.hypotheses else None
