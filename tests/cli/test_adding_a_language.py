"""The example of docs/adding-a-language.md: its steps are taken in a copy of the project, which is then called."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.cli.test_adding_a_question import carry_out
from voicebot.dialog.formats import Formats
from voicebot.settings import ROOT
from voicebot.speech import read_manifest

PAGE = (ROOT / "docs" / "adding-a-language.md").read_text("utf-8")
SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)
OFFER = "Para español, diga español, o presione el 2."


def taken(folder: Path) -> None:
    """Take the steps of the page, up to the call."""
    for part in ("voicebot", "grammars", "demo", "models", "run_bot.py"):
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("vosk-model-*", ".fetching"))
        else:
            shutil.copy(ROOT / part, folder / part)
    manifest = (folder / "models" / "manifest.toml").read_text("utf-8")
    for commands in SHELL.findall(PAGE):
        subprocess.run(["bash", "-euc", commands], cwd=folder, check=True)
    carry_out(PAGE, folder)
    added = (folder / "models" / "manifest.toml").read_text("utf-8")
    (folder / "models" / "manifest.toml").write_text(f"{manifest}\n{added}", "utf-8")


def run(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "run_bot.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_example_works(folder: Path) -> None:
    taken(folder)
    done = run(folder, "call", "--caller", "caller.yaml", "--as-text", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert (report["outcome"], report["tender"]) == ("paid", "card")
    heard = {turn["question"]: turn["heard"] for turn in report["turns"]}
    assert (heard["language"], heard["tender"]) == ("espanol", "con mi plástico")
    assert OFFER in " ".join(run(folder, "call", "--caller", "caller.yaml", "--as-text").stdout.split())


def test_the_manifest_of_the_example_can_be_read(folder: Path) -> None:
    taken(folder)
    assert read_manifest(folder / "models")["vosk-model-small-fr-0.22"].language == "fr"


def test_the_page_names_every_format_that_there_is() -> None:
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \|", PAGE.partition("The section `formats`")[2], re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}
    assert named == set(Formats.model_fields) - {"language"}


def test_what_the_page_offers_is_what_the_settings_say() -> None:
    (settings,) = re.findall(r"\*\*`voicebot\.toml`\*\*\n\n```toml\n(.*?)```", PAGE, re.DOTALL)
    assert list(tomllib.loads(settings)["languages"]) == ["es-MX"]
