"""The kind of bank account that an eCheck is drawn on, in PaymentExpress's own words."""

from voicebot.capture.decision import Expectation
from voicebot.capture.kinds.rules import ChoiceRule, InvalidValueError
from voicebot.capture.kinds.rules import nothing as last_four

__all__ = ["last_four", "rule", "validate"]


def validate(text: str, expected: Expectation) -> str:  # noqa: ARG001 - same signature in every kind
    """Either "Checking" or "Savings", or `InvalidValueError`: no_match."""
    if text not in {"Checking", "Savings"}:
        raise InvalidValueError("no_match")
    return text


def rule(expected: Expectation) -> ChoiceRule:
    """Key 1 is checking, key 2 is savings."""
    return ChoiceRule(keys={"1": "Checking", "2": "Savings"}, validate=lambda text: validate(text, expected))
