"""The parts of an answer joined to one number: the likeliest ones that are valid.

With n alternatives for each of k parts there are n**k joined texts. They are searched from the last part to the first,
as a checksum counts its positions from the right: of all beginnings-from-the-right of one length and one checksum
so far only the best few are kept, because what is put before them can make no difference between them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from voicebot.capture.hearing import Alternative
from voicebot.capture.kinds.rules import InvalidValueError, NumberRule, Table
from voicebot.capture.thresholds import BEAM_NATS
from voicebot.grammar.heard import Unpicklable

_KEPT_PER_CLASS = 20
"""Joined texts kept of one length and checksum; more than one, as the brand or the account is only known at the end."""

KEPT_UNCHECKED = 1000
"""The same where no checksum tells texts apart before the end: of the hundreds that differ from what was heard in one
digit, and cost the same, one account exists."""

_KEPT = 4000
"""Joined texts kept altogether after each part."""

_EXAMINED = 4000
"""Joined texts that are examined for validity at the end."""

_LONGEST = 40
"""Digits of the longest text that is looked at; nobody is asked for more."""

_NO_CHECKSUM: Table = ((0,) * 10,)
_MODULUS = 10

Numbers: TypeAlias = npt.NDArray[np.int64]
Scores: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Candidate(Unpicklable):
    """One valid value and how likely it is.

    Attributes:
        content: the value in its final form.
        score: sum of its parts' log-likelihoods and its prior.
        repairs: how many digits were changed to get it.
    """

    content: str = field(repr=False)
    score: float
    repairs: int = 0


def join(
    parts: Sequence[Sequence[Alternative]], rule: NumberRule, limit: int = 20, *, kept: int = _KEPT_PER_CLASS
) -> tuple[Candidate, ...]:
    """The likeliest valid values, best first; empty when no joined text within the beam is valid.

    Args:
        parts: for each part of the answer what it may be, each at least one alternative.
        rule: what makes a value valid.
        limit: most values that are given back.
        kept: joined texts kept of one length and checksum.
    """
    table = rule.checksum or _NO_CHECKSUM
    longest = max(rule.lengths)
    scores: Scores = np.zeros(1)
    lengths: Numbers = np.zeros(1, dtype=np.int64)
    sums: Numbers = np.zeros(1, dtype=np.int64)
    trail: list[tuple[Numbers, Numbers]] = []
    for part in reversed(parts):
        own = np.array([alternative.score for alternative in part])
        sizes = np.array([len(alternative.text) for alternative in part], dtype=np.int64)
        added = _sums([alternative.text for alternative in part], table)
        joined = scores[:, None] + own[None, :]
        size = lengths[:, None] + sizes[None, :]
        total = (sums[:, None] + added[lengths % len(table)]) % _MODULUS
        keep = np.flatnonzero((joined >= joined.max() - BEAM_NATS) & (size <= longest))
        if keep.size > _KEPT:
            keep = keep[np.argpartition(-joined.ravel()[keep], _KEPT)[:_KEPT]]
        keep = keep[_best_of_class(joined.ravel()[keep], size.ravel()[keep] * _MODULUS + total.ravel()[keep], kept)]
        trail.append((keep // len(part), keep % len(part)))
        scores, lengths, sums = joined.ravel()[keep], size.ravel()[keep], total.ravel()[keep]
        if not keep.size:
            return ()
    ends = np.flatnonzero(np.isin(lengths, list(rule.lengths)) & (sums == 0))
    ends = ends[np.argsort(-scores[ends], kind="stable")][:_EXAMINED]
    found = _valid(zip(_spelled(ends, trail, parts), scores[ends], strict=True), rule, limit)
    return tuple(sorted(found, key=lambda candidate: -candidate.score))


def join_plain(parts: Sequence[Sequence[Alternative]], limit: int) -> tuple[Alternative, ...]:
    """The likeliest joined texts as they were heard, valid or not, best first."""
    anything = NumberRule(lengths=frozenset(range(_LONGEST + 1)), validate=lambda text: text)
    return tuple(Alternative(found.content, found.score, found.repairs) for found in join(parts, anything, limit))


def _sums(texts: Sequence[str], table: Table) -> Numbers:
    """What each text adds to the checksum, for each phase of the table that its last digit may stand in."""
    longest = max(len(text) for text in texts)
    letters = np.frombuffer("".join(text.rjust(longest) for text in texts).encode(), dtype=np.uint8)
    digits = letters.reshape(len(texts), longest)[:, ::-1].astype(np.int64) - ord("0")
    padded = np.array(
        [(*row, 0) for row in table]
    )  # a space's "digit" is negative: the last column, which adds nothing
    places = np.arange(longest)
    return np.array(
        [
            padded[(phase + places) % len(table), np.where(digits < 0, _MODULUS, digits)].sum(axis=1)
            for phase in range(len(table))
        ]
    ).reshape(len(table), len(texts))


def _best_of_class(scores: Scores, classes: Numbers, few: int) -> Numbers:
    """Indices of the best few of each class."""
    order = np.lexsort((-scores, classes))
    ordered = classes[order]
    firsts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if ordered.size else np.zeros(0, dtype=np.int64)
    ranks = np.arange(ordered.size) - np.repeat(firsts, np.diff(np.r_[firsts, ordered.size]))
    kept: Numbers = order[ranks < few]
    return kept


def _spelled(
    ends: Numbers, trail: Sequence[tuple[Numbers, Numbers]], parts: Sequence[Sequence[Alternative]]
) -> Iterator[tuple[str, int]]:
    """The joined text of each end, and how many repairs are in it, followed back along the trail."""
    for end in ends:
        text, repairs, at = "", 0, int(end)
        for (before, chosen), part in zip(reversed(trail), parts, strict=True):
            alternative = part[int(chosen[at])]
            text, repairs, at = text + alternative.text, repairs + alternative.repairs, int(before[at])
        yield text, repairs


def _valid(spelled: Iterable[tuple[tuple[str, int], float]], rule: NumberRule, limit: int) -> Iterable[Candidate]:
    found: dict[str, Candidate] = {}
    for (text, repairs), score in spelled:
        try:
            content = rule.validate(text)
        except InvalidValueError:
            continue
        candidate = Candidate(content, float(score) + rule.prior(content), repairs)
        if content not in found or candidate.score > found[content].score:
            found[content] = candidate
        if len(found) == limit:
            break
    return found.values()
