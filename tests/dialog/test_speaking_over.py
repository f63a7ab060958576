"""Conversations in which callers speak over prompts, told in `speaking_over.yaml`."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.dialog.line import Line
from voicebot.dialog import Manners

CONVERSATIONS = yaml.safe_load(Path(__file__).with_name("speaking_over.yaml").read_text())


def act(line: Line, step: dict[str, Any]) -> None:
    echo = step.get("echo", 0.05)
    if "coming" in step:
        line.coming(step["coming"], echo)
    elif "heard" in step:
        line.heard(step["heard"], echo)
    elif "guesses" in step:
        line.heard_as(step["guesses"], echo)
    elif "keys" in step:
        line.press(step["keys"])
    elif "silence" in step:
        line.silence()
    elif "finish" in step:
        line.finish()


def listens(line: Line) -> str:
    return "not" if line.listen is None else "over" if line.listen.over else "after"


@pytest.mark.parametrize("told", CONVERSATIONS, ids=[told["name"] for told in CONVERSATIONS])
def test_speaking_over(told: dict[str, Any]) -> None:
    line = Line(Manners(barge_in=told.get("barge_in", True)))
    for step in told["call"]:
        act(line, step)
        found = {
            "stops": line.stopped,
            "asked": line.dialog.state.value,
            "listens": listens(line),
            "says": line.said[-1],
        }
        assert {name: found[name] for name in found if name in step} == {
            name: step[name] for name in found if name in step
        }, f"after {step}"
    assert [f"{turn.question} {turn.result}" for turn in line.dialog.turns] == told["turns"]
