"""A number that may be spoken whole costs little to prove: it is taken unasked only as it was heard, and in one go."""

import pytest

from tests.capture.speaking import answer, content_of, expecting, segment, spoken
from voicebot.capture import Answer, Verdict, decide

ROUTING = "124003116"
ROTATED = "003116124"
"""The same three groups, the first one last: it passes the checksum too."""


def said(*groups: str, pause_s: float = 1.0) -> Answer:
    """Groups half a second long, with such a pause before the last one."""
    result, at_s = Answer(), 1.0
    for place, group in enumerate(groups):
        at_s += pause_s if place == len(groups) - 1 else 0.3
        result = result.heard(segment(spoken(group), at_s=at_s))
        at_s += 0.5
    return result


def test_what_was_heard_as_such_is_taken() -> None:
    decision = decide(said("124", "003", "116"), expecting("routing_number"))
    assert (decision.verdict, content_of(decision.value)) == (Verdict.ACCEPT, ROUTING)


@pytest.mark.parametrize(("pause_s", "verdict"), [(1.9, Verdict.ACCEPT), (2.9, Verdict.CONFIRM)])
def test_who_may_have_begun_anew_is_asked(pause_s: float, verdict: Verdict) -> None:
    """Somebody spoke over the question, whose first group was lost, and said it again as nobody answered."""
    decision = decide(said("003", "116", "124", pause_s=pause_s), expecting("routing_number"))
    assert (decision.verdict, content_of(decision.value)) == (verdict, ROTATED)


def test_an_account_that_exists_and_is_not_what_was_likeliest_is_asked_about() -> None:
    """At 10 dB another account that exists was taken so, one of 48."""
    heard = answer((("one nine zero zero two one", 0.0), ("one nine zero zero two one zero", -0.5)))
    known = frozenset({"1900210"})
    decision = decide(heard, expecting("account_number", known=known))
    assert (decision.verdict, content_of(decision.value)) == (Verdict.CONFIRM, "1900210")
