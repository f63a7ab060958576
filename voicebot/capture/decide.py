"""One answer and what was expected, in; one decision, out. Called after every segment and key."""

from voicebot.capture import choices, commands, numbers, written
from voicebot.capture.answer import Answer, Key, Part
from voicebot.capture.decision import Decision, Expectation, Verdict
from voicebot.capture.kinds import ChoiceRule, NumberRule, rule_of
from voicebot.capture.thresholds import SECOND_PRESS_S

_CLEAR = "*"


def decide(answer: Answer, expected: Expectation) -> Decision:
    """What the answer comes to so far.

    Raises:
        ValueError: the expectation names a kind that there is not.
    """
    rule = rule_of(expected)
    parts = tuple(part for part in answer.parts if isinstance(part, Key) or not expected.keys_only)
    if not parts:
        return Decision(Verdict.REJECT, reason="no_input")
    if _is_key(parts[-1], _CLEAR):
        return _cleared(parts, rule)
    parts = _after_clear(parts)
    decision = commands.decide(parts, expected)
    if decision is not None and (left := written.borne_out(answer, decision, expected)) is not None:
        return written.decide(answer, left, expected) or left
    if isinstance(rule, ChoiceRule):
        decision = choices.decide(parts, expected, rule, answer.second)
    else:
        decision = numbers.decide(parts, expected, rule, answer.second)
    return written.decide(answer, decision, expected) or decision


def _cleared(parts: tuple[Part, ...], rule: NumberRule | ChoiceRule) -> Decision:
    """What the key that clears means: twice at once, go back; with nothing to clear, once that may be, repeat."""
    before = parts[-2] if len(parts) > 1 else None
    if isinstance(before, Key) and _is_key(before, _CLEAR) and _twice(before, parts[-1]):
        return Decision(Verdict.REJECT, command="go_back")
    if before is not None and not _is_key(before, _CLEAR) and not isinstance(rule, ChoiceRule):
        return Decision(Verdict.REJECT, reason="cleared")
    return Decision(Verdict.REJECT, command="repeat", wait_s=SECOND_PRESS_S)


def _twice(first: Key, second: Part) -> bool:
    return isinstance(second, Key) and second.at_s - first.at_s <= SECOND_PRESS_S


def _is_key(part: Part, key: str) -> bool:
    return isinstance(part, Key) and part.key == key


def _after_clear(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    cleared = max((place for place, part in enumerate(parts) if _is_key(part, _CLEAR)), default=-1)
    return parts[cleared + 1 :]
