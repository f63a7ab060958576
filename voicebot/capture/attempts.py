"""Several hearings of one value: what each makes of every candidate, added up.

A hearing is a list of texts with scores. How well it fits a candidate is the best of those scores, less a price
for every digit that must be dropped, supplied or exchanged to get from that text to the candidate. Two
uncertain hearings of one number make different mistakes, so that their sum usually decides.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from voicebot.capture.hearing import Alternative
from voicebot.capture.joining import Candidate, join_plain
from voicebot.capture.kinds.rules import NumberRule
from voicebot.capture.repairing import valid_values
from voicebot.capture.thresholds import EDIT_NATS, HEARING_TEXTS

Hearing: TypeAlias = list[tuple[Alternative, ...]]
"""For each part of one answer what it may be, likeliest first."""


def scored(hearings: Sequence[Hearing], rule: NumberRule) -> tuple[Candidate, ...]:
    """Valid values by all hearings together, best first."""
    candidates = [candidate for hearing in hearings for candidate in valid_values(hearing, rule)]
    if len(hearings) == 1:
        return tuple(candidates)
    return together(candidates, [join_plain(hearing, HEARING_TEXTS) for hearing in hearings], rule.prior)


def together(
    candidates: Sequence[Candidate],
    hearings: Sequence[Sequence[Alternative]],
    prior: Callable[[str], float] = lambda _: 0.0,
) -> tuple[Candidate, ...]:
    """The candidates, each once, scored by all hearings and by how usual they are, best first.

    A hearing without any text is left out: somebody who reads out forty digits and more was not giving the number.
    """
    hearings = [hearing for hearing in hearings if hearing]
    contents = list(dict.fromkeys(candidate.content for candidate in candidates))
    if not contents or not hearings:
        return ()
    repairs = {
        content: min(candidate.repairs for candidate in candidates if candidate.content == content)
        for content in contents
    }
    scores = sum(fits(contents, hearing) for hearing in hearings)
    scored = [
        Candidate(content, float(score) + prior(content), repairs[content])
        for content, score in zip(contents, np.asarray(scores), strict=True)
    ]
    return tuple(sorted(scored, key=lambda candidate: -candidate.score))


def fits(contents: Sequence[str], hearing: Sequence[Alternative]) -> npt.NDArray[np.float64]:
    """For each content how well the hearing fits it, in nats; 0 is the hearing's own best text."""
    return fit(hearing, distances(contents, [alternative.text for alternative in hearing]))


def fit(hearing: Sequence[Alternative], distance: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """The same for contents whose digits of difference are known, a row for each with a column for each text."""
    own = np.array([alternative.score - hearing[0].score for alternative in hearing])
    best: npt.NDArray[np.float64] = (own[None, :] - EDIT_NATS * distance).max(axis=1)
    return best


def distances(left: Sequence[str], right: Sequence[str]) -> npt.NDArray[np.int64]:
    """Edit distances (Levenshtein) of all pairs, with every pair in one pass over the table."""
    rows, columns = _coded(left), _coded(right)
    row_ends = np.array([len(text) for text in left])
    column_ends = np.array([len(text) for text in right])
    shape = (len(left), len(right))
    result = np.zeros(shape, dtype=np.int64)
    above = [np.full(shape, column) for column in range(columns.shape[1] + 1)]
    for row in range(rows.shape[1] + 1):
        if row:
            current = [np.full(shape, row)]
            for column in range(1, columns.shape[1] + 1):
                differs = rows[:, row - 1][:, None] != columns[:, column - 1][None, :]
                step = np.minimum(above[column], current[column - 1]) + 1
                current.append(np.minimum(step, above[column - 1] + differs))
            above = current
        for column in range(columns.shape[1] + 1):
            ends = (row_ends == row)[:, None] & (column_ends == column)[None, :]
            if ends.any():
                result[ends] = above[column][ends]
    return result


def _coded(texts: Sequence[str]) -> npt.NDArray[np.int64]:
    longest = max(len(text) for text in texts)
    return np.array([[ord(letter) for letter in text.ljust(longest, "\0")] for text in texts])
