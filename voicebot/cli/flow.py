"""`flow`: the conversation as a picture, drawn from its table."""

from pathlib import Path
from typing import Annotated

import typer

from voicebot.cli.errors import BadInput, explained
from voicebot.cli.options import console
from voicebot.dialog import mermaid

BEGIN, END = "<!-- flow: drawn by `run_bot.py flow --write` -->", "<!-- flow: end -->"


def flow(
    write: Annotated[
        Path | None,
        typer.Option("--write", help="Put it into this page, between its `flow` marks.", show_default=False),
    ] = None,
) -> None:
    """Draw the conversation as a Mermaid diagram: states, and what leads from one to the next."""
    with explained():
        if write is None:
            print(mermaid(), end="")  # noqa: T201 - plain text for a pipe
            return
        write.write_text(drawn(write.read_text("utf-8"), str(write)), "utf-8")
        console.print(f"drawn into {write}")


def drawn(page: str, name: str) -> str:
    """A page with the diagram between its marks.

    Raises:
        BadInput: the page has no marks.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise BadInput(f"{name} has no place for the diagram; put these two lines where it belongs:\n{BEGIN}\n{END}")
    return f"{before}{BEGIN}\n```mermaid\n{mermaid()}```\n{END}{after}"
