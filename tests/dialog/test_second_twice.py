"""A bank account number is heard by a second recogniser at each saying, while the wait for its end runs."""

from dataclasses import replace

import pytest

from tests.dialog.second import asked, hypotheses, says, wait
from tests.dialog.talk import Talk, script
from voicebot.dialog import events as on

ACCOUNT = "six three one nine three seven"
LOST = ACCOUNT.removeprefix("six ")


def at_the_bank_account() -> Talk:
    talk = Talk(used_script=replace(script(), second=True))
    for keys in ("2890345#", "1", "2", "1", "021000021"):
        talk.press(keys)
    assert talk.question == "bank_account_number"
    talk.actions.clear()
    return talk


def says_it(talk: Talk, first: str, second: str) -> None:
    """One saying, as the first recogniser hears it for certain, and the second one."""
    before = len(asked(talk))
    listen_id = says(talk, hypotheses(first, at_s=talk.now_s))
    ended_s = talk.now_s
    assert talk.dialog.deadline_s == pytest.approx(ended_s + 0.9)
    wait(talk)
    question = asked(talk)[before]
    talk.send(on.HeardAgain(listen_id, question.hearing_id, hypotheses(second)))
    assert talk.dialog.deadline_s == pytest.approx(ended_s + 1.5), "nobody waits for it"
    wait(talk)


def test_it_is_taken_after_two_sayings_that_both_hear_alike() -> None:
    talk = at_the_bank_account()
    says_it(talk, ACCOUNT, ACCOUNT)
    assert talk.question == "bank_account_number"
    says_it(talk, ACCOUNT, ACCOUNT)
    assert talk.question == "confirm_payment"


def test_a_digit_that_only_the_second_hears_each_time_is_not_left_out() -> None:
    talk = at_the_bank_account()
    for _ in range(2):
        says_it(talk, LOST, ACCOUNT)
    assert talk.question == "bank_account_number"
