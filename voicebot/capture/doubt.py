"""Which digits of a number are in doubt: where they lie within one group, only that needs to be heard again."""

from collections.abc import Sequence
from dataclasses import replace

from voicebot.capture.anew import is_clear, rest_of
from voicebot.capture.attempts import together
from voicebot.capture.decision import Decision, Expectation, Verdict
from voicebot.capture.groups import Group, edge_with, group_with, misshapen, places_in_doubt
from voicebot.capture.hearing import Alternative
from voicebot.capture.joining import Candidate, join_plain
from voicebot.capture.kinds import NumberRule, last_four_of
from voicebot.capture.repairing import valid_values
from voicebot.capture.thresholds import EDIT_NATS, HEARING_TEXTS, MOST_NEAR, NEAR_NATS, NUMBERS


def with_group(
    decision: Decision,
    candidates: Sequence[Candidate],
    heard: Sequence[Sequence[Alternative]],
    expected: Expectation,
    rule: NumberRule,
) -> Decision:
    """The decision with the one group that all doubt lies in; a yes to it settles it where it is the last four digits.

    Somebody who says one digit wrong says no valid number, and the checksum may put right another one. Where it
    does so among the last four these are not the caller's, whose wrong digit stands elsewhere, and no yes follows.
    """
    if decision.verdict in {Verdict.ACCEPT, Verdict.CONFIRM} or not rule.groups:
        return decision
    plain = "".join(part[0].text for part in heard)
    best = candidates[0]
    near = [each.content for each in candidates if best.score - each.score < NEAR_NATS]
    places = places_in_doubt(near, plain) if len(near) < MOST_NEAR else None
    group = group_with(places, rule.groups.get(len(best.content), ())) if places else None
    size = len(best.content)
    last = Group(size - len(last_four_of(expected.kind, best.content)), size, size)
    if decision.verdict is Verdict.AGAIN and places and places.start >= last.start and _if_settling(last, heard):
        return replace(decision, verdict=Verdict.CONFIRM)
    return replace(decision, group=_if_settling(group, heard) or lacking(heard, rule))


def lacking(heard: Sequence[Sequence[Alternative]], rule: NumberRule) -> Group | None:
    """The one group that lost digits, or has too many, as the pauses show; None where none does, or more than one."""
    plain = "".join(part[0].text for part in heard)
    return _if_settling(misshapen(map(_digits, heard), rule.groups.get(rule.longest(plain), ())), heard)


def _if_settling(group: Group | None, heard: Sequence[Sequence[Alternative]]) -> Group | None:
    """The group, if all the rest was heard so clearly that to say it again may settle the number."""
    if group is None:
        return None
    hearing = join_plain(heard, HEARING_TEXTS)
    return group if any(is_clear(rest, hearing, group) for rest in rest_of(hearing[0].text, group)) else None


def _digits(part: Sequence[Alternative]) -> int:
    """How many digits a part most likely has."""
    return len(part[0].text)


def group_between(
    heard: Sequence[Sequence[Alternative]],
    before: Sequence[Sequence[Alternative]],
    expected: Expectation,
    rule: NumberRule,
) -> Group | None:
    """The one group in which two hearings of a number differ that nothing checks: one that the caller said as such."""
    hearings = [join_plain(heard, HEARING_TEXTS), join_plain(before, HEARING_TEXTS)]
    both = together((*valid_values(heard, rule), *valid_values(before, rule)), hearings)
    margins = NUMBERS[expected.kind]
    if not both or -both[0].score / 2 > margins.spent + EDIT_NATS / 2:
        return None
    near = [each.content for each in both if both[0].score - each.score < margins.accept]
    places = places_in_doubt(near, near[0])
    if places is None:
        return None
    groupings = ([*filter(None, map(_digits, parts))] for parts in (heard, before))
    groups = (group_with(places, sizes) for sizes in groupings if sum(sizes) == len(near[0]))
    return next(filter(None, groups), None) or edge_with(places, len(near[0]))
