"""The groups that a number is said in, and in which of them all that is in doubt lies."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

_READ = 4
"""Digits of a group that is read back; nine are read in threes, as routing numbers are."""

EDGE = 4
"""Digits at one end of a number that people see as such."""

_THREES = 9
_FEWEST = 2
"""Digits of a group; who says one digit at a time makes no groups."""

MOST_LOST = 2
"""Digits that one group may have lost, or heard too many, and still be known by the others."""


@dataclass(frozen=True, slots=True)
class Group:
    """Some digits of a number that are said together, by their places; never the digits themselves.

    Attributes:
        start: place of the first one, from 0.
        end: place behind the last one.
        whole: how many digits the number has.
        ordinal: which group it is, from 1; 0 where the number has no groups and these are its first or last digits.
    """

    start: int
    end: int
    whole: int
    ordinal: int = 0

    @property
    def size(self) -> int:
        return self.end - self.start

    @property
    def is_first(self) -> bool:
        return self.start == 0

    @property
    def is_last(self) -> bool:
        return self.end == self.whole

    def of(self, content: str) -> str:
        """The group's digits in a number."""
        return content[self.start : self.end]

    def asked_for(self, digits: int) -> bool:
        """Whether an answer of so many digits is this group, rather than the whole number."""
        return 2 * digits <= self.size + self.whole


def read_in_groups(characters: str) -> list[str]:
    """A number in the groups in which it is read back.

    >>> read_in_groups("2890345"), read_in_groups("021000021")
    (['2890', '345'], ['021', '000', '021'])
    """
    size = 3 if len(characters) == _THREES else _READ
    return [characters[at : at + size] for at in range(0, len(characters), size)]


def groups_of(sizes: Sequence[int]) -> Iterator[Group]:
    """The groups of a number, given how many digits each has."""
    ends = list(accumulate(sizes))
    for ordinal, (size, end) in enumerate(zip(sizes, ends, strict=True), 1):
        yield Group(end - size, end, ends[-1], ordinal)


def group_with(places: range, sizes: Sequence[int]) -> Group | None:
    """The group in which all these places lie; None where no single one has them, or the number is said in one."""
    found = (group for group in groups_of(sizes) if group.start <= places.start and places.stop <= group.end)
    return next(found, None) if len(sizes) > 1 and min(sizes) >= _FEWEST else None


def edge_with(places: range, whole: int) -> Group | None:
    """The first or the last digits of a number that has no groups, where the places are near enough to one end."""
    first, last = places.stop, whole - places.start
    size = max(min(first, last, whole // 2), min(EDGE, whole // 2))
    if size < min(first, last):
        return None
    return Group(0, size, whole) if first <= last else Group(whole - size, whole, whole)


def places_in_doubt(contents: Sequence[str], heard: str) -> range | None:
    """From the first to behind the last place in which values differ from one another or from what was heard.

    Args:
        contents: values that are close to one another.
        heard: the likeliest text as such.

    Returns:
        None where nothing differs, or a value has another length.
    """
    best = contents[0]
    if any(len(content) != len(best) for content in contents):
        return None
    spans = [_changed(best, other) for other in (*contents[1:], heard) if other != best]
    return range(min(span.start for span in spans), max(span.stop for span in spans)) if spans else None


def _changed(content: str, text: str) -> range:
    """The places of the content in which the text may differ from it: all of a run of equal digits that lost one."""
    size = min(len(content), len(text))
    before = next((at for at in range(size) if content[at] != text[at]), size)
    behind = next((at for at in range(size) if content[-1 - at] != text[-1 - at]), size)
    last = len(content) - 1
    low, high = sorted((min(before, last), max(last - behind, 0)))
    return range(low, high + 1)


def misshapen(lengths: Iterable[int], sizes: Sequence[int]) -> Group | None:
    """The one group that has not as many digits as it should, where the pauses show that all others have.

    Args:
        lengths: digits between the pauses, as they were heard.
        sizes: digits of each group, as such a number is said.
    """
    ends = (0, *accumulate(lengths))
    heard, whole = ends[-1], sum(sizes)
    if not 0 < abs(heard - whole) <= MOST_LOST:
        return None
    from_end = {heard - end for end in ends}
    lost = whole - heard
    found = [
        group
        for group in groups_of(sizes)
        if group.start in ends and whole - group.end in from_end and group.size > max(lost, 0)
    ]
    return found[0] if len(found) == 1 else None
