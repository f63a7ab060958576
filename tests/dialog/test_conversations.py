"""Whole conversations, told in YAML beside this file."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.dialog.talk import COSTS, ITEMS, Talk, World, script_in
from voicebot.dialog import Manners
from voicebot.dialog import actions as do
from voicebot.dialog.events import LookupProblem

FOLDER = Path(__file__).parent / "conversations"
CONVERSATIONS = [entry for path in sorted(FOLDER.glob("*.yaml")) for entry in yaml.safe_load(path.read_text())]


def world_of(told: dict[str, Any]) -> World:
    told = dict(told)
    if "items" in told:
        told["items"] = ITEMS[: told["items"]]
    if "costs" in told:
        told["costs"] = COSTS[: told["costs"]]
    if "problem" in told:
        told["problem"] = LookupProblem(told["problem"])
    return World(**told)


def act(talk: Talk, step: dict[str, Any]) -> None:
    if isinstance(step.get("say"), list):
        talk.hear_pieces(step["say"])
    elif "say" in step:
        talk.hear(step["say"])
    elif "guesses" in step:
        talk.hear_guesses(step["guesses"])
    elif "keys" in step:
        talk.press(step["keys"])
    elif "silence" in step:
        for _ in range(int(step["silence"])):
            talk.silence()
    else:
        talk.hang_up()


def contained_in_order(pieces: list[Any], text: str) -> bool:
    at = 0
    for piece in pieces:
        at = text.find(str(piece), at)
        if at < 0:
            return False
        at += len(str(piece))
    return True


@pytest.mark.parametrize("told", CONVERSATIONS, ids=[told["name"] for told in CONVERSATIONS])
def test_conversation(told: dict[str, Any]) -> None:
    spoken = script_in(*told.get("languages", ["en-US"]))
    if "ahead" in told:
        spoken = replace(spoken, manners=Manners(ahead=told["ahead"]))
    if "known" in told:
        spoken = replace(spoken, known_accounts=frozenset(told["known"]))
    talk = Talk(world_of(told.get("world", {})), spoken, can_transfer=told.get("can_transfer", False))
    assert contained_in_order(told.get("greeted", []), " ".join(talk.said))
    for step in told["call"]:
        before = len(talk.said)
        act(talk, step)
        said = " ".join(talk.said[before:])
        assert contained_in_order(step.get("hears", []), said), f"after {step}: {said!r}"
        if "asked" in step:
            assert talk.question == step["asked"], f"after {step}: {said!r}"
    whole = " ".join(talk.said)
    assert not [piece for piece in told.get("never_hears", []) if piece in whole]
    assert talk.hung_up
    assert talk.dialog.memory.outcome == told["outcome"]
    assert len(talk.world.paid) == told["payments"]
    assert len(talk.dialog.turns) == told.get("turns", len(talk.dialog.turns))
    # Whatever was not paid was let go, exactly once for each cart.
    recorded = sum(isinstance(action, do.RecordCart) for action in talk.actions)
    abandoned = sum(isinstance(action, do.AbandonCart) for action in talk.actions)
    kept = told["outcome"] in {"paid", "unknown"}
    assert abandoned == recorded - kept
