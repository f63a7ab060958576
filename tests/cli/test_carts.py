"""`carts`, after `run_bot.py call` was killed with SIGKILL between any two steps of a payment.

The bot is a process of its own; the sandbox lives in the test, tells when a request has arrived, and keeps it
unanswered or carries it out and keeps the answer. What `carts settle` then says is compared with the books of the
sandbox.
"""

import asyncio
import json
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import CALLERS, Run, start
from tests.ledger import support
from tests.patience import PATIENCE_S
from voicebot.ledger import IllegalTransition, Ledger
from voicebot.sandbox import API_ROOT, Fault, RequestKind, Sandbox

STEPS = {
    # killed at: faults, the request at whose arrival it dies, the ledger's state then, and after settling
    "handing the cart over": ("cart:silent", "cart", "recorded", "abandoned"),
    "the cart made, its answer lost": ("cart:silent:carried_out=yes", "cart", "recorded", "abandoned"),
    "paying, nothing charged": ("card:silent", "card", "paying", "not_paid"),
    "paying, charged": ("card:silent:carried_out=yes", "card", "paying", "paid"),
    "asking how it ended": ("card:close:carried_out=yes status:silent", "status", "unknown", "paid"),
}


def environment(sandbox: Sandbox) -> dict[str, str]:
    """Settings that lead to this sandbox, for a command of any process."""
    return {
        "VOICEBOT_PAYMENTS__ENVIRONMENT": "custom",
        "VOICEBOT_PAYMENTS__GENERAL_URL": f"{sandbox.general_url}{API_ROOT}",
        "VOICEBOT_PAYMENTS__VAULT_URL": f"{sandbox.vault_url}{API_ROOT}",
        "VOICEBOT_PAYMENTS__CLIENT_ID": sandbox.client_id,
        "VOICEBOT_PAYMENTS__CLIENT_SECRET": sandbox.client_secret,
        "VOICEBOT_PAYMENTS__SCOPES": json.dumps(sandbox.scopes),
        "VOICEBOT_SETTLING__QUIET_S": "0",
    }


@pytest.mark.parametrize("step", STEPS)
async def test_a_killed_bot_loses_nothing_and_pays_nothing_twice(
    run: Run, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    faults, arrives, state, settled = STEPS[step]
    async with Sandbox(faults=[Fault.parse(text) for text in faults.split()]) as sandbox:
        for name, value in environment(sandbox).items():
            monkeypatch.setenv(name, value)
        arrival = asyncio.ensure_future(sandbox.arrival(RequestKind(arrives)))
        await asyncio.sleep(0)
        bot = start("call", "--caller", CALLERS / "card.yaml", "--as-text")
        try:
            await asyncio.wait_for(arrival, PATIENCE_S)
        finally:
            bot.kill()
            await asyncio.to_thread(bot.communicate)
        assert bot.returncode == -signal.SIGKILL
        sandbox.clear_faults()

        listed = await asyncio.to_thread(run, "carts", "list", "--json")
        (cart,) = listed.json
        assert cart["state"] == state
        ended = await asyncio.to_thread(run, "carts", "settle", "--json")
        assert ended.exit_code == 0
        (cart,) = ended.json["settled"]
        assert cart["state"] == settled
        assert (await asyncio.to_thread(run, "carts", "settle", "--json")).json["settled"] == []

        charged = [(each.cart_id, paid.payment_id) for each in sandbox.books().carts for paid in each.payments]
        assert charged == ([(cart["cart_id"], cart["payment_id"])] if settled == "paid" else [])
        assert sandbox.incidents() == ()
        shown = await asyncio.to_thread(run, "carts", "show", cart["reference"], "--json")
        assert [line["after"] for line in shown.json["history"]][-1] == settled
        if settled == "paid":
            told = await asyncio.to_thread(run, "call", "--caller", CALLERS / "card.yaml", "--as-text")
            assert f"Your earlier payment with reference number {cart['reference']} went through." in told.words


async def test_a_vault_that_is_down_is_noticed_before_the_card_is_asked_for(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Sandbox(faults=[Fault.parse("card:refuse:times=0")]) as sandbox:
        for name, value in environment(sandbox).items():
            monkeypatch.setenv(name, value)
        report = await asyncio.to_thread(run, "call", "--caller", CALLERS / "card.yaml", "--as-text", "--json")
        assert (report.json["outcome"], report.json["problem"]) == ("abandoned", "")
        assert [turn["question"] for turn in report.json["turns"]] == ["account_number"]
        assert sandbox.books().carts == ()


async def test_settling_says_what_is_still_in_doubt(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    faults = [Fault.parse("card:close:carried_out=yes"), Fault.parse("status:503:times=0")]
    async with Sandbox(faults=faults) as sandbox:
        for name, value in environment(sandbox).items():
            monkeypatch.setenv(name, value)
        report = await asyncio.to_thread(run, "call", "--caller", CALLERS / "card.yaml", "--as-text", "--json")
        assert (report.exit_code, report.json["outcome"]) == (0, "unknown")
        waiting = await asyncio.to_thread(run, "carts", "settle")
        assert waiting.exit_code == 4
        assert f"{report.json['reference']} │ unknown" in waiting.words
        sandbox.clear_faults()
        settled = await asyncio.to_thread(run, "carts", "settle", "--json")
        assert (settled.exit_code, settled.json["settled"][0]["state"]) == (0, "paid")
        assert sum(len(cart.payments) for cart in sandbox.books().carts) == 1


@pytest.mark.parametrize("driver", ["sqlite", "sqlite+pysqlite"])
def test_the_embedded_sandbox_remembers_for_carts_settle(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, driver: str
) -> None:
    monkeypatch.setenv("VOICEBOT_DATABASE", f"{driver}:///data/voicebot.sqlite3")
    report = run("call", "--caller", CALLERS / "card.yaml", "--as-text", "--json").json
    assert run("carts", "list").words == "nothing is unsettled"
    (cart,) = run("carts", "list", "--all", "--json").json
    assert (cart["state"], cart["payment_id"]) == ("paid", report["payment_id"])
    shown = run("carts", "show", report["cart_id"])
    assert shown.exit_code == 0
    for text in (report["reference"], "recorded", "created", "paying", "paid"):
        assert text in shown.words
    assert sorted(path.name for path in (folder / "data").glob("*.sqlite3")) == ["sandbox.sqlite3", "voicebot.sqlite3"]


def test_who_has_just_paid_owes_nothing_any_more(run: Run) -> None:
    """Though the file of bills still lists it: the ledger knows better."""
    paid = run("call", "--caller", CALLERS / "card.yaml", "--as-text", "--json").json
    again = run("call", "--caller", CALLERS / "card.yaml", "--as-text")
    assert f"Your earlier payment with reference number {paid['reference']} went through." in again.words
    assert "nothing is owed on this account" in again.words
    assert "Nothing was charged" not in again.words
    assert len(run("carts", "list", "--all", "--json").json) == 1


def test_what_is_left_is_still_owed(run: Run) -> None:
    def pays(*keys: str) -> dict[str, Any]:
        typed = "\n".join(["4111872#", *keys, "1", "4111111111111111", "1230", "123", "1", "2"])
        report: dict[str, Any] = run("text", "--json", typed=typed).json
        return report

    assert pays("2")["totals"]["card"]["primary"] == "62.15"
    assert pays("9")["totals"]["card"]["primary"] == "856.60"


def test_carts_that_need_people_are_listed_until_acknowledged(run: Run, folder: Path) -> None:
    run("call", "--caller", CALLERS / "card.yaml", "--as-text")
    ledger = Ledger.open(f"sqlite:///{folder}/data/voicebot.sqlite3")
    (cart,) = ledger.list()
    with pytest.raises(IllegalTransition):
        ledger.paid(cart.id, "Z-second")
    ledger.close()
    listed = run("carts", "list", "--attention", "--json")
    assert (listed.exit_code, [each["reference"] for each in listed.json]) == (4, [cart.reference])
    assert run("carts", "settle").exit_code == 4
    assert run("carts", "acknowledge", cart.reference).exit_code == 0
    listed = run("carts", "list", "--attention")
    assert (listed.exit_code, listed.words) == (0, "no cart needs attention")


def test_a_cart_in_doubt_can_not_be_acknowledged_away(run: Run, folder: Path) -> None:
    run("carts", "list")
    ledger = Ledger.open(
        f"sqlite:///{folder}/data/voicebot.sqlite3", clock=lambda: datetime.now(UTC) - timedelta(hours=2)
    )
    cart = support.unknown(ledger)
    ledger.close()
    listed = run("carts", "list", "--attention", "--json")
    assert (listed.exit_code, [each["reference"] for each in listed.json]) == (4, [cart.reference])
    refused = run("carts", "acknowledge", cart.reference)
    assert (refused.exit_code, "settle it first" in refused.complaint) == (2, True)


def test_a_cart_that_nobody_knows(run: Run) -> None:
    for command in ("show", "acknowledge"):
        ended = run("carts", command, "12345678")
        assert ended.exit_code == 2
        assert ended.complaint == "bad input: no cart with the id or reference '12345678'; see `carts list`"


def test_a_database_that_cannot_be_reached(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEBOT_DATABASE", "sqlite:////proc/nowhere/voicebot.sqlite3")
    ended = run("carts", "list")
    assert ended.exit_code == 3
    assert ended.complaint.startswith("cannot go on: ")
