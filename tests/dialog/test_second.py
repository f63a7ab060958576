"""A second recogniser is asked where the first is unsure, in time; what it says of another answer is stale."""

import math
from dataclasses import replace

import pytest

from tests.dialog.second import CARD, OTHER, asked, at_the_card, hypotheses, says, unsure, wait
from tests.dialog.talk import Talk, script
from voicebot.dialog import Manners, State
from voicebot.dialog import actions as do
from voicebot.dialog import events as on
from voicebot.grammar import Hypothesis, Segment


def test_it_is_asked_once_and_its_word_is_taken_at_once() -> None:
    talk = at_the_card()
    listen_id = unsure(talk)
    ended_s = talk.now_s
    wait(talk)
    (question,) = asked(talk)
    assert question.listen_id == listen_id
    assert talk.now_s - ended_s == pytest.approx(0.9)
    talk.send(on.HeardAgain(listen_id, question.hearing_id, hypotheses(CARD)))
    assert talk.dialog.state is State.EXPIRATION
    assert len(asked(talk)) == 1


def test_it_is_told_from_when_on_the_answer_was_said() -> None:
    talk = at_the_card()
    began_s = talk.now_s
    unsure(talk)
    wait(talk)
    assert asked(talk)[0].since_s == began_s


@pytest.mark.parametrize(("length_s", "hears"), [(0.4, True), (0.1, False)])
def test_a_sound_before_the_answer_that_may_have_been_its_first_digit_is_heard_too(
    length_s: float, *, hears: bool
) -> None:
    """A soft "six" that the first recogniser makes no word of; what is shorter is a knock."""
    talk = at_the_card()
    began_s = talk.now_s
    says(talk, replace(hypotheses("", at_s=began_s), end_s=began_s + length_s))
    talk.now_s = began_s + 1.0
    unsure(talk)
    wait(talk)
    assert asked(talk)[-1].since_s == (began_s if hears else began_s + 1.0)


def test_where_it_makes_nothing_of_it_the_first_one_decides() -> None:
    with_it, without = at_the_card(), at_the_card(second=False)
    listen_id = unsure(with_it)
    unsure(without)
    wait(with_it)
    with_it.send(on.HeardAgain(listen_id, asked(with_it)[0].hearing_id, Segment((), 0.0, 0.0)))
    wait(without)
    assert not asked(without)
    assert with_it.said == without.said
    assert with_it.dialog.state is without.dialog.state is not State.EXPIRATION


def test_it_is_not_waited_for_for_ever() -> None:
    talk = at_the_card()
    unsure(talk)
    wait(talk)
    listen_id = talk.listening.listen_id if talk.listening else 0
    wait(talk)
    assert talk.listening is None or talk.listening.listen_id != listen_id


def test_what_it_says_of_less_than_the_whole_answer_is_stale() -> None:
    talk = at_the_card()
    listen_id = says(talk, hypotheses("four one one one one one one one one one one one one one one", at_s=talk.now_s))
    wait(talk)
    question = asked(talk)[-1]
    talk.send(on.SpeechStarted(listen_id))
    stale = talk.dialog.stale
    talk.send(on.HeardAgain(listen_id, question.hearing_id, hypotheses(CARD)))
    assert (talk.dialog.stale, talk.dialog.state) == (stale + 1, State.CARD_NUMBER)
    talk.now_s += 1.0
    talk.send(on.WordsHeard(listen_id, hypotheses("two", at_s=talk.now_s - 1.0)))
    talk.send(on.HeardAgain(listen_id, question.hearing_id, hypotheses(CARD)))
    assert (talk.dialog.stale, talk.dialog.state) == (stale + 2, State.CARD_NUMBER)


def test_what_it_says_after_the_question_is_stale() -> None:
    talk = at_the_card()
    listen_id = unsure(talk)
    wait(talk)
    number = asked(talk)[0].hearing_id
    wait(talk)
    stale, state = talk.dialog.stale, talk.dialog.state
    talk.send(on.HeardAgain(listen_id, number, hypotheses(CARD)))
    assert (talk.dialog.stale, talk.dialog.state) == (stale + 1, state)


def test_while_somebody_speaks_nothing_wakes_the_dialog() -> None:
    """A deadline in the past would be woken for again and again."""
    talk = at_the_card()
    listen_id = unsure(talk)
    talk.now_s += 0.5
    talk.send(on.SpeechStarted(listen_id))
    talk.now_s += 3.0
    assert talk.dialog.deadline_s is not None
    assert talk.dialog.deadline_s > talk.now_s


def test_what_is_certain_is_not_heard_again() -> None:
    talk = at_the_card()
    talk.hear(CARD)
    assert talk.dialog.state is State.EXPIRATION
    assert not asked(talk)


def test_where_several_answers_may_be_given_at_once_it_is_asked_about_the_first_try_as_ever() -> None:
    talk = at_the_card(manners=Manners(ahead=True))
    listen_id = unsure(talk)
    wait(talk)
    (question,) = asked(talk)
    assert question.listen_id == listen_id


def at_the_bill() -> Talk:
    """Items were read out, or the account is to be confirmed: a yes or no is wanted."""
    talk = Talk(used_script=replace(script(), second=True))
    for words in ("one two three four five six seven", "yes", "yes", "card"):
        if talk.question.startswith("confirm_"):
            break
        talk.hear(words)
    assert talk.question == "confirm_account_number"
    return talk


def likely(**shares: float) -> Segment:
    return Segment(tuple(Hypothesis((word,), math.log(share)) for word, share in shares.items()), 0.0, 0.0)


def test_about_a_yes_it_is_asked_at_once_and_its_word_decides() -> None:
    talk = at_the_bill()
    began_s = talk.now_s
    listen_id = says(talk, hypotheses("yes", "[unk]", apart=2.0, at_s=talk.now_s))
    (question,) = asked(talk)
    assert question.since_s == began_s
    assert {"yes", "no", "go"} <= set(question.words)
    assert talk.question == "confirm_account_number"
    talk.send(on.HeardAgain(listen_id, question.hearing_id, likely(yes=0.9)))
    wait(talk)
    assert talk.question != "confirm_account_number"


def test_a_yes_that_it_did_not_hear_is_not_taken() -> None:
    talk = at_the_bill()
    listen_id = says(talk, hypotheses("yes", "[unk]", apart=2.0, at_s=talk.now_s))
    talk.send(on.HeardAgain(listen_id, asked(talk)[0].hearing_id, likely(yes=0.001)))
    wait(talk)
    assert talk.question == "confirm_account_number"
    assert talk.dialog.turns[-1].result != "accepted"


def test_a_yes_that_is_certain_is_taken_without_it() -> None:
    talk = at_the_bill()
    says(talk, hypotheses("yes", "[unk]", apart=7.5, at_s=talk.now_s))
    wait(talk)
    assert not asked(talk)
    assert talk.question != "confirm_account_number"


@pytest.mark.parametrize("shares", [{"yes": 0.9}, {"yes": 0.001}])
def test_what_was_most_likely_no_word_is_a_yes_or_was_nothing(shares: dict[str, float]) -> None:
    talk = at_the_bill()
    listen_id = says(talk, hypotheses("[unk]", "yes", apart=1.0, at_s=talk.now_s))
    said = list(talk.said)
    talk.send(on.HeardAgain(listen_id, asked(talk)[0].hearing_id, likely(**shares)))
    taken = shares["yes"] > 0.5
    if taken:
        wait(talk)
    assert (talk.question != "confirm_account_number") is taken
    assert (talk.said != said) is taken, "a noise is nothing to answer to"
    if not taken:
        says(talk, hypotheses("no", apart=8.0, at_s=talk.now_s))
        wait(talk)
        assert talk.question == "account_number"


def test_a_payment_records_the_yes_also_where_the_first_recogniser_thought_of_no_word() -> None:
    talk = Talk(used_script=replace(script(), second=True))
    for keys in ("2890345#", "1", "1", "4111111111111111", "0529", "999"):
        talk.press(keys)
    assert talk.question == "confirm_payment"
    listen_id = says(talk, hypotheses("", "yes", apart=0.5, at_s=talk.now_s))
    talk.send(on.HeardAgain(listen_id, asked(talk)[0].hearing_id, likely(yes=0.9)))
    wait(talk)
    [payment] = [action for action in talk.actions if isinstance(action, do.Pay)]
    assert payment.consent.answer == "yes"


def at_the_last_question(*, second: bool = True) -> Talk:
    talk = Talk(used_script=replace(script(), second=second))
    for keys in ("2890345#", "1", "1", "4111111111111111", "0529", "999"):
        talk.press(keys)
    assert talk.question == "confirm_payment"
    return talk


@pytest.mark.parametrize("word", ["yep", "yup"])
def test_what_both_hear_as_a_yep_is_an_agreement_and_recorded_as_it_was_said(word: str) -> None:
    talk = at_the_last_question()
    listen_id = says(talk, hypotheses(word, "[unk]", apart=5.0, at_s=talk.now_s))
    (question,) = asked(talk)
    assert {word, "yes", "no"} <= set(question.words)
    talk.send(on.HeardAgain(listen_id, question.hearing_id, likely(**{word: 0.8})))
    wait(talk)
    [payment] = [action for action in talk.actions if isinstance(action, do.Pay)]
    assert payment.consent.answer == word


@pytest.mark.parametrize(
    ("word", "shares"),
    [
        ("yup", {"yup": 0.04, "yes": 0.001}),  # "hang up"
        ("correct", {"correct": 0.9}),  # "incorrect"
        ("yep", {"yep": 0.5, "no": 0.1}),
        ("right", {"right": 0.9}),  # "bye"
        ("okay", {"okay": 0.9}),
    ],
)
def test_what_the_second_does_not_hear_or_what_is_no_yes_agrees_to_nothing(word: str, shares: dict[str, float]) -> None:
    talk = at_the_last_question()
    listen_id = says(talk, hypotheses(word, "[unk]", apart=1.5, at_s=talk.now_s))
    for question in asked(talk):
        talk.send(on.HeardAgain(listen_id, question.hearing_id, likely(**shares)))
    wait(talk)
    assert (talk.question, talk.world.paid) == ("confirm_payment", [])


def test_without_a_second_a_yep_is_asked_about() -> None:
    talk = Talk()
    for keys in ("2890345#", "1", "1", "4111111111111111", "0529", "999"):
        talk.press(keys)
    talk.hear("yep")
    assert (talk.question, talk.world.paid) == ("confirm_payment", [])


@pytest.mark.parametrize("second", [True, False])
def test_a_yep_that_the_network_is_sure_of_still_needs_the_second(*, second: bool) -> None:
    talk = at_the_last_question(second=second)
    sure = (
        Hypothesis(("yes",), math.log(0.998)),
        Hypothesis((), math.log(0.001)),
        Hypothesis(("no",), math.log(0.001)),
    )
    listen_id = says(talk, replace(hypotheses("yep", "[unk]", at_s=talk.now_s), network=sure))
    assert bool(asked(talk)) is second
    for question in asked(talk):
        talk.send(on.HeardAgain(listen_id, question.hearing_id, likely(yep=0.01)))
    wait(talk)
    assert (talk.question, talk.world.paid) == ("confirm_payment", [])


def sentence(words: str, at_s: float) -> Segment:
    """A sentence whose words take a tenth of a second each."""
    said = tuple(words.split())
    times = tuple((at_s + at / 10, at_s + (at + 1) / 10) for at in range(len(said)))
    return Segment((Hypothesis(said, 0.0),), at_s, times[-1][1], times=times)


def everything_at_once(talk: Talk, card: str = CARD) -> int:
    """The card and its code are given where the tender is asked for; the code might be another."""
    return says(talk, sentence(f"pay with my card card number {card} security code nine nine nine", talk.now_s))


def at_the_tender() -> Talk:
    talk = Talk(used_script=replace(script(manners=Manners(ahead=True)), second=True))
    talk.press("2890345#1")
    assert talk.question == "tender"
    return talk


def test_what_was_said_ahead_is_heard_again_before_the_answer_is_over_and_only_its_digits() -> None:
    talk = at_the_tender()
    began_s = talk.now_s
    listen_id = everything_at_once(talk)
    wait(talk)
    assert talk.question == "tender"
    card, code = asked(talk)
    assert (card.since_s - began_s, card.until_s - began_s) == pytest.approx((0.6, 2.2))
    assert (code.since_s - began_s, code.until_s - began_s) == pytest.approx((2.4, 2.7))
    talk.send(on.HeardAgain(listen_id, card.hearing_id, hypotheses(CARD)))
    assert talk.question == "tender"
    talk.send(on.HeardAgain(listen_id, code.hearing_id, hypotheses("nine nine nine")))
    assert talk.question == "expiration"
    assert len(asked(talk)) == 2


def test_what_was_said_ahead_and_has_other_words_than_digits_is_not_heard_again() -> None:
    talk = at_the_tender()
    everything_at_once(talk, card=CARD.replace("one one", "double one"))
    wait(talk)
    [code] = asked(talk)
    assert code.until_s - code.since_s == pytest.approx(0.3)  # its three digits


def test_for_what_was_said_ahead_it_is_not_waited_for_ever() -> None:
    talk = at_the_tender()
    listen_id = everything_at_once(talk)
    wait(talk)
    wait(talk)
    assert talk.question == "expiration"
    late = asked(talk)[0]
    stale = talk.dialog.stale
    talk.send(on.HeardAgain(listen_id, late.hearing_id, hypotheses(OTHER)))
    assert talk.dialog.stale == stale + 1


@pytest.mark.parametrize(("second", "asked_next"), [(CARD, "expiration"), ("", "confirm_card_number")])
def test_its_word_makes_sure_what_was_said_ahead(second: str, asked_next: str) -> None:
    talk = at_the_tender()
    sure, rival = (sentence(f"pay with my card card number {card}", talk.now_s) for card in (CARD, OTHER))
    guesses = (*sure.hypotheses, replace(rival.hypotheses[0], score=-1.0))
    listen_id = says(talk, replace(sure, hypotheses=guesses))
    wait(talk)
    [action] = asked(talk)
    talk.send(on.HeardAgain(listen_id, action.hearing_id, hypotheses(second) if second else Segment((), 0.0, 0.0)))
    assert talk.question == asked_next
