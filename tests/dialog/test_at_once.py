"""Several answers in one, by sound: only what comes to nothing is heard over, with the words of other questions."""

from dataclasses import replace

import pytest

from tests.dialog.talk import Talk, script
from voicebot.dialog import Manners, State
from voicebot.dialog import actions as do
from voicebot.dialog import events as on
from voicebot.grammar import Hypothesis, Segment

ACCOUNT = "two eight nine zero three four five"
CARD = " ".join(["four two"] * 8)
EVERYTHING = (
    f"{ACCOUNT} pay with my card card number {CARD} expires may twenty twenty nine security code nine nine nine"
)
UNKNOWN = "five five five five five"
MISHEARD = f"{ACCOUNT} eight four {CARD} eight nine nine nine"
"""The same, heard with the words of the account number only."""


def sentence(words: str, at_s: float) -> Segment:
    """A sentence whose words take a tenth of a second each."""
    said = tuple(words.split())
    times = tuple((at_s + at / 10, at_s + (at + 1) / 10) for at in range(len(said)))
    return Segment((Hypothesis(said, 0.0),), at_s, times[-1][1], times=times)


def call(*, second: bool = True) -> Talk:
    used = script(frozenset({ACCOUNT_NUMBER}), Manners(ahead=True))
    return Talk(used_script=replace(used, sound=True, second=second))


ACCOUNT_NUMBER = "2890345"


def says(talk: Talk, words: str) -> int:
    assert talk.listening is not None
    listen_id = talk.listening.listen_id
    talk.send(on.SpeechStarted(listen_id))
    said = sentence(words, talk.now_s)
    talk.now_s = said.end_s
    talk.send(on.WordsHeard(listen_id, replace(said, times=())))
    return listen_id


def wait(talk: Talk) -> None:
    deadline_s = talk.dialog.deadline_s
    assert deadline_s is not None
    talk.now_s = max(talk.now_s, deadline_s)
    talk.send(on.TimePassed())


def asked(talk: Talk) -> list[do.HearOver | do.HearAgain]:
    return [action for action in talk.actions if isinstance(action, do.HearOver | do.HearAgain)]


def over(talk: Talk, words: str) -> list[do.HearOver | do.HearAgain]:
    """What is asked of the second recogniser once the first has heard the answer over as these words."""
    before = len(asked(talk)) - 1
    action = asked(talk)[before]
    assert isinstance(action, do.HearOver)
    segments = (sentence(words, action.since_s),) if words else ()
    talk.send(on.HeardOver(action.listen_id, action.hearing_id, segments))
    return asked(talk)[before + 1 :]


def again(talk: Talk, action: do.HearOver | do.HearAgain, words: str) -> None:
    heard = Segment((Hypothesis(tuple(words.split()), 0.0),), 0.0, 1.0)
    talk.send(on.HeardAgain(action.listen_id, action.hearing_id, heard))


def everything(talk: Talk, *, code: str = "nine nine nine") -> None:
    """It is said, and heard over; the second recogniser hears the same card, and this code."""
    says(talk, MISHEARD)
    wait(talk)
    card, security_code = over(talk, EVERYTHING)
    again(talk, card, CARD)
    again(talk, security_code, code)


def test_what_comes_to_nothing_is_heard_over_and_its_digits_again_before_the_question_is_over() -> None:
    talk = call()
    listen_id = says(talk, MISHEARD)
    ended_s = talk.now_s
    wait(talk)
    [whole] = asked(talk)
    assert isinstance(whole, do.HearOver)
    assert (whole.listen_id, whole.grammar, whole.since_s) == (listen_id, "account_number/ahead", 0.0)
    assert talk.now_s - ended_s == pytest.approx(0.9)  # too long for an account number: nobody waits for more of it
    card, code = over(talk, EVERYTHING)
    assert isinstance(card, do.HearAgain)
    assert isinstance(code, do.HearAgain)
    assert (card.since_s, card.until_s) == pytest.approx((whole.since_s + 1.3, whole.since_s + 2.9))
    assert talk.question == "account_number"
    again(talk, card, CARD)
    again(talk, code, "nine nine nine")
    assert talk.question == "confirm_payment"
    assert len(talk.dialog.turns) == 1


def test_who_says_one_answer_is_neither_heard_over_nor_waited_for_long() -> None:
    talk = call()
    says(talk, ACCOUNT)
    ended_s = talk.now_s
    wait(talk)
    assert talk.now_s - ended_s == pytest.approx(0.5)
    assert talk.question == "tender"
    assert not asked(talk)


def says_unknown(talk: Talk) -> None:
    """An account number that nobody has, to both recognisers."""
    says(talk, UNKNOWN)
    wait(talk)
    digits = asked(talk)[-1]
    assert isinstance(digits, do.HearAgain)
    again(talk, digits, UNKNOWN)
    wait(talk)


def test_where_no_other_question_is_named_it_is_asked_for_again_as_ever() -> None:
    talk = call()
    says_unknown(talk)
    assert len(asked(talk)) == 2
    assert not over(talk, UNKNOWN)
    assert [turn.result for turn in talk.dialog.turns] == ["no_match unknown_account"]
    assert talk.question == "account_number"


def test_asked_again_digit_by_digit_it_is_about_this_answer_only() -> None:
    talk = call()
    says_unknown(talk)
    over(talk, "")
    says_unknown(talk)
    assert [isinstance(each, do.HearOver) for each in asked(talk)] == [False, True, False]
    assert talk.dialog.turns[1].result.startswith("no_match")


def test_who_goes_on_speaking_is_heard_over_from_the_beginning() -> None:
    talk = call()
    listen_id = says(talk, MISHEARD)
    wait(talk)
    [first] = asked(talk)
    stale = talk.dialog.stale
    talk.send(on.SpeechStarted(listen_id))
    over(talk, EVERYTHING)
    assert talk.dialog.stale == stale + 1
    talk.now_s += 1.0
    talk.send(on.WordsHeard(listen_id, replace(sentence("nine nine nine", talk.now_s - 0.3), times=())))
    wait(talk)
    second = asked(talk)[1]
    assert second.hearing_id != first.hearing_id
    assert second.since_s == first.since_s


def test_it_is_not_waited_for_ever() -> None:
    talk = call()
    says(talk, MISHEARD)
    wait(talk)
    [whole] = asked(talk)
    wait(talk)
    assert talk.question == "account_number"
    assert talk.dialog.turns[0].result.startswith("no_match")
    stale = talk.dialog.stale
    talk.send(on.HeardOver(whole.listen_id, whole.hearing_id, (sentence(EVERYTHING, 0.0),)))
    assert talk.dialog.stale == stale + 1


@pytest.mark.parametrize(
    ("code", "asked_next"), [("nine nine nine", "confirm_payment"), ("nine nine five", "security_code")]
)
def test_a_security_code_is_taken_ahead_only_where_both_recognisers_heard_the_same(code: str, asked_next: str) -> None:
    talk = call()
    everything(talk, code=code)
    assert talk.question == asked_next


def test_without_a_second_recogniser_a_security_code_is_always_asked_for() -> None:
    talk = call(second=False)
    says(talk, MISHEARD)
    wait(talk)
    assert not over(talk, EVERYTHING)
    assert talk.question == "security_code"


def test_a_date_said_ahead_is_said_in_passing_and_can_be_changed_before_the_yes() -> None:
    talk = call()
    everything(talk)
    assert "Your card expires in May 2029." in talk.said
    assert talk.dialog.state is State.CONFIRM_PAYMENT
    talk.hear("change the expiration date")
    assert talk.question == "expiration"
    talk.hear("june twenty twenty nine")
    talk.hear("nine nine nine")  # a code is not kept beside what is put right
    assert talk.question == "confirm_payment"
    talk.hear("yes")
    [payment] = talk.world.paid
    assert {name: value.last_four for name, value in payment.answers}["expiration"] == "2029-06"
