"""How people say things: numbers in groups, dates, yes and no, what they ask for.

Digits stay digits beside their words, so that a voice made of recorded digits can say them too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias, TypeVar

import numpy as np
from num2words import num2words


@dataclass(frozen=True, slots=True)
class Say:
    """Words in one breath.

    Attributes:
        words: what is said.
        digits: the same where they are nothing but digits, said one by one.
        careful: said slowly, by somebody who was not understood.
    """

    words: str
    digits: str = ""
    careful: bool = False


@dataclass(frozen=True, slots=True)
class Press:
    """Keys, one after the other."""

    keys: str


@dataclass(frozen=True, slots=True)
class Wait:
    """A pause. Whoever is `away` does not hear what the bot says meanwhile."""

    seconds: float
    away: bool = False


@dataclass(frozen=True, slots=True)
class HangUp:
    """The telephone is put down."""


Piece: TypeAlias = Say | Press | Wait | HangUp
_Thing = TypeVar("_Thing")

NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
GROUPS = {7: (3, 4), 8: (4, 4), 9: (3, 3, 3), 10: (3, 3, 4), 11: (3, 4, 4), 12: (4, 4, 4), 14: (4, 6, 4), 15: (4, 6, 5)}
"""How numbers of a length are usually divided; others go in fours."""

YES = ("yes", "yes", "yes", "yeah", "yep", "correct", "that's right", "yes that's correct", "yes please")
NO = ("no", "no", "no", "nope", "that's wrong", "no that's not right")
CARD = ("card", "card", "credit card", "by card", "pay by card", "debit card")
ECHECK = ("e check", "e check", "electronic check", "bank account", "pay by e check")
ALL = ("all", "all of them", "everything")
CHECKING = ("checking", "checking", "checking account", "it's a checking account")
SAVINGS = ("savings", "savings", "savings account")
OTHER_WAY = ("another way", "pay another way", "use another card")
TRY_AGAIN = ("try again", "try again please")
HELP = ("help", "help me", "what can i say")
REPEAT = ("repeat", "repeat that", "can you repeat that", "pardon")
HOLD = ("hold on", "one moment please", "hold on a second", "just a minute")
BACK = ("i'm back", "okay i'm back")
NOT_MINE = ("not my account", "that's not my account", "wrong account", "go back")
OPERATOR = ("operator", "representative", "i want to talk to a person", "customer service")
GOODBYE = ("goodbye", "bye", "hang up")
HUMS = ("um", "uh")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


def one_of(rng: np.random.Generator, things: Sequence[_Thing]) -> _Thing:
    """One of them, by chance."""
    return things[int(rng.integers(len(things)))]


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How one caller says digits, for the whole call.

    Attributes:
        zero: "zero" or "oh".
        pairs: says "twenty eight ninety" where it goes.
        doubles: says "double five".
        whole: does not divide numbers.
    """

    zero: str
    pairs: bool
    doubles: bool
    whole: bool


def draw_style(rng: np.random.Generator) -> NumberStyle:
    """The style of a random caller; most go digit by digit."""
    shares = (0.1, 0.1, 0.2)
    zero = "oh" if rng.random() < 0.4 else "zero"
    return NumberStyle(zero, *(bool(rng.random() < share) for share in shares))


def groups_of(digits: str, style: NumberStyle) -> list[str]:
    """A number divided as it is usually said."""
    if style.whole and len(digits) <= 10:
        return [digits]
    sizes = GROUPS.get(len(digits), (4,) * -(-len(digits) // 4))
    ends = np.cumsum(sizes)
    return [digits[end - size : end] for size, end in zip(sizes, ends, strict=True) if digits[end - size : end]]


def say_digits(digits: str, style: NumberStyle, *, careful: bool = False) -> Say:
    """One group. A careful caller, who was not understood, says digit after digit."""
    if not careful and style.pairs and len(digits) == 4 and all(int(digits[at : at + 2]) >= 10 for at in (0, 2)):
        return Say(" ".join(num2words(int(digits[at : at + 2])).replace("-", " ") for at in (0, 2)))
    words: list[str] = []
    at = 0
    while at < len(digits):
        name = "oh" if digits[at] == "0" and style.zero == "oh" and not careful else NAMES[int(digits[at])]
        doubled = not careful and style.doubles and digits[at : at + 2] == digits[at] * 2
        words.append(f"double {name}" if doubled else name)
        at += 1 + doubled
    plain = len(words) == len(digits)
    return Say(" ".join(words), digits if plain else "", careful)


def say_month(expires: date, style: NumberStyle, rng: np.random.Generator, *, digits_only: bool) -> list[Say]:
    """An expiration date, in one of its usual forms."""
    month, year = f"{expires:%m}", f"{expires:%y}"
    match 2 if digits_only else int(rng.integers(3)):
        case 0:
            return [Say(f"{expires:%B} twenty {num2words(int(year)).replace('-', ' ')}".lower())]
        case 1:
            return [Say(f"{say_digits(month, style).words} {num2words(int(year)).replace('-', ' ')}")]
        case _:
            return [say_digits(month, style), say_digits(year, style)]


def say_items(items: Sequence[int], rng: np.random.Generator) -> Say:
    """The numbers of some items of a list."""
    if len(items) == 1:
        name, ordinal = NAMES[items[0]], ORDINALS[items[0] - 1]
        forms = (Say(f"number {name}"), Say(name, str(items[0])), Say(f"the {ordinal} one"))
        return one_of(rng, forms)
    names = [NAMES[number] for number in items]
    return Say(f"number {names[0]} and {' and '.join(names[1:])}" if rng.random() < 0.3 else " and ".join(names))
