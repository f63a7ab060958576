"""Digits that are put right while a number is being said: "four one one one, no, four one one two, …".

What follows the "no" replaces what was said just before it: of a number whose length is known, as many digits as are
then too many, be it one group or all; of any other the group before, or everything where as much is said anew. Who
begins as the number had begun says everything anew. Only whole groups are replaced: where a digit got lost nothing
fits, and the number is asked for again. Nothing that was put right is taken unasked.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate

from voicebot.capture.hearing import Alternative, best_of_each
from voicebot.capture.kinds.rules import NumberRule

MARK = "-"
"""What the grammar writes for the word that puts right."""

Part = tuple[Alternative, ...]


def is_put_right(parts: Sequence[Part]) -> bool:
    """Whether the caller most likely put something right."""
    return any(MARK in part[0].text for part in parts)


def put_right(parts: Sequence[Part], rule: NumberRule) -> list[Part]:
    """The parts of an answer with what was put right in its place, and without any mark.

    Args:
        parts: for each part what it may be, best first.
        rule: the number's kind.
    """
    before: list[Part] = []
    anew: list[Part] = []
    marked = False
    for part in parts:
        if MARK not in part[0].text:
            plain = tuple(each for each in part if MARK not in each.text)
            (anew if marked else before).append(plain)
            continue
        left, right = _split(part)
        (anew if marked else before).extend(left)
        before = _joined(before, anew, rule) if marked else before
        anew, marked = right, True
    return _joined(before, anew, rule) if marked else before


def _split(part: Part) -> tuple[list[Part], list[Part]]:
    """What was said before the mark and behind it; nothing where nothing was."""
    marked = [(each.text.partition(MARK), each.score) for each in part if each.text.count(MARK) == 1]
    left = best_of_each(Alternative(before, score) for (before, _, _), score in marked)
    right = best_of_each(Alternative(behind, score) for (_, _, behind), score in marked)
    return [left] if left[0].text else [], [right] if right[0].text else []


def _joined(before: Sequence[Part], anew: Sequence[Part], rule: NumberRule) -> list[Part]:
    said, again = _digits(before), _digits(anew)
    if not said or not again:
        return [*before, *anew]
    if len(before) > 1 and before[0][0].text == anew[0][0].text:
        return [*anew]
    whole = _length(before, anew, rule)
    surplus = said + again - whole
    if not whole or surplus < 1:  # of no known length, or not all of it is said yet
        last = _digits(before[-1:]) if len(before) > 1 else again
        return [*_without_last(before, said if again >= said else last), *anew]
    if said - surplus not in _borders(before, rule.groups.get(whole, ())):
        return [*before, *anew]
    return [*_without_last(before, surplus), *anew]


def _borders(parts: Sequence[Part], sizes: Sequence[int]) -> set[int]:
    """The places where a group begins, as it was said or as such a number is usually said."""
    said = accumulate((len(part[0].text) for part in parts), initial=0)
    return {*said, *accumulate(sizes, initial=0)}


def _length(before: Sequence[Part], anew: Sequence[Part], rule: NumberRule) -> int:
    """How many digits the number has; 0 where one length is as good as another."""
    if len(rule.lengths) == 1:
        return next(iter(rule.lengths))
    lengths = {rule.longest("".join(part[0].text for part in parts)) for parts in (before, anew)}
    return lengths.pop() if len(lengths) == 1 else rule.longest("".join(part[0].text for part in before))


def _without_last(parts: Sequence[Part], digits: int) -> Iterator[Part]:
    """The parts without so many digits at their end, whichever they are."""
    rest = _digits(parts) - digits
    for part in parts:
        size = len(part[0].text)
        if rest >= size:
            yield part
        elif rest > 0:
            yield best_of_each(Alternative(each.text[:rest], each.score, certain=each.certain) for each in part)
        rest -= size


def _digits(parts: Sequence[Part]) -> int:
    return sum(len(part[0].text) for part in parts)
