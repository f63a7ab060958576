"""`flow`: the page about a call is what the code says, and other pages get their drawing too."""

from pathlib import Path

from tests.cli.conftest import Run
from voicebot.cli.flow import DRAWINGS, drawn
from voicebot.dialog import mermaid
from voicebot.settings import ROOT

PAGE = ROOT / "docs" / "how-a-call-works.md"


def test_the_page_is_current() -> None:
    text = PAGE.read_text("utf-8")
    assert drawn(text, PAGE.name) == text, f"run_bot.py flow --write docs/{PAGE.name}"
    for what, draw in DRAWINGS.items():
        assert draw() in text, f"the page has no {what}"


def test_it_prints_the_diagram(run: Run) -> None:
    assert run("flow").stdout == mermaid()


def test_for_programs_it_is_the_table(run: Run) -> None:
    table = run("flow", "--json").json
    assert table["confirm_payment"] == {"yes": "paying", "no": "after_decline"}
    assert [state for state, rows in table.items() if "paying" in rows.values()] == ["confirm_payment"]


def test_it_is_drawn_between_its_marks(run: Run, folder: Path) -> None:
    page = folder / "page.md"
    begin, end = "<!-- flow: drawn by `run_bot.py flow --write` -->", "<!-- end of drawing -->"
    page.write_text(f"before\n{begin}\nold\n{end}\nafter\n", "utf-8")
    assert run("flow", "--write", page).exit_code == 0
    assert page.read_text("utf-8") == f"before\n{begin}\n```mermaid\n{mermaid()}```\n{end}\nafter\n"


def test_a_page_without_marks_is_told_them(run: Run, folder: Path) -> None:
    page = folder / "page.md"
    page.write_text("nothing\n", "utf-8")
    ended = run("flow", "--write", page)
    assert ended.exit_code == 2
    assert "put these two lines there" in ended.complaint
    assert page.read_text("utf-8") == "nothing\n"
    assert run("flow", "--write", folder / "no.md").exit_code == 2
