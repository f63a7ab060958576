"""A command that the first recogniser makes nothing of, and a second one writes down."""

import math

import pytest

from tests.capture.speaking import answer, expecting, segment
from voicebot.capture import Answer, Verdict, command_hints, decide, to_write, worth_hearing_again, worth_writing
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


def test_a_few_digits_may_have_been_other_words_more_are_a_number() -> None:
    """ "Go back" was heard as "nine" six times in a row, "representative" as "one eight"."""
    for words, worth in (
        ("nine", True),
        ("one eight", True),
        ("one two five seven", True),
        ("one two five " * 2, False),
    ):
        assert worth_writing(answer(words), decide(answer(words), CARD), CARD) is worth


def test_as_many_digits_as_the_shortest_number_has_are_a_number() -> None:
    code = expecting("security_code", lengths=(3,))
    for words, worth in (("one eight", True), ("double one eight eight", False)):
        assert worth_writing(answer(words), decide(answer(words), code), code) is worth


DOUBTFUL = (("", 0.0), ("operator", -0.9), ("eight", -3.7))
"""An operator asked for in noise: that nothing was said is likelier."""


def test_a_command_that_would_end_the_call_and_was_likelier_nothing_is_written_down() -> None:
    heard = answer(DOUBTFUL)
    assert worth_writing(heard, decide(heard, CARD), CARD)
    decision = decide(written(heard, operator=0.3, opera=0.1), CARD)
    assert (decision.verdict, decision.command) == (Verdict.CONFIRM, "operator")
    decision = decide(written(heard, and_then=0.3), CARD)
    assert (decision.verdict, decision.command) == (Verdict.REJECT, None)


def test_a_doubtful_one_that_was_likelier_than_nothing_needs_no_writing() -> None:
    heard = answer((("operator", 0.0), ("", -0.9)))
    assert not worth_writing(heard, decide(heard, CARD), CARD)
    assert decide(written(heard, and_then=0.9), CARD).command == "operator"


def test_a_knock_behind_it_is_not_what_is_written_down() -> None:
    heard = answer("[unk]").heard(Segment(segment("", "[unk]").hypotheses, 9.0, 9.2))
    chosen = to_write(heard, TENDER)
    assert chosen is not None
    assert chosen.start_s < 9.0
    assert worth_writing(heard, decide(heard, TENDER), TENDER)


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


@pytest.mark.parametrize("shares", [{"help": 0.04, "hill": 0.03}, {"hill": 0.5, "help": 0.3}, {"hello": 0.9}])
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
    assert command_hints(TENDER) == ("bye", "goodbye", "help", "hold on", "operator", "repeat", "start over")


# --- a command that the first one heard beside yes and no


HELP = answer((("help", 0.0), ("[unk]", -2.0)))


def test_beside_yes_and_no_a_command_is_asked_about_elsewhere_it_stands() -> None:
    assert worth_writing(HELP, decide(HELP, YES_NO), YES_NO)
    assert not worth_writing(HELP, decide(HELP, TENDER), TENDER)


@pytest.mark.parametrize("text", ["help", "the_help", "helping", "help_me_please"])
def test_what_it_is_in_bears_a_command_out(text: str) -> None:
    decision = decide(written(HELP, **{text: 0.02, "how": 0.9}), YES_NO)
    assert (decision.verdict, decision.command) == (Verdict.ACCEPT, "help")


def test_what_it_is_not_in_does_not() -> None:
    """ "House" was heard as "help", "stop" as "start over", "five" as "goodbye"."""
    for words, texts in (
        ("help", {"house": 0.4}),
        ("start over", {"start": 0.6, "stop": 0.2}),
        ("operator", {"stop": 0.1}),
    ):
        heard = answer(((words, 0.0), ("[unk]", -2.0)))
        decision = decide(written(heard, **texts), YES_NO)
        assert (decision.verdict, decision.command) == (Verdict.REJECT, None)


def test_a_sound_behind_it_does_not_spare_it_that() -> None:
    """ "Kitchen" was heard as "agent", and a noise behind it let that stand."""
    behind = HELP.heard(segment(("[unk]", 0.0), ("", -1.0), at_s=5.0))
    assert worth_writing(behind, decide(behind, YES_NO), YES_NO)
    chosen = to_write(behind, YES_NO)
    assert chosen is not None
    assert chosen.start_s < 5.0
    assert decide(written(behind, house=0.4), YES_NO).command is None


@pytest.mark.parametrize(("near", "verdict"), [(-5.0, Verdict.CONFIRM), (-0.3, Verdict.CONFIRM), (0.3, Verdict.REJECT)])
def test_an_ending_of_which_it_can_read_nothing_is_asked_about(near: float, verdict: Verdict) -> None:
    """ "Operator" by one voice was "all for return" to it each time; no other text was any likelier."""
    heard = answer((("operator", 0.0), ("[unk] that's", near)))
    assert decide(written(heard, all_for_return=0.003), YES_NO).verdict is verdict
    assert decide(written(heard, all_for_return=0.06), YES_NO).verdict is Verdict.REJECT


@pytest.mark.parametrize(("near", "command"), [(-5.0, "start over"), (-2.0, None)])
def test_any_other_stands_then_where_it_was_heard_clearly(near: float, command: str | None) -> None:
    heard = answer((("start over", 0.0), ("[unk]", near)))
    assert decide(written(heard, art_over=0.02), YES_NO).command == (command and command.replace(" ", "_"))


def test_where_it_cannot_be_asked_a_command_stands() -> None:
    assert decide(HELP, YES_NO).command == "help"


def test_a_command_in_whose_place_an_answer_is_as_likely_is_none_and_the_answer_counts() -> None:
    heard = answer((("help", 0.0), ("yes", -3.0)))
    decision = decide(written(heard, yes=0.9), YES_NO)
    assert decision.command is None
    assert worth_hearing_again(written(heard, yes=0.9), decision, YES_NO)
