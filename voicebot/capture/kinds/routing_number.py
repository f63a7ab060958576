"""ABA routing numbers: nine digits, weights 3, 7, 1, and a Federal Reserve prefix (ABA policy)."""

from stdnum.us import rtn

from voicebot.capture.decision import Expectation
from voicebot.capture.kinds.rules import InvalidValueError, NumberRule, check_length
from voicebot.capture.thresholds import GROUPS_INCOMPLETE_S

__all__ = ["last_four", "rule", "validate"]

_LENGTHS = frozenset({9})
ABA = tuple(tuple(weight * digit % 10 for digit in range(10)) for weight in (1, 7, 3))
"""The checksum as a table, from the right: the last digit weighs 1, the one before it 7, then 3, and again."""

_DISTRICTS = frozenset((*range(13), *range(21, 33), *range(61, 73), 80))
"""First two digits in use: government, twelve districts, their thrifts and electronic numbers, traveler's cheques."""


def validate(digits: str, expected: Expectation) -> str:  # noqa: ARG001 - same signature in every kind
    """The number as it is, or `InvalidValueError`: too_short, too_long, checksum, no_match (no such district)."""
    check_length(digits, _LENGTHS)
    if not rtn.is_valid(digits):
        raise InvalidValueError("checksum")
    if int(digits[:2]) not in _DISTRICTS or digits == "000000000":
        raise InvalidValueError("no_match")
    return digits


def last_four(content: str) -> str:
    """What may be spoken of a routing number to have it confirmed: all of it, as every bank publishes its own."""
    return content


def rule(expected: Expectation) -> NumberRule:
    """What is known of routing numbers here."""
    return NumberRule(
        lengths=_LENGTHS,
        validate=lambda digits: validate(digits, expected),
        checksum=ABA,
        incomplete_s=GROUPS_INCOMPLETE_S,
        repairable=True,
    )
