"""Whole calls over a WebSocket, as a telephony platform streams them: by voice and by keys."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from tests.audio.platform import Platform
from tests.calls.calling import OneCall, one_by_one
from tests.calls.conftest import Line, agree, caller
from voicebot.audio import Sound, WebSocketAccess, WebSocketTrunk
from voicebot.call import Switchboard
from voicebot.cli.caller_script import Entry
from voicebot.speech import VoiceProcess

FASTER = 4.0
"""A platform that sends somewhat faster than people speak: the recogniser counts samples, not seconds."""


@dataclass
class Served:
    """A WebSocket server that holds calls, and a platform which calls it."""

    call: OneCall
    platform: Platform


@pytest.fixture
async def served(line: Line) -> AsyncIterator[Served]:
    call, trunk = OneCall(), WebSocketTrunk(access=WebSocketAccess(secret="a secret"))
    board = Switchboard(line.house, watch=call.watch, ended=call.ended)
    await trunk.open()
    serving = asyncio.create_task(board.serve(trunk))
    platform = await Platform.calls(trunk.port, headers={"Authorization": "Bearer a secret"}, plays_at_once=True)
    await platform.begins()
    yield Served(call, platform)
    await platform.aclose()
    board.drain()
    await serving


async def test_pays_by_voice(line: Line, served: Served, voices: dict[str, VoiceProcess]) -> None:
    script = caller("card")
    voice = voices.setdefault(script.voice, VoiceProcess(script.voice))
    platform, before, after = served.platform, Sound.silence(0.3, 8_000), Sound.silence(0.8, 8_000)

    async def say(entry: Entry) -> None:
        await platform.says(before + voice.speak(entry.say or "").resampled(8_000) + after, faster=FASTER)

    report = await served.call.answered_by(script, say)
    assert (report.outcome, report.tender, report.problem) == ("paid", "card", "")
    assert [turn.result for turn in report.turns] == ["accepted"] * len(script.caller)
    agree(line, report)
    assert await platform.ended() == (1000, "")


async def test_pays_by_keys(line: Line, served: Served) -> None:
    report = await served.call.answered_by(caller("keypad"), lambda entry: press(served.platform, entry))
    assert (report.outcome, report.tender, report.problem) == ("paid", "card", "")
    agree(line, report)
    assert await served.platform.ended() == (1000, "")


async def test_a_caller_who_is_cut_off_leaves_no_cart_open(line: Line, served: Served) -> None:
    async def press_or_vanish(entry: Entry) -> None:
        if entry.when == "security_code":
            served.platform.connection.transport.abort()
        else:
            await press(served.platform, entry)

    report = await served.call.answered_by(caller("keypad"), press_or_vanish)
    assert (report.outcome, report.problem) == ("abandoned", "")
    agree(line, report)


async def press(platform: Platform, entry: Entry) -> None:
    async for key in one_by_one(entry.keys):
        await platform.presses(key)
