"""What a second recogniser adds: it settles what the first leaves unsure, and nothing that the two do not bear out."""

import pytest

from tests.capture.speaking import DIGITS, answer, content_of, expecting, segment, spoken
from voicebot.capture import Answer, Decision, Verdict, decide, opinion_on, worth_hearing_again
from voicebot.grammar import Segment

CARD = "4111111111111111"
OTHER = "4012888888881881"
ACCOUNT = "2890345"
LOST = CARD[1:]
"""The first digit lost, as the first recogniser loses it."""


def again(first: Answer, *strings: str | tuple[str, float]) -> Answer:
    spelled = [spoken(each) if isinstance(each, str) else (spoken(each[0]), each[1]) for each in strings]
    return first.heard_again(segment(*spelled))


def test_a_lost_digit_that_the_second_hears_is_no_repair() -> None:
    heard = answer(spoken(LOST))
    assert decide(heard, expecting("card_number")).verdict is not Verdict.ACCEPT
    decision = decide(again(heard, CARD, (LOST, -2.0)), expecting("card_number"))
    assert (decision.value is not None, content_of(decision.value)) == (True, CARD)
    assert decision.reason != "repaired"


def test_what_the_second_bears_out_is_taken() -> None:
    heard = answer(((spoken(CARD), 0.0), (spoken("4012888888881881"), -1.0)))
    assert decide(heard, expecting("card_number")).verdict is not Verdict.ACCEPT
    decision = decide(again(heard, CARD), expecting("card_number"))
    assert (decision.verdict, content_of(decision.value)) == (Verdict.ACCEPT, CARD)


@pytest.mark.parametrize(
    "by_second",
    [
        pytest.param((("164443116", -0.1), ("1644431186", -1.4)), id="a third number lies between what they heard"),
        pytest.param((("1224443116", -1.8), ("124443116", -2.3)), id="nearly heard as such"),
        pytest.param(("124443116",), id="heard as such"),
    ],
)
def test_a_routing_number_that_two_had_to_hear_is_read_back(by_second: tuple[str | tuple[str, float], ...]) -> None:
    """Noise at 15 dB: "oh oh" is "four four" to both, and passes the checksum, for 3 and 7 are what these two weigh."""
    heard = answer(((spoken("12444311"), 0.0), (spoken("124443116"), -2.3)))
    decision = decide(again(heard, *by_second), expecting("routing_number"))
    assert (decision.verdict, content_of(decision.value)) == (Verdict.CONFIRM, "124443116")


def test_two_recognisers_that_hear_different_numbers_take_nothing() -> None:
    heard = answer(((spoken(CARD), 0.0), (spoken(OTHER), -3.5)))
    decision = decide(again(heard, OTHER, (CARD, -3.0)), expecting("card_number"))
    assert decision.verdict is not Verdict.ACCEPT


@pytest.mark.parametrize(("nats", "verdict"), [(4.5, Verdict.CONFIRM), (5.5, Verdict.ACCEPT)])
def test_a_card_that_two_have_heard_must_be_a_nat_further_before_its_rivals(nats: float, verdict: Verdict) -> None:
    assert decide(answer(((spoken(CARD), 0.0), (spoken(OTHER), -6.5))), expecting("card_number")).verdict is (
        Verdict.ACCEPT
    )
    heard = again(answer(((spoken(CARD), 0.0), (spoken(OTHER), -2.0))), CARD, (OTHER, -nats))
    assert decide(heard, expecting("card_number")).verdict is verdict


@pytest.mark.parametrize("place", range(1, 12))
def test_a_wrong_digit_that_both_hear_is_never_put_right_unasked(place: int) -> None:
    """Who says one digit wrong says no valid number, and the nearest valid one is not the caller's."""
    slip = CARD[:place] + "7" + CARD[place + 1 :]
    heard = again(answer(((spoken(slip), 0.0), (spoken(CARD), -3.0))), (slip, -0.5), (CARD, -3.0))
    assert decide(heard, expecting("card_number")).verdict in {Verdict.AGAIN, Verdict.REJECT}


@pytest.mark.parametrize("place", range(12, 16))
def test_a_wrong_digit_among_the_last_four_is_read_back_as_another(place: int) -> None:
    slip = CARD[:place] + "7" + CARD[place + 1 :]
    heard = again(answer(((spoken(slip), 0.0), (spoken(CARD), -3.0))), (slip, -0.5), (CARD, -3.0))
    decision = decide(heard, expecting("card_number"))
    assert decision.verdict is not Verdict.ACCEPT
    assert decision.value is not None
    assert decision.value.last_four != slip[-4:]


def test_a_code_that_both_hear_is_taken() -> None:
    heard = answer((("four three one", 0.0), ("four nine one", -2.0)))
    assert decide(heard, expecting("security_code", lengths=(3,))).verdict is not Verdict.ACCEPT
    decision = decide(again(heard, ("431", -0.3), ("491", -4.0)), expecting("security_code", lengths=(3,)))
    assert (decision.verdict, content_of(decision.value)) == (Verdict.ACCEPT, "431")


def test_earlier_tries_keep_what_the_second_made_of_them() -> None:
    before = again(answer(spoken(LOST)), CARD)
    decision = decide(again(answer(spoken(LOST)), CARD), expecting("card_number", earlier=(before,)))
    assert content_of(decision.value) == CARD


def test_a_number_that_none_of_several_hearings_has_is_never_taken_unasked() -> None:
    """Five hearings of a card had a digit wrong each, and another one with a right checksum was nearest to them all."""
    wrong = [CARD[:place] + "7" + CARD[place + 1 :] for place in (3, 6, 9, 11)]
    first, *others = (again(answer(((spoken(each), 0.0), (spoken(CARD), -3.0))), each, (CARD, -3.0)) for each in wrong)
    decision = decide(first, expecting("card_number", earlier=tuple(others)))
    assert (decision.verdict, content_of(decision.value)) == (Verdict.AGAIN, CARD)
    decision = decide(again(answer(spoken(CARD)), CARD), expecting("card_number", earlier=tuple(others)))
    assert (decision.verdict, content_of(decision.value)) == (Verdict.ACCEPT, CARD)


def test_a_number_that_the_second_has_whole_is_not_waited_for() -> None:
    heard = again(answer(((spoken(LOST), 0.0), (spoken(CARD), -0.1))), CARD)
    decision = decide(heard, expecting("card_number"))
    assert (decision.verdict, decision.wait_s) == (Verdict.ACCEPT, 0.2)


def test_hearing_nothing_changes_nothing() -> None:
    heard = answer(((spoken(CARD), 0.0), (spoken(OTHER), -1.0)))
    assert decide(heard.heard_again(Segment((), 1.0, 2.0)), expecting("card_number")) == decide(
        heard, expecting("card_number")
    )


def test_more_words_or_keys_put_it_out_of_date() -> None:
    heard = again(answer(spoken(LOST)), CARD)
    assert heard.heard(segment(spoken("1"), at_s=9.0)).second is None
    assert heard.pressed("1", 9.0).second is None


def test_a_bank_account_number_still_wants_two_hearings_by_the_caller() -> None:
    heard = again(answer(spoken("123456789")), "123456789")
    assert decide(heard, expecting("bank_account_number", twice=True)).verdict is Verdict.AGAIN


UNSURE = Decision(Verdict.AGAIN, reason="not_sure")


@pytest.mark.parametrize(
    ("kind", "heard", "decision", "worth"),
    [
        ("card_number", answer("four one"), UNSURE, True),
        ("routing_number", answer("four one"), Decision(Verdict.REJECT, reason="checksum"), True),
        ("security_code", answer("four one"), Decision(Verdict.CONFIRM), True),
        ("card_number", answer("four one"), Decision(Verdict.ACCEPT), False),
        ("card_number", answer("operator"), Decision(Verdict.REJECT, command="operator"), False),
        ("card_number", Answer(), Decision(Verdict.REJECT, reason="no_input"), False),
        ("card_number", answer("four one", "keys:11"), UNSURE, False),
        ("card_number", answer("four one", "double four"), UNSURE, False),
        ("card_number", answer("forty one"), UNSURE, False),
        ("card_number", answer("oh one [unk]"), UNSURE, True),
        ("card_number", answer("four one", "the four five", "the"), UNSURE, True),
        ("card_number", answer("the number is four one"), UNSURE, False),
        ("card_number", answer("four one").heard_again(Segment((), 1.0, 2.0)), UNSURE, False),
        ("account_number", answer("four one"), Decision(Verdict.REJECT, reason="unknown_account"), True),
        ("bank_account_number", answer("four one"), UNSURE, True),
        ("yes_no", answer("yes"), UNSURE, False),
        ("expiration", answer("oh five twenty seven"), UNSURE, False),
    ],
)
def test_what_is_worth_hearing_again(kind: str, heard: Answer, decision: Decision, *, worth: bool) -> None:
    assert worth_hearing_again(heard, decision, expecting(kind)) is worth


def test_it_tells_no_digits() -> None:
    heard = again(answer(spoken(LOST)), CARD)
    assert not any(word in repr(heard) for word in DIGITS)


def test_what_has_lost_most_of_the_digits_bears_nothing_out() -> None:
    """A caller at 10 dB, whose first three digits were lost, paid from another bank: it had heard "one"."""
    heard = answer(((spoken("219100021"), 0.0), (spoken("011000015"), -6.7)))
    alone = decide(heard, expecting("routing_number"))
    assert alone.verdict is Verdict.CONFIRM
    assert decide(again(heard, "1", ("21", -0.6), ("01", -4.0)), expecting("routing_number")) == alone


def test_each_network_hears_what_its_word_counts_for() -> None:
    assert [opinion_on(kind) for kind in ("card_number", "yes_no", "correction", "expiration", "tender")] == [
        "digits",
        "answers",
        "answers",
        None,
        None,
    ]


def test_an_account_number_that_two_had_to_hear_is_read_back() -> None:
    """At 10 dB one of 48 was another one that exists, and two of 48 that nobody has became one."""
    heard = answer(((spoken("289034"), 0.0), (spoken("2890345"), -2.3)))
    decision = decide(again(heard, ACCOUNT), expecting("account_number"))
    assert (decision.verdict, content_of(decision.value)) == (Verdict.CONFIRM, ACCOUNT)
