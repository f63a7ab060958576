"""`flow`: the conversation as a picture and as tables, drawn from what the code says."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Annotated, get_args

import typer

from voicebot.cli.errors import BadInput, explained
from voicebot.cli.options import JsonOption, console, print_json
from voicebot.dialog import Action, Event, mermaid
from voicebot.dialog.flow import TRANSITIONS

MADE_BY = "drawn by `run_bot.py flow --write`"


def flow(
    write: Annotated[
        Path | None,
        typer.Option(
            "--write",
            help="Put it into this page, between its `flow` marks, with tables of all events and actions.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Draw the conversation as a Mermaid diagram: states, and what leads from one to the next."""
    with explained():
        if write is not None:
            write.write_text(drawn(_text_of(write), str(write)), "utf-8")
            console.print(f"drawn into {write}")
        elif as_json:
            print_json({state: dict(rows) for state, rows in TRANSITIONS.items()})
        else:
            print(mermaid(), end="")  # noqa: T201 - plain text for a pipe


def drawn(page: str, name: str) -> str:
    """A page with the diagram and the tables between their marks.

    Raises:
        BadInput: the page has no place for the diagram.
    """
    if _begin("flow") not in page:
        raise BadInput(f"{name} has no place for the diagram; put these two lines there:\n{_begin('flow')}\n{END}")
    for what, draw in DRAWINGS.items():
        before, begin, rest = page.partition(_begin(what))
        if begin:
            _, end, after = rest.partition(END)
            if not end:
                raise BadInput(f"{name}: the place for {what} has no end; put this line there:\n{END}")
            page = f"{before}{begin}\n{draw()}{END}{after}"
    return page


END = "<!-- end of drawing -->"


def _begin(what: str) -> str:
    return f"<!-- {what}: {MADE_BY} -->"


def _diagram() -> str:
    return f"```mermaid\n{mermaid()}```\n"


def _table(kinds: tuple[type, ...], heading: str) -> str:
    """One row for each class: its name, its fields, and the first paragraph of its docstring."""
    rows = [f"| {heading} | carries | meaning |", "| --- | --- | --- |"]
    for kind in kinds:
        meaning = " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split())
        carried = ", ".join(f"`{field.name}`" for field in fields(kind))
        rows.append(f"| `{kind.__name__}` | {carried} | {meaning} |")
    return "\n".join(rows) + "\n"


DRAWINGS: Mapping[str, Callable[[], str]] = {
    "flow": _diagram,
    "events": lambda: _table(get_args(Event), "event"),
    "actions": lambda: _table(get_args(Action), "action"),
}


def _text_of(page: Path) -> str:
    try:
        return page.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise BadInput(f"{page} cannot be read: {problem}") from None
