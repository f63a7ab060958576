"""The calls of `test_calls.py` with ledger and bills on a real PostgreSQL server: one by voice, the others typed."""

from collections.abc import AsyncIterator

import pytest

from tests.calls.conftest import CALLERS, Line, agree, caller, until
from tests.calls.test_calls import CARD_QUESTIONS, ECHECK_QUESTIONS
from tests.ledger.postgresql import new_schema
from voicebot.audio import ScriptedPlace
from voicebot.call import Call, CallReport
from voicebot.cli.caller_script import CallerScript
from voicebot.cli.furnish import furnished
from voicebot.ledger import SettleRules, State, settle_once
from voicebot.sandbox import Fault
from voicebot.settings import Settings
from voicebot.speech import VoiceProcess


@pytest.fixture
def on_postgresql(house_settings: Settings, postgresql_socket: str) -> Settings:
    return house_settings.model_copy(update={"database": new_schema(postgresql_socket)})


@pytest.fixture
async def text_line(on_postgresql: Settings) -> AsyncIterator[Line]:
    async with furnished(on_postgresql, sound=False) as (house, sandbox):
        assert sandbox is not None
        yield Line(house, sandbox, {})


async def typed(line: Line, script: CallerScript) -> CallReport:
    return await Call(line.house, ScriptedPlace(script.typed_turns(CALLERS), has_sound=False)).run()


async def test_pays_by_voice(on_postgresql: Settings, voices: dict[str, VoiceProcess]) -> None:
    async with furnished(on_postgresql) as (house, sandbox):
        assert sandbox is not None
        line = Line(house, sandbox, voices)
        report = await line.call(caller("card"))
        assert (report.outcome, report.tender, report.problem) == ("paid", "card", "")
        agree(line, report)


@pytest.mark.parametrize(
    ("name", "outcome", "tender"),
    [
        ("card", "paid", "card"),
        ("echeck", "paid", "echeck"),
        ("declined", "paid", "echeck"),
        ("keypad", "paid", "card"),
        ("unknown_account", "abandoned", ""),
        ("silent", "abandoned", ""),
    ],
)
async def test_each_caller(text_line: Line, name: str, outcome: str, tender: str) -> None:
    report = await typed(text_line, caller(name))
    assert (report.outcome, report.tender, report.problem) == (outcome, tender, "")
    agree(text_line, report)


@pytest.mark.parametrize("question", [*CARD_QUESTIONS[:-1], *ECHECK_QUESTIONS])
async def test_a_caller_who_hangs_up_when_asked(text_line: Line, question: str) -> None:
    report = await typed(text_line, until(caller("card" if question in CARD_QUESTIONS else "echeck"), question))
    assert (report.outcome, report.problem) == ("abandoned", "")
    assert all(cart.state is State.ABANDONED for cart in text_line.carts())
    agree(text_line, report)


async def test_a_lost_answer_is_settled_and_told_to_who_calls_back(text_line: Line) -> None:
    for text in ("card:close:carried_out=yes", "status:404:times=0"):
        text_line.sandbox.add_fault(Fault.parse(text))
    report = await typed(text_line, caller("card"))
    assert report.outcome == "unknown"
    text_line.sandbox.clear_faults()
    ledger, payments = text_line.house.ledger, text_line.house.payments
    (settled,) = (await settle_once(ledger, payments, SettleRules(), early=True)).settled
    (charged,) = [payment for cart in text_line.books().carts for payment in cart.payments]
    assert (settled.state, settled.payment_id) == (State.PAID, charged.payment_id)
    again = await typed(text_line, caller("card"))
    assert (again.outcome, [cart.state for cart in text_line.carts()]) == ("abandoned", [State.PAID])
    assert ledger.show(settled.id).caller_waits is False
