"""What an expression means, worked out straight from the tree: an oracle for the network."""

from collections.abc import Iterable

from hypothesis import strategies as st

from voicebot.grammar.errors import Location
from voicebot.grammar.expression import (
    Choice,
    Expression,
    Maybe,
    Null,
    Option,
    Reference,
    Repeat,
    Series,
    Tagged,
    Void,
    Word,
)
from voicebot.grammar.network import split_tag

HERE = Location("test.jsgf", 1, 1)

Said = tuple[tuple[str, ...], tuple[str, ...]]
"""Words, tags."""


def slots_of(tags: Iterable[str]) -> dict[str, str]:
    slots: dict[str, str] = {}
    for slot, text in map(split_tag, tags):
        slots[slot] = slots.get(slot, "") + text
    return {slot: text for slot, text in slots.items() if text}


@st.composite
def sentences(
    draw: st.DrawFn, expression: Expression, *, most_repeats: int = 3
) -> tuple[tuple[str, ...], dict[str, str]]:
    """A sentence drawn from the expression, with what it means in slots. The expression has no <VOID>."""

    def said(part: Expression) -> Said:
        match part:
            case Word(text):
                return tuple(text.split()), ()
            case Series(parts):
                return joined(said(each) for each in parts)
            case Choice(options):
                return said(draw(st.sampled_from(options)).body)
            case Maybe(body):
                return said(body) if draw(st.booleans()) else ((), ())
            case Repeat(body, at_least):
                times = draw(st.integers(at_least, most_repeats))
                return joined(said(body) for _ in range(times))
            case Tagged(body, tags):
                words, before = said(body)
                return words, before + tags
            case _:
                return (), ()

    words, tags = said(expression)
    return words, slots_of(tags)


def joined(parts: Iterable[Said]) -> Said:
    words: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    for more_words, more_tags in parts:
        words, tags = words + more_words, tags + more_tags
    return words, tags


def everything(expression: Expression, longest: int) -> set[Said]:
    """Every sentence of at most `longest` words with its tags, once for each way of saying it."""
    match expression:
        case Word(text):
            return _short({(tuple(text.split()), ())}, longest)
        case Series(parts):
            whole: set[Said] = {((), ())}
            for part in parts:
                whole = _followed(whole, everything(part, longest), longest)
            return whole
        case Choice(options):
            return set().union(*(everything(option.body, longest) for option in options))
        case Maybe(body):
            return everything(body, longest) | {((), ())}
        case Repeat(body, at_least):
            once = everything(body, longest)
            whole, latest = (set() if at_least else {((), ())}), once
            while latest - whole:
                whole |= latest
                latest = _followed(latest, once, longest)
            return whole
        case Tagged(body, tags):
            return {(words, before + tags) for words, before in everything(body, longest)}
        case Null():
            return {((), ())}
        case Void() | Reference():
            return set()


def _short(sayings: Iterable[Said], longest: int) -> set[Said]:
    return {saying for saying in sayings if len(saying[0]) <= longest}


def _followed(before: set[Said], after: set[Said], longest: int) -> set[Said]:
    return _short({joined((one, other)) for one in before for other in after}, longest)


def expressions(*, references: bool = False) -> st.SearchStrategy[Expression]:
    """Expressions as the parser makes them: no group without need, and every repeat says at least one word."""
    words = st.sampled_from(["one", "two", "it's", "e-check", "two words", "public"]).map(lambda text: Word(text, HERE))
    leaves: st.SearchStrategy[Expression] = st.one_of(words, st.just(Null()))
    if references:
        leaves = st.one_of(leaves, st.just(Reference("other", HERE)), st.just(Void()))
    tags = st.sampled_from(["1", "22", "month:05", "a } \\ b", "year:2", ""])
    weights = st.floats(min_value=0.01, max_value=100, allow_nan=False)

    def grown(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
        plain = st.lists(inner.map(Option), min_size=2, max_size=3)
        weighted = st.lists(st.builds(Option, inner, weights), min_size=1, max_size=3)
        return st.one_of(
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: Series(tuple(parts))),
            st.one_of(plain, weighted).map(lambda options: Choice(tuple(options))),
            inner.map(Maybe),
            st.builds(
                lambda word, body, least: Repeat(Series((word, body)), least),
                words,
                inner,
                st.sampled_from([0, 1]),
            ),
            st.builds(Tagged, inner, st.lists(tags, min_size=1, max_size=2).map(tuple)),
        )

    return st.recursive(leaves, grown, max_leaves=6)
