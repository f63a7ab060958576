"""Simulated callers: honest, repeatable, and judged by what was charged."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from pydantic import SecretStr

from bench.callers.__main__ import _manners, _parser
from bench.callers.caller import Caller
from bench.callers.exchange import Options, open_exchange
from bench.callers.figures import sums
from bench.callers.line import FRAME, LINES, SPEECH_RMS, Telephone, noises
from bench.callers.manners import MANNERS, Manner
from bench.callers.place import question_finder
from bench.callers.report import page
from bench.callers.verdict import Result, compare_card, compare_echeck
from bench.callers.wants import BankAccount, Card, Goal, Wants, draw_wants
from bench.callers.words import HangUp, Press, Say
from voicebot.billing import read_accounts
from voicebot.cli.furnish import wording_for
from voicebot.payments import CardTender, ECheckTender
from voicebot.settings import ROOT, Settings

ACCOUNTS = read_accounts(ROOT / "demo" / "accounts.csv")
KEYPAD = Manner("keypad", keys=1.0)


def wants(**changes: object) -> Wants:
    """Pat Example's property tax, by a Visa card."""
    account = next(account for account in ACCOUNTS if account.number == "2890345")
    card = Card("4111111111111111", date(2028, 5, 1), "123")
    return replace(Wants(Goal.PAY, account, (1,), (card,)), **changes)  # type: ignore[arg-type] # fields by name


def caller(manner: Manner = KEYPAD, **changes: object) -> Caller:
    return Caller(wants(**changes), manner, np.random.default_rng(1), digits_only=False)


@pytest.mark.parametrize(
    ("question", "heard", "key"),
    [
        ("confirm_account_number", "Account number 2890345. Is that right?", "1"),
        ("confirm_account_number", "Account number 2890354. Is that right?", "2"),
        ("confirm_routing_number", "Routing number 021000021. Is that right?", "1"),
        ("confirm_routing_number", "Routing number 021000012. Is that right?", "2"),
        ("confirm_card_number", "Is that the card ending in 1111?", "1"),
        ("confirm_card_number", "Is that the card ending in 1117?", "2"),
        ("confirm_expiration", "I heard May 2028. Is that right?", "1"),
        ("confirm_expiration", "I heard May 2029. Is that right?", "2"),
        ("confirm_payment", "You will pay $1,286.93 with your card ending in 1111. Do you agree?", "1"),
        ("confirm_payment", "You will pay $1,286.93 with your card ending in 4444. Do you agree?", "2"),
        ("confirm_payment", "You will pay $845.20 with your card ending in 1111. Do you agree?", "2"),
    ],
)
def test_a_caller_agrees_with_what_is_wanted_and_nothing_else(question: str, heard: str, key: str) -> None:
    bank = (BankAccount("Checking", "021000021", "000123456789"),)
    someone = caller(tenders=bank) if question == "confirm_routing_number" else caller()
    someone.hear(heard)
    assert someone.answer(question) == (Press(key),)
    assert someone.agreed == (question == "confirm_payment" and key == "1")


def test_what_was_read_back_is_remembered_when_only_yes_or_no_is_asked_again() -> None:
    someone = caller()
    someone.hear("Account number 2890354. Is that right?")
    someone.answer("confirm_account_number")
    someone.hear("Please say yes or no.")
    assert someone.answer("confirm_account_number") == (Press("2"),)


@pytest.mark.parametrize(
    ("goal", "question", "key"),
    [
        (Goal.LEAVE, "confirm_goodbye", "1"),
        (Goal.LEAVE, "confirm_operator", "2"),
        (Goal.OPERATOR, "confirm_operator", "1"),
        (Goal.OPERATOR, "confirm_goodbye", "2"),
        (Goal.PAY, "confirm_goodbye", "2"),
        (Goal.PAY, "confirm_operator", "2"),
    ],
)
def test_a_caller_who_is_asked_whether_the_call_is_to_end_tells_the_truth(goal: Goal, question: str, key: str) -> None:
    assert caller(goal=goal).answer(question) == (Press(key),)


def test_manners_are_named_between_commas_and_one_has_a_comma_itself() -> None:
    assert _manners("") == ()
    assert _manners("slow,declined, pays otherwise, keypad only") == ("slow", "declined, pays otherwise", "keypad only")
    assert _manners("declined, pays otherwise") == ("declined, pays otherwise",)
    assert _manners("slow,sloow") == ("slow", "sloow")


@pytest.mark.parametrize("question", ["tender", "item_choice"])
def test_a_caller_hears_that_the_account_is_another_and_says_so(question: str) -> None:
    for number, mine in (("2890345", True), ("2890354", False)):
        someone = caller()
        someone.hear(f"Account {number}. Pat Example, you owe $1,257.38 for property tax.")
        (act,) = someone.answer(question)
        assert isinstance(act, Press) is mine


def test_a_caller_who_hears_only_the_ways_of_paying_again_knows_the_own_total() -> None:
    someone = caller()
    someone.hear("By card, press 1: $1,286.93, including a fee of $29.55. Which one?")
    assert someone.answer("tender") == (Press("1"),)
    someone.hear("By card, press 1: $12.93, including a fee of $2.00. Which one?")
    assert isinstance(someone.answer("tender")[0], Say)


def test_a_number_is_said_in_groups_and_more_carefully_the_second_time() -> None:
    someone = caller(Manner("plain"))
    said = [piece for piece in someone.answer("account_number") if isinstance(piece, Say)]
    again = [piece for piece in someone.answer("account_number") if isinstance(piece, Say)]
    assert len(said) in {1, 2}
    assert "".join(piece.digits for piece in again) == "2890345"


@pytest.mark.parametrize(
    ("asked", "digits"),
    [("the first 4 digits", "4111"), ("the third group of 4", "1111"), ("the last 3 digits", "111")],
)
def test_only_the_digits_that_are_asked_for_are_given_again(asked: str, digits: str) -> None:
    someone = caller(Manner("plain"))
    someone.answer("card_number")
    someone.hear(f"Please say just {asked} again.")
    said = [piece for piece in someone.answer("card_number") if isinstance(piece, Say)]
    assert "".join(piece.digits for piece in said) == digits


def test_a_caller_loses_patience() -> None:
    someone = caller()
    acts = [someone.answer("account_number") for _ in range(7)]
    assert acts[-1] == (HangUp(),)
    assert someone.gave_up


def test_every_manner_wants_something_that_the_demo_can_give() -> None:
    for number, manner in enumerate(MANNERS):
        wanted = draw_wants(
            ACCOUNTS,
            manner.goal,
            np.random.default_rng(number),
            declined=manner.declined,
            two_tenders=manner.changes_tender,
        )
        assert wanted.primary > 0
        assert len(wanted.tenders) == 1 + (manner.declined or manner.changes_tender)
        assert wanted.tenders[0].declined == manner.declined


def test_noise_is_as_far_below_the_speech_as_the_line_says() -> None:
    line = Telephone(LINES["15 dB"], noises(None)["white"], SPEECH_RMS, np.random.default_rng(1))
    heard = np.concatenate([line.carry(None).samples for _ in range(500)]).astype(np.float64)
    assert 20 * np.log10(SPEECH_RMS / heard.std()) == pytest.approx(15, abs=0.3)


def test_packets_are_lost_as_often_as_the_line_says() -> None:
    line = Telephone(LINES["2 % loss"], noises(None)["white"], SPEECH_RMS, np.random.default_rng(1))
    sent = np.full(FRAME, 1000.0, np.float32)
    levels = np.array([line.carry(sent).samples[0] for _ in range(5000)])
    assert np.mean(levels < 900) == pytest.approx(0.02, abs=0.006)


def test_a_sentence_is_known_by_its_words_whatever_it_names() -> None:
    find = question_finder(wording_for(Settings()))
    assert find("Account number 2890345. Is that right?") == "confirm_account_number"
    assert find("Please say or key in your card number.") == "card_number"
    assert not find("Welcome to the Example County payment line.")


def test_what_is_sent_is_compared_with_what_the_caller_holds() -> None:
    card = CardTender(
        account_number=SecretStr("4242424242424242"),
        expiration=SecretStr("2028-05"),
        security_code=SecretStr("123"),
    )
    (held,) = wants().tenders
    assert compare_card(card, held).differs == ("card_number",)
    echeck = ECheckTender(
        withdrawal_type="Savings", routing_number=SecretStr("021000021"), account_number=SecretStr("1234567")
    )
    assert compare_echeck(echeck, BankAccount("Savings", "021000021", "1234567")).differs == ()
    assert compare_echeck(echeck, BankAccount("Checking", "011401533", "1234567")).differs == (
        "withdrawal_type",
        "routing_number",
    )
    assert compare_echeck(echeck, held).differs == ("tender",)


def options(tmp_path: Path, *manners: str) -> Options:
    """Callers with made voices on a clean line: the same wherever the tests run."""
    return Options(seed=3, out=tmp_path, manners=manners, lines=("clean",))


async def test_a_call_is_the_same_twice_and_charges_what_was_wanted(tmp_path: Path) -> None:
    async with open_exchange(options(tmp_path, "keypad only")) as exchange:
        first, other, again = await exchange.call(0), await exchange.call(1), await exchange.call(0)
    assert [first.ending, other.ending] == ["paid", "paid"]
    assert not first.wrong + other.wrong
    assert (first.spans, first.turns, first.duration_s) == (again.spans, again.turns, again.duration_s)


async def test_a_charge_that_nobody_agreed_to_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Caller.answer

    def forgets(self: Caller, question: str) -> object:
        act = answer(self, question)
        self.agreed = False
        return act

    monkeypatch.setattr(Caller, "answer", forgets)
    async with open_exchange(options(tmp_path, "keypad only")) as exchange:
        result = await exchange.call(0)
    assert result.outcome == "paid"
    assert result.wrong == ("not agreed to",)
    assert result.finished is False


async def test_spoken_calls_come_to_figures_and_a_page(tmp_path: Path) -> None:
    async with open_exchange(options(tmp_path, "brisk", "hangs up")) as exchange:
        results = [await exchange.call(index) for index in range(2)]
    assert [result.heard != [] for result in results] == [True, True]
    figures = sums(results)
    assert (figures["calls"], figures["could_finish"], figures["wrong_charges"]) == (2, 1, 0)
    assert figures["by_manner"]["brisk"]["calls"] == figures["by_noise"]["clean"]["calls"] == 1
    written = page(results, figures, "python -m bench.callers --calls 2")
    assert written.count("<svg") >= 5
    assert "python -m bench.callers --calls 2" in written


def test_a_caller_who_hangs_up_is_not_counted_among_those_who_could_finish() -> None:
    gone = Result(0, "hangs up", "clean", "flite:slt", "", "hang up", "card", 1, ending="hung up")
    figures = sums([gone])
    assert (figures["calls"], figures["could_finish"]) == (1, 0)


def test_the_help_can_be_printed() -> None:
    """A line is called "2 % loss", and argparse formats what it prints."""
    assert "2 % loss" in " ".join(_parser().format_help().split())
