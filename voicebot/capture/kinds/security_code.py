"""A card's security code: three digits, four for American Express. Nothing of it is ever spoken."""

from voicebot.capture.decision import Expectation
from voicebot.capture.kinds.rules import NumberRule, check_length, lengths_or
from voicebot.capture.kinds.rules import nothing as last_four

__all__ = ["last_four", "rule", "validate"]

_LENGTHS = frozenset({3, 4})


def validate(digits: str, expected: Expectation) -> str:
    """The code as it is, or `InvalidValueError`: too_short, too_long."""
    check_length(digits, lengths_or(expected, _LENGTHS))
    return digits


def rule(expected: Expectation) -> NumberRule:
    """What is known of the code here: with one length asked for, it is complete when it is that long."""
    lengths = lengths_or(expected, _LENGTHS)
    return NumberRule(lengths=lengths, validate=lambda digits: validate(digits, expected), closed=len(lengths) == 1)
