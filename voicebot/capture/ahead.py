"""Answers given before they are asked: one stretch of speech divided among the questions that its words name."""

from collections.abc import Iterator, Mapping

from voicebot.capture.hearing import known_words
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
        By question a segment whose hypotheses are the words for it; the likeliest hypothesis names the questions.
    """
    if segment.best is None:
        return {question: segment}
    names = list(dict(_parts(known_words(segment.best), naming, question)))
    found: dict[str, list[Hypothesis]] = {name: [] for name in names}
    for hypothesis in segment.hypotheses:
        parts: dict[str, tuple[str, ...]] = {}
        for name, words in _parts(known_words(hypothesis), naming, question):
            parts[name] = parts.get(name, ()) + words
        if list(parts) == names:
            for name, words in parts.items():
                found[name].append(Hypothesis(words, hypothesis.score))
    if names == [question]:
        return {question: segment}
    return {name: Segment(tuple(guesses), segment.start_s, segment.end_s) for name, guesses in found.items()}


def _parts(words: tuple[str, ...], naming: Grammar, question: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(question, words) in the order in which they were said; words with nobody to take them are left out."""
    begun, at = 0, 0
    owner = question
    while at < len(words):
        length, name, is_answer = _named(words[at:], naming)
        if not length:
            at += 1
            continue
        if begun < at and owner:
            yield owner, words[begun:at]
        if is_answer:
            yield name, words[at : at + length]
        owner = "" if is_answer else name
        at += length
        begun = at
    if begun < len(words) and owner:
        yield owner, words[begun:]


def _named(words: tuple[str, ...], naming: Grammar) -> tuple[int, str, bool]:
    """How many of the first words name a question (the most that do), which, and whether they answer it; 0: none."""
    for length in range(min(LONGEST_WORDS, len(words)), 0, -1):
        for reading in naming.read(words[:length]):
            return length, reading.text, bool(reading.slot(_ANSWER))
    return 0, "", False
