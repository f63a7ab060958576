"""Speaking over prompts, as the pure dialog has it: prompts here take time, and words come while they are said."""

import pytest

from tests.dialog.line import Line
from voicebot.dialog import Manners
from voicebot.dialog import events as on


def at_tender() -> Line:
    """A caller who is being told what the ways of paying cost."""
    line = Line()
    line.finish()
    line.press("2890345#")
    line.finish()
    line.press("1")
    assert line.dialog.state.value == "tender"
    return line


def results(line: Line) -> list[tuple[str, str]]:
    return [(turn.question, turn.result) for turn in line.dialog.turns]


def test_it_listens_while_a_question_is_asked() -> None:
    line = Line()
    assert line.open.over
    assert line.dialog.deadline_s is None  # nobody is waited for yet
    line.finish()
    assert not line.open.over
    assert line.dialog.deadline_s is not None


def test_where_it_is_off_nobody_listens_before_the_end() -> None:
    line = Line(Manners())
    assert line.listen is None
    line.finish()
    assert not line.open.over


def test_two_digits_stop_the_prompt_and_the_whole_number_is_the_answer() -> None:
    line = Line()
    line.coming("two")
    assert line.stopped == 0
    line.coming("two eight")
    assert line.stopped == 1
    line.heard("two eight nine zero three four five")
    line.silence()
    assert results(line) == [("account_number", "accepted")]
    assert line.dialog.turns[0].heard == "two eight nine zero three four five"


def test_a_word_of_the_menu_stops_it_though_the_prompt_has_it_too() -> None:
    line = at_tender()
    before = line.stopped
    line.coming("card")
    assert line.stopped == before + 1
    line.heard("card")
    line.silence()
    assert line.dialog.state.value == "card_number"


@pytest.mark.parametrize("command", ["operator", "goodbye", "go back", "help"])
def test_a_command_stops_it(command: str) -> None:
    line = at_tender()
    before = line.stopped
    line.heard(command)
    line.silence()
    assert line.stopped == before + 1
    assert results(line)[-1][1].startswith("command")


@pytest.mark.parametrize(
    ("words", "echo"),
    [
        ("two eight nine zero", 0.9),  # the bot's own voice
        ("two eight nine zero", 0.3),  # out of a room
        ("two", 0.05),  # a cough
        ("um", 0.05),
        ("[unk] [unk]", 0.05),
        ("", 0.05),
    ],
)
def test_what_is_no_answer_stops_nothing(words: str, echo: float) -> None:
    line = Line()
    line.send(on.SpeechStarted(line.open.listen_id))
    line.coming(words, echo)
    line.heard(words, echo)
    assert line.stopped == 0
    line.finish()
    assert not line.open.over
    assert results(line) == []


def test_words_being_said_need_to_be_less_like_an_echo() -> None:
    line = at_tender()
    before = line.stopped
    line.coming("card", 0.2)
    assert line.stopped == before
    line.coming("visa", 0.2)
    assert line.stopped == before + 1


def test_who_begins_at_the_very_end_is_heard_from_the_first_word() -> None:
    line = Line()
    listen_id = line.open.listen_id
    line.send(on.SpeechStarted(listen_id))
    line.finish()
    assert line.open.listen_id == listen_id
    line.heard("two eight nine zero three four five")
    line.silence()
    assert results(line) == [("account_number", "accepted")]


def test_an_echo_at_the_very_end_is_no_answer() -> None:
    line = Line()
    listen_id = line.open.listen_id
    line.send(on.SpeechStarted(listen_id, 0.9))
    line.finish()
    assert line.open.listen_id != listen_id


def test_a_false_start_is_no_failure_and_the_question_is_then_asked_to_its_end() -> None:
    line = Line()
    line.coming("two eight")
    line.heard("two eight")
    line.silence()
    assert results(line) == [("account_number", "false_start")]
    assert line.said[-1] == "Please say or key in your account number."
    assert line.listen is None  # nobody listens to words while it is said this time
    assert not line.dialog.memory.failures
    line.finish()
    assert line.open.question == "account_number"


def test_the_sentence_that_is_agreed_to_is_heard_to_its_end() -> None:
    line = at_tender()
    for keys in ("1", "4111111111111111", "0529", "999"):
        line.press(keys)
        if keys != "999":
            line.finish()
    assert line.dialog.state.value == "confirm_payment"
    assert line.listen is None
    before = line.stopped
    line.press("1")
    assert line.stopped == before
    line.finish()
    assert not line.open.over


def test_keys_stop_a_prompt_that_is_listened_over() -> None:
    line = Line()
    line.press("2890345#")
    assert line.stopped == 1
    assert results(line) == [("account_number", "accepted")]


def test_a_pound_behind_a_number_stops_nothing() -> None:
    line = Line()
    line.press("#")
    assert line.stopped == 0
    assert line.open.over


def test_questions_for_keys_only_are_not_listened_over() -> None:
    line = Line(Manners(barge_in=True, keys_only=frozenset({"account_number"})))
    assert line.listen is None
    line.finish()
    assert line.open.keys_only


def test_who_hangs_up_while_a_question_is_asked_is_gone() -> None:
    line = Line()
    line.send(on.CallerHungUp())
    assert line.listen is None
    assert line.dialog.ended
