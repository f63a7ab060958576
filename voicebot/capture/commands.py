"""The words that always work: repeat, help, go back, start over, operator, goodbye."""

from voicebot.capture.answer import Key, Part
from voicebot.capture.decision import Decision, Expectation, Verdict
from voicebot.capture.hearing import known_words
from voicebot.capture.thresholds import COMMAND_NATS, COMPLETE_S, HARMLESS_COMMAND_NATS

_SLOT = "command"
_HARMLESS = frozenset({"repeat", "help", "go_back", "resume"})
"""Commands that lose nothing: who did not mean them goes on."""
_ENDING = frozenset({"operator", "goodbye"})
"""Commands that end the conversation. Who means one says it again; who did not would lose the call: "pay by e check"
was heard as "e by", and next to it "goodbye"."""
_NEVER = float("-inf")


def decide(parts: tuple[Part, ...], expected: Expectation) -> Decision | None:
    """The command that the last part is, if it is one and more likely so than an answer, or some other word; else None.

    What was said before it is given up: who says "start over" in the middle of a number does not want the number.
    """
    last = parts[-1]
    if isinstance(last, Key) or expected.commands is None:
        return None
    best: dict[str, float] = {}
    answered = other = half = _NEVER
    for hypothesis in last.hypotheses:
        words = known_words(hypothesis)
        if not words:
            other = max(other, hypothesis.score)
        readings = expected.commands.read(words) if words else ()
        for reading in readings:
            name = reading.slot(_SLOT)
            best[name] = max(hypothesis.score, best.get(name, _NEVER))
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
    if ranked[0] in _ENDING and half > best[ranked[0]]:
        return None
    if other - best[ranked[0]] > (HARMLESS_COMMAND_NATS if ranked[0] in _HARMLESS else 0.0):
        return None
    return Decision(Verdict.ACCEPT, command=ranked[0], score=margin, wait_s=COMPLETE_S)
