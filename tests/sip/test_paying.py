"""Whole paid calls with real phones, four at once on one bot and then one more; sandbox and ledger agree with them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bench.sip.bot import Bot
from bench.sip.clips import clip_for
from bench.sip.phone import Phone
from tests.sip.baresip import baresip
from tests.sip.conftest import ACCOUNTS, needs_baresip, needs_sipp
from tests.sip.sipp import sipp
from voicebot.audio import Sound, key_tones
from voicebot.ledger import Ledger, State
from voicebot.sandbox import Sandbox

pytestmark = [pytest.mark.asyncio(loop_scope="module"), needs_baresip, needs_sipp]

CARD = {
    "tender": "1",
    "card_number": "378282246310005",
    "expiration": "1129",
    "security_code": "0123",
    "confirm_payment": "1",
    "repeat_confirmation": "2",
}


async def by_voice(bot: Bot, folder: Path) -> dict[str, Any]:
    """baresip: clips of a voice, when the bot listens."""
    async with baresip(folder / "voice", "+15550100101") as phone:
        await phone.command("dial", f"sip:bot@{bot.address[0]}:{bot.address[1]}")
        async for question in bot.questions("01"):
            await phone.say(clip_for(question))
        return await bot.report("01")


async def by_keys(bot: Bot, folder: Path) -> dict[str, Any]:
    """baresip: RFC 4733. It holds a key until the next one, so that each answer ends with #."""
    async with baresip(folder / "keys", "+15550100102") as phone:
        await phone.command("dial", f"sip:bot@{bot.address[0]}:{bot.address[1]}")

        async def press(keys: str) -> None:
            for key in keys:
                await phone.command("sndcode", key)

        await _pressing(bot, "02", ACCOUNTS[1], press)
        return await bot.report("02")


async def by_info(bot: Bot) -> dict[str, Any]:
    """SIP INFO, from a phone without key events."""
    async with Phone(bot.address, "+15550100103", events=False) as phone:
        assert await phone.call() == 200

        async def press(keys: str) -> None:
            for key in keys:
                assert await phone.info(key) == 200

        await _pressing(bot, "03", ACCOUNTS[2], press)
        return await bot.report("03")


async def in_band(bot: Bot) -> dict[str, Any]:
    """Tones in the sound, from a line that has nothing else, over A-law."""
    async with Phone(bot.address, "+15550100104", events=False) as phone:
        assert await phone.call() == 200

        async def press(keys: str) -> None:
            await phone.say(Sound.silence(0.1, 8_000) + key_tones(keys, 8_000))

        await _pressing(bot, "04", ACCOUNTS[3], press)
        return await bot.report("04")


async def by_sipp(bot: Bot, folder: Path) -> dict[str, Any]:
    """sipp: RFC 4733, and no other sound at all."""
    async with sipp(folder / "sipp", bot.address, "+15550100105") as phone:
        await _pressing(bot, "05", ACCOUNTS[4], phone.press)
        report = await bot.report("05")
        assert await phone.ended() == 0
        return report


async def _pressing(bot: Bot, caller: str, account: str, press: Callable[[str], Awaitable[None]]) -> None:
    keys = {**CARD, "account_number": f"{account}#"}
    async for question in bot.questions(caller):
        await press(keys[question])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def calls(bot: Bot, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("phones")
    held = await asyncio.gather(by_voice(bot, folder), by_keys(bot, folder), by_info(bot), in_band(bot))
    yield dict(zip(("voice", "keys", "info", "in_band"), held, strict=True)) | {"sipp": await by_sipp(bot, folder)}


@pytest.mark.parametrize("how", ["voice", "keys", "info", "in_band", "sipp"])
async def test_a_caller_pays(how: str, calls: dict[str, dict[str, Any]], sandbox: Sandbox, bot: Bot) -> None:
    report = calls[how]["report"]
    assert (report["outcome"], report["problem"]) == ("paid", ""), bot.log
    (cart,) = [cart for cart in sandbox.books().carts if cart.cart_id == report["cart_id"]]
    (payment,) = cart.payments
    assert payment.payment_id == report["payment_id"]
    assert payment.charged == Decimal(report["totals"][report["tender"]]["total"])


async def test_the_ledger_agrees(calls: dict[str, dict[str, Any]], sandbox: Sandbox, bot: Bot) -> None:
    ledger = Ledger.open(f"sqlite:///{bot.folder}/voicebot.sqlite3")
    try:
        paid = {cart.payment_id for cart in ledger.list() if cart.state is State.PAID}
        assert paid == {held["report"]["payment_id"] for held in calls.values()}
        assert not ledger.unsettled()
        assert not sandbox.incidents()
    finally:
        ledger.close()


async def test_nothing_that_was_pressed_is_told(calls: dict[str, dict[str, Any]], bot: Bot) -> None:
    told = "\n".join([*bot.log, *map(str, bot.events)])
    assert len(calls) == 5
    assert CARD["card_number"] not in told
    assert "5550100101" not in told
