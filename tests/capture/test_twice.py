"""A number that nothing checks, said twice and heard by two recognisers: what they agree on, and what they do not."""

import pytest

from tests.capture.speaking import answer, content_of, expecting, segment, spoken
from voicebot.capture import Answer, Decision, Group, Verdict, decide, worth_hearing_again
from voicebot.grammar import Segment

ACCOUNT = "631937204"
OTHER = "831937204"
LOST = ACCOUNT[1:]
"""Without the soft "six" at its beginning."""


def said(*heard: tuple[str, float], second: tuple[tuple[str, float], ...] = ()) -> Answer:
    """One saying: what the first recogniser makes of it, and the second one where it was asked."""
    first = answer(tuple((spoken(text), score) for text, score in heard))
    return first.heard_again(segment(*((spoken(text), score) for text, score in second))) if second else first


def taken(*sayings: Answer) -> str | None:
    """The number that is taken on the last saying, or None."""
    *earlier, last = sayings
    decision = decide(last, expecting("bank_account_number", twice=True, earlier=tuple(earlier)))
    if decision.verdict is Verdict.ACCEPT:
        return content_of(decision.value)
    assert decision.verdict is Verdict.AGAIN
    return None


def test_what_the_first_is_unsure_of_twice_is_taken_where_the_second_is_sure_both_times() -> None:
    first = ((ACCOUNT, 0.0), (OTHER, -2.0))
    assert taken(said(*first), said(*first)) is None
    both = said(*first, second=((ACCOUNT, 0.0), (OTHER, -4.0)))
    assert taken(both, both) == ACCOUNT


@pytest.mark.parametrize(
    ("first", "second", "number"),
    [
        pytest.param(-2.5, -2.6, None, id="a three that both took for a two, in noise"),
        pytest.param(-0.9, -4.0, None, id="a six that both took for an eight"),
        pytest.param(-1.1, -4.0, ACCOUNT, id="enough"),
        pytest.param(-4.1, -0.5, None, id="the first sure, the second not"),
        pytest.param(-4.1, -1.5, ACCOUNT, id="the first sure, the second nearly"),
    ],
)
def test_how_sure_the_two_must_be_together(first: float, second: float, number: str | None) -> None:
    both = said((ACCOUNT, 0.0), (OTHER, first), second=((ACCOUNT, 0.0), (OTHER, second)))
    assert taken(both, both) == number


def test_a_digit_that_the_first_loses_each_time_and_the_second_hears_is_not_lost() -> None:
    lost = said((LOST, 0.0))
    assert taken(lost, lost) == LOST, "nothing else shows it"
    heard = said((LOST, 0.0), second=((ACCOUNT, 0.0), (LOST, -5.0)))
    for before, now in ((heard, heard), (lost, heard), (heard, lost)):
        assert taken(before, now) is None


def test_a_digit_that_the_first_nearly_loses_is_taken_as_the_second_hears_it() -> None:
    nearly = said((LOST, 0.0), (ACCOUNT, -0.5), second=((ACCOUNT, 0.0), (LOST, -5.0)))
    whole = said((ACCOUNT, 0.0), (LOST, -2.0), second=((ACCOUNT, 0.0), (LOST, -5.0)))
    assert taken(nearly, whole) == ACCOUNT
    assert taken(nearly, nearly) is None


@pytest.mark.parametrize("place", range(len(ACCOUNT)))
def test_a_slip_of_the_tongue_that_both_hear_rightly_is_no_second_hearing(place: int) -> None:
    slip = ACCOUNT[:place] + ("5" if ACCOUNT[place] != "5" else "4") + ACCOUNT[place + 1 :]
    right, wrong = said((ACCOUNT, 0.0), second=((ACCOUNT, 0.0),)), said((slip, 0.0), second=((slip, 0.0),))
    assert taken(right, wrong) is None
    assert taken(wrong, right) is None
    assert taken(right, wrong, right) == ACCOUNT


def test_one_saying_that_both_hear_is_not_enough() -> None:
    assert taken(said((ACCOUNT, 0.0), second=((ACCOUNT, 0.0),))) is None


@pytest.mark.parametrize(("nats", "number"), [(-2.0, None), (-5.0, ACCOUNT)])
def test_where_the_second_heard_only_one_saying_the_first_must_be_sure_of_both(nats: float, number: str | None) -> None:
    first = ((ACCOUNT, 0.0), (OTHER, nats))
    heard, not_asked = said(*first, second=((ACCOUNT, 0.0),)), said(*first)
    assert taken(heard, not_asked) == number
    assert taken(not_asked, heard) == number


def test_the_first_time_it_is_understood_where_the_second_is_sure() -> None:
    """What comes to no number counts as a failure; what is only to be said once more does not."""
    doubtful = ((ACCOUNT, 0.0), (OTHER, -0.1))
    expected = expecting("bank_account_number", twice=True)
    assert decide(said(*doubtful), expected).verdict is Verdict.REJECT
    decision = decide(said(*doubtful, second=((ACCOUNT, 0.0),)), expected)
    assert (decision.verdict, decision.reason) == (Verdict.AGAIN, "once_more")


def test_the_second_hears_each_saying_also_where_the_first_is_sure() -> None:
    expected = expecting("bank_account_number", twice=True)
    heard = said((ACCOUNT, 0.0))
    for verdict in (Verdict.AGAIN, Verdict.ACCEPT):
        assert worth_hearing_again(heard, Decision(verdict), expected)
    assert not worth_hearing_again(heard.heard_again(Segment((), 1.0, 2.0)), Decision(Verdict.ACCEPT), expected)
    assert not worth_hearing_again(answer("keys:631937"), Decision(Verdict.ACCEPT), expected)
    assert not worth_hearing_again(answer("double six one nine"), Decision(Verdict.AGAIN), expected)


def test_a_group_said_again_settles_no_number_of_which_the_second_heard_another_digit_elsewhere() -> None:
    """Both sayings lost the "six" at the beginning, and differ in a group, which alone is asked for."""
    one, other = LOST[:3] + "12" + LOST[5:], LOST[:3] + "92" + LOST[5:]
    group = Group(2, 5, len(LOST), ordinal=2)
    for lost, number in (("", one), ("6", None)):
        earlier = tuple(said((each, 0.0), second=((lost + each, 0.0),)) for each in (one, other))
        expected = expecting("bank_account_number", twice=True, earlier=earlier, group=group)
        decision = decide(answer(spoken(group.of(one))), expected)
        assert (content_of(decision.value) if decision.verdict is Verdict.ACCEPT else None) == number
