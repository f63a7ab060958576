"""Many short calls one after the other on several lines: whether memory grows and whether the process lives."""

import asyncio
import itertools
import tempfile
import time
from pathlib import Path

from bench.sip.bot import Bot, running_bot
from bench.sip.phone import Phone
from bench.sip.usage import usage_of
from voicebot.sandbox import Sandbox

SETTLED_SHARE = 0.25
"""Memory is compared with what it was after this share of the time."""


async def churn(lines: int, soak_s: float) -> dict[str, float]:
    """Calls on `lines` lines for `soak_s` seconds: every third gives an account by keys, every third leaves at once.

    Returns:
        Calls, those that were not answered, memory when it had settled and at the end.
    """
    async with Sandbox() as sandbox:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            cache = {"speech": {"prompt_cache": str(folder / "prompts")}}
            async with running_bot(folder, sandbox, {}, **cache) as bot:
                until_s = time.monotonic() + soak_s
                counts = await asyncio.gather(
                    *(_line(bot, line, until_s) for line in range(lines)), _watch(bot, soak_s)
                )
                *held, (settled_mb, settled_s) = counts
                end_mb = usage_of(bot.process.pid).rss_mb
                code = await bot.stop()
    calls = sum(int(calls) for calls, _ in held)
    return {
        "calls": calls,
        "calls_lost": sum(int(lost) for _, lost in held),
        "settled_after_s": round(settled_s, 1),
        "rss_settled_mb": round(settled_mb, 1),
        "rss_mb": round(end_mb, 1),
        "rss_growth": round(end_mb / settled_mb - 1, 4),
        "exit_code": code,
    }


async def _watch(bot: Bot, soak_s: float) -> tuple[float, float]:
    await asyncio.sleep(soak_s * SETTLED_SHARE)
    return usage_of(bot.process.pid).rss_mb, soak_s * SETTLED_SHARE


async def _line(bot: Bot, line: int, until_s: float) -> tuple[float, float]:
    lost = 0
    for number in itertools.count():
        if time.monotonic() > until_s:
            return number, lost
        async with Phone(bot.address, f"+155501008{line:02}") as phone:
            try:
                lost += not await _short_call(phone, number)
            except TimeoutError:
                lost += 1
                if bot.process.returncode is not None:
                    raise EOFError("the bot ended:\n" + "\n".join(bot.log[-20:])) from None
    return 0, lost


async def _short_call(phone: Phone, number: int) -> bool:
    """One call; whether it was answered and ended as it should be."""
    if await phone.call() != 200:
        return False
    if number % 3 == 0:
        phone.press("2890345#")
    if number % 3 < 2:
        await asyncio.sleep(1.5 if number % 3 == 0 else 0.3)
    return await phone.hang_up() == 200
