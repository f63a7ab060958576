"""Corrections: "no, the second group is forty five", "five not nine". Edits of what stands, for the dialog to offer.

A number's groups are those that it was said in, or that it is read back in. Nothing is guessed: an edit that fits
no place, or more than one, gives nothing, and the dialog asks for the number again.
"""

from collections.abc import Sequence


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
