"""The words that always work: repeat, help, go back, start over, operator, goodbye."""

from voicebot.capture.answer import Key, Part
from voicebot.capture.decision import Decision, Expectation, Verdict
from voicebot.capture.hearing import is_noise, known_words
from voicebot.capture.thresholds import (
    COMMAND_NATS,
    COMPLETE_S,
    DOUBTFUL_NATS,
    ENDING_NATS,
    HARMLESS_COMMAND_NATS,
    MAY_GO_ON_S,
    SHORT_ENDINGS,
)
from voicebot.grammar.heard import Segment

SLOT = "command"
"""Where the grammar of the commands names them."""
_HARMLESS = frozenset({"repeat", "help", "go_back", "resume"})
"""Commands that lose nothing: who did not mean them goes on."""
_HOLD = "hold"
"""The command that costs who did not mean it silence: nothing may be likelier, half an answer or command either."""
ENDING = frozenset({"operator", "goodbye"})
"""Commands that end the conversation. Who did not mean one would lose the call: "pay by e check" was heard as "e by",
and next to it "goodbye". So the caller is asked, where it is not clear."""
_NEVER = float("-inf")


def decide(parts: tuple[Part, ...], expected: Expectation) -> Decision | None:
    """The command that the last part is, if it is one and more likely so than an answer, or some other word; else None.

    To be confirmed, where it would end the call and is not clear.

    What was said before it is given up: who says "start over" in the middle of a number does not want the number. A
    sound behind it that was most likely no word takes nothing back.
    """
    return found[1] if (found := find(parts, expected)) else None


def find(parts: tuple[Part, ...], expected: Expectation) -> tuple[Segment, Decision] | None:
    """The same with the part that it was said in."""
    for at in range(len(parts) - 1, -1, -1):
        last = parts[at]
        if isinstance(last, Key):
            return None
        alone = all(isinstance(part, Segment) and is_noise(part) for part in parts[:at])
        if decision := _command(last, expected, alone=alone):
            return last, decision
        if not is_noise(last):
            return None
    return None


def _command(last: Segment, expected: Expectation, *, alone: bool) -> Decision | None:
    if expected.commands is None:
        return None
    best: dict[str, float] = {}
    said: dict[str, tuple[str, ...]] = {}
    answered = other = half = _NEVER
    for hypothesis in last.hypotheses:
        words = once(known_words(hypothesis))
        if not words:
            other = max(other, hypothesis.score)
        readings = expected.commands.read(words) if words else ()
        for reading in readings:
            name = reading.slot(SLOT)
            if hypothesis.score > best.get(name, _NEVER):
                best[name], said[name] = hypothesis.score, words
        if words and not readings and expected.grammar.read(words):
            answered = max(answered, hypothesis.score)
        elif words and not any(expected.commands.read(words[at:]) for at in range(len(words))):
            half = max(half, hypothesis.score)
    if not best:
        return None
    ranked = sorted(best, key=lambda name: -best[name])
    runner_up = max([answered, *(best[name] for name in ranked[1:])])
    margin = best[ranked[0]] - runner_up
    if margin < COMMAND_NATS:
        return None
    clear = best[ranked[0]] - max(other, half, runner_up)
    if ranked[0] in ENDING:
        return _ending(ranked[0], clear, alone=alone, short=said[ranked[0]] in SHORT_ENDINGS)
    against = max(other, half) if ranked[0] == _HOLD else other
    if against - best[ranked[0]] > (HARMLESS_COMMAND_NATS if ranked[0] in _HARMLESS else 0.0):
        return None
    return Decision(Verdict.ACCEPT, command=ranked[0], score=clear, wait_s=COMPLETE_S)


def once(words: tuple[str, ...]) -> tuple[str, ...]:
    """What is said twice in one breath ("goodbye goodbye") is meant once."""
    lengths = (length for length in range(1, len(words) // 2 + 1) if len(words) % length == 0)
    return next((words[:length] for length in lengths if words[:length] * (len(words) // length) == words), words)


def _ending(command: str, margin: float, *, alone: bool, short: bool) -> Decision | None:
    """Taken where it is much likelier than anything else, to be asked about where it is nearly as likely.

    Args:
        command: what would end the call.
        margin: how much likelier it is than anything else, in nats.
        alone: nothing else was said or pressed: a number that was begun counts for more than a doubtful word.
        short: it was said in words that are asked about, however likely.
    """
    if margin >= ENDING_NATS and not short:
        return Decision(Verdict.ACCEPT, command=command, score=margin, wait_s=COMPLETE_S)
    if margin >= (-DOUBTFUL_NATS if alone else ENDING_NATS):
        return Decision(Verdict.CONFIRM, command=command, score=margin, reason="not_sure", wait_s=MAY_GO_ON_S)
    return None
