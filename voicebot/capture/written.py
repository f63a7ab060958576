"""A command that the first recogniser makes nothing of, as a second one writes it down.

The first recogniser hears commands out of a short list, and in noise it hears a short one as "some other word", as no
word at all, or where digits are listened for as one of these. The second one (Whisper) writes any words, and gives its
likeliest texts with their scores. What it writes is never an answer: only what always works is looked for in it, and
what would end the call is asked about.

Beside yes and no the first one takes other words for commands, too ("house" for "help"): there it must bear one out.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from voicebot.capture.answer import Answer
from voicebot.capture.commands import ENDING, SLOT, find, once
from voicebot.capture.decision import MENUS, Decision, Expectation, Verdict
from voicebot.capture.first_word import FIRST_WORD_KINDS
from voicebot.capture.hearing import is_noise, known_words
from voicebot.capture.kinds import NumberRule, rule_of
from voicebot.capture.thresholds import (
    BORNE_OUT_SHARE,
    COMPLETE_S,
    ENDING_NATS,
    LONGEST_COMMAND_S,
    MAY_GO_ON_S,
    SHORTEST_COMMAND_S,
    UNREADABLE_SHARE,
    WRITTEN_BESIDE_ANSWERS,
    WRITTEN_SHARE,
    WRITTEN_WORDS,
)
from voicebot.grammar import BRIEF, UNKNOWN, Grammar, Segment


def worth_writing(answer: Answer, decision: Decision, expected: Expectation) -> bool:
    """Whether what was said last may be a command that the first recogniser did not hear: it made no answer of it.

    Or it made one of it that would end the call, and found no word at all likelier; or what may be an answer to a menu.
    Or one beside yes and no, which must be borne out.
    """
    spoken = [part for part in answer.parts if isinstance(part, Segment)]
    if expected.commands is None or answer.written is not None or not spoken or len(spoken) < len(answer.parts):
        return False
    checked = _must_be_borne_out(answer, decision, expected)
    if not (checked or _is_unsure(decision, expected) or _is_doubtful_noise(answer, decision)):
        return False
    last = to_write(answer, expected)
    if last is None or last.end_s - last.start_s > LONGEST_COMMAND_S:
        return False
    rule = rule_of(expected)
    return not isinstance(rule, NumberRule) or _words(spoken) <= min(WRITTEN_WORDS, min(rule.lengths) - 1)


def to_write(answer: Answer, expected: Expectation) -> Segment | None:
    """The last stretch of speech that may be a command, or None: what is shorter is a knock.

    One that must be borne out it is itself, whatever sounds are behind it.
    """
    if (heard := _to_be_borne_out(answer, expected)) is not None:
        return heard
    spoken = (part for part in reversed(answer.parts) if isinstance(part, Segment))
    return next((part for part in spoken if part.end_s - part.start_s >= SHORTEST_COMMAND_S), None)


def _is_unsure(decision: Decision, expected: Expectation) -> bool:
    """Whether it is no answer, or to a menu one that is to be asked about."""
    proposed = decision.verdict is Verdict.CONFIRM and expected.kind in MENUS
    return decision.command is None and (decision.verdict is Verdict.REJECT or proposed)


def _is_doubtful_noise(answer: Answer, decision: Decision) -> bool:
    """Whether all that was said is a command that would end the call, if it is not, as is likelier, no word at all."""
    doubtful = decision.verdict is Verdict.CONFIRM and decision.command is not None
    return doubtful and all(isinstance(part, Segment) and is_noise(part) for part in answer.parts)


def _must_be_borne_out(answer: Answer, decision: Decision, expected: Expectation) -> bool:
    """Whether it is a command that the first recogniser heard beside yes and no."""
    return decision.command is not None and _to_be_borne_out(answer, expected) is not None


def _to_be_borne_out(answer: Answer, expected: Expectation) -> Segment | None:
    """The part that the first recogniser heard a command in beside yes and no; None if it was likelier no word."""
    found = find(answer.parts, expected) if expected.kind in FIRST_WORD_KINDS else None
    return found[0] if found is not None and not is_noise(found[0]) else None


def command_hints(expected: Expectation) -> tuple[str, ...]:
    """What callers say, to be told to it beforehand."""
    commands = expected.commands
    if commands is None:
        return ()
    phrases = commands.phrases(rule=BRIEF if BRIEF in commands.rules else None)
    return tuple(sorted({phrase for phrase in phrases if phrase != UNKNOWN}))


def decide(answer: Answer, first: Decision, expected: Expectation) -> Decision | None:
    """The command that was written, where the first recogniser made no answer of what was said; else None.

    What that one heard as a command, but as likelier no word at all, is none unless it was written too.

    Args:
        answer: with what was written.
        first: what it comes to without.
        expected: what may be said.
    """
    if answer.written is None or expected.commands is None:
        return None
    if _is_doubtful_noise(answer, first):
        return _of_written(answer.written, expected) or Decision(Verdict.REJECT, reason="no_match")
    return _of_written(answer.written, expected) if _is_unsure(first, expected) else None


def _of_written(written: Segment, expected: Expectation) -> Decision | None:
    shares: dict[str, float] = {}
    others = 0.0
    for hypothesis in written.hypotheses:
        share = math.exp(hypothesis.score)
        readings = expected.commands.read(once(hypothesis.words)) if expected.commands is not None else ()
        if not readings:
            others = max(others, share)
        for name in {reading.slot(SLOT) for reading in readings}:
            shares[name] = shares.get(name, 0.0) + share
    if not shares:
        return None
    command = max(shares, key=lambda name: shares[name])
    against = max([others, *(share for name, share in shares.items() if name != command)])
    least = WRITTEN_BESIDE_ANSWERS if expected.kind in FIRST_WORD_KINDS else WRITTEN_SHARE
    if shares[command] < least or shares[command] <= against:
        return None
    score = math.log(shares[command])
    if command in ENDING:
        return Decision(Verdict.CONFIRM, command=command, score=score, reason="not_sure", wait_s=MAY_GO_ON_S)
    return Decision(Verdict.ACCEPT, command=command, score=score, wait_s=COMPLETE_S)


def borne_out(answer: Answer, first: Decision, expected: Expectation) -> Decision | None:
    """What is left of a command that the first recogniser heard, by what was written: all of it if nothing was.

    Its words are looked for anywhere in a text ("the hang up"), and the last one may go on ("helping"). Of some voices
    nothing can be written at all: where no text is likely, what was heard clearly stands, but what would end the call
    is asked about.

    Args:
        answer: with what was written.
        first: the command.
        expected: what may be said.
    """
    part = _to_be_borne_out(answer, expected)
    if answer.written is None or part is None or _is_in(answer.written, part, first.command or "", expected):
        return first
    likeliest = max((hypothesis.score for hypothesis in answer.written.hypotheses), default=-math.inf)
    if math.exp(likeliest) >= UNREADABLE_SHARE:
        return None
    if first.command not in ENDING:
        return first if first.score >= ENDING_NATS else None
    if first.score < 0.0:
        return None
    return replace(first, verdict=Verdict.CONFIRM, reason="not_sure", wait_s=MAY_GO_ON_S)


def _is_in(written: Segment, part: Segment, command: str, expected: Expectation) -> bool:
    """Whether texts with the command in them are likely enough to bear it out."""
    commands = expected.commands
    if commands is None:
        return True
    spoken = {known_words(hypothesis) for hypothesis in part.hypotheses}
    phrases = {words for words in spoken if words and command in _names(words, commands)}
    share = sum(
        math.exp(hypothesis.score)
        for hypothesis in written.hypotheses
        if any(
            command in _names(hypothesis.words[start:end], commands)
            or any(_goes_on(hypothesis.words[start:end], phrase) for phrase in phrases)
            for start in range(len(hypothesis.words))
            for end in range(start + 1, len(hypothesis.words) + 1)
        )
    )
    return share >= BORNE_OUT_SHARE


def _names(words: tuple[str, ...], commands: Grammar) -> set[str]:
    return {reading.slot(SLOT) for reading in commands.read(once(words))}


def _goes_on(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    """Whether these are the words of a phrase, the last one perhaps longer."""
    return len(words) == len(phrase) and words[:-1] == phrase[:-1] and words[-1].startswith(phrase[-1])


def _words(spoken: Sequence[Segment]) -> int:
    return sum(len(known_words(segment.best)) for segment in spoken if segment.best is not None)
