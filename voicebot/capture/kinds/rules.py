"""What every kind of value has: the same functions in each file, the same words for what is wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from voicebot.capture.decision import Expectation

Table = tuple[tuple[int, ...], ...]
"""A checksum as what each digit adds, by its position counted from the right (repeating); valid sums end in 0."""


class InvalidValueError(ValueError):
    """A value that cannot be one of its kind.

    Attributes:
        reason: one of `voicebot.capture.decision.REASONS`. The value itself is never part of the text.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class NumberRule:
    """A number's kind, given what is expected of it here.

    Attributes:
        lengths: numbers of digits that a value may have.
        validate: gives the value in its final form or raises `InvalidValueError`.
        checksum: table of the kind's checksum, None where it has none.
        prior: log of how usual a valid value is, 0 for the most usual ones.
        longest: how many digits a value that begins so may have at most; 0 where one length is as good as another.
        incomplete_s: silence (s) allowed inside of a value.
        closed: whether a valid value is complete, so that nothing can follow it.
        repairable: whether so few numbers are valid that a digit heard wrongly can be told from the others.
        groups: by the number of digits, how many each group has in which such a number is written and said.
    """

    lengths: frozenset[int]
    validate: Callable[[str], str] = field(repr=False)
    checksum: Table | None = None
    prior: Callable[[str], float] = field(default=lambda _: 0.0, repr=False)
    longest: Callable[[str], int] = field(default=lambda _: 0, repr=False)
    incomplete_s: float = 2.5
    closed: bool = True
    repairable: bool = False
    groups: Mapping[int, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChoiceRule:
    """An answer out of a few.

    Attributes:
        keys: what each key means.
        validate: gives the answer in its final form or raises `InvalidValueError`.
        several: several keys make one answer (items), ended by `#`.
        finished: answers that nothing can follow; None: all, or none where several make one.
    """

    keys: Mapping[str, str]
    validate: Callable[[str], str] = field(repr=False)
    several: bool = False
    finished: frozenset[str] | None = None


def check_length(digits: str, lengths: frozenset[int]) -> None:
    """Raise `InvalidValueError` unless the digits are as many as they may be."""
    if len(digits) < min(lengths):
        raise InvalidValueError("too_short")
    if len(digits) > max(lengths):
        raise InvalidValueError("too_long")
    if len(digits) not in lengths:
        raise InvalidValueError("too_short")


def lengths_or(expected: Expectation, own: frozenset[int]) -> frozenset[int]:
    """The lengths that the question asks for, else the kind's own."""
    return frozenset(expected.lengths) or own


def last_four(content: str) -> str:
    """What may be spoken of a number to have it confirmed."""
    return content[-4:]


def nothing(content: str) -> str:  # noqa: ARG001 - same signature as last_four
    """For kinds of which nothing may be spoken, or that are spoken in the dialog's own words."""
    return ""
