"""Corrections: "no, the second group is forty five", "five not nine". Edits of what stands, for the dialog to offer.

A number's groups are those that it was said in, or that it is read back in. Nothing is guessed: an edit that fits
no place, or more than one, gives nothing, and the dialog asks for the number again.
"""

from collections.abc import Sequence
from dataclasses import replace

from voicebot.capture.decision import Expectation, Value, plain
from voicebot.capture.groups import read_in_groups
from voicebot.capture.kinds import InvalidValueError, rule_of
from voicebot.capture.sensitive import Sensitive
from voicebot.capture.weighing import value_of


def with_group(groups: Sequence[str], place: int, digits: str) -> str | None:
    """The number with one of its groups said anew.

    Args:
        groups: the number's groups, in order.
        place: which group, from 1; a negative one counts from the end (-1 is the last).
        digits: what it is instead; it may be longer or shorter than what it replaces.

    Returns:
        The whole number, or None where there is no such group.

    >>> with_group(("4111", "1111"), 2, "4545")
    '41114545'
    """
    index = place - 1 if place > 0 else len(groups) + place
    if not 0 <= index < len(groups) or not digits.isdecimal():
        return None
    return "".join((*groups[:index], digits, *groups[index + 1 :]))


def with_digit(number: str, wrong: str, right: str) -> str | None:
    """The number with one digit (or run of digits) exchanged, where it stands only once: "five, not nine".

    >>> with_digit("2890345", "9", "5")
    '2850345'
    >>> with_digit("2890945", "9", "5") is None
    True
    """
    places = [place for place in range(len(number)) if number.startswith(wrong, place)]
    if not wrong or len(places) != 1 or not right.isdecimal():
        return None
    return number[: places[0]] + right + number[places[0] + len(wrong) :]


def corrected(value: Value, edit: str, expected: Expectation) -> Value | None:
    """A value that was read back, after what the caller said of it.

    Args:
        value: what was read back: whole, or its last four digits only where it is sensitive.
        edit: a content of the kind `correction`: "5/9", "2:45", "=2890345".
        expected: what may be answered to the question whose value it is.

    Returns:
        The value put right; None where the edit fits nowhere, gives no valid value, or is about what was not read back.
    """
    whole = plain(value.content)
    shown = value.last_four if isinstance(value.content, Sensitive) else whole
    hidden = whole[: len(whole) - len(shown)]
    digits = _edited(shown, edit, only_last=bool(hidden))
    if digits is None or (hidden and len(digits) != len(shown)):
        return None
    try:
        return value_of(value.kind, rule_of(replace(expected, refused=())).validate(hidden + digits))
    except InvalidValueError:
        return None


def _edited(shown: str, edit: str, *, only_last: bool) -> str | None:
    if edit.startswith("="):
        return None if only_last else edit[1:]
    place, _, digits = edit.partition(":")
    if digits:
        return None if only_last and place != "-1" else with_group(read_in_groups(shown), int(place), digits)
    right, _, wrong = edit.partition("/")
    return with_digit(shown, wrong, right)
