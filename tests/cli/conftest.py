"""The commands as a stranger runs them: in a folder of his own, with the settings that a clone has."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner

from tests.patience import PATIENCE_S
from voicebot.cli import app
from voicebot.settings import ROOT

RUN_BOT = [sys.executable, str(ROOT / "run_bot.py")]
CLIPS = ROOT / "demo" / "clips"
CALLERS = ROOT / "demo" / "callers"


@dataclass(frozen=True)
class Ended:
    """How a command ended, with its words on one line each, however the console wrapped them."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def words(self) -> str:
        return " ".join(self.stdout.split())

    @property
    def complaint(self) -> str:
        return " ".join(self.stderr.split())

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)


Run = Callable[..., Ended]


@pytest.fixture(scope="session")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prompts that hold none of the caller's words are spoken once for all tests."""
    return tmp_path_factory.mktemp("prompts")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, prompts: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The working directory, empty."""
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("VOICEBOT_SPEECH__PROMPT_CACHE", str(prompts))
    yield folder
    structlog.reset_defaults()  # a command logs to its own standard error, which is gone


@pytest.fixture
def run() -> Run:
    """Run a command in this process."""
    return run_command


def run_command(*arguments: str | Path, typed: str = "") -> Ended:
    result = CliRunner().invoke(app, [str(each) for each in arguments], input=typed, prog_name="run_bot.py")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ended(result.exit_code, result.stdout, result.stderr)


def start(*arguments: str | Path, **how: Any) -> "subprocess.Popen[str]":
    """Start a command as a process of its own."""
    return subprocess.Popen(
        [*RUN_BOT, *map(str, arguments)], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **how
    )


def interrupted(process: "subprocess.Popen[str]") -> Ended:
    """Press Ctrl-C and wait for the end."""
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=PATIENCE_S)
    return Ended(process.returncode, stdout, stderr)


def object_of(process: "subprocess.Popen[str]") -> Any:
    """The one JSON object that a running command has printed."""
    assert process.stdout is not None
    text = ""
    for line in process.stdout:
        text += line
        if line == "}\n":
            return json.loads(text)
    pytest.fail(f"the command ended without its object: {text}")


def script(folder: Path, *entries: str) -> Path:
    """A caller's script, an entry as `question: what he does`: say, keys in quotation marks, or `hangs up`."""
    path = folder / "caller.yaml"
    path.write_text("caller:\n" + "".join(_entry(*entry.split(": ", 1)) for entry in entries), "utf-8")
    return path


def _entry(question: str, deed: str) -> str:
    how = "hang_up: true" if deed == "hangs up" else f"keys: {deed}" if deed.startswith('"') else f'say: "{deed}"'
    return f"  - when: {question}\n    {how}\n"


def questions(report: Any) -> Sequence[str]:
    """The questions of a call's report, in order."""
    return [turn["question"] for turn in report["turns"]]
