"""The README's table names every command there is, and no other."""

import re
from pathlib import Path

from typer import Typer

from voicebot.cli import app

README = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")


def commands_of(group: Typer, prefix: str = "") -> set[str]:
    own = {f"{prefix}{c.name or getattr(c.callback, '__name__', '')}" for c in group.registered_commands}
    for inner in group.registered_groups:
        if inner.typer_instance is not None:
            own |= commands_of(inner.typer_instance, f"{prefix}{inner.name} ")
    return own


def test_every_command_is_in_the_readme_and_no_other() -> None:
    first_cells = re.findall(r"^\| (`(?!run_bot).+?) \|", README, re.MULTILINE)
    commands = (re.match(r"[a-z ]+(?<! )", text) for cell in first_cells for text in re.findall(r"`(.+?)`", cell))
    assert {found.group() for found in commands if found} == commands_of(app)
