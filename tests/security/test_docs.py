"""Pages that name tests as their proofs: the tests exist, and what else can be compared is true."""

import re

import pytest

from bench.torture.guards import GUARDS
from voicebot import payments
from voicebot.payments.settings import ENVIRONMENTS
from voicebot.settings import ROOT

PAGES = ("docs/payments.md", "docs/security.md", "docs/torture.md")
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


def test_the_page_on_payments_names_every_environment_and_every_error() -> None:
    page = (ROOT / "docs/payments.md").read_text("utf-8")
    hosts = re.findall(r"^\| `(\w+)` \| `(\S+)` \| `(\S+)` \|", page, re.MULTILINE)
    assert hosts == [(name, each.general, each.vault) for name, each in ENVIRONMENTS.items()]
    table = page.partition("| error |")[2].partition("\n\n")[0]
    errors = {
        name
        for name, member in vars(payments).items()
        if isinstance(member, type) and issubclass(member, payments.PaymentExpressError)
    }
    assert {name for name in errors if f"`{name}`" not in table} == {"PaymentExpressError"}


def test_the_page_on_payments_has_the_waits_in_force() -> None:
    page = (ROOT / "docs/payments.md").read_text("utf-8")
    waits = page.partition("## How long a caller waits")[2].partition("##")[0]
    fields = payments.ApiSettings.model_fields
    names = ("connect_timeout_s", "answer_timeout_s", "budget_s", "payment_budget_s", "breaker_rest_s")
    assert [float(each) for each in re.findall(r"\b(\d+) s\b", waits)] == [fields[name].default for name in names]
    assert f"after {['', 'one', 'two', 'three', 'four', 'five'][fields['breaker_failures'].default]} failures" in waits


def test_the_page_on_the_torture_shows_every_guard() -> None:
    page = (ROOT / "docs/torture.md").read_text("utf-8").partition("## Each guard")[2]
    assert dict(re.findall(r"^\| `([a-z][\w-]+)` \| (.+?) \|", page, re.MULTILINE)) == {
        name: promise for name, (promise, _) in GUARDS.items()
    }
