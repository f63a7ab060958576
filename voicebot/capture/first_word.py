"""A yes or a no that the first recogniser leaves unsure: how a second one weighs in by the word that it began with.

The second one (Whisper) has every word of English for a rival, where the first has a short list and "some other word":
it tells "no" from "go" on a telephone line, and "sure" from "seven". What it says is not a text but how likely the
answer began with each word of the grammar. An answer in more words ("that's right") is borne out by its first one. And
it says how likely all of it, as a sound, is a yes or a no (`WHOLE`), which tells what begins alike.
"""

import math
from collections.abc import Mapping, Sequence

from voicebot.capture.answer import Answer, Key, Part, begins_s
from voicebot.capture.decision import Decision, Expectation, Verdict
from voicebot.capture.hearing import UNKNOWN_WORD, known_words
from voicebot.capture.thresholds import (
    CHOICES,
    FRAGMENT_NATS,
    MORE_WORDS_NATS,
    NAMED,
    NETWORK_MARGIN,
    RIVAL_FROM,
    RIVALS,
    SECOND_AND_NETWORK,
    SECOND_AND_VOSK,
    WHOLE_LIMITS,
    WHOLE_NEUTRAL,
    WHOLE_TIMES,
    FirstWord,
)
from voicebot.grammar.heard import WHOLE, Segment

FIRST_WORD_KINDS = frozenset({"yes_no", "correction"})
"""Kinds of answers whose yes and no a second recogniser is asked about."""

AFFIRMED = "affirmed"
"""What a grammar calls a yes that counts only where a second recogniser hears it too: "yup" is near to "hang up"."""

HEARD_FOR: Mapping[tuple[str, ...], tuple[str, ...]] = {("not",): ("no",)}
"""What the first recogniser makes of another word, by itself, and that word, which is shown for it."""

_NEVER = float("-inf")


def words_for_second(expected: Expectation) -> tuple[str, ...]:
    """The words that a second recogniser is to tell from any others, and `WHOLE`; none where it is to hear digits."""
    if expected.kind not in FIRST_WORD_KINDS:
        return ()
    return tuple(sorted({*expected.grammar.words(), *RIVALS.values(), *WHOLE.values()}))


def asked_since_s(answer: Answer, expected: Expectation) -> float:
    """When the last part began that may be an answer, for that is what a second recogniser is asked about."""
    part = last_answer(answer.parts, expected) or answer.parts[-1]
    return begins_s(part)


def last_answer(parts: Sequence[Part], expected: Expectation) -> Segment | None:
    """The last part of which some guess is an answer; a cough behind it takes nothing back."""
    segments = (part for part in reversed(parts) if isinstance(part, Segment))
    return next((segment for segment in segments if _may_answer(segment, expected)), None)


def _may_answer(segment: Segment, expected: Expectation) -> bool:
    guesses = (hypothesis.words for hypothesis in segment.hypotheses if UNKNOWN_WORD not in hypothesis.words)
    return any(words and expected.grammar.read(words) for words in guesses)


def affirms(segment: Segment, expected: Expectation) -> bool:
    """Whether it is most likely a yes that a second recogniser must hear too."""
    words = known_words(segment.best) if segment.best is not None else ()
    return any(reading.text == AFFIRMED for reading in expected.grammar.read(words))


def worth_asking(answer: Answer, decision: Decision, expected: Expectation) -> bool:
    """Whether what it says may change the decision: of what is certain, or out of its reach, it is not asked."""
    if expected.kind not in FIRST_WORD_KINDS or decision.command is not None:
        return False
    last = last_answer(answer.parts, expected)
    if decision.value is None:
        return last is not None and not isinstance(answer.parts[-1], Key) and affirms(last, expected)
    content = decision.value.content
    if not isinstance(content, str) or content not in RIVALS or isinstance(answer.parts[-1], Key):
        return False
    weighs = weighing(last) if last is not None else SECOND_AND_VOSK
    most = FRAGMENT_NATS + weighs.times * (MORE_WORDS_NATS - weighs.neutral[content])
    may_be_taken = decision.score + most >= CHOICES.accept
    return decision.score < weighs.sure[content] and (decision.verdict is not Verdict.REJECT or may_be_taken)


def weighing(segment: Segment) -> FirstWord:
    """How its word weighs: less where the answer network has heard the segment too."""
    return SECOND_AND_NETWORK if segment.network else SECOND_AND_VOSK


def with_network(
    margin: float, content: str, words: Sequence[str], segment: Segment, expected: Expectation
) -> float | None:
    """The margin of a yes or no by the recogniser and the answer network; None where that one was not asked.

    Of more words than one ("that's wrong") only synthetic voices taught it, so that its doubt does not count there.

    Args:
        margin: how far before anything else the recogniser has it, in nats.
        content: of the answer.
        words: that the recogniser found it in.
        segment: what was heard.
        expected: reads the network's words.
    """
    if content not in RIVALS or not segment.network:
        return None
    shares = {guess.words: math.exp(guess.score) for guess in segment.network}
    for_it = sum(share for words, share in shares.items() if content in _contents(words, expected))
    odds = _log(for_it) - _log(sum(shares.values()) - for_it)
    weight, least, most = NETWORK_MARGIN
    return weight * min(max(margin, least), most) + (odds if len(words) == 1 else max(odds, 0.0))


def _contents(words: Sequence[str], expected: Expectation) -> set[str]:
    return {_meant(reading.text) for reading in expected.grammar.read(words)[:1]} if words else set()


def evidence(
    second: Segment,
    guesses: Mapping[str, Mapping[tuple[str, ...], float]],
    expected: Expectation,
    weighs: FirstWord,
) -> dict[str, tuple[float, tuple[str, ...]]]:
    """By content, the guess that both recognisers together find the likeliest: its score in nats, and its words.

    Args:
        second: how likely it finds the words that it was asked about, as logarithms.
        guesses: by content, what the first recogniser heard, with its score. "That's" is a beginning of either content,
            and counts for a guess that begins so.
        expected: reads what is an answer by itself.
        weighs: how much its word counts.
    """
    likely = {hypothesis.words[0]: math.exp(hypothesis.score) for hypothesis in second.hypotheses}
    alone = {word: _contents((word,), expected) for word in likely}
    found: dict[str, tuple[float, tuple[str, ...]]] = {}
    for content, heard in guesses.items():
        plain = sum(share for word, share in likely.items() if content in alone[word])
        rival = likely.get(RIVALS[content], 0.0)
        against = weighs.rival_times * max(0.0, _log(rival) - RIVAL_FROM)
        borne_out: list[tuple[float, tuple[str, ...]]] = []
        for words, score in heard.items():
            begins = content not in alone.get(words[0], {content})
            share = plain + (likely[words[0]] if begins else 0.0)
            neutral = weighs.neutral[content] - (MORE_WORDS_NATS if begins else 0.0)
            whole = _by_whole(content, words, likely)
            borne_out.append((score + weighs.times * (_log(share) - neutral) - against + whole, words))
        found[content] = max(borne_out)
    return found


def meant(words: tuple[str, ...]) -> str:
    """The words of an answer as they are shown."""
    return " ".join(HEARD_FOR.get(words, words))


def _by_whole(content: str, words: Sequence[str], likely: Mapping[str, float]) -> float:
    """What the sound as a whole adds for an answer; nothing where that was not told, as of a long one.

    Of a word that only synthetic voices taught ("sure") its doubt does not count where that word itself is likely.
    """
    share = likely.get(WHOLE[content])
    if share is None:
        return 0.0
    least, most = WHOLE_LIMITS
    odds = min(max(_log(share) - _log(1.0 - share), least), most)
    whole = WHOLE_TIMES * (odds - WHOLE_NEUTRAL[content])
    is_named = len(words) == 1 and words[0] not in RIVALS and _log(likely.get(words[0], 0.0)) >= NAMED
    return max(whole, 0.0) if is_named else whole


def _meant(text: str) -> str:
    return "yes" if text == AFFIRMED else text


def _log(share: float) -> float:
    return math.log(share) if share > 0.0 else _NEVER
