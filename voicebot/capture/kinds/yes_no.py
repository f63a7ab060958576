"""Yes or no."""

from voicebot.capture.decision import Expectation
from voicebot.capture.kinds.rules import ChoiceRule, InvalidValueError
from voicebot.capture.kinds.rules import nothing as last_four

__all__ = ["last_four", "rule", "validate"]


def validate(text: str, expected: Expectation) -> str:  # noqa: ARG001 - same signature in every kind
    """Either "yes" or "no", or `InvalidValueError`: no_match."""
    if text not in {"yes", "no"}:
        raise InvalidValueError("no_match")
    return text


def rule(expected: Expectation) -> ChoiceRule:
    """Key 1 is yes, key 2 is no."""
    return ChoiceRule(keys={"1": "yes", "2": "no"}, validate=lambda text: validate(text, expected))
