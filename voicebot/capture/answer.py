"""One answer: everything that was said and pressed for one question, in the order in which it happened."""

from bisect import insort
from dataclasses import dataclass, field
from typing import TypeAlias

from voicebot.grammar.heard import Segment, Unpicklable

KEYS = frozenset("0123456789*#")

SAME_KEY_S = 0.08
"""The same key again within this time is the same press, told twice (as an event and as a tone in the sound).

The shortest tone and the shortest gap that a keypad must make (ITU-T Q.24) are 40 ms each, so nobody presses faster.
"""


@dataclass(frozen=True, slots=True)
class Key(Unpicklable):
    """One keypad key at a time on the call's clock, in seconds."""

    key: str = field(repr=False)
    at_s: float

    def __post_init__(self) -> None:
        if self.key not in KEYS:
            raise ValueError("a key is one of 0 to 9, * and #; letters and longer texts are not keys")


Part: TypeAlias = Segment | Key


def begins_s(part: Part) -> float:
    """When a part of an answer began, on the call's clock."""
    return part.at_s if isinstance(part, Key) else part.start_s


@dataclass(frozen=True, slots=True)
class Answer(Unpicklable):
    """What was said and pressed so far; never changed, each addition gives a new one.

    Attributes:
        parts: segments and keys, ordered by when they began.
        second: what a second recogniser made of all the speech in it, or how likely it finds the words that the last
            answer may begin with (`first_word`); None where it was not asked.
        written: what it wrote of the last part, in any words (`written`); None where it was not asked for that.
    """

    parts: tuple[Part, ...] = field(default=(), repr=False)
    second: Segment | None = field(default=None, repr=False)
    written: Segment | None = field(default=None, repr=False)

    def heard(self, segment: Segment) -> "Answer":
        """This answer with one more stretch of speech; one without any words in it changes nothing."""
        if not any(hypothesis.words for hypothesis in segment.hypotheses):
            return self
        return self._with(segment)

    def pressed(self, key: str, at_s: float) -> "Answer":
        """This answer with one more key; a press that was already told changes nothing."""
        new = Key(key, at_s)
        for part in self.parts:
            if isinstance(part, Key) and part.key == key and abs(part.at_s - at_s) < SAME_KEY_S:
                return self
        return self._with(new)

    def heard_again(self, second: Segment) -> "Answer":
        """This answer with what a second recogniser made of it, until more is said or pressed."""
        return Answer(self.parts, second, self.written)

    def written_down(self, written: Segment) -> "Answer":
        """This answer with what a second recogniser wrote of its last part, until more is said or pressed."""
        return Answer(self.parts, self.second, written)

    def _with(self, part: Part) -> "Answer":
        parts = list(self.parts)
        insort(parts, part, key=begins_s)
        return Answer(tuple(parts))

    @property
    def text(self) -> str:
        """The best words and the keys, in order. Only for answers that are not sensitive."""
        words = (
            part.key if isinstance(part, Key) else " ".join(part.best.words) if part.best else "" for part in self.parts
        )
        return " ".join(words)

    @property
    def keyed(self) -> bool:
        """Whether nothing of it was said."""
        return all(isinstance(part, Key) for part in self.parts)

    @property
    def is_empty(self) -> bool:
        return not self.parts
