"""`grammar check`: what the recogniser will make of the grammars, as a person and as a program see it."""

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from voicebot.cli import furnish
from voicebot.settings import ROOT


def test_the_grammars_work_and_what_is_known_of_them_is_reported(run: Run) -> None:
    ended = run("grammar", "check", "--json")
    assert ended.exit_code == 0
    found = {(row["kind"], *row["words"][:2]) for row in ended.json}
    assert ("alike", "no", "go") in found
    assert ("alike", "fifteen", "fifty") in found
    assert not [row for row in ended.json if row["is_error"] or row["kind"] in {"missing_pair", "favoured_pair"}]
    assert all(row["grammars"] and row["problem"] and row["hint"] for row in ended.json)


def test_a_word_that_the_model_lacks_is_wrong_for_certain(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "grammars", tmp_path / "grammars")
    grammar = tmp_path / "grammars" / "en-US" / "tender.jsgf"
    grammar.write_text(grammar.read_text("utf-8").replace("e check", "echeck"), "utf-8")
    monkeypatch.setattr(furnish, "ROOT", tmp_path)
    ended = run("grammar", "check", "--json")
    assert ended.exit_code == 2
    (wrong,) = (row for row in ended.json if row["is_error"])
    assert (wrong["problem"], wrong["at"]) == ("the model does not know 'echeck'", "tender.jsgf:22")
