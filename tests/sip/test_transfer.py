"""A caller who wants a person: the REFER takes along what the operator may be told, to a real client (sipp)."""

from pathlib import Path
from urllib.parse import parse_qsl, unquote

import pytest

from bench.sip.bot import running_bot
from tests.sip.conftest import ACCOUNTS, QUICK_VOICE, accounts_file, needs_sipp
from tests.sip.sipp import sipp
from voicebot.audio.sip.summary import refer_to, written
from voicebot.sandbox import Sandbox

OPERATOR = "sip:desk@127.0.0.1"
SUMMARY = {
    "account": ACCOUNTS[0],
    "owed": "11.00",
    "outcome": "abandoned",
    "last_question": "tender",
}


def told(user_to_user: str) -> dict[str, str]:
    """What `User-to-User` says, read as RFC 7433 writes it."""
    content, _, encoding = user_to_user.partition(";")
    assert encoding == "encoding=hex"
    return dict(parse_qsl(bytes.fromhex(content).decode("ascii"), separator=";", strict_parsing=True))


@needs_sipp
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("placed", ["refer", "refer_to"])
async def test_an_operator_is_told_what_the_call_was_about(sandbox: Sandbox, tmp_path: Path, placed: str) -> None:
    settings = {
        "accounts": accounts_file(tmp_path),
        "speech": {"voice": QUICK_VOICE, "prompt_cache": f"{tmp_path}/prompts"},
        "agency": {"operator": OPERATOR},
    }
    keys = {"account_number": f"{ACCOUNTS[0]}#", "tender": "0"}
    async with running_bot(tmp_path, sandbox, {"transfer_header_in": placed}, **settings) as bot:
        async with sipp(tmp_path / "sipp", bot.address, "+15550100106") as phone:
            async for question in bot.questions("06"):
                await phone.press(keys[question])
            report = (await bot.report("06"))["report"]
            assert await phone.ended() == 0, bot.log
        assert await bot.stop(signals=2) == 0
    assert (report["outcome"], report["problem"]) == ("transferred", "")
    target, header = phone.referred()
    if placed == "refer_to":
        assert not header
        target, _, with_it = target.partition("?")
        name, _, header = with_it.partition("=")
        assert name == "User-to-User"
    assert target == OPERATOR
    assert told(unquote(header)).items() >= SUMMARY.items()
    assert told(unquote(header)).keys() <= {*SUMMARY, "reference"}


def test_what_a_header_cannot_hold_is_written_otherwise() -> None:
    summary = (("account", "2890345"), ("last question", "tender; ü\r\nX: y"))
    plain = written(summary, "X-Summary")
    assert plain == "account=2890345;last_question=tender%3B%20%C3%BC%0D%0AX%3A%20y"
    assert told(written(summary, "user-to-user")) == {"account": "2890345", "last_question": "tender; ü\r\nX: y"}
    referred = refer_to("sip:desk@pbx.example?Subject=bill", "X-Summary", plain)
    assert referred.startswith("<sip:desk@pbx.example?Subject=bill&X-Summary=account%3D2890345%3B")
    assert referred.endswith(">")
