"""What the bot says, twice: as it is spoken and as it is shown.

A number is spoken as words with pauses ("two eight nine, zero three four five") and shown as people write it
("2890345"). Both come from the same template, filled with the values below.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from string import Formatter
from typing import Protocol

from voicebot.capture import MASK, read_in_groups
from voicebot.dialog.formats import Formats, names_in

_PHONE_GROUP = re.compile(r"[0-9]+|[^\W\d_]+")
_NAMING = r"(?i)[\s,;:(-]*(?:\b(?:for|para|la|de|account|acct|cuenta|number|no|número)\b[.:]?\s*)*#?(?<![0-9])"
"""What leads to an account number in a description: "for Account #"."""

_LONG_NUMBER = re.compile(r"(# *)?([0-9]{5,})")

WITHIN = {False: " ", True: ". "}
BETWEEN = {False: ", ", True: "... "}
"""What stands between digits and between groups: the voice makes a pause of it. The keys tell whether it is slow."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence or more.

    Attributes:
        spoken: for the voice.
        shown: as it is written, for callers who read.
        fixed: the same in every call, so that its sound may be kept.
        language: the locale whose voice says it.
        noted: what may be written down of it, where that is less than what is shown.
        careful: said slower than the rest, as callers write it down or agree to it.
    """

    spoken: str
    shown: str
    fixed: bool = False
    language: str = ""
    noted: str = ""
    careful: bool = False

    def __repr__(self) -> str:
        return f"Line({self.noted or self.shown!r})"

    def __add__(self, other: "Line") -> "Line":
        noted = f"{self.noted or self.shown} {other.noted or other.shown}".strip()
        line = Line(f"{self.spoken} {other.spoken}".strip(), f"{self.shown} {other.shown}".strip())
        return replace(
            line,
            language=self.language or other.language,
            noted="" if noted == line.shown else noted,
            careful=self.careful or other.careful,
        )

    @property
    def for_the_record(self) -> "Line":
        """The line as transcripts and logs may have it."""
        return replace(self, spoken=self.noted, shown=self.noted, noted="") if self.noted else self


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
    """Words from the agency's records; a long number in them is read digit by digit.

    Attributes:
        text: the words.
        account: the account number that the caller has just given. It is shown, but not read out to them once more.
    """

    text: str
    account: str = ""

    def line(self, formats: Formats) -> Line:
        told = self.text
        if self.account:
            told = re.sub(_NAMING + rf"0*{re.escape(self.account)}\b\)?", "", self.text) or self.text
        spoken = _LONG_NUMBER.sub(lambda found: Digits(found[2]).line(formats).spoken, told)
        return Line(spoken, self.text)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in dollars and cents."""

    amount: Decimal

    def line(self, formats: Formats) -> Line:
        return Line(formats.money(self.amount), formats.written_money(self.amount))


@dataclass(frozen=True, slots=True)
class Digits:
    """Digits and letters one by one, in groups that can be written down.

    Attributes:
        characters: what is said.
        slow: with pauses to write it down.
        private: no record has it.
    """

    characters: str = field(repr=False)
    slow: bool = False
    private: bool = False

    def line(self, formats: Formats) -> Line:
        groups = (
            [formats.number(int(each)) if each.isdigit() else each.upper() for each in group]
            for group in read_in_groups(self.characters)
        )
        spoken = BETWEEN[self.slow].join(WITHIN[self.slow].join(names) for names in groups)
        return Line(spoken, self.characters, noted=MASK if self.private else "", careful=self.slow)


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
        return Line(BETWEEN[self.slow].join(spoken), self.number, careful=self.slow)


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
class Ordinal:
    """Which one of several, spoken as a word before a noun."""

    number: int

    def line(self, formats: Formats) -> Line:
        words = formats.ordinal(self.number)
        return Line(words, words)


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

    things: tuple[Filling, ...]

    def line(self, formats: Formats) -> Line:
        lines = [thing.line(formats) for thing in self.things]
        spoken = formats.listed(tuple(line.spoken for line in lines))
        return Line(spoken, formats.listed(tuple(line.shown for line in lines)))


def fill(template: str, formats: Formats, fillings: Mapping[str, Filling]) -> Line:
    """The template with its `{names}` replaced.

    Raises:
        KeyError: the template names a value that is not given.
    """
    spoken: list[str] = []
    shown: list[str] = []
    noted: list[str] = []
    careful = False
    for text, name, _, _ in Formatter().parse(template):
        spoken.append(text)
        shown.append(text)
        noted.append(text)
        if name is not None:
            line = fillings[name].line(formats)
            spoken.append(line.spoken)
            shown.append(line.shown)
            noted.append(line.noted or line.shown)
            careful |= line.careful
    fixed = not names_in(template)
    line = Line(_sentence(spoken), _sentence(shown), fixed=fixed, language=formats.language, careful=careful)
    return line if noted == shown else replace(line, noted=_sentence(noted))


def _sentence(pieces: list[str]) -> str:
    """The pieces as one text; it begins with a capital where a value at its head turned out empty."""
    text = "".join(pieces).strip()
    return text[:1].upper() + text[1:] if pieces[:2] == ["", ""] else text
