"""What to do after a payment was declined."""

from voicebot.capture.decision import Expectation
from voicebot.capture.kinds.rules import ChoiceRule, InvalidValueError
from voicebot.capture.kinds.rules import nothing as last_four

__all__ = ["last_four", "rule", "validate"]


def validate(text: str, expected: Expectation) -> str:  # noqa: ARG001 - same signature in every kind
    """One of "correct", "other", "stop", or `InvalidValueError`: no_match."""
    if text not in {"correct", "other", "stop"}:
        raise InvalidValueError("no_match")
    return text


def rule(expected: Expectation) -> ChoiceRule:
    """Key 1 corrects the tender, key 2 takes another one, key 3 stops."""
    keys = {"1": "correct", "2": "other", "3": "stop"}
    return ChoiceRule(keys=keys, validate=lambda text: validate(text, expected))
