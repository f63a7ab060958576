"""The way of paying: by card or by eCheck, as far as it was offered."""

from voicebot.capture.decision import Expectation
from voicebot.capture.kinds.rules import ChoiceRule, InvalidValueError
from voicebot.capture.kinds.rules import nothing as last_four

__all__ = ["last_four", "rule", "validate"]


def validate(text: str, expected: Expectation) -> str:
    """Either "card" or "echeck", or `InvalidValueError`: no_match, not_offered."""
    if text not in {"card", "echeck"}:
        raise InvalidValueError("no_match")
    if expected.options and text not in expected.options:
        raise InvalidValueError("not_offered")
    return text


def rule(expected: Expectation) -> ChoiceRule:
    """Key 1 is the card, key 2 the eCheck."""
    return ChoiceRule(keys={"1": "card", "2": "echeck"}, validate=lambda text: validate(text, expected))
