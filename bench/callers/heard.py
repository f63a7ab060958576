"""What a caller picks out of the bot's sentences: numbers, dates and sums."""

import re
from collections.abc import Sequence

from bench.callers.words import ORDINALS

LONG = re.compile(r"\d{5,}")
DATE = re.compile(r"\b[A-Z][a-z]+ \d{1,2}, 20\d\d")
ACCOUNT = re.compile(r"\bAccount (\d{4,})\.")
"""The account number, said in passing."""
GROUP = re.compile(r"just (?:the (?P<edge>first|last) (?P<count>\d+) digits|the (?P<ordinal>[a-z]+) group of \d+)")
"""The only digits of a number that are asked for again."""
FOUR = re.compile(r"(?<![\d.,$])\d{4}(?![\d.,]*\d)")


CHOSEN = re.compile(r"You want to pay by (card|e-check)\.|\bA (checking|savings) account\.")
"""The way of paying, or the kind of account, that was heard and is asked about."""


def chosen(heard: str) -> str:
    """The last such choice, by the name that the caller has for it; nothing where none is asked about."""
    found = [way or kind for way, kind in CHOSEN.findall(heard)]
    return found[-1].replace("-", "") if found else ""


def sums_of(heard: str) -> set[str]:
    """Every sum of money in what was heard, as it is shown: 1,257.38."""
    return set(re.findall(r"\$([\d,]+\.\d\d)", heard))


def reads(kind: re.Pattern[str], heard: str, number: str) -> bool | None:
    """Whether the last number of this kind in what was heard is this one; None where there is none."""
    numbers = kind.findall(heard)
    return numbers[-1] == number if numbers else None


def asked_digits(number: str, groups: Sequence[str], heard: str) -> str:
    """The whole number, or the only digits of it that were asked for again.

    Args:
        number: what the caller has.
        groups: how the caller says it.
        heard: what the bot said.
    """
    asked = GROUP.search(heard)
    if asked is None:
        return number
    if asked["ordinal"]:
        place = ORDINALS.index(asked["ordinal"])
        return groups[place] if place < len(groups) else number
    count = int(asked["count"])
    return number[:count] if asked["edge"] == "first" else number[-count:]
