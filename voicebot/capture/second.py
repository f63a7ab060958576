"""When a second recogniser is worth its time: for digits said one by one, yes or no, that the first leaves unsure."""

from typing import Literal

from voicebot.capture import first_word
from voicebot.capture.answer import Answer, begins_s
from voicebot.capture.decision import Decision, Expectation, Value, Verdict, plain
from voicebot.capture.hearing import known_words, may_be_lost
from voicebot.capture.thresholds import BEGINS_ANEW_S, HEARD_AGAIN_KINDS, SECOND_KINDS
from voicebot.grammar import Grammar
from voicebot.grammar.heard import Segment

DIGITS = frozenset("0123456789")

SOFT_BEGINNINGS = frozenset({"the"})
"""What the first recogniser makes of a soft "six" at a group's beginning: no word that says another number."""


def opinion_on(kind: str) -> Literal["digits", "answers"] | None:
    """Which network should hear answers of this kind beside the recogniser; None where its word would not count."""
    if kind in HEARD_AGAIN_KINDS:
        return "digits"
    return "answers" if kind in first_word.FIRST_WORD_KINDS else None


def worth_hearing_again(answer: Answer, decision: Decision, expected: Expectation) -> bool:
    """Whether a second recogniser should hear the answer before a decision like this stands.

    Of a yes or no it says how likely its first word is (`first_word`). Of a number it knows digits only: of "double
    four" or "it's forty one" it would make digits at random. And it hears the number as a whole, so that where one
    group was asked for it is not asked. Of what nothing checks it hears each saying, as both sayings
    may have lost the same digit.
    """
    if answer.second is None and not answer.is_empty and first_word.worth_asking(answer, decision, expected):
        return True
    return (
        has_digits_only(answer, expected.kind, expected.grammar)
        and (decision.verdict is not Verdict.ACCEPT or expected.twice)
        and decision.command is None
        and expected.group is None
        and answer.second is None
    )


def digits_since_s(answer: Answer, before: Segment | None) -> float:
    """Since when a second recogniser should hear a number: from its beginning, with what may be a digit before it.

    Args:
        answer: what the first recogniser made a number of.
        before: a sound before that, which was most likely no word to it.
    """
    began_s = begins_s(answer.parts[0])
    if before is None or not may_be_lost(before) or began_s - before.end_s >= BEGINS_ANEW_S:
        return began_s
    return min(began_s, before.start_s)


def has_digits_only(answer: Answer, kind: str, grammar: Grammar) -> bool:
    """Whether a second recogniser is asked about such answers, and nothing but digits was said."""
    spelled = (isinstance(part, Segment) and _is_spelled(part, grammar) for part in answer.parts)
    return kind in SECOND_KINDS and not answer.is_empty and all(spelled)


def is_seconded(answer: Answer, value: Value, grammar: Grammar) -> bool:
    """Whether a second recogniser would have heard this number itself, as the likeliest."""
    best = answer.second.best if answer.second is not None else None
    return best is not None and plain(value.content) in {reading.text for reading in grammar.read(known_words(best))}


def _is_spelled(segment: Segment, grammar: Grammar) -> bool:
    """Whether each word of it is a digit, or may have been one."""
    heard = known_words(segment.best) if segment.best is not None else ()
    words = [word for word in heard if word not in SOFT_BEGINNINGS]
    return all(any(reading.text in DIGITS for reading in grammar.read((word,))) for word in words)
