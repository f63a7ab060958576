"""The bridge of docs/embedding.md, called as Asterisk would call it."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from tests.calls.calling import OneCall, one_by_one
from tests.calls.conftest import Line, agree, caller
from tests.patience import PATIENCE_S
from voicebot.audio import bridge
from voicebot.call import Switchboard
from voicebot.cli.caller_script import Entry

PAGE = Path(__file__).parents[2] / "docs" / "embedding.md"


def example() -> dict[str, Any]:
    """What the page's program defines."""
    (block,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    known: dict[str, Any] = {"__name__": "page"}
    exec(compile(block, str(PAGE), "exec"), known)  # noqa: S102 - our own page
    return known


async def test_the_example_completes_a_paid_call(
    line: Line, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bridge, "PACE_S", 0.001)  # prompts are heard faster than they sound
    page, call = example(), OneCall()
    board = Switchboard(line.house, watch=call.watch, ended=call.ended)
    serving = asyncio.create_task(page["answer_calls"](board, unused_tcp_port))
    reader, writer = await connected(unused_tcp_port)
    heard = asyncio.create_task(reader.read())
    writer.write(page["packet"](0x01, bytes(16)))

    async def press(entry: Entry) -> None:
        writer.write(page["packet"](page["SOUND"], bytes(320)))
        async for key in one_by_one(entry.keys):
            writer.write(page["packet"](page["KEY"], key.encode("ascii")))

    report = await call.answered_by(caller("keypad"), press)
    assert (report.outcome, report.tender, report.problem) == ("paid", "card", "")
    agree(line, report)
    async with asyncio.timeout(PATIENCE_S):
        sound = await heard
    assert sound.endswith(page["packet"](page["HANG_UP"])), "the bot hung up"
    frames = sound.split(page["packet"](page["SOUND"], bytes(320))[:3])
    assert any(any(frame) for frame in frames), "and was heard before"
    writer.close()
    board.drain()
    await serving


async def test_a_caller_who_leaves_ends_the_call(line: Line, unused_tcp_port: int) -> None:
    page, call = example(), OneCall()
    board = Switchboard(line.house, watch=call.watch, ended=call.ended)
    serving = asyncio.create_task(page["answer_calls"](board, unused_tcp_port))
    _, writer = await connected(unused_tcp_port)
    async with asyncio.timeout(PATIENCE_S):
        assert await call.listening.questions.get() == "account_number"
        writer.close()
        report = await call.over
    assert report is not None
    assert (report.outcome, report.problem) == ("abandoned", "")
    board.drain()
    await serving


async def connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection, as soon as the server listens."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0)
