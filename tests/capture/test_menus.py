"""What else was heard beside an answer to a menu, or beside a command, and how much it weighs."""

import pytest

from tests.capture.speaking import expecting
from voicebot.capture import Answer, Decision, Verdict, decide
from voicebot.grammar import Hypothesis, Segment


def heard(*guesses: tuple[str, float]) -> Answer:
    """One stretch of speech that may have been these words."""
    hypotheses = tuple(Hypothesis(tuple(words.split()), score) for words, score in guesses)
    return Answer().heard(Segment(hypotheses, 0.0, 1.0))


def content(decision: Decision) -> str:
    if decision.command and decision.verdict is Verdict.CONFIRM:
        return f"asks about {decision.command}"
    if decision.command:
        return f"command {decision.command}"
    taken = decision.verdict is Verdict.ACCEPT and decision.value is not None
    return str(decision.value.content) if taken and decision.value else ""


@pytest.mark.parametrize(
    ("kind", "guesses", "taken"),
    [
        # Half an answer and no word at all come too easily to stand against a menu's answer.
        ("tender", (("card", 0.0), ("my", -0.2)), "card"),
        ("tender", (("my", 0.0), ("card", -0.5)), "card"),
        ("tender", (("", 0.0), ("card", -0.9)), "card"),
        ("withdrawal_type", (("my", 0.0), ("savings", -0.8)), "Savings"),
        ("item_choice", (("", 0.0), ("all", -0.5)), "all"),
        # They do so when they are much likelier, and another answer or some other word does in any case.
        ("tender", (("", 0.0), ("card", -1.5)), ""),
        ("tender", (("my", 0.0), ("card", -4.0)), ""),
        ("tender", (("card", 0.0), ("electronic check", -0.8)), ""),
        ("tender", (("[unk]", 0.0), ("card", -0.5)), ""),
        ("tender", (("card", 0.0), ("my [unk]", -0.8)), ""),
        # A yes may pay: there everything else stands against it at its own price.
        ("yes_no", (("yes", 0.0), ("my", -0.8)), ""),
        ("yes_no", (("", 0.0), ("yes", -0.5)), ""),
        ("yes_no", (("yes", 0.0), ("my", -1.2)), "yes"),
    ],
)
def test_what_weighs_against_an_answer(kind: str, guesses: tuple[tuple[str, float], ...], taken: str) -> None:
    assert content(decide(heard(*guesses), expecting(kind, choices=3))) == taken


@pytest.mark.parametrize(
    ("guesses", "command"),
    [
        # "Some other word" that is likelier is what was said, where the command would leave, wait or begin anew.
        ((("my [unk]", 0.0), ("[unk]", -0.5), ("start over", -1.0)), ""),
        # To wait costs who did not mean it silence: no words of any sort may be likelier.
        ((("my", 0.0), ("hold on", -0.4)), ""),
        ((("hold on", 0.0), ("my", -0.4)), "command hold"),
        # What ends the call is much likelier than all else; where it is nearly so, the caller is asked about it.
        ((("operator", 0.0), ("my", -6.0), ("[unk]", -7.0)), "command operator"),
        ((("operator", 0.0), ("[unk]", -0.4)), "asks about operator"),
        # An accented "five" is a "bye", however clear.
        ((("goodbye", 0.0), ("my", -6.0)), "command goodbye"),
        ((("bye", 0.0), ("my", -6.0)), "asks about goodbye"),
        ((("bye bye", 0.0), ("my", -6.0)), "asks about goodbye"),
        ((("operator", 0.0), ("my", -0.4), ("[unk]", -0.9)), "asks about operator"),
        ((("[unk]", 0.0), ("operator", -0.4)), "asks about operator"),
        ((("", 0.0), ("operator", -1.0)), "asks about operator"),
        ((("my", 0.0), ("operator", -0.4)), "asks about operator"),
        ((("my operator", 0.0), ("operator", -0.4)), "command operator"),
        ((("[unk]", 0.0), ("operator", -9.0)), ""),
        ((("my", 0.0), ("start over", -0.4)), "command start_over"),
        # Said twice in one breath it is meant once.
        ((("operator operator", 0.0), ("my", -6.0)), "command operator"),
        ((("start over start over", 0.0), ("my", -0.4)), "command start_over"),
        ((("start over over", 0.0), ("my", -0.4)), ""),
        # To repeat or to help costs nothing.
        ((("[unk]", 0.0), ("help", -0.8)), "command help"),
        ((("[unk]", 0.0), ("help", -1.3)), ""),
    ],
)
@pytest.mark.parametrize("kind", ["tender", "yes_no", "card_number"])
def test_a_command_is_likelier_than_some_other_word(
    kind: str, guesses: tuple[tuple[str, float], ...], command: str
) -> None:
    assert content(decide(heard(*guesses), expecting(kind))) == command


def test_a_doubtful_ending_behind_a_part_of_an_answer_is_not_asked_about() -> None:
    digits = Segment((Hypothesis(("two", "eight"), 0.0),), 0.0, 1.0)
    doubtful = Segment((Hypothesis(("[unk]",), 0.0), Hypothesis(("operator",), -0.4)), 1.5, 2.0)
    assert decide(Answer().heard(digits).heard(doubtful), expecting("card_number")).command is None


def test_a_bye_behind_an_answer_is_asked_about_and_leaves_nothing_of_it() -> None:
    """Who says yes, and then bye, has not agreed."""
    bye = Segment((Hypothesis(("bye",), 0.0), Hypothesis(("my",), -6.0)), 1.8, 2.2)
    for kind, first in (("yes_no", "yes"), ("tender", "card")):
        assert content(decide(heard((first, 0.0)).heard(bye), expecting(kind))) == "asks about goodbye"


def noise(at_s: float, *others: tuple[str, float]) -> Segment:
    """A sound that was most likely no word."""
    guesses = (("", 0.0), *(others or (("[unk]", -1.0),)))
    return Segment(tuple(Hypothesis(tuple(words.split()), score) for words, score in guesses), at_s, at_s + 0.5)


@pytest.mark.parametrize("kind", ["tender", "yes_no", "card_number"])
@pytest.mark.parametrize(
    ("guesses", "command"),
    [
        ((("help", 0.0), ("[unk]", -4.0)), "command help"),
        ((("operator", 0.0), ("[unk]", -0.4)), "asks about operator"),
        ((("operator", 0.0), ("[unk]", -7.0)), "command operator"),
    ],
)
def test_a_noise_behind_a_command_takes_nothing_back(
    kind: str, guesses: tuple[tuple[str, float], ...], command: str
) -> None:
    answer = heard(*guesses).heard(noise(1.8)).heard(noise(2.6))
    assert content(decide(answer, expecting(kind))) == command


def test_what_was_said_behind_a_command_counts_instead() -> None:
    answer = heard(("help", 0.0)).heard(Segment((Hypothesis(("card",), 0.0),), 1.8, 2.2)).heard(noise(2.6))
    assert content(decide(answer, expecting("tender"))) == "card"
