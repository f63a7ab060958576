"""A command that the first recogniser makes nothing of, and a second one writes down."""

import math

import pytest

from tests.capture.speaking import answer, expecting, segment
from voicebot.capture import Answer, Verdict, command_hints, decide, worth_writing
from voicebot.grammar import Segment

TENDER, CARD, YES_NO = expecting("tender"), expecting("card_number"), expecting("yes_no")


def written(first: Answer, **shares: float) -> Answer:
    """With what the second one wrote, as shares of 1; underscores are spaces."""
    return first.written_down(segment(*((words.replace("_", " "), math.log(share)) for words, share in shares.items())))


def lasting(seconds: float) -> Answer:
    return Answer().heard(Segment(segment("[unk]").hypotheses, 1.0, 1.0 + seconds))


@pytest.mark.parametrize("heard", [answer("[unk]"), answer((("", 0.0), ("card", -6.0))), answer("credit")])
@pytest.mark.parametrize("expected", [TENDER, CARD, YES_NO], ids=["menu", "number", "yes or no"])
def test_is_asked_about_what_is_no_answer(heard: Answer, expected: object) -> None:
    assert isinstance(expected, type(TENDER))
    assert worth_writing(heard, decide(heard, expected), expected)


def test_one_digit_may_have_been_another_word_two_are_a_number() -> None:
    """ "Go back" was heard as "nine" six times in a row."""
    for words, worth in (("nine", True), ("nine four", False)):
        assert worth_writing(answer(words), decide(answer(words), CARD), CARD) is worth


@pytest.mark.parametrize(
    "heard",
    [
        answer("card"),
        answer("operator"),
        answer("keys:9"),
        answer("keys:9", "[unk]"),
        Answer(),
        lasting(0.2),
        lasting(4.0),
    ],
    ids=["answer", "command", "key", "words after a key", "nothing", "knock", "sentence"],
)
def test_is_not_asked_about_anything_else(heard: Answer) -> None:
    assert not worth_writing(heard, decide(heard, TENDER), TENDER)


def test_is_asked_once_for_each_state_of_the_answer() -> None:
    heard = written(answer("[unk]"), hello=0.5)
    assert not worth_writing(heard, decide(heard, TENDER), TENDER)
    more = heard.heard(segment("[unk]", at_s=5.0))
    assert worth_writing(more, decide(more, TENDER), TENDER)


@pytest.mark.parametrize("expected", [TENDER, CARD, YES_NO], ids=["menu", "number", "yes or no"])
def test_a_command_that_it_wrote_is_obeyed(expected: object) -> None:
    assert isinstance(expected, type(TENDER))
    decision = decide(written(answer("[unk]"), help=0.5, hell=0.2), expected)
    assert (decision.verdict, decision.command) == (Verdict.ACCEPT, "help")
    assert decide(answer("[unk]"), expected).command is None


def test_what_it_wrote_twice_counts_once() -> None:
    assert decide(written(answer("[unk]"), help_help=0.3, help=0.1), TENDER).command == "help"


@pytest.mark.parametrize("shares", [{"help": 0.15, "hill": 0.1}, {"hill": 0.5, "help": 0.3}, {"hello": 0.9}])
def test_what_it_is_not_sure_of_is_none(shares: dict[str, float]) -> None:
    heard = answer("[unk]")
    assert decide(written(heard, **shares), TENDER) == decide(heard, TENDER)


def test_what_would_end_the_call_is_asked_about() -> None:
    decision = decide(written(answer("[unk]"), operator=0.9), TENDER)
    assert (decision.verdict, decision.command) == (Verdict.CONFIRM, "operator")


def test_it_never_makes_an_answer() -> None:
    """Least of all a yes."""
    heard = answer("[unk]")
    for expected, shares in ((YES_NO, {"yes": 0.99}), (TENDER, {"card": 0.99}), (CARD, {"four": 0.99})):
        assert decide(written(heard, **shares), expected) == decide(heard, expected)


def test_an_answer_of_the_first_recogniser_stands() -> None:
    heard = answer("card")
    assert decide(written(heard, help=0.9), TENDER) == decide(heard, TENDER)


def test_it_is_told_what_may_be_said() -> None:
    assert command_hints(TENDER) == ("help", "operator", "repeat", "start over")
