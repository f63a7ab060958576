"""A yes or a no that the first recogniser leaves unsure: how a second one weighs in by the word that it began with.

The second one (Whisper) has every word of English for a rival, where the first has a short list and "some other word":
it tells "no" from "go" on a telephone line, and "sure" from "seven". What it says is not a text but how likely the
answer began with each word of the grammar. An answer in more words ("that's right") is borne out by its first one.
"""

import math
from collections.abc import Mapping, Sequence

from voicebot.capture.answer import Answer, Key, Part
from voicebot.capture.decision import Decision, Expectation, Verdict
from voicebot.capture.hearing import UNKNOWN_WORD, known_words
from voicebot.capture.thresholds import (
    CHOICES,
    FRAGMENT_NATS,
    MORE_WORDS_NATS,
    NEUTRAL_NATS,
    RIVAL_FROM,
    RIVAL_TIMES,
    RIVALS,
    SECOND_WORD_TIMES,
    SURE_NATS,
)
from voicebot.grammar.heard import Segment

FIRST_WORD_KINDS = frozenset({"yes_no", "correction"})
"""Kinds of answers whose yes and no a second recogniser is asked about."""

AFFIRMED = "affirmed"
"""What a grammar calls a yes that counts only where a second recogniser hears it too: "yup" is near to "hang up"."""

_NEVER = float("-inf")


def words_for_second(expected: Expectation) -> tuple[str, ...]:
    """The words that a second recogniser is to tell from any others; none where it is to hear digits."""
    if expected.kind not in FIRST_WORD_KINDS:
        return ()
    return tuple(sorted({*expected.grammar.words(), *RIVALS.values()}))


def asked_since_s(answer: Answer, expected: Expectation) -> float:
    """When the last part began that may be an answer, for that is what a second recogniser is asked about."""
    part = last_answer(answer.parts, expected) or answer.parts[-1]
    return part.start_s if isinstance(part, Segment) else part.at_s


def last_answer(parts: Sequence[Part], expected: Expectation) -> Segment | None:
    """The last part of which some guess is an answer; a cough behind it takes nothing back."""
    segments = (part for part in reversed(parts) if isinstance(part, Segment))
    return next((segment for segment in segments if _may_answer(segment, expected)), None)


def _may_answer(segment: Segment, expected: Expectation) -> bool:
    guesses = (hypothesis.words for hypothesis in segment.hypotheses if UNKNOWN_WORD not in hypothesis.words)
    return any(words and expected.grammar.read(words) for words in guesses)


def _affirms(answer: Answer, expected: Expectation) -> bool:
    """Whether the last answer is most likely a yes that a second recogniser must hear too."""
    last = last_answer(answer.parts, expected)
    if last is None or last.best is None or isinstance(answer.parts[-1], Key):
        return False
    return any(reading.text == AFFIRMED for reading in expected.grammar.read(known_words(last.best)))


def worth_asking(answer: Answer, decision: Decision, expected: Expectation) -> bool:
    """Whether what it says may change the decision: of what is certain, or out of its reach, it is not asked."""
    if expected.kind not in FIRST_WORD_KINDS or decision.command is not None:
        return False
    if decision.value is None:
        return _affirms(answer, expected)
    content = decision.value.content
    if not isinstance(content, str) or content not in NEUTRAL_NATS or isinstance(answer.parts[-1], Key):
        return False
    most = FRAGMENT_NATS + SECOND_WORD_TIMES * (MORE_WORDS_NATS - NEUTRAL_NATS[content])
    may_be_taken = decision.score + most >= CHOICES.accept
    return decision.score < SURE_NATS and (decision.verdict is not Verdict.REJECT or may_be_taken)


def evidence(
    second: Segment, guesses: Mapping[str, Mapping[tuple[str, ...], float]], expected: Expectation
) -> dict[str, tuple[float, tuple[str, ...]]]:
    """By content, the guess that both recognisers together find the likeliest: its score in nats, and its words.

    Args:
        second: how likely it finds the words that it was asked about, as logarithms.
        guesses: by content, what the first recogniser heard, with its score. "That's" is a beginning of either content,
            and counts for a guess that begins so.
        expected: reads what is an answer by itself.
    """
    likely = {hypothesis.words[0]: math.exp(hypothesis.score) for hypothesis in second.hypotheses}
    alone = {word: {_meant(reading.text) for reading in expected.grammar.read((word,))[:1]} for word in likely}
    found: dict[str, tuple[float, tuple[str, ...]]] = {}
    for content, heard in guesses.items():
        plain = sum(share for word, share in likely.items() if content in alone[word])
        rival = likely.get(RIVALS[content], 0.0)
        against = RIVAL_TIMES * max(0.0, _log(rival) - RIVAL_FROM)
        borne_out: list[tuple[float, tuple[str, ...]]] = []
        for words, score in heard.items():
            begins = content not in alone.get(words[0], {content})
            share = plain + (likely[words[0]] if begins else 0.0)
            neutral = NEUTRAL_NATS[content] - (MORE_WORDS_NATS if begins else 0.0)
            borne_out.append((score + SECOND_WORD_TIMES * (_log(share) - neutral) - against, words))
        found[content] = max(borne_out)
    return found


def _meant(text: str) -> str:
    return "yes" if text == AFFIRMED else text


def _log(share: float) -> float:
    return math.log(share) if share > 0.0 else _NEVER
