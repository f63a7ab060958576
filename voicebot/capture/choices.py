"""Answers out of a few: yes or no, card or check, which items."""

from collections.abc import Sequence

from voicebot.capture.answer import Key, Part
from voicebot.capture.decision import MENUS, Decision, Expectation, Value, Verdict
from voicebot.capture.hearing import UNKNOWN_WORD, known_words, merged
from voicebot.capture.kinds import ChoiceRule, InvalidValueError
from voicebot.capture.thresholds import (
    CHOICES,
    COMPLETE_S,
    FRAGMENT_NATS,
    INCOMPLETE_S,
    INTERDIGIT_S,
    MAY_GO_ON_S,
)
from voicebot.grammar.heard import Segment

_END = "#"
_OPERATOR = "0"
_ALL = "all"
_NEVER = float("-inf")


def decide(parts: Sequence[Part], expected: Expectation, rule: ChoiceRule) -> Decision:
    """The choice that was made: by keys when the last part is one, else by what was said."""
    if isinstance(parts[-1], Key):
        return _by_keys([part.key for part in parts if isinstance(part, Key)], expected, rule)
    return _by_words([part for part in parts if isinstance(part, Segment)], expected, rule)


def _by_keys(keys: Sequence[str], expected: Expectation, rule: ChoiceRule) -> Decision:
    ended = keys[-1] == _END
    pressed = [key for key in keys if key != _END]
    if _OPERATOR in pressed:
        return Decision(Verdict.REJECT, command="operator")
    if not pressed:
        return Decision(Verdict.REJECT, reason="no_input")
    meant = [rule.keys[key] for key in (pressed if rule.several else pressed[-1:]) if key in rule.keys]
    if not meant:
        return Decision(Verdict.REJECT, reason="no_match")
    text = _ALL if _ALL in meant else ",".join(meant)
    try:
        content = rule.validate(text)
    except InvalidValueError as invalid:
        return Decision(Verdict.REJECT, reason=invalid.reason)
    wait_s = 0.0 if ended or not rule.several or content == _ALL else INTERDIGIT_S
    return Decision(Verdict.ACCEPT, Value(expected.kind, content), wait_s=wait_s)


def _by_words(segments: Sequence[Segment], expected: Expectation, rule: ChoiceRule) -> Decision:
    """All segments as one answer; where that is none, the last one that is one in itself ("uh … card", "no … no")."""
    whole = _read(merged(segments) if len(segments) > 1 else segments[0], expected, rule)
    if whole.verdict is not Verdict.REJECT:
        return whole
    alone = (_read(segment, expected, rule) for segment in reversed(segments))
    return next((decision for decision in alone if decision.verdict is not Verdict.REJECT), whole)


def _read(segment: Segment, expected: Expectation, rule: ChoiceRule) -> Decision:
    best: dict[str, float] = {}
    refused: dict[str, float] = {}
    partly: dict[str, float] = {}
    other = _NEVER
    for hypothesis in segment.hypotheses:
        words = known_words(hypothesis)
        found = partly if len(words) < len(hypothesis.words) else best
        texts = {reading.text for reading in expected.grammar.read(words)[:1]} if words else set()
        if not texts:
            weighs_less = expected.kind in MENUS and UNKNOWN_WORD not in hypothesis.words
            other = max(other, hypothesis.score - (FRAGMENT_NATS if weighs_less else 0.0))
        for text in texts:
            try:
                content = rule.validate(text)
            except InvalidValueError as invalid:
                refused[invalid.reason] = max(hypothesis.score, refused.get(invalid.reason, _NEVER))
            else:
                found[content] = max(hypothesis.score, found.get(content, _NEVER))
    if not best or max(refused.values(), default=_NEVER) > max(best.values()):
        reason = max(refused, key=lambda name: refused[name]) if refused else "no_match"
        return Decision(Verdict.REJECT, reason=reason, wait_s=MAY_GO_ON_S if refused else INCOMPLETE_S)
    content = max(best, key=lambda name: best[name])
    # An answer with a breath or a cough beside it is no argument against the same answer without.
    against = [score for found in (best, partly) for name, score in found.items() if name != content]
    margin = min(best[content] - max([other, *against]), CHOICES.spent)
    goes_on = content not in rule.finished if rule.finished is not None else rule.several and content != _ALL
    wait_s = MAY_GO_ON_S if goes_on else COMPLETE_S
    return _weighed(Value(expected.kind, content), margin, wait_s)


def _weighed(value: Value, margin: float, wait_s: float) -> Decision:
    if margin >= CHOICES.accept:
        return Decision(Verdict.ACCEPT, value, score=margin, wait_s=wait_s)
    if margin >= CHOICES.confirm:
        return Decision(Verdict.CONFIRM, value, score=margin, reason="not_sure", wait_s=wait_s)
    return Decision(Verdict.REJECT, value, score=margin, reason="not_sure", wait_s=MAY_GO_ON_S)
