"""Help that teaches: every command and every option says what it does, and exit codes are told."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from tests.cli.conftest import Run
from voicebot.cli import app
from voicebot.cli.errors import ExitCode
from voicebot.settings import ROOT


def commands_of(group: object, prefix: str = "") -> Iterator[tuple[str, TyperCommand]]:
    assert isinstance(group, TyperGroup)
    for name, command in group.commands.items():
        if isinstance(command, TyperCommand):
            yield f"{prefix}{name}", command
        else:
            yield from commands_of(command, f"{prefix}{name} ")


COMMANDS = dict(commands_of(get_command(app)))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does_and_speaks_to_programs(run: Run, name: str) -> None:
    command = COMMANDS[name]
    assert command.help
    options = {option: str(getattr(each, "help", "") or "") for each in command.params for option in each.opts}
    assert {option: text for option, text in options.items() if len(text) < 10 and option != "--help"} == {}
    assert "--json" in options
    shown = run(*name.split(), "--help")
    assert shown.exit_code == 0
    assert command.help.split("\n")[0].split(".")[0] in shown.words


@pytest.mark.parametrize("text", ["Exit codes: ", "A command ends with "])
def test_exit_codes_are_documented(run: Run, text: str) -> None:
    pages = " ".join([run("--help").words, *(ROOT / "README.md").read_text("utf-8").split()])
    sentence = pages.split(text)[1].split(".")[0]
    assert re.findall(r"\b[0-9]\b", sentence) == [str(code.value) for code in ExitCode]


def test_an_unknown_command_or_option_is_bad_input(run: Run) -> None:
    assert run("sing").exit_code == ExitCode.BAD_INPUT
    assert run("carts", "list", "--loud").exit_code == ExitCode.BAD_INPUT


def test_a_failure_of_ours_cuts_the_call_off_and_says_so(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("voicebot.dialog.dialog.Dialog.handle", lambda *_: 1 / 0)
    monkeypatch.setenv("VOICEBOT_LOG_LEVEL", "error")
    ended = run("call", "--caller", ROOT / "demo/callers/silent.yaml", "--as-text", "--json")
    assert ended.exit_code == ExitCode.FAILED
    assert ended.json["problem"] == "ZeroDivisionError"
    assert "call failed" in ended.complaint
    assert str(tmp_path) not in ended.stdout
