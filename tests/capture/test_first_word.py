"""A yes or no by two recognisers: which answers the second is asked about, and what its word changes."""

import math

import pytest

from tests.capture.speaking import answer, content_of, expecting, segment
from voicebot.capture import Answer, Verdict, asked_since_s, decide, words_for_second, worth_hearing_again
from voicebot.grammar import Segment

YES_NO = expecting("yes_no")


def again(first: Answer, **shares: float) -> Answer:
    """With what the second one finds how likely, as shares of 1."""
    return first.heard_again(segment(*((word, math.log(share)) for word, share in shares.items())))


def unsure(word: str, margin: float) -> Answer:
    """Something else is as much less likely than the word, or likelier."""
    return answer(tuple(sorted([(word, 0.0), ("[unk]", -margin)], key=lambda pair: -pair[1])))


def worth(heard: Answer) -> bool:
    return worth_hearing_again(heard, decide(heard, YES_NO), YES_NO)


@pytest.mark.parametrize("margin", [-2.0, 0.5, 1.5, 6.5])
@pytest.mark.parametrize("word", ["yes", "no"])
def test_is_asked_about_what_is_unsure(word: str, margin: float) -> None:
    assert worth(unsure(word, margin))


@pytest.mark.parametrize(
    "heard",
    [
        answer("yes"),
        answer("no"),
        unsure("yes", 7.5),
        unsure("yes", -9.0),
        answer("[unk]"),
        answer("keys:1"),
        answer((("yes", 0.0), ("[unk]", -2.0)), "keys:2"),
        answer("operator"),
        again(unsure("yes", 2.0), yes=0.2),
    ],
    ids=["yes", "no", "sure", "out of reach", "other words", "key", "key after words", "command", "asked already"],
)
def test_is_not_asked_about_what_it_would_not_change(heard: Answer) -> None:
    assert not worth(heard)


@pytest.mark.parametrize("word", ["yes", "no"])
def test_what_both_hear_is_taken(word: str) -> None:
    heard = unsure(word, 0.2)
    assert decide(heard, YES_NO).verdict is Verdict.REJECT
    decision = decide(again(heard, **{word: 0.8}), YES_NO)
    assert (decision.verdict, content_of(decision.value), decision.wait_s) == (Verdict.ACCEPT, word, 0.2)


@pytest.mark.parametrize("word", ["yes", "no"])
def test_what_the_second_does_not_hear_is_asked_again(word: str) -> None:
    heard = unsure(word, 4.0)
    assert decide(heard, YES_NO).verdict is Verdict.ACCEPT
    assert decide(again(heard, **{word: 0.01}), YES_NO).verdict is Verdict.REJECT


def test_a_yes_needs_more_than_a_no() -> None:
    """Who is taken for a yes pays."""
    shares = {"yes": 0.27, "no": 0.27}
    verdicts = [decide(again(unsure(word, 0.9), **shares), YES_NO).verdict for word in ("yes", "no")]
    assert verdicts == [Verdict.REJECT, Verdict.ACCEPT]


def test_a_rival_that_sounds_the_same_counts_against_it() -> None:
    heard = unsure("no", 4.0)
    assert decide(again(heard, no=0.3, go=0.001), YES_NO).verdict is Verdict.ACCEPT
    assert decide(again(heard, no=0.3, go=0.6), YES_NO).verdict is Verdict.REJECT
    assert "go" in words_for_second(YES_NO)


def test_a_touch_of_no_counts_against_a_yes() -> None:
    """ "Nah" is near to "yeah"."""
    heard = unsure("yes", 2.0)
    assert decide(again(heard, yes=0.5, no=0.001), YES_NO).verdict is Verdict.ACCEPT
    assert decide(again(heard, yes=0.5, no=0.05), YES_NO).verdict is Verdict.REJECT


def test_of_more_words_the_first_is_asked_about_and_need_not_be_as_likely() -> None:
    assert {"that's", "right"} <= set(words_for_second(YES_NO))
    shares = {"that's": 0.15, "yes": 0.0001, "no": 0.0001}
    for words, content in (("that's right", "yes"), ("that's wrong", "no")):
        decision = decide(again(unsure(words, 2.0), **shares), YES_NO)
        assert (decision.verdict, content_of(decision.value)) == (Verdict.ACCEPT, content)
    assert decide(again(unsure("yes", 2.0), yes=0.15), YES_NO).verdict is Verdict.REJECT


def test_half_an_answer_is_no_argument_against_a_whole_one() -> None:
    halves = answer((("that's", 0.0), ("yes", -1.0)))
    others = answer((("[unk]", 0.0), ("yes", -1.0)))
    verdicts = [decide(again(heard, yes=0.5), YES_NO).verdict for heard in (halves, others)]
    assert verdicts == [Verdict.ACCEPT, Verdict.REJECT]


def test_the_two_may_choose_the_other_answer() -> None:
    heard = answer((("no", 0.0), ("yes", -0.5)))
    decision = decide(again(heard, yes=0.9, no=0.01), YES_NO)
    assert (decision.verdict, content_of(decision.value)) == (Verdict.ACCEPT, "yes")


def test_what_the_first_did_not_hear_at_all_is_never_taken() -> None:
    heard = answer((("yes", 0.0), ("[unk]", -0.5)))
    decision = decide(again(heard, no=0.99, yes=0.001), YES_NO)
    assert decision.verdict is Verdict.REJECT


def test_where_it_hears_nothing_the_first_decides() -> None:
    heard = unsure("yes", 2.0)
    assert decide(heard.heard_again(Segment((), 1.0, 2.0)), YES_NO) == decide(heard, YES_NO)


def test_its_word_is_about_the_last_part() -> None:
    parts = answer((("[unk]", 0.0), ("yes", -1.0)), (("no", 0.0), ("[unk]", -0.4)))
    decision = decide(again(parts, no=0.9), YES_NO)
    assert (decision.verdict, content_of(decision.value)) == (Verdict.ACCEPT, "no")


@pytest.mark.parametrize("word", ["yes", "no"])
def test_a_cough_behind_it_does_not_bring_back_what_the_second_did_not_hear(word: str) -> None:
    heard = answer(((word, 0.0), ("[unk]", -4.0)), (("[unk]", 0.0), ("", -1.0)))
    assert worth(heard)
    assert asked_since_s(heard, YES_NO) == 1.0
    assert decide(again(heard, **{word: 0.01}), YES_NO).verdict is Verdict.REJECT
    assert decide(again(heard, **{word: 0.9}), YES_NO).verdict is Verdict.ACCEPT


def test_a_number_has_digits_heard_and_no_words() -> None:
    assert words_for_second(expecting("card_number")) == ()
    assert {"yes", "no"} <= set(words_for_second(YES_NO))


def test_the_words_that_it_was_taken_from_are_told_even_if_no_word_was_likelier() -> None:
    decision = decide(again(answer((("", 0.0), ("yes", -0.5))), yes=0.8), YES_NO)
    assert (decision.verdict, decision.said) == (Verdict.ACCEPT, "yes")
