"""Accounts at a registrar: proved by password, renewed in time, lost and regained, given back at the end."""

import re
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from bench.sip.bot import Bot, running_bot
from bench.sip.phone import Phone
from tests.sip.conftest import QUICK_VOICE, accounts_file
from tests.sip.registrar import Registrar
from tests.sip.waiting import becomes_true
from voicebot.sandbox import Sandbox

pytestmark = pytest.mark.asyncio(loop_scope="module")

"""PJSIP renews a registration 5 s before its end, and tries again 10 s after one that failed."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def registrar() -> AsyncIterator[Registrar]:
    with Registrar({"600": "let-me-in", "601": "me-too"}) as registrar:
        registrar.longest_s = 8
        yield registrar


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bot(sandbox: Sandbox, registrar: Registrar, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bot]:
    folder = tmp_path_factory.mktemp("registered")
    accounts = [
        {"address": f"sip:{user}@127.0.0.1:{registrar.port}", "registrar": f"sip:127.0.0.1:{registrar.port}", **more}
        for user, more in (
            ("600", {"password": "let-me-in"}),
            ("nobody", {"user": "601", "password": "me-too"}),
            ("602", {"password": "not-the-one"}),
        )
    ]
    settings = {"accounts": accounts_file(folder), "speech": {"voice": QUICK_VOICE, "prompt_cache": ""}}
    async with running_bot(folder, sandbox, {"accounts": accounts}, **settings) as bot:
        yield bot


async def test_each_account_registers_with_its_own_password(bot: Bot, registrar: Registrar) -> None:
    await becomes_true(lambda: set(registrar.contacts) == {"600", "601"})
    await becomes_true(lambda: any("registration" in line and "602" in line for line in bot.log))
    assert registrar.refused >= 1
    assert not any("let-me-in" in line or "not-the-one" in line for line in bot.log)


async def test_a_call_to_a_contact_is_answered(bot: Bot, registrar: Registrar) -> None:
    await becomes_true(lambda: "600" in registrar.contacts)
    found = re.search(r"@([\d.]+):(\d+)", registrar.contacts["600"])
    assert found is not None
    async with Phone((found[1], int(found[2])), "+15550100160") as phone:
        phone.target = registrar.contacts["600"]
        assert await phone.call() == 200
        began = await bot.event(lambda event: event["event"] == "began")
        assert began["line"].startswith("sip:600@")
        assert await phone.hang_up() == 200


async def test_a_registration_is_lost_and_regained(bot: Bot, registrar: Registrar) -> None:
    await becomes_true(lambda: "600" in registrar.contacts)
    registrar.works = False
    await becomes_true(lambda: any("ok=False" in line and "600" in line for line in bot.log))
    registrar.contacts.clear()
    registrar.works = True
    await becomes_true(lambda: set(registrar.contacts) == {"600", "601"})


async def test_a_drain_gives_registrations_back(bot: Bot, registrar: Registrar) -> None:
    await becomes_true(lambda: set(registrar.contacts) == {"600", "601"})
    assert await bot.stop() == 0
    assert registrar.contacts == {}


@pytest.fixture(autouse=True)
def _registrar_works(registrar: Registrar) -> Iterator[None]:
    yield
    registrar.works = True
