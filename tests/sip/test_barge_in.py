"""A caller who speaks over prompts on a telephone line and pays (baresip); where that is off, nobody hears it."""

from pathlib import Path
from typing import Any

import pytest

from bench.sip.bot import Bot, running_bot
from bench.sip.clips import clip_for
from tests.sip.baresip import Baresip, baresip
from tests.sip.conftest import accounts_file, needs_baresip
from voicebot.ledger import Ledger, State
from voicebot.sandbox import Sandbox

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.alone, needs_baresip]

SLOW_VOICE = "espeak:en-us+f3@80"
"""What is said over a prompt must be over before the prompt is, on a busy machine too. It is unlike the voice of the
clips, which might be taken for an echo by chance (likeness up to 0.24, 0.25 is one; 0.17 with this voice)."""

OVER = {
    ("began", ""): "account_number",  # while the line is named
    ("answered", "tender: accepted"): "card_number",
    ("answered", "expiration: accepted"): "security_code",
}
"""What is said over the prompt that follows an event."""
TRIES = 3
"""Of what a line lost, or spoiled: it is said over the question asked again."""


async def speaking_over(bot: Bot, phone: Baresip, number: str, tries: int) -> dict[str, Any]:
    """Say some answers over their questions, and the others when they are asked for. Returns the call's report.

    Who was not heard right over a question says it over the next one, and hangs up after so many tries.
    """
    said: list[str] = []

    async def say(question: str) -> None:
        said.append(question)
        await phone.say(clip_for(question))

    async for event in bot.news(number):
        what = str(event.get("what", ""))
        question, _, result = what.partition(": ")
        if over := OVER.get((event["event"], what)):
            await phone.happened("CALL_ESTABLISHED")
            await say(over)
        elif event["event"] == "asked" and what not in OVER.values():
            await say(what)
        elif question in OVER.values() and event["event"] == "answered" and result not in {"accepted", "unsure"}:
            await (say(question) if said.count(question) < tries else phone.command("hangup"))
    assert said[0] == "account_number"
    return dict((await bot.report(number))["report"])


@pytest.mark.parametrize("barge_in", [True, False], ids=["on", "off"])
async def test_answers_said_over_their_questions_pay(sandbox: Sandbox, tmp_path: Path, *, barge_in: bool) -> None:
    settings = {
        "accounts": accounts_file(tmp_path),
        "speech": {"voice": SLOW_VOICE, "prompt_cache": f"{tmp_path}/prompts"},
        "manners": {"barge_in": barge_in},
    }
    async with running_bot(tmp_path, sandbox, {}, **settings) as bot:
        async with baresip(tmp_path / "phone", "+15550100107") as phone:
            await phone.command("dial", f"sip:bot@{bot.address[0]}:{bot.address[1]}")
            report = await speaking_over(bot, phone, "07", TRIES if barge_in else 1)
        assert await bot.stop(signals=2) == 0
    turns = [(turn["question"], turn["result"]) for turn in report["turns"]]
    ledger = Ledger.open(f"sqlite:///{tmp_path}/voicebot.sqlite3")
    try:
        paid = [cart.payment_id for cart in ledger.list() if cart.state is State.PAID]
    finally:
        ledger.close()
    if not barge_in:
        assert turns[0] == ("account_number", "no_input")
        assert (report["outcome"], paid) == ("abandoned", [])
        return
    assert (report["outcome"], report["problem"]) == ("paid", ""), turns
    at_once = {question for question in OVER.values() if dict(reversed(turns))[question] == "accepted"}
    assert at_once, f"nothing was heard right over its first question: {turns}"
    assert paid == [report["payment_id"]]
    (cart,) = [cart for cart in sandbox.books().carts if cart.cart_id == report["cart_id"]]
    assert [payment.payment_id for payment in cart.payments] == paid
