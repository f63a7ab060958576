"""TLS and SRTP with baresip: every combination is either a call in which keys are understood, or a clean refusal."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import trustme

from bench.sip.bot import Bot, running_bot
from bench.sip.phone import Phone
from tests.patience import PATIENCE_S
from tests.sip.baresip import Baresip, baresip
from tests.sip.conftest import QUICK_VOICE, accounts_file, needs_baresip
from voicebot.sandbox import Sandbox

pytestmark = [pytest.mark.asyncio(loop_scope="module"), needs_baresip]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bots(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, Bot]]:
    """A bot for each kind of encryption, by UDP, TCP and TLS."""

    async def start(srtp: str) -> Bot:
        folder = tmp_path_factory.mktemp(srtp)
        certificate = trustme.CA().issue_cert("127.0.0.1")
        certificate.private_key_pem.write_to_path(folder / "key.pem")
        for blob in certificate.cert_chain_pems:
            blob.write_to_path(folder / "chain.pem", append=True)
        sip = {
            "srtp": srtp,
            "ring_s": 0.3,
            "transports": ["udp", "tcp", "tls"],
            "certificate": str(folder / "chain.pem"),
            "key": str(folder / "key.pem"),
        }
        settings = {"accounts": accounts_file(folder), "speech": {"voice": QUICK_VOICE, "prompt_cache": ""}}
        return await stack.enter_async_context(running_bot(folder, sandbox, sip, **settings))

    kinds = ("optional", "mandatory")
    async with contextlib.AsyncExitStack() as stack:
        yield dict(zip(kinds, await asyncio.gather(*map(start, kinds)), strict=True))


async def call(bot: Bot, phone: Baresip, transport: str) -> None:
    host, port = bot.at(transport)
    await phone.command("dial", f"sip:bot@{host}:{port};transport={transport}")


CALLS = [
    ("optional", "tcp", "audio_codecs=PCMA"),
    ("optional", "tls", "audio_codecs=G722"),
    ("optional", "udp", "audio_codecs=PCMU;mediaenc=srtp"),
    ("optional", "tls", "audio_codecs=PCMU;mediaenc=srtp-mand"),
    ("mandatory", "tls", "audio_codecs=G722;mediaenc=srtp-mand"),
    ("mandatory", "udp", "audio_codecs=PCMU;mediaenc=srtp-mand"),
]


async def test_keys_are_understood(bots: dict[str, Bot], tmp_path: Path) -> None:
    async def understood(number: str, srtp: str, transport: str, account: str) -> bool:
        bot = bots[srtp]
        async with baresip(tmp_path / number, f"+155501002{number}", account=account) as phone:
            await call(bot, phone, transport)
            async for question in bot.questions(number):
                if question == "tender":
                    await phone.command("hangup")
                    report = (await bot.report(number))["report"]
                    return bool(report["problem"] == "")
                for key in "2890345#":
                    await phone.command("sndcode", key)
            return False

    results = await asyncio.gather(*(understood(f"{number:02}", *each) for number, each in enumerate(CALLS)))
    assert [each for each, result in zip(CALLS, results, strict=True) if not result] == []


async def test_sound_in_the_clear_is_refused_where_encryption_is_mandatory(bots: dict[str, Bot]) -> None:
    async with Phone(bots["mandatory"].address, "+15550100271") as phone:
        assert await phone.call() in {406, 488}


async def test_a_drain_finishes_the_call_and_takes_no_other(bots: dict[str, Bot]) -> None:
    bot = bots["optional"]
    async with Phone(bot.address, "+15550100272") as phone:
        assert await phone.call() == 200
        assert 180 in phone.provisional, "it rings before the bot answers"
        bot.process.terminate()
        await bot.event(lambda event: event["event"] == "draining")
        async with Phone(bot.address, "+15550100273") as another:
            assert await another.call() == 503
        async for _ in bot.questions("72"):
            break  # the greeting was said to its end
        assert not phone.ended.is_set()
        assert await phone.hang_up() == 200
        async with asyncio.timeout(PATIENCE_S):
            assert await bot.process.wait() == 0
    assert not [line for line in bot.log if "failed" in line]
