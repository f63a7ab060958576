"""Numbers and dates, said or pressed or both: candidates, their evidence, the decision."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from voicebot.capture.answer import Answer, Key, Part
from voicebot.capture.attempts import fits, together
from voicebot.capture.decision import SENSITIVE_KINDS, Decision, Expectation, Value, Verdict
from voicebot.capture.hearing import Alternative, best_of_each, known_words, merged, stitched, texts
from voicebot.capture.joining import Candidate, join, join_plain
from voicebot.capture.kinds import InvalidValueError, NumberRule, expiration, last_four_of
from voicebot.capture.repairing import with_repairs
from voicebot.capture.sensitive import Sensitive
from voicebot.capture.thresholds import (
    COMPLETE_S,
    HEARING_TEXTS,
    INTERDIGIT_S,
    MAY_GO_ON_S,
    NUMBERS,
    PROPOSED_TOGETHER,
    SETTLED_HEARINGS,
    SETTLED_SHARE,
    TWICE_S,
)
from voicebot.grammar.heard import Segment

_END = "#"
_NO_DIGITS = "#*"
_DATE = "expiration"


def decide(parts: Sequence[Part], expected: Expectation, rule: NumberRule) -> Decision:
    """The number that the parts come to. What the caller has said no to must be heard for certain to count again."""
    if not expected.refused:
        return _decided(parts, expected, rule)
    decision = _decided(parts, replace(expected, refused=()), rule)
    if decision.verdict is Verdict.ACCEPT:
        return decision
    return _decided(parts, expected, _without_refused(rule, expected))


def _decided(parts: Sequence[Part], expected: Expectation, rule: NumberRule) -> Decision:
    ended = any(isinstance(part, Key) and part.key == _END for part in parts)
    parts = [part for part in parts if not (isinstance(part, Key) and part.key == _END)]
    if not parts:
        return Decision(Verdict.REJECT, reason="no_input")
    if all(isinstance(part, Key) for part in parts):
        return _by_keys("".join(part.key for part in parts if isinstance(part, Key)), expected, rule, ended=ended)
    if expected.kind == _DATE and not any(isinstance(part, Key) for part in parts):
        return _date([part for part in parts if isinstance(part, Segment)], expected, rule)
    return _by_evidence(parts, expected, rule, ended=ended)


def _without_refused(rule: NumberRule, expected: Expectation) -> NumberRule:
    """The rule by which what the caller said no to is no value."""

    def validate(text: str) -> str:
        content = rule.validate(text)
        if expected.refuses(content):
            raise InvalidValueError("not_sure")
        return content

    return replace(rule, validate=validate)


def value_of(kind: str, content: str) -> Value:
    """A value with its content wrapped where that is sensitive."""
    wrapped = Sensitive(content) if kind in SENSITIVE_KINDS else content
    return Value(kind, wrapped, last_four_of(kind, content))


def _by_keys(digits: str, expected: Expectation, rule: NumberRule, *, ended: bool) -> Decision:
    """Keys are certain: valid or not, finished or not."""
    try:
        content = rule.validate(digits)
    except InvalidValueError as invalid:
        return Decision(Verdict.REJECT, reason=invalid.reason, wait_s=0.0 if ended else INTERDIGIT_S)
    done = ended or rule.closed
    return Decision(Verdict.ACCEPT, value_of(expected.kind, content), wait_s=0.0 if done else INTERDIGIT_S)


def _by_evidence(parts: Sequence[Part], expected: Expectation, rule: NumberRule, *, ended: bool) -> Decision:
    heard = _alternatives(parts, expected)
    plain = "".join(part[0].text for part in heard)
    if not plain:
        return Decision(Verdict.REJECT, reason="no_match", wait_s=rule.incomplete_s)
    unchecked = sum(part[0].score for part in heard)
    candidates = _candidates(heard, rule)
    borne_out = False
    earlier = [before for before in map(_heard_before(expected), expected.earlier) if before]
    if expected.twice:
        decision = _twice(heard, candidates, earlier, expected, rule)
        return decision if ended else replace(decision, wait_s=TWICE_S)
    own = join_plain(heard, HEARING_TEXTS)
    if earlier:
        for before in earlier:
            candidates = (*candidates, *_candidates(before, rule))
        hearings_texts = [own, *(join_plain(hearing, HEARING_TEXTS) for hearing in earlier)]
        candidates = together(candidates, hearings_texts, rule.prior)
        unchecked = 0.0
        borne_out = bool(candidates) and _borne_out(candidates[0].content, hearings_texts, expected.kind, rule)
    hearings = 1 + len(earlier)
    if not candidates:
        return Decision(Verdict.REJECT, reason=_why_not(plain, rule), wait_s=0.0 if ended else rule.incomplete_s)
    decision = _weigh(candidates, unchecked, expected, 0.0, hearings, borne_out=borne_out)
    if decision.verdict is Verdict.REJECT and candidates[0].repairs:
        decision = replace(decision, reason=_why_not(plain, rule))
    if ended:
        return decision
    digits = len(candidates[0].content)
    whole = len(plain) >= digits and not _may_go_on(own, digits, rule, NUMBERS[expected.kind].accept)
    return replace(decision, wait_s=_wait_s(decision.verdict, rule, whole=whole))


def _borne_out(content: str, hearings: Sequence[Sequence[Alternative]], kind: str, rule: NumberRule) -> bool:
    """Whether one of several hearings is nearly this number as it is, and no rare one.

    Who slips the tongue once says it right the other time; who says the same wrong digit twice never says it.
    """
    near = -NUMBERS[kind].spent
    return rule.prior(content) >= 0 and any(fits([content], hearing)[0] >= near for hearing in hearings if hearing)


def _may_go_on(likeliest: Sequence[Alternative], digits: int, rule: NumberRule, near: float) -> bool:
    """Whether fewer digits were heard nearly as likely, which begin a longer value than the one that was decided on.

    One digit that was heard too many makes a beginning look whole where a checksum fits by chance: the first thirteen
    of a card with sixteen, as a card with fourteen. Nothing else would show it before the caller goes on.
    """
    shorter = [text for text in likeliest if len(text.text) < digits < rule.longest(text.text)]
    return any(likeliest[0].score - text.score < near for text in shorter)


def _twice(
    heard: Sequence[Sequence[Alternative]],
    candidates: Sequence[Candidate],
    earlier: Sequence[Sequence[Sequence[Alternative]]],
    expected: Expectation,
    rule: NumberRule,
) -> Decision:
    """A number that nothing checks: taken once two hearings agree.

    This hearing is compared with each earlier one for itself: one that was cut short must not spoil two that were not.
    """
    if not candidates:
        return Decision(Verdict.REJECT, reason=_why_not("".join(part[0].text for part in heard), rule))
    own = join_plain(heard, HEARING_TEXTS)
    for before in reversed(earlier):
        both = together((*candidates, *_candidates(before, rule)), [own, join_plain(before, HEARING_TEXTS)])
        decision = _weigh(both, 0.0, expected, 0.0, 2)
        if decision.verdict is Verdict.ACCEPT:
            return decision
    alone = _weigh(candidates, candidates[0].score, expected, 0.0)
    if alone.verdict is Verdict.REJECT:
        return alone
    return replace(alone, verdict=Verdict.AGAIN, reason="not_sure" if earlier else "once_more")


def _candidates(heard: Sequence[Sequence[Alternative]], rule: NumberRule) -> tuple[Candidate, ...]:
    """Valid values: as heard, and with what the recogniser usually gets wrong put right."""
    if not rule.repairable:
        return join(heard, rule)
    return join([part if part[0].certain else with_repairs(part) for part in heard], rule)


def _heard_before(expected: Expectation) -> Callable[[Answer], list[tuple[Alternative, ...]]]:
    def heard(answer: Answer) -> list[tuple[Alternative, ...]]:
        parts = [part for part in answer.parts if not (isinstance(part, Key) and part.key in _NO_DIGITS)]
        return _alternatives(parts, expected)

    return heard


def _alternatives(parts: Sequence[Part], expected: Expectation) -> list[tuple[Alternative, ...]]:
    """For each part what it may be; segments that cannot be read at all are left out."""
    result: list[tuple[Alternative, ...]] = []
    run: list[Segment] = []

    def read_run() -> None:
        read = (texts(segment, expected.grammar) for segment in stitched(run, expected.grammar))
        result.extend(alternatives for alternatives in read if alternatives)
        run.clear()

    for part in parts:
        if isinstance(part, Key):
            read_run()
            result.append((Alternative(part.key, 0.0, certain=True),))
        else:
            run.append(part)
    read_run()
    return result


def _why_not(digits: str, rule: NumberRule) -> str:
    try:
        rule.validate(digits)
    except InvalidValueError as invalid:
        return invalid.reason
    return "not_sure"


def _wait_s(verdict: Verdict, rule: NumberRule, *, whole: bool) -> float:
    """How long to wait for more: only what is certain is answered at once.

    Args:
        verdict: what the answer comes to so far.
        rule: the number's kind.
        whole: as many digits were heard as such as the value has, for certain, so that none was supplied.
    """
    if verdict is Verdict.REJECT or not whole:
        return rule.incomplete_s
    return COMPLETE_S if verdict is Verdict.ACCEPT and rule.closed else MAY_GO_ON_S


def _weigh(
    candidates: Sequence[Candidate],
    unchecked: float,
    expected: Expectation,
    wait_s: float,
    hearings: int = 1,
    *,
    borne_out: bool = False,
) -> Decision:
    margins = NUMBERS[expected.kind]
    accept = margins.accept * (SETTLED_SHARE if hearings >= SETTLED_HEARINGS else 1.0)
    best = candidates[0]
    spent = (unchecked - best.score) / hearings
    margin = best.score - candidates[1].score if len(candidates) > 1 else accept
    value = value_of(expected.kind, best.content)
    if margin < margins.confirm or spent > margins.stretched:
        return Decision(Verdict.REJECT, value, score=margin, reason="not_sure", wait_s=wait_s)
    if not best.repairs and margin >= accept and spent <= margins.spent:
        return Decision(Verdict.ACCEPT, value, score=margin, wait_s=wait_s)
    near = PROPOSED_TOGETHER if hearings > 1 and value.last_four else accept
    rivals = [rival for rival in candidates[1:] if best.score - rival.score < near]
    # Somebody who says one digit wrong says no valid number. The nearest valid one differs in any place, and its last
    # four digits may well be the caller's.
    # Of several hearings one may bear it out.
    changed = (best.repairs > 0 or spent > margins.spent) and (bool(rivals) or not borne_out)
    shows = _shows(value, best, rivals, changed=changed)
    verdict = Verdict.CONFIRM if shows else Verdict.AGAIN
    return Decision(verdict, value, score=margin, reason="repaired" if best.repairs else "not_sure", wait_s=wait_s)


def _shows(value: Value, best: Candidate, rivals: Sequence[Candidate], *, changed: bool) -> bool:
    """Whether a yes to what may be read back would prove the value.

    Four digits of a number prove nothing where any of the others may have been changed to make it valid, or where a
    rival ends the same. What is read back whole always shows.
    """
    if not isinstance(value.content, Sensitive) or value.last_four == best.content:
        return True
    return not changed and all(last_four_of(value.kind, rival.content) != value.last_four for rival in rivals)


def _date(segments: Sequence[Segment], expected: Expectation, rule: NumberRule) -> Decision:
    """A date is read as a whole, all segments together or the last ones only ("um … oh five twenty seven")."""
    decision = Decision(Verdict.REJECT, reason="no_match", wait_s=rule.incomplete_s)
    for first in range(len(segments)):
        rest = segments[first:]
        decision = _read_date(merged(rest) if len(rest) > 1 else rest[0], expected, rule)
        if decision.reason != "no_match":
            return decision
    return decision


def _read_date(segment: Segment, expected: Expectation, rule: NumberRule) -> Decision:
    found: list[Alternative] = []
    refused: dict[str, float] = {}
    for hypothesis in segment.hypotheses:
        words = known_words(hypothesis)
        for reading in expected.grammar.read(words) if words else ():
            try:
                content = expiration.validate(f"{reading.slot('year')}-{reading.slot('month')}", expected)
            except InvalidValueError as invalid:
                refused.setdefault(invalid.reason, hypothesis.score)
            else:
                if not expected.refuses(content):
                    found.append(Alternative(content, hypothesis.score))
    dates = best_of_each(found)
    if not dates:
        reason = max(refused, key=lambda name: refused[name]) if refused else "no_match"
        return Decision(Verdict.REJECT, reason=reason, wait_s=rule.incomplete_s)
    candidates = [Candidate(date.text, date.score) for date in dates]
    unchecked = max([candidates[0].score, *refused.values()])
    return _weigh(candidates, unchecked, expected, COMPLETE_S)
