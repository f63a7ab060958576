"""What the bot says, twice: as it is spoken and as it is shown.

A number is spoken as words with pauses ("two eight nine, zero three four five") and shown as people write it
("2890345"). Both come from the same template, filled with the values below.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from string import Formatter
from typing import Protocol

from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency
from num2words import num2words

_LONG_NUMBER = re.compile(r"(# *)?([0-9]{5,})")

CURRENCY = "USD"
MONEY_WORDS = {
    "en": (("dollar", "dollars"), ("cent", "cents"), "and"),
    "es": (("dólar", "dólares"), ("centavo", "centavos"), "con"),
}
GROUP = 4
"""Digits are read in groups of at most four, as people write them down."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence or more.

    Attributes:
        spoken: for the voice.
        shown: for the transcript.
        fixed: the same in every call, so that its sound may be kept.
    """

    spoken: str
    shown: str
    fixed: bool = False

    def __add__(self, other: "Line") -> "Line":
        return Line(f"{self.spoken} {other.spoken}".strip(), f"{self.shown} {other.shown}".strip())


class Filling(Protocol):
    """A value that can stand in a template; `language` is a locale such as `en-US`."""

    def line(self, language: str) -> Line: ...


@dataclass(frozen=True, slots=True)
class Text:
    """Words that are said as they are written."""

    text: str

    def line(self, language: str) -> Line:  # noqa: ARG002 - plain text is the same in every language
        return Line(self.text, self.text)


@dataclass(frozen=True, slots=True)
class Description:
    """Words from the agency's records; a long number in them is read digit by digit."""

    text: str

    def line(self, language: str) -> Line:
        spoken = _LONG_NUMBER.sub(lambda found: Digits(found[2]).line(language).spoken, self.text)
        return Line(spoken, self.text)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in dollars and cents."""

    amount: Decimal

    def line(self, language: str) -> Line:
        dollars, cents = divmod(int(self.amount * 100), 100)
        dollar_names, cent_names, conjunction = MONEY_WORDS[_words(language)]
        parts = [
            f"{_number(number, language)} {one if number == 1 else many}"
            for number, (one, many) in ((dollars, dollar_names), (cents, cent_names))
            if number
        ]
        spoken = f" {conjunction} ".join(parts) or f"{_number(0, language)} {dollar_names[1]}"
        return Line(spoken, format_currency(self.amount, CURRENCY, locale=_locale(language)))


@dataclass(frozen=True, slots=True)
class Digits:
    """Digits and letters one by one, in groups that can be written down."""

    characters: str
    slow: bool = False

    def line(self, language: str) -> Line:
        names = [num2words(int(c), lang=_words(language)) if c.isdigit() else c.upper() for c in self.characters]
        groups = [names[at : at + GROUP] for at in range(0, len(names), GROUP)]
        within, between = (". ", "... ") if self.slow else (" ", ", ")
        return Line(between.join(within.join(group) for group in groups), self.characters)


@dataclass(frozen=True, slots=True)
class Day:
    """A date in words."""

    day: date

    def line(self, language: str) -> Line:
        text = format_date(self.day, format="long", locale=_locale(language))
        return Line(text, text)


@dataclass(frozen=True, slots=True)
class Month:
    """A month and its year in words; `first` is any day of it."""

    first: date

    def line(self, language: str) -> Line:
        text = format_date(self.first, format="LLLL y", locale=_locale(language))
        return Line(text, text)


@dataclass(frozen=True, slots=True)
class Count:
    """A small number, spoken as a word."""

    number: int

    def line(self, language: str) -> Line:
        return Line(_number(self.number, language), str(self.number))


@dataclass(frozen=True, slots=True)
class Several:
    """Lines one after the other."""

    lines: tuple[Line, ...]

    def line(self, language: str) -> Line:  # noqa: ARG002 - the lines are already in a language
        whole = Line("", "")
        for line in self.lines:
            whole += line
        return whole


@dataclass(frozen=True, slots=True)
class Enumeration:
    """Things joined as a list: "one, two and three"."""

    things: tuple[str, ...]

    def line(self, language: str) -> Line:
        text = format_list(list(self.things), locale=_locale(language))
        return Line(text, text)


def fill(template: str, language: str, fillings: Mapping[str, Filling]) -> Line:
    """The template with its `{names}` replaced.

    Raises:
        KeyError: the template names a value that is not given.
    """
    spoken: list[str] = []
    shown: list[str] = []
    for text, name, _, _ in Formatter().parse(template):
        spoken.append(text)
        shown.append(text)
        if name is not None:
            line = fillings[name].line(language)
            spoken.append(line.spoken)
            shown.append(line.shown)
    return Line(_sentence(spoken), _sentence(shown), fixed=not names_in(template))


def _sentence(pieces: list[str]) -> str:
    """The pieces as one text; it begins with a capital where a value at its head turned out empty."""
    text = "".join(pieces).strip()
    return text[:1].upper() + text[1:] if pieces[:2] == ["", ""] else text


def names_in(template: str) -> frozenset[str]:
    """The names of the values that a template wants."""
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name is not None)


def _locale(language: str) -> str:
    return language.replace("-", "_")


def _number(number: int, language: str) -> str:
    """A whole number as Americans say it: no "and" after the hundreds, no commas."""
    words: str = num2words(number, lang=_words(language))
    return words.replace(" and ", " ").replace(",", "").replace("-", " ")


def _words(language: str) -> str:
    return language.split("-", maxsplit=1)[0]
