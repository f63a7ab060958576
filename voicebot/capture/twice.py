"""A number that nothing checks, said twice: whether the two sayings agree, each heard by one recogniser or by two.

Two sayings are needed however surely one was heard, as who slips the tongue is heard rightly by both recognisers. What
the second one hears is more evidence for each saying. It may bear out what the first one heard unsurely, and it stands
against what the first one heard wrongly twice: a soft digit at the beginning, lost each time, is not lost by both.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf

import numpy as np

from voicebot.capture.attempts import Hearing, fits, scored
from voicebot.capture.decision import Decision, Expectation, Verdict, plain
from voicebot.capture.joining import join_plain
from voicebot.capture.kinds.rules import NumberRule
from voicebot.capture.thresholds import HEARING_TEXTS, NUMBERS, SECOND_TWICE
from voicebot.capture.weighing import weigh
from voicebot.grammar.heard import Unpicklable


@dataclass(frozen=True, slots=True)
class Saying(Unpicklable):
    """One answer as each recogniser heard it; `second` is empty where the second one was not asked, or has nothing."""

    first: Hearing
    second: Hearing = field(default_factory=list)

    @property
    def hearings(self) -> list[Hearing]:
        return [each for each in (self.first, self.second) if each]

    def fit(self, contents: Sequence[str]) -> float:
        """How far the first of the contents is below the one that fits this saying best, in nats."""
        heard = filter(None, (join_plain(hearing, HEARING_TEXTS) for hearing in self.hearings))
        fitting = sum((fits(contents, hearing) for hearing in heard), np.zeros(len(contents)))
        return float(fitting.max() - fitting[0])


def agreed(
    now: Saying, before: Saying, unpriced: Callable[[], list[Hearing]], expected: Expectation, rule: NumberRule
) -> Decision | None:
    """The number that two sayings agree on, to be taken; None where they agree on none.

    Args:
        now: the last saying.
        before: an earlier one.
        unpriced: what the first recogniser heard of both without the price of words that are heard too easily.
        expected: what was asked for.
        rule: what makes the number valid.
    """
    firsts = [now.first, before.first]
    alone = weigh(scored(firsts, rule), 0.0, expected, 2, unpriced=lambda: scored(unpriced(), rule))
    seconds = [saying.second for saying in (now, before) if saying.second]
    if not seconds:
        return alone if alone.verdict is Verdict.ACCEPT else None
    ranked = scored([*firsts, *seconds], rule)
    contents = [candidate.content for candidate in ranked]
    if any(saying.fit(contents) > NUMBERS[expected.kind].spent for saying in (now, before)):
        return None
    both = weigh(
        ranked, ranked[0].score, expected, 2, seconded=True, unpriced=lambda: scored([*unpriced(), *seconds], rule)
    )
    taken_alone = alone.verdict is Verdict.ACCEPT and _is(contents[0], alone)
    clear = taken_alone or (len(seconds) == len(firsts) and _lead(contents[0], seconds, rule) >= SECOND_TWICE)
    return both if clear and both.verdict is Verdict.ACCEPT else None


def _is(content: str, decision: Decision) -> bool:
    return decision.value is not None and plain(decision.value.content) == content


def _lead(content: str, hearings: Sequence[Hearing], rule: NumberRule) -> float:
    """How far the content is before any other by these hearings, in nats; below 0 where it is not the best."""
    ranked = scored(hearings, rule)
    own = next((each.score for each in ranked if each.content == content), -inf)
    return own - max((each.score for each in ranked if each.content != content), default=-inf)
