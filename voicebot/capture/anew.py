"""One group of a number heard anew: what it makes of the candidates, with everything else as it was heard before.

Nothing but the group is asked for where all that is in doubt lies within it. What is said then may bear out what the
checksum had foretold, and so decide. It may also be what was heard before: then the mistake is elsewhere, as that of
somebody who said a digit wrong, and the whole number is heard again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import permutations

import numpy as np
import numpy.typing as npt

from voicebot.capture.attempts import distances, fit, fits
from voicebot.capture.decision import Decision, Expectation, Verdict, plain
from voicebot.capture.groups import MOST_LOST, Group
from voicebot.capture.hearing import Alternative
from voicebot.capture.joining import Candidate, join_plain
from voicebot.capture.kinds.rules import InvalidValueError, NumberRule
from voicebot.capture.repairing import valid_values
from voicebot.capture.thresholds import (
    COMPLETE_S,
    EDIT_NATS,
    GROUP_MARGIN,
    GROUP_NATS,
    HEARING_TEXTS,
    MAY_GO_ON_S,
    NUMBERS,
    TWICE_S,
)
from voicebot.capture.weighing import distances_of, value_of, weigh
from voicebot.grammar.heard import Unpicklable

SAID_EDITS, KEYED_EDITS = 1, 2
"""Digits of a group that may be other than it was heard first. Keys leave no doubt about the group itself."""

_BASES = 10
"""Likeliest texts of each hearing in which the group is put in anew."""

Texts = Sequence[Alternative]
"""What one answer may be as a whole, likeliest first."""


def decide(
    hearings: Sequence[Sequence[Sequence[Alternative]]],
    unpriced: Callable[[], Sequence[Sequence[Sequence[Alternative]]]],
    expected: Expectation,
    group: Group,
    rule: NumberRule,
) -> Decision:
    """What one group comes to that was asked for again, with everything else as it was heard before.

    It is taken where it is what the rest had foretold: then two hearings and the checksum agree. Anything else is
    a reason to hear the whole number again.

    Args:
        hearings: the group, then the earlier hearings of the whole number; for each part what it may be.
        unpriced: the same without the price of words that are heard too easily.
        expected: what was asked for.
        group: which digits.
        rule: what makes the whole number valid.
    """
    heard = _Heard.of(hearings, group, rule)
    if len(heard.said[0].text) != group.size:
        return Decision(Verdict.REJECT, reason="too_short", wait_s=rule.incomplete_s, only_group=True)
    taken = (_of_two if expected.twice else _foretold)(heard, _Heard.of(unpriced(), group, rule), expected, group)
    if taken is None:
        return Decision(Verdict.AGAIN, reason="not_sure", wait_s=TWICE_S, only_group=True)
    return replace(taken, wait_s=MAY_GO_ON_S if group.is_first else 0.0 if heard.keyed else COMPLETE_S)


@dataclass(frozen=True, slots=True)
class _Heard(Unpicklable):
    """What the group may be and what the whole number was heard as, with the values that the two give together."""

    said: Texts
    before: tuple[Texts, ...]
    candidates: tuple[Candidate, ...]
    keyed: bool

    @classmethod
    def of(cls, hearings: Sequence[Sequence[Sequence[Alternative]]], group: Group, rule: NumberRule) -> "_Heard":
        said, *before = (join_plain(hearing, HEARING_TEXTS) for hearing in hearings)
        values = [value for hearing in hearings[1:] for value in valid_values(hearing, rule)]
        candidates = _candidates_of(group, said, before, values, rule)
        keyed = all(part[0].certain for part in hearings[0])
        if keyed:  # nothing else can be right
            candidates = tuple(each for each in candidates if group.of(each.content) == said[0].text)
        return cls(said, tuple(before), candidates, keyed)


def _foretold(heard: _Heard, unpriced: _Heard, expected: Expectation, group: Group) -> Decision | None:
    """The value that the group bears out for certain; None where it does not."""
    margins = NUMBERS[expected.kind]
    ranked = _scored(heard, group, whole=heard.before)
    if not ranked:
        return None
    best = ranked[0]
    rivals = distances_of(ranked, _scored(unpriced, group, whole=unpriced.before))
    margin = min(rivals.values(), default=GROUP_MARGIN)
    if margin < GROUP_MARGIN or not _clearly(group.of(best.content), heard.said):
        return None
    edits = KEYED_EDITS if heard.keyed else SAID_EDITS
    rest = best.content[: group.start], best.content[group.end :]
    if not any(
        _is_foretold(best.content, hearing, group, edits, margins.spent) and is_clear(rest, hearing, group)
        for hearing in heard.before
    ):
        return None
    return Decision(Verdict.ACCEPT, value_of(expected.kind, best.content), score=margin, only_group=True)


def _clearly(digits: str, said: Texts) -> bool:
    """Whether the group was heard so, and nothing else nearly as likely, be it valid or not."""
    return said[0].text == digits and (len(said) == 1 or said[0].score - said[1].score >= GROUP_NATS)


def _of_two(heard: _Heard, unpriced: _Heard, expected: Expectation, group: Group) -> Decision | None:
    """The value on which two hearings agree once this group is said anew in one of them; None where none do."""
    for one, other in permutations(range(len(heard.before)), 2):
        ranked = _scored(heard, group, whole=[heard.before[one]], outside=[heard.before[other]])
        if not ranked:
            continue
        other_price = _scored(unpriced, group, whole=[unpriced.before[one]], outside=[unpriced.before[other]])
        decision = weigh(ranked, 0.0, expected, 2, unpriced=partial(tuple, other_price))
        if decision.verdict is Verdict.ACCEPT:
            return replace(decision, only_group=True)
    return None


def unless_doubted(decision: Decision, group: Group, seconds: Sequence[Sequence[Sequence[Alternative]]]) -> Decision:
    """The same; but not taken where a second recogniser heard other digits outside of the group, as one that was lost.

    Args:
        decision: what the group came to, of a number that nothing checks.
        group: which digits were said again.
        seconds: what the second recogniser heard of the whole number, where it was asked.
    """
    if decision.verdict is not Verdict.ACCEPT or decision.value is None:
        return decision
    content = [plain(decision.value.content)]
    heard = filter(None, (join_plain(second, HEARING_TEXTS) for second in seconds))
    if all(_fits_outside(content, texts, group)[0] >= -EDIT_NATS / 2 for texts in heard):
        return decision
    return replace(decision, verdict=Verdict.AGAIN, reason="not_sure")


def _candidates_of(
    group: Group, said: Texts, before: Sequence[Texts], values: Sequence[Candidate], rule: NumberRule
) -> tuple[Candidate, ...]:
    """The values that there were, and those that the group gives when it is put in their place, each once.

    Args:
        group: which digits were said again.
        said: what these may be, best first.
        before: what the whole number was heard as.
        values: the valid ones of that.
        rule: what makes a value valid.

    Returns:
        Each with nothing for a score but how usual it is.
    """
    rests = [(value.content[: group.start], value.content[group.end :]) for value in values]
    rests += [rest for hearing in before for text in hearing[:_BASES] for rest in rest_of(text.text, group)]
    contents = [value.content for value in values]
    for head, tail in dict.fromkeys(rests):
        for text in said[:_BASES]:
            try:
                contents.append(rule.validate(head + text.text + tail))
            except InvalidValueError:
                continue
    return tuple(
        Candidate(content, rule.prior(content)) for content in dict.fromkeys(contents) if len(content) == group.whole
    )


def _scored(
    heard: _Heard, group: Group, *, whole: Sequence[Texts], outside: Sequence[Texts] = ()
) -> tuple[Candidate, ...]:
    """The values by what was said of the group and what was heard before, best first.

    Args:
        heard: what was heard.
        group: which digits were said again.
        whole: hearings of the number that count for all its digits.
        outside: hearings that count for all digits but the group's.
    """
    contents = [each.content for each in heard.candidates]
    if not contents:
        return ()
    scores = fits([group.of(content) for content in contents], heard.said)
    scores = sum((fits(contents, hearing) for hearing in whole), scores)
    scores = sum((_fits_outside(contents, hearing, group) for hearing in outside), scores)
    result = (
        Candidate(each.content, float(score) + each.score, each.repairs)
        for each, score in zip(heard.candidates, scores, strict=True)
    )
    return tuple(sorted(result, key=lambda candidate: -candidate.score))


def _is_foretold(content: str, hearing: Texts, group: Group, edits: int, near: float) -> bool:
    """Whether all but the group was heard as it is here, and the group nearly so: with a few digits other, or lost.

    Args:
        content: a valid value.
        hearing: what the whole number was heard as.
        group: which digits were said again.
        edits: digits of the group that may be other.
        near: how far below its best text a hearing still means something, in nats.
    """
    inside = group.of(content)
    for text in hearing:
        if hearing[0].score - text.score > near:
            break
        for head, tail in rest_of(text.text, group):
            heard = text.text[group.start : len(text.text) - len(tail)]
            if head + inside + tail != content:
                continue
            if distances([inside], [heard])[0, 0] <= edits or _lost(inside, heard):
                return True
    return False


def is_clear(rest: tuple[str, str], hearing: Texts, group: Group) -> bool:
    """Whether all but the group was heard so, and nothing else nearly as likely, be it valid or not.

    One number in ten passes the checksum: even with a certain group it does not tell which of several rests was said.

    Args:
        rest: the digits before the group and those behind it.
        hearing: what the whole number was heard as.
        group: which digits are said again.
    """
    fits_rest = [rest in rest_of(text.text, group) for text in hearing]
    own = max((text.score for text, fit in zip(hearing, fits_rest, strict=True) if fit), default=-np.inf)
    other = max((text.score for text, fit in zip(hearing, fits_rest, strict=True) if not fit), default=-np.inf)
    return own - other >= GROUP_MARGIN


def _lost(digits: str, heard: str) -> bool:
    """Whether what was heard is the digits with one or two of them missing."""
    rest = iter(digits)
    return len(heard) >= len(digits) - MOST_LOST and all(digit in rest for digit in heard)


def rest_of(text: str, group: Group) -> Iterator[tuple[str, str]]:
    """What was heard before and behind the group, if that is so many digits as there should be."""
    behind = group.whole - group.end
    if len(text) >= group.start + behind:
        yield text[: group.start], text[len(text) - behind :]


def _fits_outside(contents: Sequence[str], hearing: Texts, group: Group) -> npt.NDArray[np.float64]:
    """For each content how well the hearing fits it, whatever was heard of the group."""
    behind = group.whole - group.end
    heads = [text.text[: group.start] for text in hearing]
    tails = [text.text[max(len(text.text) - behind, 0) :] if behind else "" for text in hearing]
    distance = distances([content[: group.start] for content in contents], heads)
    distance = distance + distances([content[group.end :] for content in contents], tails)
    return fit(hearing, distance)
