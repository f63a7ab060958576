"""How one language says numbers, money and dates: its wording file's section `formats`, filled by Babel and num2words.

Babel knows which plural a number takes and how dates and lists are written; num2words knows the words of numbers.
What neither knows stands in the wording file: the order of a date's parts, "and" between dollars and cents, and the
words that change before a noun ("veintiuno" alone, "veintiún dólares").
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from string import Formatter
from typing import Annotated, Self

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.numbers import format_currency
from num2words import CONVERTER_CLASSES, num2words
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

CURRENCY = "USD"
OTHER = "other"
"""The plural that every language has, by its name in CLDR."""

_TEMPLATES: Mapping[str, frozenset[str]] = {
    "dollars_and_cents": frozenset({"dollars", "cents"}),
    "full_date": frozenset({"day", "ordinal", "month", "year"}),
    "first_of_month": frozenset({"day", "ordinal", "month", "year"}),
    "month_of_year": frozenset({"month", "year"}),
}
"""The texts with values in them, and the values that each may name."""


def names_in(template: str) -> frozenset[str]:
    """The names of the values that a template wants. Raises ValueError where its braces do not match."""
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name is not None)


def _plural(forms: object) -> object:
    return {OTHER: forms} if isinstance(forms, str) else forms


Plural = Annotated[Mapping[str, str], BeforeValidator(_plural)]
"""A text for each of the language's plurals by its CLDR name (`one`, `many`, `other`), each with `{number}` in it."""


class Formats(BaseModel):
    """One language's numbers, money and dates.

    Attributes:
        language: a locale such as `en-US`.
        dollars: a number of dollars.
        cents: a number of cents.
        dollars_and_cents: both together.
        full_date: a day, spoken; it may name `{day}` ("eleven"), `{ordinal}` ("eleventh"), `{month}` and `{year}`.
        first_of_month: the same for the first day of a month; `full_date` when empty.
        month_of_year: a month and its year, spoken.
        numbers: what num2words says, and what people say instead; whole words, tried in order.
        before_nouns: the last words of a number that change before a noun, likewise.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: str
    dollars: Plural
    cents: Plural
    dollars_and_cents: str
    full_date: str
    month_of_year: str
    first_of_month: str = ""
    numbers: Mapping[str, str] = Field(default_factory=dict)
    before_nouns: Mapping[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _usable(self) -> Self:
        try:
            plurals = Locale.parse(self.language, sep="-").plural_form.tags | {OTHER}
        except (UnknownLocaleError, ValueError):
            raise ValueError(f"Babel has no locale {self.language}") from None
        if self._words not in CONVERTER_CLASSES:
            raise ValueError(f"num2words has no numbers in the language {self._words!r}")
        for name in ("dollars", "cents"):
            forms: Mapping[str, str] = getattr(self, name)
            if OTHER not in forms or not set(forms) <= plurals:
                raise ValueError(f"{name} must have the plural {OTHER}, and may have {', '.join(sorted(plurals))}")
            if any(names_in(form) != {"number"} for form in forms.values()):
                raise ValueError(f"{name} must name {{number}} in each plural, and nothing else")
        for name, allowed in _TEMPLATES.items():
            if unknown := names_in(getattr(self, name)) - allowed:
                raise ValueError(
                    f"{name} has no value {', '.join(sorted(unknown))}; it has {', '.join(sorted(allowed))}"
                )
        for name in ("dollars_and_cents", "month_of_year"):
            if names_in(getattr(self, name)) != _TEMPLATES[name]:
                raise ValueError(f"{name} must name {' and '.join(sorted(_TEMPLATES[name]))}")
        if not {"month", "year"} < names_in(self.full_date):
            raise ValueError("full_date must name the month, the year, and the day or its ordinal")
        return self

    # As it is spoken ---------------------------------------------------------------------------------------------

    def number(self, number: int, *, to: str = "cardinal") -> str:
        """A whole number in words; `to` is num2words' kind: cardinal, ordinal or year."""
        words: str = num2words(number, lang=self._words, to=to)
        words = words.replace(",", "").replace("-", " ")
        for said, instead in self.numbers.items():
            words = re.sub(rf"\b{re.escape(said)}\b", instead, words)
        return " ".join(words.split())

    def ordinal(self, number: int) -> str:
        """Which one of several, as an adjective."""
        return self._before_noun(self.number(number, to="ordinal"))

    def money(self, amount: Decimal) -> str:
        """An amount: "one dollar and five cents", without the part that is nothing."""
        dollars, cents = divmod(int(amount * 100), 100)
        parts = {"dollars": self._counted(dollars, self.dollars), "cents": self._counted(cents, self.cents)}
        if not cents:
            return parts["dollars"]
        return self.dollars_and_cents.format(**parts) if dollars else parts["cents"]

    def day(self, day: date) -> str:
        """A date in words."""
        template = (day.day == 1 and self.first_of_month) or self.full_date
        names = names_in(template)
        return template.format(
            day=self.number(day.day),
            ordinal=self.number(day.day, to="ordinal") if "ordinal" in names else "",
            month=self._month(day),
            year=self.number(day.year, to="year"),
        )

    def month(self, first: date) -> str:
        """A month and its year in words; `first` is any day of it."""
        return self.month_of_year.format(month=self._month(first), year=self.number(first.year, to="year"))

    # As it is written --------------------------------------------------------------------------------------------

    def written_money(self, amount: Decimal) -> str:
        return format_currency(amount, CURRENCY, locale=self._locale)

    def written_day(self, day: date) -> str:
        return format_date(day, format="long", locale=self._locale)

    def written_month(self, first: date) -> str:
        return format_skeleton("yMMMM", first, locale=self._locale)

    def listed(self, things: tuple[str, ...]) -> str:
        """Things joined as a list: "one, two, and three"."""
        return format_list(list(things), locale=self._locale)

    def _counted(self, number: int, plural: Mapping[str, str]) -> str:
        words = self._before_noun(self.number(number))
        form = plural.get(Locale.parse(self._locale).plural_form(number), plural[OTHER])
        return form.format(number=words)

    def _before_noun(self, words: str) -> str:
        for said, instead in self.before_nouns.items():
            words = re.sub(rf"\b{re.escape(said)}$", instead, words)
        return words

    def _month(self, day: date) -> str:
        return format_date(day, format="LLLL", locale=self._locale)

    @property
    def _locale(self) -> str:
        return self.language.replace("-", "_")

    @property
    def _words(self) -> str:
        return self.language.split("-", maxsplit=1)[0]
