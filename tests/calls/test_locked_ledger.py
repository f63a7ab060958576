"""Calls while somebody else keeps the ledger locked: nothing is done that cannot be written down first."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.calls.conftest import CALLERS, Line, caller
from voicebot.audio import ScriptedPlace
from voicebot.call import Call, CallReport, Silent
from voicebot.cli.furnish import furnished
from voicebot.dialog import Line as Sentence
from voicebot.ledger import Ledger, State, settle_once
from voicebot.ledger.ledger import CALL_LEASE_S
from voicebot.sandbox import Fault, RequestKind
from voicebot.settings import Settings


class Backup:
    """Another program that locks the database; for a backup, as it believes."""

    def __init__(self, database: str) -> None:
        self._connection = sqlite3.connect(database.removeprefix("sqlite:///"), isolation_level=None)

    def lock(self) -> None:
        self._connection.execute("BEGIN EXCLUSIVE")

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
async def line(house_settings: Settings) -> AsyncIterator[Line]:
    async with furnished(house_settings, sound=False) as (house, sandbox):
        assert sandbox is not None
        ledger = Ledger.open(house_settings.database, busy_timeout_s=0.05)
        yield Line(replace(house, ledger=ledger), sandbox, {})
        ledger.close()


@pytest.fixture
def backup(line: Line, house_settings: Settings) -> Iterator[Backup]:
    del line  # the database is there
    with closing(Backup(house_settings.database)) as backup:
        yield backup


class Listening(Silent):
    """Hears what is said; locks the ledger when a question is asked."""

    def __init__(self, backup: Backup, *, locked_at: str = "") -> None:
        self.said_so_far: list[str] = []
        self._backup, self._locked_at = backup, locked_at

    def said(self, line: Sentence, at_s: float) -> None:
        del at_s
        self.said_so_far.append(line.shown)

    def asked(self, question: str, at_s: float) -> None:
        del at_s
        if question == self._locked_at:
            self._backup.lock()


async def typed(line: Line, watcher: Listening) -> CallReport:
    place = ScriptedPlace(caller("card").typed_turns(CALLERS), has_sound=False)
    return await Call(line.house, place, watcher=watcher).run()


async def test_no_cart_is_made_that_can_not_be_written_down(line: Line, backup: Backup) -> None:
    report = await typed(line, Listening(backup, locked_at="account_number"))
    assert (report.outcome, report.problem) == ("abandoned", "")
    assert line.books().carts == ()


async def test_no_payment_leaves_that_can_not_be_written_down(line: Line, backup: Backup) -> None:
    heard = Listening(backup, locked_at="confirm_payment")
    report = await typed(line, heard)
    assert (report.outcome, report.problem) == ("abandoned", "")
    assert [cart.attempts for cart in line.books().carts] == [()]
    assert "Nothing was charged." in " ".join(heard.said_so_far)
    backup.close()
    assert [cart.state for cart in line.carts()] == [State.CREATED]


async def test_a_payment_that_was_made_is_told_and_written_down_later(
    line: Line, backup: Backup, house_settings: Settings
) -> None:
    line.sandbox.add_fault(Fault.parse("card:late:for_s=0.3,carried_out=yes"))
    heard = Listening(backup)
    calling = asyncio.create_task(typed(line, heard))
    await line.sandbox.arrival(RequestKind.CARD)
    backup.lock()
    report = await calling
    (charged,) = [payment for cart in line.books().carts for payment in cart.payments]
    assert (report.outcome, report.payment_id) == ("paid", charged.payment_id)
    backup.close()
    assert [cart.state for cart in line.carts()] == [State.PAYING]
    later = Ledger.open(house_settings.database, clock=lambda: datetime.now(UTC) + timedelta(seconds=CALL_LEASE_S + 1))
    (settled,) = (await settle_once(later, line.house.payments)).settled
    later.close()
    assert (settled.state, settled.payment_id) == (State.PAID, charged.payment_id)
