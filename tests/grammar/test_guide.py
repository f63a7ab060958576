"""The example of docs/writing-a-grammar.md, run as it stands there."""

import doctest
from pathlib import Path

import pytest

from tests.grammar.conftest import GRAMMARS, ROOT

GUIDE = ROOT / "docs" / "writing-a-grammar.md"


def test_the_example_of_the_guide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = GUIDE.read_text()
    example = guide[guide.index("    #JSGF") : guide.index("Put that into")]
    folder = tmp_path / "grammars" / "en-US"
    folder.mkdir(parents=True)
    (folder / "receipt.jsgf").write_text(example.replace("\n    ", "\n").strip() + "\n")
    (folder / "numbers.jsgf").write_text((GRAMMARS / "numbers.jsgf").read_text())
    monkeypatch.chdir(tmp_path)
    results = doctest.testfile(str(GUIDE), module_relative=False)
    assert (results.failed, results.attempted > 0) == (0, True)
