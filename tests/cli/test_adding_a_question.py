"""The example of docs/adding-a-question.md: its changes are made to a copy of the project, which is then called."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import CALLERS, script
from voicebot.settings import ROOT

PAGE = ROOT / "docs" / "adding-a-question.md"
CHANGE = re.compile(r"\*\*`(?P<file>[^`]+)`\*\*.*?```(?P<language>\w+)\n(?P<text>.*?)```", re.DOTALL)


def carry_out(page: str, project: Path) -> None:
    """Make the changes: a block becomes a new file; in a `diff` each part after `@@` replaces what it names once."""
    for change in CHANGE.finditer(page):
        path, text = project / change["file"], change["text"]
        if change["language"] != "diff":
            path.write_text(text, "utf-8")
            continue
        content = path.read_text("utf-8")
        for part in text.split("@@\n")[1:]:
            lines = part.splitlines()
            old = "\n".join(line[1:] for line in lines if line[0] in " -")
            new = "\n".join(line[1:] for line in lines if line[0] in " +")
            assert content.count(old) == 1, f"{change['file']} does not hold once:\n{old}"
            content = content.replace(old, new)
        path.write_text(content, "utf-8")


def test_the_example_works(folder: Path) -> None:
    for part in ("voicebot", "grammars", "demo", "run_bot.py"):
        where = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        where(ROOT / part, folder / part)
    carry_out(PAGE.read_text("utf-8"), folder)
    caller = script(folder, "receipt: send it by mail")
    paying = (CALLERS / "card.yaml").read_text("utf-8").split("caller:\n")[1]
    caller.write_text(caller.read_text("utf-8") + paying, "utf-8")
    command = [sys.executable, "run_bot.py", "call", "--caller", caller.name, "--as-text", "--json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert report["outcome"] == "paid"
    assert report["turns"][-1] == {"question": "receipt", "heard": "send it by mail", "result": "accepted"}
