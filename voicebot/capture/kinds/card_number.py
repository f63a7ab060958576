"""Card numbers: brand by leading digits, length by brand, Luhn's checksum (ISO/IEC 7812-1)."""

from stdnum import luhn

from voicebot.capture.decision import Expectation, Value
from voicebot.capture.kinds.rules import InvalidValueError, NumberRule, check_length, last_four, lengths_or
from voicebot.capture.sensitive import Sensitive
from voicebot.capture.thresholds import GROUPS_INCOMPLETE_S

__all__ = ["brand", "last_four", "rule", "security_code_lengths", "validate"]

_BRANDS: tuple[tuple[str, tuple[tuple[str, str], ...], tuple[int, ...], float], ...] = (
    # name, ranges of leading digits, lengths, log of how usual it is beside the four big brands
    ("visa", (("4", "4"),), (16,), 0.0),
    ("mastercard", (("51", "55"), ("2221", "2720")), (16,), 0.0),
    ("amex", (("34", "34"), ("37", "37")), (15,), 0.0),
    ("discover", (("6011", "6011"), ("644", "649"), ("65", "65")), (16,), 0.0),
    ("diners", (("300", "305"), ("36", "36"), ("38", "39")), (14, 16), -4.0),
    ("jcb", (("3528", "3589"),), (16,), -4.0),
    ("unionpay", (("62", "62"), ("81", "81")), (16,), -4.0),
)
_GROUPS = {14: (4, 6, 4), 15: (4, 6, 5), 16: (4, 4, 4, 4)}
_LENGTHS = frozenset(length for _, _, lengths, _ in _BRANDS for length in lengths)
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
LUHN = (tuple(range(10)), _DOUBLED)
"""Luhn's checksum as a table: from the right, every second digit is doubled, its own digits added."""


def _brand(digits: str) -> tuple[str, tuple[int, ...], float] | None:
    for name, ranges, lengths, usual in _BRANDS:
        if any(low <= digits[: len(low)] <= high for low, high in ranges):
            return name, lengths, usual
    return None


def brand(digits: str) -> str:
    """The brand's name by the leading digits ("visa", "amex", …), or an empty text.

    >>> brand("378282246310005")
    'amex'
    """
    found = _brand(digits)
    return found[0] if found else ""


def security_code_lengths(card: Value) -> tuple[int, ...]:
    """How many digits the security code of this card has: four on American Express, three on all others."""
    if not isinstance(card.content, Sensitive):
        raise TypeError("a card number is always wrapped")
    return (4,) if brand(card.content.get_secret_value()) == "amex" else (3,)


def validate(digits: str, expected: Expectation) -> str:
    """The number as it is, or `InvalidValueError`: too_short, too_long, no_match (no such brand), checksum."""
    found = _brand(digits)
    check_length(digits, lengths_or(expected, frozenset(found[1]) if found else _LENGTHS))
    if found is None:
        raise InvalidValueError("no_match")
    if not luhn.is_valid(digits):
        raise InvalidValueError("checksum")
    return digits


def _prior(digits: str) -> float:
    found = _brand(digits)
    return found[2] if found else 0.0


def _longest(digits: str) -> int:
    found = _brand(digits)
    return max(found[1] if found else _LENGTHS)


def rule(expected: Expectation) -> NumberRule:
    """What is known of card numbers here."""
    return NumberRule(
        lengths=lengths_or(expected, _LENGTHS),
        validate=lambda digits: validate(digits, expected),
        checksum=LUHN,
        prior=_prior,
        longest=_longest,
        incomplete_s=GROUPS_INCOMPLETE_S,
        repairable=True,
        groups=_GROUPS,
    )
