"""A card's expiration date: a month that exists, not past, at most twenty years ahead."""

import re

from voicebot.capture.decision import Expectation
from voicebot.capture.kinds.rules import InvalidValueError, NumberRule
from voicebot.capture.thresholds import INCOMPLETE_S

__all__ = ["from_keys", "last_four", "rule", "validate"]

_FORM = re.compile(r"(\d{2}|\d{4})-(\d{1,2})")
_MONTHS = 12
_CENTURY = 2000
_YEARS_AHEAD = 20
_MMYY, _MMYYYY = 4, 6


def validate(text: str, expected: Expectation) -> str:
    """A date "27-5", "27-05" or "2027-05" as "2027-05", or `InvalidValueError`: bad_date, expired."""
    form = _FORM.fullmatch(text)
    if form is None:
        raise InvalidValueError("bad_date")
    year, month = int(form[1]), int(form[2])
    if year < _CENTURY:
        year += _CENTURY
    if not 1 <= month <= _MONTHS or year > expected.today.year + _YEARS_AHEAD:
        raise InvalidValueError("bad_date")
    if (year, month) < (expected.today.year, expected.today.month):
        raise InvalidValueError("expired")
    return f"{year}-{month:02}"


def last_four(content: str) -> str:
    """What may be spoken of a date to have it confirmed: all of it, as it says nothing without the number."""
    return content


def from_keys(digits: str, expected: Expectation) -> str:
    """MMYY or MMYYYY as pressed, or `InvalidValueError`: too_short, too_long, bad_date, expired."""
    if len(digits) not in {_MMYY, _MMYYYY}:
        raise InvalidValueError("too_short" if len(digits) < _MMYYYY else "too_long")
    return validate(f"{digits[2:]}-{digits[:2]}", expected)


def rule(expected: Expectation) -> NumberRule:
    """What is known of dates here, as pressed."""
    return NumberRule(
        lengths=frozenset({_MMYY, _MMYYYY}),
        validate=lambda digits: from_keys(digits, expected),
        incomplete_s=INCOMPLETE_S,
    )
