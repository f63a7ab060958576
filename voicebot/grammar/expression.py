"""What a JSGF rule says, as a tree; and the tree as JSGF text again.

Trees are compared by value; where a word or a reference stands does not count. `parse(write(tree)) == tree` holds for
every tree that the parser makes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from voicebot.grammar.errors import Location


@dataclass(frozen=True, slots=True)
class Word:
    """Words to be said, as the model spells them: lower case. A quoted token may hold several, one space apart."""

    text: str
    at: Location = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Reference:
    """Another rule, by its name as written between the angle brackets."""

    name: str
    at: Location = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Null:
    """`<NULL>`: accepted without a word."""


@dataclass(frozen=True, slots=True)
class Void:
    """`<VOID>`: can never be said; an alternative with it is switched off."""


@dataclass(frozen=True, slots=True)
class Series:
    """Two or more parts, one after the other."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One alternative; the weight says how likely it is beside the others (None: they are alike)."""

    body: "Expression"
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several alternatives; all of them have weights or none has."""

    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Maybe:
    """`[…]`: said or left out."""

    body: "Expression"


@dataclass(frozen=True, slots=True)
class Repeat:
    """`*` (at least 0 times) or `+` (at least once)."""

    body: "Expression"
    at_least: int


@dataclass(frozen=True, slots=True)
class Tagged:
    """`… {tag} {tag}`: what the body means, tags as written without braces and escapes."""

    body: "Expression"
    tags: tuple[str, ...]


Expression = Word | Reference | Null | Void | Series | Choice | Maybe | Repeat | Tagged

_PLAIN_TOKEN = re.compile(r"[^\s;<>()\[\]{}|*+=/\"\\]+")


def write(expression: Expression) -> str:  # noqa: PLR0911 - one case a kind of expression
    """Give the expression as JSGF text, on one line, with no more parentheses than it needs."""
    match expression:
        case Word(text):
            return _token(text)
        case Reference(name):
            return f"<{name}>"
        case Null():
            return "<NULL>"
        case Void():
            return "<VOID>"
        case Series(parts):
            return " ".join(_grouped(part, Choice, Series) for part in parts)
        case Choice(options):
            return " | ".join(_option(option) for option in options)
        case Maybe(body):
            return f"[{write(body)}]"
        case Repeat(body, at_least):
            return _grouped(body, Choice, Series, Repeat, Tagged) + ("+" if at_least else "*")
        case Tagged(body, tags):
            written = " ".join("{" + re.sub(r"([\\}])", r"\\\1", tag) + "}" for tag in tags)
            return f"{_grouped(body, Choice, Series, Tagged)} {written}"


def walk(expression: Expression) -> Iterator[Expression]:
    """Give the expression and everything inside it, outermost first, in the order of the text."""
    yield expression
    match expression:
        case Series(parts):
            for part in parts:
                yield from walk(part)
        case Choice(options):
            for option in options:
                yield from walk(option.body)
        case Maybe(body) | Repeat(body) | Tagged(body):
            yield from walk(body)
        case _:
            pass


def _token(text: str) -> str:
    if _PLAIN_TOKEN.fullmatch(text):
        return text
    return '"' + re.sub(r'([\\"])', r"\\\1", text) + '"'


def _option(option: Option) -> str:
    body = _grouped(option.body, Choice)
    return body if option.weight is None else f"/{option.weight!r}/ {body}"


def _grouped(expression: Expression, *kinds: type) -> str:
    text = write(expression)
    return f"({text})" if isinstance(expression, kinds) else text
