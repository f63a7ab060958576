"""Bank account numbers: no checksum, no fixed length (4 to 17 digits, Nacha's field)."""

from voicebot.capture.decision import Expectation
from voicebot.capture.kinds.rules import NumberRule, check_length, last_four, lengths_or

__all__ = ["last_four", "rule", "validate"]

_LENGTHS = frozenset(range(4, 18))


def validate(digits: str, expected: Expectation) -> str:
    """The number as it is, or `InvalidValueError`: too_short, too_long."""
    check_length(digits, lengths_or(expected, _LENGTHS))
    return digits


def rule(expected: Expectation) -> NumberRule:
    """What is known of bank account numbers here."""
    return NumberRule(
        lengths=lengths_or(expected, _LENGTHS), validate=lambda digits: validate(digits, expected), closed=False
    )
