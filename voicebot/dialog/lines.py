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

from voicebot.dialog.formats import Formats, names_in

_PHONE_GROUP = re.compile(r"[0-9]+|[^\W\d_]+")
_LONG_NUMBER = re.compile(r"(# *)?([0-9]{5,})")

GROUP = 4
"""Digits are read in groups of at most four, as people write them down."""
WITHIN = {False: " ", True: ". "}
BETWEEN = {False: ", ", True: "... "}
"""What stands between digits and between groups: the voice makes a pause of it. The keys tell whether it is slow."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence or more.

    Attributes:
        spoken: for the voice.
        shown: for the transcript.
        fixed: the same in every call, so that its sound may be kept.
        language: the locale whose voice says it.
    """

    spoken: str
    shown: str
    fixed: bool = False
    language: str = ""

    def __add__(self, other: "Line") -> "Line":
        language = self.language or other.language
        return Line(f"{self.spoken} {other.spoken}".strip(), f"{self.shown} {other.shown}".strip(), language=language)


class Filling(Protocol):
    """A value that can stand in a template."""

    def line(self, formats: Formats) -> Line: ...


@dataclass(frozen=True, slots=True)
class Text:
    """Words that are said as they are written."""

    text: str

    def line(self, formats: Formats) -> Line:  # noqa: ARG002 - plain text is the same in every language
        return Line(self.text, self.text)


@dataclass(frozen=True, slots=True)
class Description:
    """Words from the agency's records; a long number in them is read digit by digit."""

    text: str

    def line(self, formats: Formats) -> Line:
        spoken = _LONG_NUMBER.sub(lambda found: Digits(found[2]).line(formats).spoken, self.text)
        return Line(spoken, self.text)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in dollars and cents."""

    amount: Decimal

    def line(self, formats: Formats) -> Line:
        return Line(formats.money(self.amount), formats.written_money(self.amount))


@dataclass(frozen=True, slots=True)
class Digits:
    """Digits and letters one by one, in groups that can be written down."""

    characters: str
    slow: bool = False

    def line(self, formats: Formats) -> Line:
        names = [formats.number(int(c)) if c.isdigit() else c.upper() for c in self.characters]
        groups = [names[at : at + GROUP] for at in range(0, len(names), GROUP)]
        return Line(BETWEEN[self.slow].join(WITHIN[self.slow].join(group) for group in groups), self.characters)


@dataclass(frozen=True, slots=True)
class Telephone:
    """A telephone number in the groups that it is written in; letters in it are words ("1-800-PAY-BILL")."""

    number: str
    slow: bool = False

    def line(self, formats: Formats) -> Line:
        spoken = (
            Digits(group, self.slow).line(formats).spoken if group.isdecimal() else group.lower()
            for group in _PHONE_GROUP.findall(self.number)
        )
        return Line(BETWEEN[self.slow].join(spoken), self.number)


@dataclass(frozen=True, slots=True)
class Day:
    """A date in words."""

    day: date

    def line(self, formats: Formats) -> Line:
        return Line(formats.day(self.day), formats.written_day(self.day))


@dataclass(frozen=True, slots=True)
class Month:
    """A month and its year in words; `first` is any day of it."""

    first: date

    def line(self, formats: Formats) -> Line:
        return Line(formats.month(self.first), formats.written_month(self.first))


@dataclass(frozen=True, slots=True)
class Count:
    """A small number, spoken as a word."""

    number: int

    def line(self, formats: Formats) -> Line:
        return Line(formats.number(self.number), str(self.number))


@dataclass(frozen=True, slots=True)
class Several:
    """Lines one after the other."""

    lines: tuple[Line, ...]

    def line(self, formats: Formats) -> Line:  # noqa: ARG002 - the lines are already in a language
        whole = Line("", "")
        for line in self.lines:
            whole += line
        return whole


@dataclass(frozen=True, slots=True)
class Enumeration:
    """Things joined as a list: "one, two and three"."""

    things: tuple[str, ...]

    def line(self, formats: Formats) -> Line:
        text = formats.listed(self.things)
        return Line(text, text)


def fill(template: str, formats: Formats, fillings: Mapping[str, Filling]) -> Line:
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
            line = fillings[name].line(formats)
            spoken.append(line.spoken)
            shown.append(line.shown)
    return Line(_sentence(spoken), _sentence(shown), fixed=not names_in(template), language=formats.language)


def _sentence(pieces: list[str]) -> str:
    """The pieces as one text; it begins with a capital where a value at its head turned out empty."""
    text = "".join(pieces).strip()
    return text[:1].upper() + text[1:] if pieces[:2] == ["", ""] else text
