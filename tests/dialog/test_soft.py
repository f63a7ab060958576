"""Sound that was most likely no word: an answer to a menu where nothing else comes near it, and noise elsewhere."""

import pytest

from tests.dialog.talk import Talk
from voicebot.dialog import events as on
from voicebot.grammar.heard import Hypothesis, Segment


def hears_softly(talk: Talk, words: str, *, below: float) -> None:
    """A sound that was no word at all, or, by so many nats less likely, these words."""
    assert talk.listening is not None
    guesses = (Hypothesis((), 0.0), Hypothesis(tuple(words.split()), -below), Hypothesis(("[unk]",), -below - 3.0))
    talk.send(on.SpeechStarted(talk.listening.listen_id))
    talk.now_s += 1.0
    talk.send(on.WordsHeard(talk.listening.listen_id, Segment(guesses, talk.now_s - 1.0, talk.now_s)))
    talk.silence()


@pytest.mark.parametrize(("below", "next_question"), [(0.5, "card_number"), (2.5, "tender")])
def test_a_soft_answer_to_a_menu(below: float, next_question: str) -> None:
    talk = Talk()
    talk.press("2890345#1")
    assert talk.question == "tender"
    hears_softly(talk, "card", below=below)
    assert talk.question == next_question


def test_one_that_was_softer_is_asked_about_where_the_question_was_missed_before() -> None:
    """The first time it may have been a cough."""
    talk = Talk()
    talk.press("2890345#1")
    for next_question in ("tender", "confirm_tender"):
        hears_softly(talk, "card", below=3.5)
        assert talk.question == next_question


def test_a_soft_yes_pays_nothing() -> None:
    talk = Talk()
    for keys in ("2890345#", "1", "1", "4111111111111111", "0529", "999"):
        talk.press(keys)
    assert talk.question == "confirm_payment"
    hears_softly(talk, "yes", below=0.5)
    assert (talk.question, talk.world.paid) == ("confirm_payment", [])


def test_a_sound_before_a_bank_account_number_may_have_been_its_first_digit() -> None:
    """A "six" left a sound of a second at each saying; two hearings agreed on the number without it."""
    talk = Talk()
    for keys in ("2890345#", "1", "2", "1", "021000021"):
        talk.press(keys)
    for _ in range(2):
        assert talk.question == "bank_account_number"
        assert talk.listening is not None
        listen_id, began_s = talk.listening.listen_id, talk.now_s
        sound = (Hypothesis((), 0.0), Hypothesis(("eight",), -6.0))
        said = (Hypothesis(("two", "three", "one", "nine", "three", "seven"), 0.0),)
        for guesses, from_s, to_s in ((sound, 0.0, 0.9), (said, 1.2, 3.0)):
            talk.send(on.SpeechStarted(listen_id))
            talk.now_s = began_s + to_s
            talk.send(on.WordsHeard(listen_id, Segment(guesses, began_s + from_s, talk.now_s)))
        talk.silence()
    assert (talk.question, talk.world.paid) == ("bank_account_number", [])
