"""Candidates weighed: whether the best one is taken, proposed, heard again or not believed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf

from voicebot.capture.decision import SENSITIVE_KINDS, Decision, Expectation, Value, Verdict
from voicebot.capture.joining import Candidate
from voicebot.capture.kinds import last_four_of
from voicebot.capture.sensitive import Sensitive
from voicebot.capture.thresholds import (
    NUMBERS,
    PROPOSED_TOGETHER,
    SECOND_ACCEPT,
    SECOND_SPENT,
    SETTLED_HEARINGS,
    SETTLED_SHARE,
)


def value_of(kind: str, content: str) -> Value:
    """A value with its content wrapped where that is sensitive."""
    wrapped = Sensitive(content) if kind in SENSITIVE_KINDS else content
    return Value(kind, wrapped, last_four_of(kind, content))


def weigh(
    candidates: Sequence[Candidate],
    unchecked: float,
    expected: Expectation,
    hearings: int = 1,
    *,
    borne_out: bool = False,
    seconded: bool = False,
    unpriced: Callable[[], Sequence[Candidate]] = tuple,
) -> Decision:
    """What candidates come to.

    Args:
        candidates: valid values, best first, at least one.
        unchecked: score of the best text, valid or not; what the best candidate lies below it was given up for it.
        expected: what was asked for.
        hearings: how many hearings the scores are sums of.
        borne_out: one of several hearings is nearly the best candidate as it is.
        seconded: a second recogniser's word is among the scores.
        unpriced: the same candidates scored without the price of `UNLIKELY_WORDS`; only asked where it matters.
    """
    margins = NUMBERS[expected.kind]
    accept = SECOND_ACCEPT.get(expected.kind, margins.accept) if seconded else margins.accept
    accept *= SETTLED_SHARE if hearings >= SETTLED_HEARINGS else 1.0
    best = candidates[0]
    spent = (unchecked - best.score) / hearings
    margin = best.score - candidates[1].score if len(candidates) > 1 else accept
    value = value_of(expected.kind, best.content)
    if margin < margins.confirm or spent > margins.stretched:
        return Decision(Verdict.REJECT, value, score=margin, reason="not_sure")
    distances = distances_of(candidates, unpriced())
    margin = min([margin, *distances.values()])
    if not best.repairs and margin >= accept and spent <= _spendable(expected.kind, seconded=seconded):
        return Decision(Verdict.ACCEPT, value, score=margin)
    near = PROPOSED_TOGETHER if hearings > 1 and value.last_four else accept
    rivals = [content for content, distance in distances.items() if distance < near]
    # Somebody who says one digit wrong says no valid number. The nearest valid one differs in any place, and its last
    # four digits may well be the caller's.
    # Of several hearings one may bear it out.
    changed = (best.repairs > 0 or spent > margins.spent) and (bool(rivals) or not borne_out)
    shows = _shows(value, rivals, changed=changed)
    verdict = Verdict.CONFIRM if shows else Verdict.AGAIN
    return Decision(verdict, value, score=margin, reason="repaired" if best.repairs else "not_sure")


def _spendable(kind: str, *, seconded: bool) -> float:
    """How far below the best reading an accepted value may lie: two recognisers differ more than one with itself."""
    own = NUMBERS[kind].spent
    return max(own, SECOND_SPENT) if seconded else own


def not_unasked(decision: Decision) -> Decision:
    """The same, but never taken unasked: asked about where it is read back whole, else heard again."""
    value = decision.value
    shows = value is not None and value.read_whole
    return replace(decision, verdict=Verdict.CONFIRM if shows else Verdict.AGAIN, reason="not_sure")


def distances_of(candidates: Sequence[Candidate], unpriced: Sequence[Candidate]) -> dict[str, float]:
    """How far below the best candidate each rival is, in nats, in the weighing that brings it nearer.

    The price of a word that is heard too easily helps to choose. But who says "oh oh" is not to lose to "eight eight"
    unasked because of it.
    """
    best = candidates[0]
    own = next((candidate.score for candidate in unpriced if candidate.content == best.content), -inf)
    distances = {rival.content: best.score - rival.score for rival in candidates[1:]}
    for rival in unpriced:
        if rival.content != best.content:
            distances[rival.content] = max(0.0, min(own - rival.score, distances.get(rival.content, inf)))
    return distances


def _shows(value: Value, rivals: Sequence[str], *, changed: bool) -> bool:
    """Whether a yes to what may be read back would prove the value.

    Four digits of a number prove nothing where any of the others may have been changed to make it valid, or where a
    rival ends the same. What is read back whole always shows.
    """
    if value.read_whole:
        return True
    return not changed and all(last_four_of(value.kind, rival) != value.last_four for rival in rivals)
