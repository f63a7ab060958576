"""Calls that are typed: `text` with a pipe for a caller, and the demo where there is no microphone."""

import pytest

from tests.cli.conftest import Ended, Run, questions, start
from tests.patience import PATIENCE_S

NO_MICROPHONE = ("VOICEBOT_MICROPHONE__INPUT", "a microphone that nobody has")


def test_a_whole_call_from_a_pipe() -> None:
    process = start("text", "--json", stdin=-1)
    typed = "two eight nine zero three four five\ncard\n4111111111111111\n0529\n999\nyes\nno\n"
    stdout, stderr = process.communicate(typed, timeout=PATIENCE_S)
    ended = Ended(process.returncode, stdout, stderr)
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert (ended.json["outcome"], ended.json["tender"]) == ("paid", "card")
    assert questions(ended.json)[-1] == "repeat_confirmation"
    assert "4111" not in stdout


def test_the_end_of_input_hangs_up(run: Run) -> None:
    ended = run("text", typed="2890345#\n")
    assert ended.exit_code == 0
    assert "Account 2890345." in ended.words
    assert "outcome abandoned" in ended.words


def test_without_a_microphone_the_demo_says_why_and_takes_the_keyboard(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(*NO_MICROPHONE)
    ended = run(typed="goodbye\n")
    assert ended.exit_code == 0
    assert "Nothing is charged" in ended.words
    assert "No microphone: " in ended.words
    assert "The keyboard instead" in ended.words
    assert "caller goodbye account_number: command goodbye" in ended.words
    assert "outcome abandoned" in ended.words


def test_without_a_microphone_mic_says_what_to_do(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(*NO_MICROPHONE)
    ended = run("mic", "--json")
    assert (ended.exit_code, ended.stdout) == (3, "")
    assert ended.complaint.startswith("cannot go on: ")
    assert "'a microphone that nobody has' was not found" in ended.complaint
