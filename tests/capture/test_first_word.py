"""A yes or no by two recognisers: which answers the second is asked about, and what its word changes."""

import math
from dataclasses import replace

import pytest

from tests.capture.speaking import answer, content_of, expecting, segment
from voicebot.capture import Answer, Verdict, asked_since_s, decide, words_for_second, worth_hearing_again
from voicebot.grammar import Hypothesis, Segment, grammars_from_texts

YES_NO = expecting("yes_no")
NOT = "#JSGF V1.0;\ngrammar yes_no;\npublic <answer> = yes {yes} | (no | not) {no};\n"


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


def test_the_whole_sound_counts_beside_the_first_word() -> None:
    """ "Go" begins like a "no" to it, and sounds like none."""
    assert {"[yes]", "[no]"} <= set(words_for_second(YES_NO))
    heard = unsure("no", 0.5)
    shares = {"no": 0.1, "go": 0.001}
    for whole, taken in ((0.9, True), (0.001, False)):
        decision = decide(again(heard, **shares, **{"[no]": whole, "[yes]": 0.0001}), YES_NO)
        assert (decision.verdict is Verdict.ACCEPT) is taken


def test_an_answer_of_more_words_is_refused_where_the_whole_sound_is_none() -> None:
    """ "Stop" was heard as "that's wrong", and Whisper did not know how it began."""
    heard = unsure("that's wrong", 2.0)
    shares = {"that's": 0.25, "no": 0.001}
    assert decide(again(heard, **shares, **{"[no]": 0.7, "[yes]": 0.01}), YES_NO).verdict is Verdict.ACCEPT
    assert decide(again(heard, **shares, **{"[no]": 0.001, "[yes]": 0.001}), YES_NO).verdict is Verdict.REJECT


def test_what_is_certain_of_the_whole_sound_has_its_limits() -> None:
    sure = again(unsure("no", 0.5), no=0.5, **{"[no]": 1.0, "[yes]": 1e-30})
    assert decide(sure, YES_NO).verdict is Verdict.ACCEPT
    never = again(unsure("yes", 0.5), yes=0.001, no=0.2, **{"[yes]": 1.0, "[no]": 1e-30})
    assert decide(never, YES_NO).verdict is Verdict.REJECT


def test_a_no_that_was_heard_as_not_is_shown_as_no() -> None:
    expected = replace(YES_NO, grammar=grammars_from_texts({"yes_no.jsgf": NOT})["yes_no"])
    heard = answer("not")
    assert (decide(heard, expected).verdict, decide(heard, expected).said) == (Verdict.ACCEPT, "no")
    unsure_of_it = answer((("not", 0.0), ("[unk]", -2.0)))
    assert decide(again(unsure_of_it, no=0.8), expected).said == "no"


def test_the_words_that_the_network_bore_out_are_told_even_if_others_were_likelier() -> None:
    decision = decide(thought(answer((("you", 0.0), ("no", -0.5))), no=0.98), YES_NO)
    assert (decision.verdict, decision.said) == (Verdict.ACCEPT, "no")


# --- with the answer network


def thought(heard: Answer, *, yes: float = 0.01, no: float = 0.01) -> Answer:
    """The answer with what the network finds how likely of its last part, as shares of 1."""
    shares = {("yes",): yes, ("no",): no, (): 1.0 - yes - no}
    network = tuple(Hypothesis(words, math.log(share)) for words, share in shares.items())
    *before, last = heard.parts
    assert isinstance(last, Segment)
    result = Answer()
    for part in (*before, replace(last, network=network)):
        assert isinstance(part, Segment)
        result = result.heard(part)
    return result


def verdict(heard: Answer) -> tuple[Verdict, str]:
    decision = decide(heard, YES_NO)
    return decision.verdict, content_of(decision.value)


def test_another_word_that_the_recogniser_takes_for_no_is_refused_by_the_network() -> None:
    """ "Go" on a telephone, 7 nats before anything else."""
    heard = unsure("no", 7.5)
    assert verdict(heard) == (Verdict.ACCEPT, "no")
    assert verdict(thought(heard, no=0.02))[0] is Verdict.REJECT


@pytest.mark.parametrize("word", ["yes", "no"])
def test_what_recogniser_and_network_agree_on_is_taken_without_asking_the_second(word: str) -> None:
    heard = thought(unsure(word, 4.0), **{word: 0.98})
    assert verdict(heard) == (Verdict.ACCEPT, word)
    assert not worth(heard)
    assert worth(unsure(word, 4.0))


@pytest.mark.parametrize("word", ["yes", "no"])
def test_what_the_recogniser_finds_less_likely_is_asked_about_however_sure_the_network_is(word: str) -> None:
    heard = thought(unsure(word, -3.0), **{word: 0.989})
    assert worth(heard)
    assert verdict(again(heard, **{word: 0.9})) == (Verdict.ACCEPT, word)
    assert verdict(again(heard, **{word: 0.001}))[0] is Verdict.REJECT


def test_what_the_recogniser_did_not_hear_at_all_the_network_does_not_add() -> None:
    heard = thought(answer("[unk]"), yes=0.98)
    assert verdict(heard)[0] is Verdict.REJECT
    assert not worth(heard)


def test_a_second_recogniser_turns_down_what_the_network_is_unsure_of() -> None:
    heard = thought(unsure("yes", 3.0), yes=0.6)
    assert worth(heard)
    assert verdict(again(heard, yes=0.9, no=0.001)) == (Verdict.ACCEPT, "yes")
    assert verdict(again(heard, yes=0.001, no=0.001))[0] is Verdict.REJECT


def test_a_cough_behind_it_does_not_bring_back_what_the_network_refused() -> None:
    refused = thought(unsure("no", 7.5), no=0.01)
    cough = segment(("[unk]", 0.0), ("", -1.0), at_s=3.0)
    assert verdict(refused.heard(cough))[0] is Verdict.REJECT


def test_a_cough_behind_it_does_not_take_back_what_the_network_heard() -> None:
    taken = thought(unsure("no", 3.0), no=0.98)
    assert verdict(taken.heard(segment(("[unk]", 0.0), ("", -1.0), at_s=3.0))) == (Verdict.ACCEPT, "no")


def test_of_an_answer_in_more_words_the_doubt_of_the_network_does_not_count() -> None:
    """Only synthetic voices taught it those."""
    assert verdict(thought(unsure("that's wrong", 4.0), no=0.01)) == (Verdict.ACCEPT, "no")
    assert verdict(thought(unsure("no", 4.0), no=0.01))[0] is Verdict.REJECT
