"""What a caller picks out of the bot's sentences: numbers, dates and sums."""

import re

LONG = re.compile(r"\d{5,}")
DATE = re.compile(r"\b[A-Z][a-z]+ \d{1,2}, 20\d\d")
ACCOUNT = re.compile(r"\bAccount (\d{4,})\.")
"""The account number, said in passing."""
FOUR = re.compile(r"(?<![\d.,$])\d{4}(?![\d.,]*\d)")


def sums_of(heard: str) -> set[str]:
    """Every sum of money in what was heard, as it is shown: 1,257.38."""
    return set(re.findall(r"\$([\d,]+\.\d\d)", heard))
