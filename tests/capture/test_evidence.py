"""Uncertain hearings: N-best lists, repairs, second attempts, corrections."""

from dataclasses import replace

import pytest

from tests.capture.speaking import answer, content_of, expecting, spoken
from voicebot.capture import Verdict, decide, with_digit, with_group
from voicebot.capture.attempts import fits
from voicebot.capture.hearing import Alternative

VISA = "4111111111111111"


def test_the_checksum_chooses_among_alternatives() -> None:
    said = answer(
        (("zero two one zero zero zero zero two nine", 0.0), ("zero two one zero zero zero zero two one", -1.0))
    )
    decision = decide(said, expecting("routing_number"))
    assert content_of(decision.value) == "021000021"


def test_two_close_valid_values_are_not_accepted() -> None:
    said = answer(((spoken("021000021"), 0.0), (spoken("011401533"), -0.1)))
    decision = decide(said, expecting("routing_number"))
    assert (decision.verdict, decision.reason) == (Verdict.REJECT, "not_sure")


def test_a_repaired_value_is_never_accepted_without_a_question() -> None:
    decision = decide(answer(spoken("4111"), spoken("1111"), spoken("1111"), spoken("1118")), expecting("card_number"))
    assert decision.verdict is not Verdict.ACCEPT


def test_a_segment_that_may_be_noise_does_not_spoil_the_number() -> None:
    said = answer((("", 0.0), ("oh", -1.0)), spoken("021000021"))
    decision = decide(said, expecting("routing_number"))
    assert (decision.verdict, content_of(decision.value)) == (Verdict.ACCEPT, "021000021")


def test_two_hearings_decide_together() -> None:
    first = answer(((spoken("021000021"), 0.0), (spoken("011401533"), -0.1)))
    second = answer(((spoken("091000019"), 0.0), (spoken("011401533"), -0.2)))
    alone = decide(second, expecting("routing_number"))
    both = decide(second, expecting("routing_number", earlier=(first,)))
    assert alone.verdict is Verdict.REJECT
    assert both.verdict is not Verdict.REJECT
    assert content_of(both.value) == "011401533"


def test_a_word_that_was_heard_as_a_digit_stands_against_no_number() -> None:
    """ "I'm back" was heard as "nine", and the number that was said then was refused three times."""
    said = answer(
        (("one one zero zero zero zero zero zero zero", 0.0), ("one one zero zero zero zero zero zero", -1.0))
    )
    before = (answer("nine"), answer((("two", 0.0), ("two eight", -0.5))))
    expected = expecting("routing_number", earlier=before)
    assert decide(said, expected) == decide(said, replace(expected, earlier=()))


@pytest.mark.parametrize(("rival_nats", "verdict"), [(-3.0, Verdict.AGAIN), (-4.0, Verdict.CONFIRM)])
def test_two_hearings_propose_what_one_would_have_to_hear_again(rival_nats: float, verdict: Verdict) -> None:
    """The two end in the same four digits, so that a yes to these would not decide between them."""
    visa, amex = spoken("4111111111111111"), spoken("341111111111111")
    first = answer(((visa, 0.0), (amex, rival_nats)))
    second = answer(((amex, 0.0), (visa, -1.0)))
    assert decide(second, expecting("card_number")).verdict is Verdict.AGAIN
    together = decide(second, expecting("card_number", earlier=(first,)))
    assert (together.verdict, content_of(together.value)) == (verdict, "4111111111111111")


@pytest.mark.parametrize(("heard", "wanted", "edits"), [("123", "123", 0), ("123", "1234", 1), ("123", "32", 2)])
def test_a_hearing_fits_by_its_distance(heard: str, wanted: str, edits: int) -> None:
    exact, other = fits([heard, wanted], [Alternative(heard, -5.0)])
    assert exact == pytest.approx(0.0)
    assert (other < exact) == (edits > 0)


def test_an_uncertain_number_is_waited_for() -> None:
    """Fourteen digits are a card of some brands, and the first fourteen of most others."""
    decision = decide(answer(spoken(VISA[:14])), expecting("card_number"))
    assert decision.wait_s >= 2.5


@pytest.mark.parametrize(
    ("place", "digits", "whole"),
    [(2, "45", "41145"), (-1, "45", "41145"), (1, "5", "5111"), (3, "45", None), (0, "45", None), (1, "", None)],
)
def test_a_group_said_anew(place: int, digits: str, whole: str | None) -> None:
    assert with_group(("411", "111"), place, digits) == whole


@pytest.mark.parametrize(
    ("number", "wrong", "right", "whole"),
    [("123", "2", "5", "153"), ("122", "2", "5", None), ("123", "4", "5", None), ("123", "", "5", None)],
)
def test_a_digit_exchanged(number: str, wrong: str, right: str, whole: str | None) -> None:
    assert with_digit(number, wrong, right) == whole


@pytest.mark.parametrize(
    ("whole", "shorter", "nats", "waits"),
    [
        pytest.param("36227206271667", "3622720627166", -1.0, True, id="14 of 16 digits may be"),
        pytest.param("36227206271667", "4622720627166", -1.0, True, id="Visa has 16"),
        pytest.param("36227206271667", "3622720627166", -6.0, False, id="unlikely"),
        pytest.param("4111111111111111", "411111111111111", -1.0, False, id="no Visa is longer"),
        pytest.param("378282246310005", "37828224631000", -1.0, False, id="no American Express is longer"),
    ],
)
def test_a_beginning_with_a_digit_too_many_is_waited_for(whole: str, shorter: str, nats: float, waits: bool) -> None:
    """The last digits may not be spoken yet, though the checksum fits by chance with one that was heard twice."""
    decision = decide(answer(((spoken(whole), 0.0), (spoken(shorter), nats))), expecting("card_number"))
    assert (decision.wait_s >= 2.5) is waits


@pytest.mark.parametrize(
    "groups",
    [
        pytest.param(("001", "234", "578"), id="one digit lost"),
        pytest.param(("001", "234", "56178"), id="one too many"),
        pytest.param(("001", "234", "58678"), id="one taken for another"),
    ],
)
def test_the_one_account_that_exists_near_what_was_heard_is_asked_about(groups: tuple[str, ...]) -> None:
    """Hundreds of texts differ from it in one digit, and all cost the same."""
    decision = decide(answer(*map(spoken, groups)), expecting("account_number", known=frozenset({"0012345678"})))
    assert (decision.verdict, content_of(decision.value)) == (Verdict.CONFIRM, "0012345678")


def test_an_account_far_from_what_was_heard_is_not_asked_about() -> None:
    heard = answer(*map(spoken, ("001", "2", "578")))
    assert decide(heard, expecting("account_number", known=frozenset({"0012345678"}))).verdict is Verdict.REJECT
