"""The security page names tests as its proofs; they exist."""

import re

import pytest

from voicebot.settings import ROOT

PAGES = ("docs/security.md", "docs/torture.md")
NAMED = re.compile(r"`(tests/[\w/.]+)(?:::(\w+))?`")


@pytest.mark.parametrize("page", PAGES)
def test_every_proof_that_is_named_is_there(page: str) -> None:
    missing = []
    for path, test in NAMED.findall((ROOT / page).read_text("utf-8")):
        file = ROOT / path
        if not file.exists() or (test and f"def {test}(" not in file.read_text("utf-8")):
            missing.append(f"{path}::{test}")
    assert missing == []


def test_every_point_of_the_compliance_list_is_answered() -> None:
    """A row for each point: five on cards, three on eChecks, two on fees, three on outcomes, and recording's scope."""
    page = (ROOT / "docs/security.md").read_text("utf-8")
    rows = page.partition("## The compliance list")[2].partition("## The canary")[0]
    answered = [row for row in rows.splitlines() if row.startswith("| ") and not row.startswith(("| point", "| ---"))]
    assert len(answered) == 14
