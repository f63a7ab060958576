"""What the first recogniser makes nothing of may be a command, which a second one writes down."""

import math
from dataclasses import replace

import pytest

from tests.dialog.second import asked, at_the_card, hypotheses, says, wait
from tests.dialog.talk import Talk, script
from voicebot.dialog import events as on
from voicebot.grammar import Hypothesis, Segment


def at_the_tender_alone() -> Talk:
    talk = Talk(used_script=replace(script(), second=True))
    talk.press("2890345#1")
    assert talk.question == "tender"
    return talk


def texts(**shares: float) -> Segment:
    return Segment(
        tuple(Hypothesis(tuple(words.split("_")), math.log(share)) for words, share in shares.items()), 0.0, 0.0
    )


def test_what_was_no_answer_may_be_a_command_that_it_writes_down() -> None:
    talk = at_the_tender_alone()
    began_s = talk.now_s
    listen_id = says(talk, hypotheses("[unk]", at_s=began_s))
    (question,) = asked(talk)
    assert (question.since_s, question.words) == (began_s, ())
    assert "go back" in question.hints
    assert talk.question == "tender"
    talk.send(on.HeardAgain(listen_id, question.hearing_id, texts(go_back=0.5)))
    wait(talk)
    assert talk.dialog.turns[-1].result == "command go_back"


def test_what_it_writes_that_is_no_command_was_noise() -> None:
    talk = at_the_tender_alone()
    listen_id = says(talk, hypotheses("[unk]", at_s=talk.now_s))
    said = list(talk.said)
    talk.send(on.HeardAgain(listen_id, asked(talk)[0].hearing_id, texts(hello=0.9)))
    assert (talk.said, talk.question) == (said, "tender")
    says(talk, hypotheses("card", at_s=talk.now_s))
    wait(talk)
    assert talk.question == "card_number"
    assert len(asked(talk)) == 1


def test_a_goodbye_that_it_writes_is_asked_about() -> None:
    talk = at_the_tender_alone()
    listen_id = says(talk, hypotheses("my", at_s=talk.now_s))
    talk.send(on.HeardAgain(listen_id, asked(talk)[0].hearing_id, texts(goodbye=0.9)))
    wait(talk)
    assert talk.question == "confirm_goodbye"


def test_a_number_of_one_digit_may_be_a_command_once_the_wait_is_over() -> None:
    talk = at_the_card()
    listen_id = says(talk, hypotheses("nine", at_s=talk.now_s))
    assert not asked(talk)
    wait(talk)
    (question,) = asked(talk)
    assert question.hints
    assert talk.question == "card_number"
    talk.send(on.HeardAgain(listen_id, question.hearing_id, texts(go_back=0.5)))
    assert talk.dialog.turns[-1].result == "command go_back"


def test_a_knock_behind_what_may_be_a_command_takes_it_back_no_more_than_any_cough() -> None:
    talk = at_the_card()
    began_s = talk.now_s
    listen_id = says(talk, hypotheses("[unk]", at_s=began_s))
    talk.now_s += 0.5
    knock = Segment((Hypothesis((), 0.0), Hypothesis(("[unk]",), -1.0)), talk.now_s - 0.1, talk.now_s)
    talk.send(on.WordsHeard(listen_id, knock))
    wait(talk)
    (question,) = asked(talk)
    assert question.since_s == began_s
    talk.send(on.HeardAgain(listen_id, question.hearing_id, texts(go_back=0.5)))
    assert talk.dialog.turns[-1].result == "command go_back"


def test_what_may_be_an_answer_to_a_menu_may_be_a_command_as_well() -> None:
    for shares, question in (({"go_back": 0.5}, "account_number"), ({"hello": 0.5}, "confirm_tender")):
        talk = at_the_tender_alone()
        listen_id = says(talk, hypotheses("my", "card", apart=1.5, at_s=talk.now_s))
        talk.send(on.HeardAgain(listen_id, asked(talk)[0].hearing_id, texts(**shares)))
        wait(talk)
        assert talk.question == question


def no_number(talk: Talk, words: str) -> None:
    """These digits are heard, and no more."""
    says(talk, hypotheses(words, at_s=talk.now_s))
    wait(talk)


@pytest.mark.parametrize(("answer", "state"), [("yes", "ended"), ("no", "card_number")])
def test_who_says_no_number_twice_in_a_row_is_offered_a_person(answer: str, state: str) -> None:
    """ "Representative" was heard as "one eight" six times, and given up."""
    talk = at_the_card(second=False)
    no_number(talk, "one eight")
    assert talk.question == "card_number"
    no_number(talk, "one eight")
    assert "speak with a person" in talk.said[-1]
    talk.hear(answer)
    assert talk.dialog.state.value == state


def test_who_says_half_a_number_is_not() -> None:
    talk = at_the_card(second=False)
    for _ in range(3):
        no_number(talk, "four one one one one one one one")
        assert talk.question == "card_number"
