"""Numbers and dates, said or pressed or both: candidates, their evidence, the decision."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from math import inf

from voicebot.capture import anew
from voicebot.capture.answer import Answer, Key, Part
from voicebot.capture.attempts import Hearing, fits, scored, together
from voicebot.capture.decision import Decision, Expectation, Verdict
from voicebot.capture.doubt import group_between, lacking, with_group
from voicebot.capture.groups import MOST_LOST
from voicebot.capture.hearing import Alternative, best_of_each, known_words, may_be_lost, merged, stitched, texts
from voicebot.capture.joining import Candidate, join_plain
from voicebot.capture.kinds import InvalidValueError, NumberRule, expiration, rule_of
from voicebot.capture.opinions import weighed
from voicebot.capture.repairing import valid_values
from voicebot.capture.restarting import is_put_right, put_right
from voicebot.capture.thresholds import (
    BEGINS_ANEW_S,
    COMPLETE_S,
    HEARD_AGAIN_KINDS,
    HEARING_TEXTS,
    INTERDIGIT_S,
    LIKELIEST_TEXTS,
    MAY_GO_ON_S,
    NUMBERS,
    PAUSES_AGAIN,
    TWICE_S,
)
from voicebot.capture.twice import Saying, agreed
from voicebot.capture.weighing import not_unasked, value_of, weigh
from voicebot.grammar.heard import Segment

_END = "#"
_NO_DIGITS = "#*"
_DATE = "expiration"


def decide(parts: Sequence[Part], expected: Expectation, rule: NumberRule, second: Segment | None = None) -> Decision:
    """The number that the parts come to. What the caller has said no to must be heard for certain to count again."""
    if not expected.refused:
        return _decided(parts, expected, rule, second)
    decision = _decided(parts, replace(expected, refused=()), rule, second)
    if decision.verdict is Verdict.ACCEPT:
        return decision
    return _decided(parts, expected, _without_refused(rule, expected), second)


def _decided(parts: Sequence[Part], expected: Expectation, rule: NumberRule, second: Segment | None) -> Decision:
    ended = any(isinstance(part, Key) and part.key == _END for part in parts)
    parts = [part for part in parts if not (isinstance(part, Key) and part.key == _END)]
    if not parts:
        return Decision(Verdict.REJECT, reason="no_input")
    keys = "".join(part.key for part in parts if isinstance(part, Key))
    if len(keys) == len(parts) and not _is_group(keys, expected):
        return _by_keys(keys, expected, rule, ended=ended)
    if expected.kind == _DATE and not any(isinstance(part, Key) for part in parts):
        return _date([part for part in parts if isinstance(part, Segment)], expected, rule)
    return _by_evidence(Answer(tuple(parts), second), expected, rule, ended=ended)


def _is_group(digits: str, expected: Expectation) -> bool:
    """Whether an answer is only the group that was asked for, and no whole number."""
    return expected.group is not None and expected.group.asked_for(len(digits)) and bool(expected.earlier)


def _without_refused(rule: NumberRule, expected: Expectation) -> NumberRule:
    """The rule by which what the caller said no to is no value."""

    def validate(text: str) -> str:
        content = rule.validate(text)
        if expected.refuses(content):
            raise InvalidValueError("not_sure")
        return content

    return replace(rule, validate=validate)


def _by_keys(digits: str, expected: Expectation, rule: NumberRule, *, ended: bool) -> Decision:
    """Keys are certain: valid or not, finished or not."""
    try:
        content = rule.validate(digits)
    except InvalidValueError as invalid:
        return Decision(Verdict.REJECT, reason=invalid.reason, wait_s=0.0 if ended else INTERDIGIT_S)
    done = ended or rule.closed
    return Decision(Verdict.ACCEPT, value_of(expected.kind, content), wait_s=0.0 if done else INTERDIGIT_S)


def _by_evidence(answer: Answer, expected: Expectation, rule: NumberRule, *, ended: bool) -> Decision:
    heard = _alternatives(answer.parts, expected)
    own = put_right(heard, rule)
    earlier = _earlier(expected, rule)
    hearings = [own, *(hearing for _, hearing in earlier)]
    plain = "".join(part[0].text for part in own)
    if not plain:
        return Decision(Verdict.REJECT, reason="no_match", wait_s=rule.incomplete_s)

    as_heard = replace(rule, repairable=False)

    def unpriced() -> list[Hearing]:
        own = put_right(_alternatives(answer.parts, expected, priced=False), rule)
        return [own, *(hearing for _, hearing in _earlier(expected, rule, priced=False))]

    if expected.group is not None and _is_group(plain, expected) and len(hearings) > 1:
        decision = _unless_lost(answer, anew.decide(hearings, unpriced, expected, expected.group, rule), expected)
        if expected.twice:
            seconds = _by_second([each for each, _ in earlier], expected, rule)
            decision = anew.unless_doubted(decision, expected.group, seconds)
        more = isinstance(answer.parts[-1], Key) and decision.verdict is not Verdict.ACCEPT
        return replace(decision, wait_s=0.0 if ended else INTERDIGIT_S if more else decision.wait_s)
    if expected.twice:
        answers = (answer, *(before for before, _ in earlier))
        sayings = [
            Saying(hearing, *_by_second((each,), expected, rule))
            for each, hearing in zip(answers, hearings, strict=True)
        ]
        decision = _unless_lost(answer, _twice(sayings, unpriced, expected, rule), expected)
        return decision if ended else replace(decision, wait_s=_twice_wait_s(answer.parts, plain, rule))
    attempts, again = len(hearings), _by_second((answer, *expected.earlier), expected, rule)
    hearings += again
    candidates = scored(hearings, rule)
    if not candidates:
        wait_s = 0.0 if ended else rule.incomplete_s
        return Decision(Verdict.REJECT, reason=_why_not(plain, rule), wait_s=wait_s, group=lacking(own, rule))
    nearest = _nearest(candidates[0].content, hearings)
    heard_as_such = nearest >= -NUMBERS[expected.kind].spent
    decision = weigh(
        candidates,
        _unchecked(hearings) if again else sum(part[0].score for part in own) if attempts == 1 else 0.0,
        expected,
        attempts,
        borne_out=attempts > 1 and heard_as_such and rule.prior(candidates[0].content) >= 0,  # no rare one
        seconded=bool(again),
        unpriced=lambda: scored(unpriced() + again, as_heard),
    )
    never_heard = attempts > 1 and not heard_as_such  # but pieced together of hearings that have other digits each
    whole_is_read = decision.value is not None and decision.value.read_whole  # costs little, proves all
    in_one_go = _paused_s(answer.parts) < BEGINS_ANEW_S
    read_back = whole_is_read and (bool(again) or nearest < 0 or not in_one_go)
    if (is_put_right(heard) or never_heard or read_back) and decision.verdict is Verdict.ACCEPT:
        decision = not_unasked(decision)
    if decision.verdict is Verdict.REJECT and candidates[0].repairs:
        decision = replace(decision, reason=_why_not(plain, rule))
    decision = with_group(decision, candidates, own, expected, rule)
    if ended:
        return decision
    digits = len(candidates[0].content)
    likeliest = join_plain(own, HEARING_TEXTS)
    second = _by_second((answer,), expected, rule)
    longest = max([len(plain), *(len(part[0].text) for hearing in second for part in hearing)])
    whole = (
        not is_put_right(heard)
        and longest >= digits
        and not _may_go_on(likeliest, digits, rule, NUMBERS[expected.kind].accept)
    )
    return replace(decision, wait_s=_wait_s(decision.verdict, rule, whole=whole))


def _nearest(content: str, hearings: Sequence[Hearing]) -> float:
    """How near one of several hearings comes to this number as it is, in nats; 0 where it is the likeliest text of one.

    Who slips the tongue once says it right the other time; who says the same wrong digit twice never says it.
    """
    likeliest = filter(None, (join_plain(hearing, HEARING_TEXTS) for hearing in hearings))
    return max((float(fits([content], texts)[0]) for texts in likeliest), default=-inf)


def _paused_s(parts: Sequence[Part]) -> float:
    """The longest silence between two stretches of speech."""
    spoken = [part for part in parts if isinstance(part, Segment)]
    return max((later.start_s - part.end_s for part, later in pairwise(spoken)), default=0.0)


def _may_go_on(likeliest: Sequence[Alternative], digits: int, rule: NumberRule, near: float) -> bool:
    """Whether fewer digits were heard nearly as likely, which begin a longer value than the one that was decided on.

    One digit that was heard too many makes a beginning look whole where a checksum fits by chance: the first thirteen
    of a card with sixteen, as a card with fourteen. Nothing else would show it before the caller goes on.
    """
    shorter = [text for text in likeliest if len(text.text) < digits < rule.longest(text.text)]
    return any(likeliest[0].score - text.score < near for text in shorter)


def _twice(
    sayings: Sequence[Saying], unpriced: Callable[[], list[Hearing]], expected: Expectation, rule: NumberRule
) -> Decision:
    """A number that nothing checks: taken once two sayings agree.

    This one is compared with each earlier one for itself: one that was cut short must not spoil two that were not.
    """
    own, *earlier = sayings
    likeliest = [found for found in (scored(own.hearings, rule), valid_values(own.first, rule)) if found]
    if not likeliest:
        return Decision(Verdict.REJECT, reason=_why_not("".join(part[0].text for part in own.first), rule))
    for place, before in reversed(list(enumerate(earlier, 1))):

        def both_unpriced(place: int = place) -> list[Hearing]:
            own, *others = unpriced()
            return [own, others[place - 1]]

        decision = agreed(own, before, both_unpriced, expected, rule)
        if decision is not None:
            return decision
    by_both, *by_first = (weigh(found, found[0].score, expected) for found in likeliest)
    alone = next((each for each in (by_both, *by_first) if each.verdict is not Verdict.REJECT), by_both)
    if alone.verdict is Verdict.REJECT:
        return alone
    group = group_between(own.first, earlier[-1].first, expected, rule) if earlier else None
    return replace(alone, verdict=Verdict.AGAIN, reason="not_sure" if expected.earlier else "once_more", group=group)


def _unless_lost(answer: Answer, decision: Decision, expected: Expectation) -> Decision:
    """The same; but of a number that nothing checks, nothing is taken with a sound in it that may have been a digit."""
    if not expected.twice or not _may_have_lost(answer):
        return decision
    if decision.verdict is Verdict.ACCEPT:
        decision = replace(decision, verdict=Verdict.AGAIN, reason="not_sure")
    return replace(decision, group=None)


def _may_have_lost(answer: Answer) -> bool:
    """Whether some stretch of it may have been a digit that is lost."""
    return any(isinstance(part, Segment) and may_be_lost(part) for part in answer.parts)


def _earlier(expected: Expectation, rule: NumberRule, *, priced: bool = True) -> list[tuple[Answer, Hearing]]:
    """The earlier answers of which anything can be read, with what.

    Less than half of the shortest number was something else ("I'm back" is heard as "nine"), and would stand against
    every number that is said afterwards. Where nothing checks the number, one with a sound in it that may have been a
    digit does not count either: the same digit is lost each time, so that two such hearings agree.
    """
    counting = (each for each in expected.earlier if not (expected.twice and _may_have_lost(each)))
    heard = (
        (answer, _alternatives([part for part in answer.parts if _counts(part)], expected, priced=priced))
        for answer in counting
    )
    return [(answer, put_right(each, rule)) for answer, each in heard if 2 * _most_digits(each) >= min(rule.lengths)]


def is_no_number(answer: Answer, expected: Expectation) -> bool:
    """Whether what was said has less than half of the digits of the shortest such number: something else was said.

    False where no number is asked for.
    """
    rule = rule_of(expected)
    if not isinstance(rule, NumberRule) or any(isinstance(part, Key) for part in answer.parts):
        return False
    heard = _alternatives(answer.parts, expected)
    return 2 * sum(len(part[0].text) for part in heard) < min(rule.lengths)


def _most_digits(hearing: Hearing) -> int:
    """How many digits an answer may have, by whatever it was heard as."""
    return sum(max(len(alternative.text) for alternative in part) for part in hearing)


def _by_second(answers: Sequence[Answer], expected: Expectation, rule: NumberRule) -> list[Hearing]:
    """What the second recogniser heard in these answers: in each a hearing of the whole of it.

    One that lost most of the digits knows nothing of the number, and must not tell it from its rivals.
    """
    fewest = min(rule.lengths) - MOST_LOST
    seconds = (answer.second for answer in answers)
    read = (texts(second, expected.grammar) for second in seconds if second is not None)
    return [[alternatives] for alternatives in read if alternatives and len(alternatives[0].text) >= fewest]


def _unchecked(hearings: Sequence[Hearing]) -> float:
    """Score of the text, valid or not, that fits all hearings best: of two recognisers each has a best one."""
    likeliest = [join_plain(hearing, HEARING_TEXTS) for hearing in hearings]
    heard = [Candidate(text.text, text.score) for texts in likeliest for text in texts[:LIKELIEST_TEXTS]]
    return max((candidate.score for candidate in together(heard, likeliest)), default=0.0)


def _counts(part: Part) -> bool:
    return not (isinstance(part, Key) and part.key in _NO_DIGITS)


def _alternatives(parts: Sequence[Part], expected: Expectation, *, priced: bool = True) -> Hearing:
    """For each part what it may be; segments that cannot be read at all are left out.

    Args:
        parts: what was said and pressed.
        expected: what was asked for.
        priced: whether words that are heard too easily cost something.
    """
    grammar, read_segment = expected.grammar, weighed if expected.kind in HEARD_AGAIN_KINDS else texts
    result: Hearing = []
    run: list[Segment] = []

    def read_run() -> None:
        read = (read_segment(segment, grammar, priced=priced) for segment in stitched(run, grammar))
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


def _twice_wait_s(parts: Sequence[Part], plain: str, rule: NumberRule) -> float:
    """For a number that nothing checks: longer where it is only a beginning, or the caller paused for long in it."""
    if len(plain) < min(rule.lengths):
        return rule.incomplete_s
    return min(max(TWICE_S, PAUSES_AGAIN * _paused_s(parts)), rule.incomplete_s)


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
    return replace(weigh(candidates, unchecked, expected), wait_s=COMPLETE_S)
