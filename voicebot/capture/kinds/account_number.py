"""The biller's account numbers: those that exist, when that is known."""

from voicebot.capture.decision import Expectation
from voicebot.capture.kinds.rules import InvalidValueError, NumberRule, check_length, last_four, lengths_or

__all__ = ["last_four", "rule", "validate"]

_LENGTHS = frozenset(range(4, 15))


def validate(digits: str, expected: Expectation) -> str:
    """The number as it is, or `InvalidValueError`: too_short, too_long, unknown_account."""
    check_length(digits, lengths_or(expected, _LENGTHS))
    if expected.known_accounts is not None and digits not in expected.known_accounts:
        raise InvalidValueError("unknown_account")
    return digits


def rule(expected: Expectation) -> NumberRule:
    """What is known of account numbers here."""
    return NumberRule(
        lengths=lengths_or(expected, _LENGTHS),
        validate=lambda digits: validate(digits, expected),
        closed=expected.known_accounts is not None,
        repairable=expected.known_accounts is not None,
    )
