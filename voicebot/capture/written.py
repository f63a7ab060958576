"""A command that the first recogniser makes nothing of, as a second one writes it down.

The first recogniser hears commands out of a short list, and in noise it hears a short one as "some other word", as no
word at all, or where digits are listened for as one of these. The second one (Whisper) writes any words, and gives its
likeliest texts with their scores. What it writes is never an answer: only what always works is looked for in it, and
what would end the call is asked about.
"""

import math
from collections.abc import Sequence

from voicebot.capture.answer import Answer
from voicebot.capture.commands import ENDING, SLOT, once
from voicebot.capture.decision import Decision, Expectation, Verdict
from voicebot.capture.hearing import known_words
from voicebot.capture.kinds import NumberRule, rule_of
from voicebot.capture.thresholds import (
    COMPLETE_S,
    LONGEST_COMMAND_S,
    MAY_GO_ON_S,
    SHORTEST_COMMAND_S,
    WRITTEN_SHARE,
    WRITTEN_WORDS,
)
from voicebot.grammar import BRIEF, UNKNOWN, Segment


def worth_writing(answer: Answer, decision: Decision, expected: Expectation) -> bool:
    """Whether what was said last may be a command that the first recogniser did not hear: it made no answer of it."""
    spoken = [part for part in answer.parts if isinstance(part, Segment)]
    if expected.commands is None or answer.written is not None or not spoken or len(spoken) < len(answer.parts):
        return False
    if decision.verdict is not Verdict.REJECT or decision.command is not None:
        return False
    if not SHORTEST_COMMAND_S <= spoken[-1].end_s - spoken[-1].start_s <= LONGEST_COMMAND_S:
        return False
    return not isinstance(rule_of(expected), NumberRule) or _words(spoken) <= WRITTEN_WORDS


def command_hints(expected: Expectation) -> tuple[str, ...]:
    """What callers say, to be told to it beforehand."""
    commands = expected.commands
    if commands is None:
        return ()
    phrases = commands.phrases(rule=BRIEF if BRIEF in commands.rules else None)
    return tuple(sorted({phrase for phrase in phrases if phrase != UNKNOWN}))


def decide(answer: Answer, first: Decision, expected: Expectation) -> Decision | None:
    """The command that was written, where the first recogniser made no answer of what was said; else None.

    Args:
        answer: with what was written.
        first: what it comes to without.
        expected: what may be said.
    """
    if answer.written is None or expected.commands is None or first.verdict is not Verdict.REJECT:
        return None
    shares: dict[str, float] = {}
    others = 0.0
    for hypothesis in answer.written.hypotheses:
        share = math.exp(hypothesis.score)
        readings = expected.commands.read(once(hypothesis.words))
        if not readings:
            others = max(others, share)
        for name in {reading.slot(SLOT) for reading in readings}:
            shares[name] = shares.get(name, 0.0) + share
    if not shares:
        return None
    command = max(shares, key=lambda name: shares[name])
    against = max([others, *(share for name, share in shares.items() if name != command)])
    if shares[command] < WRITTEN_SHARE or shares[command] <= against:
        return None
    score = math.log(shares[command])
    if command in ENDING:
        return Decision(Verdict.CONFIRM, command=command, score=score, reason="not_sure", wait_s=MAY_GO_ON_S)
    return Decision(Verdict.ACCEPT, command=command, score=score, wait_s=COMPLETE_S)


def _words(spoken: Sequence[Segment]) -> int:
    return sum(len(known_words(segment.best)) for segment in spoken if segment.best is not None)
