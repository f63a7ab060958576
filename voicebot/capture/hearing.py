"""Segments read as text: every hypothesis in every reading that the grammar allows, best score for each text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product

from voicebot.capture.thresholds import SHORTEST_DIGIT_S, UNLIKELY_WORDS
from voicebot.grammar import Grammar
from voicebot.grammar.heard import Hypothesis, Segment, Unpicklable

UNKNOWN_WORD = "[unk]"
"""How Vosk writes sound that is none of the grammar's words."""

_MERGED = 12
"""Hypotheses of each of two segments that are joined when a word pair spans the pause between them."""


@dataclass(frozen=True, slots=True)
class Alternative(Unpicklable):
    """One text that a part of an answer may be.

    Attributes:
        text: the text, in the grammar's default slot.
        score: log-likelihood; only differences within one part mean something.
        repairs: how many digits were dropped, supplied or exchanged to get it.
        certain: it was pressed, so there is nothing to repair.
    """

    text: str = field(repr=False)
    score: float
    repairs: int = 0
    certain: bool = False


def known_words(hypothesis: Hypothesis) -> tuple[str, ...]:
    """The words of a hypothesis without those that were not recognised."""
    return tuple(word for word in hypothesis.words if word != UNKNOWN_WORD)


def is_noise(segment: Segment) -> bool:
    """Whether nothing of it was a word that can be said here: a cough, a door, somebody else in the room."""
    return segment.best is None or set(segment.best.words) <= {UNKNOWN_WORD}


def may_be_lost(segment: Segment) -> bool:
    """Whether it was most likely no word, and is long enough for one: so a soft "six" is lost."""
    return is_noise(segment) and segment.end_s - segment.start_s >= SHORTEST_DIGIT_S


def unlikely(words: Sequence[str]) -> float:
    """What words cost that the recogniser hears too easily, in nats."""
    return sum(UNLIKELY_WORDS.get(word, 0.0) for word in words)


def best_of_each(alternatives: Iterable[Alternative]) -> tuple[Alternative, ...]:
    """Each text once, with its best score, best first."""
    best: dict[str, Alternative] = {}
    for alternative in alternatives:
        known = best.get(alternative.text)
        if known is None or alternative.score > known.score:
            best[alternative.text] = alternative
    return tuple(sorted(best.values(), key=lambda alternative: -alternative.score))


def texts(segment: Segment, grammar: Grammar, *, priced: bool = True) -> tuple[Alternative, ...]:
    """What a segment may be, best first, empty text where it may be no word at all; nothing when none can be read.

    Args:
        segment: what was heard between two pauses.
        grammar: reads its words.
        priced: whether words that are heard too easily cost something.
    """
    readable = [
        Alternative(reading.text, hypothesis.score - reading.cost - (unlikely(words) if priced else 0.0))
        for hypothesis in segment.hypotheses
        if (words := known_words(hypothesis))
        for reading in grammar.read(words)
    ]
    noise = [Alternative("", hypothesis.score) for hypothesis in segment.hypotheses if not known_words(hypothesis)]
    return best_of_each(readable + noise)


def merged(segments: Sequence[Segment]) -> Segment:
    """Segments as one: the likeliest hypotheses of each, their words joined across the pauses."""
    hypotheses = sorted(
        (
            Hypothesis(tuple(word for part in parts for word in part.words), sum(part.score for part in parts))
            for parts in product(*(segment.hypotheses[:_MERGED] for segment in segments))
        ),
        key=lambda hypothesis: -hypothesis.score,
    )
    return Segment(tuple(hypotheses[: _MERGED * _MERGED]), segments[0].start_s, segments[-1].end_s)


def spans(first: Segment, second: Segment, grammar: Grammar) -> bool:
    """Whether a value's word pair spans the pause ("double … five", "forty … one"), so that both are read as one."""
    if first.best is None or second.best is None:
        return False
    left, right = known_words(first.best), known_words(second.best)
    if not left or not right:
        return False
    apart = {before.text + after.text for before in grammar.read(left) for after in grammar.read(right)}
    return any(reading.text not in apart for reading in grammar.read((*left, *right)))


def stitched(segments: Sequence[Segment], grammar: Grammar) -> tuple[Segment, ...]:
    """The segments, with those joined that only together can be read in every way."""
    result: list[Segment] = []
    for segment in segments:
        if result and spans(result[-1], segment, grammar):
            result[-1] = merged((result[-1], segment))
        else:
            result.append(segment)
    return tuple(result)
