"""The bot on the phone as users start it, real phones around it, everything on loopback."""

import importlib.util
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bench.sip.bot import Bot, running_bot
from voicebot.sandbox import Sandbox

if importlib.util.find_spec("pjsua2") is None:
    collect_ignore_glob = ["test_*.py"]  # it has no wheels for this Python or system
needs_baresip = pytest.mark.skipif(not shutil.which("baresip"), reason="Debian's baresip-core is not installed")
needs_sipp = pytest.mark.skipif(not shutil.which("sipp"), reason="Debian's sip-tester is not installed")

ACCOUNTS = ("2890345", "5550001", "5550002", "5550003", "5550004")
"""Invented; with one bill each, so that nothing has to be chosen."""
QUICK_VOICE = "pyttsx3@400"


def accounts_file(folder: Path) -> str:
    head = "account_number,name,item_id,description,amount,type,fund_category,department,limit_tenders"
    rows = [f"{number},Pat Example,10000{row},Water,{10 + row}.00,,,," for row, number in enumerate(ACCOUNTS, start=1)]
    path = folder / "accounts.csv"
    path.write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    return str(path)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as sandbox:
        yield sandbox


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bot(
    sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncIterator[Bot]:
    """A bot for each module; its `SIP` holds settings of `[sip]` that it wants otherwise."""
    folder = tmp_path_factory.mktemp("bot")
    settings: dict[str, Any] = {
        "accounts": accounts_file(folder),
        "speech": {"voice": QUICK_VOICE, "prompt_cache": f"{folder}/prompts"},
    }
    sip = {"transports": ["udp", "tcp"], **getattr(request.module, "SIP", {})}
    async with running_bot(folder, sandbox, sip, agency={"operator": "sip:desk@127.0.0.1"}, **settings) as bot:
        yield bot
        assert await bot.stop(signals=2) == 0
