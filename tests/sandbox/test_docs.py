"""docs/sandbox.md says what the code does: its tables are compared with the code's.

`python -m tests.sandbox.test_docs` writes the tables anew.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from voicebot.sandbox import DEFAULT_SCOPES, Fault, FaultKind, RequestKind
from voicebot.sandbox.control import control_app, tender_rows
from voicebot.sandbox.faults import MEANING

PAGE = Path(__file__).parents[2] / "docs" / "sandbox.md"


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def tenders() -> str:
    rows = [(row.type, row.number, row.name, row.outcome) for row in tender_rows()]
    return table(("tender", "number", "what it is", "outcome"), rows)


def _carried_out(kind: FaultKind) -> str:
    if Fault(kind=kind).carried_out:
        return "always"
    try:
        Fault(kind=kind, carried_out=True)
    except ValueError:
        return "never"
    return "as asked"


def faults() -> str:
    rows = [(f"`{kind}`", meaning, _carried_out(kind)) for kind, meaning in MEANING.items()]
    return table(("kind", "what the client meets", "carried out"), rows)


def control() -> str:
    page: dict[str, Any] = control_app().openapi()
    rows = [
        (f"`{method.upper()} /control{path}`", operation["summary"])
        for path, methods in page["paths"].items()
        for method, operation in methods.items()
    ]
    return table(("request", "what it does"), rows)


TABLES = {"tenders": tenders, "faults": faults, "control": control}


def block(name: str) -> str:
    return f"<!-- {name}: begin -->\n{TABLES[name]()}\n<!-- {name}: end -->"


@pytest.mark.parametrize("name", TABLES)
def test_each_table_is_the_codes(name: str) -> None:
    assert block(name) in PAGE.read_text(), "run: python -m tests.sandbox.test_docs"


@pytest.mark.parametrize("request_kind", RequestKind)
def test_each_request_and_its_scope_are_named(request_kind: RequestKind) -> None:
    row = re.search(rf"^\| `{request_kind}` \| {request_kind.host} \|.*$", PAGE.read_text(), re.MULTILINE)
    assert row is not None
    assert DEFAULT_SCOPES.get(request_kind, "") in row.group()


def test_each_field_of_a_fault_is_named() -> None:
    text = PAGE.read_text()
    assert [name for name in Fault.model_fields if f"`{name}`" not in text and f"**{name}**" not in text] == []


if __name__ == "__main__":
    page = PAGE.read_text()
    for name in TABLES:
        before, _, rest = page.partition(f"<!-- {name}: begin -->")
        page = before + block(name) + rest.partition(f"<!-- {name}: end -->")[2]
    PAGE.write_text(page)
