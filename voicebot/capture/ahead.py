"""Answers given before they are asked: one stretch of speech divided among the questions that its words name."""

from collections.abc import Iterator, Mapping, Sequence

from voicebot.capture.hearing import UNKNOWN_WORD, known_words
from voicebot.grammar import Grammar
from voicebot.grammar.heard import Hypothesis, Segment

LONGEST_WORDS = 8
"""Words of the longest text that names a question."""

_ANSWER = "answer"


def divided(segment: Segment, naming: Grammar, question: str) -> Mapping[str, Segment]:
    """What of the segment belongs to which question, in the order of the likeliest hypothesis.

    Args:
        segment: what was said.
        naming: its text is the question that some words name; its slot `answer` tells that they are an answer to it.
        question: to which the words belong that come before any name.

    Returns:
        By question a segment whose hypotheses are the words for it; the likeliest hypothesis names the questions, and
        tells when its words for each were said, where the segment has their times.
    """
    if segment.best is None:
        return {question: segment}
    likeliest = list(_parts(known_words(segment.best), naming, question))
    names = list(dict.fromkeys(name for name, _, _ in likeliest))
    if names in ([], [question]):  # no words at all are a guess at this answer too
        return {question: segment}
    found: dict[str, list[Hypothesis]] = {name: [] for name in names}
    for hypothesis in segment.hypotheses:
        parts: dict[str, tuple[str, ...]] = {}
        words = known_words(hypothesis)
        for name, begin, end in _parts(words, naming, question):
            parts[name] = parts.get(name, ()) + words[begin:end]
        if list(parts) == names:
            for name, own in parts.items():
                found[name].append(Hypothesis(own, hypothesis.score))
    spans = _spans(segment, likeliest)
    return {name: Segment(tuple(guesses), *spans[name]) for name, guesses in found.items()}


def _spans(segment: Segment, likeliest: Sequence[tuple[str, int, int]]) -> Mapping[str, tuple[float, float]]:
    """From when to when the words for each question were said; the whole segment where nobody knows."""
    spans = {name: (segment.start_s, segment.end_s) for name, _, _ in likeliest}
    if segment.best is None or len(segment.times) != len(segment.best.words):
        return spans
    times = [at for at, word in zip(segment.times, segment.best.words, strict=True) if word != UNKNOWN_WORD]
    for name in spans:
        own = [at for each, begin, end in likeliest if each == name for at in times[begin:end]]
        spans[name] = own[0][0], own[-1][1]
    return spans


def _parts(words: tuple[str, ...], naming: Grammar, question: str) -> Iterator[tuple[str, int, int]]:
    """(question, from, to) of words in the order said; those with nobody to take them are left out."""
    begun, at = 0, 0
    owner = question
    while at < len(words):
        length, name, is_answer = _named(words[at:], naming)
        if not length:
            at += 1
            continue
        if begun < at and owner:
            yield owner, begun, at
        if is_answer:
            yield name, at, at + length
        owner = "" if is_answer else name
        at += length
        begun = at
    if begun < len(words) and owner:
        yield owner, begun, len(words)


def _named(words: tuple[str, ...], naming: Grammar) -> tuple[int, str, bool]:
    """How many of the first words name a question (the most that do), which, and whether they answer it; 0: none."""
    for length in range(min(LONGEST_WORDS, len(words)), 0, -1):
        for reading in naming.read(words[:length]):
            return length, reading.text, bool(reading.slot(_ANSWER))
    return 0, "", False
