"""Streamed calls, over real connections: the place, who is let in, and what odd clients get."""

import asyncio
import base64
import json
import logging
import socket
import ssl
from collections.abc import AsyncIterator
from typing import Any

import pytest
import trustme
from websockets.exceptions import InvalidStatus

from tests.audio.contract import Line, PlaceContract
from tests.audio.platform import FORMAT, Platform, start_message
from tests.audio.sounds import hum
from tests.patience import PATIENCE_S
from voicebot.audio import (
    CallerHungUp,
    FrameHeard,
    IncomingCall,
    KeyPressed,
    PlaceError,
    PlaceEvent,
    PromptFinished,
    Sound,
    WebSocketAccess,
    WebSocketPlace,
    WebSocketTrunk,
)
from voicebot.audio import websocket as websocket_module
from voicebot.audio import websocket_trunk as trunk_module
from voicebot.audio.codec import telephone


@pytest.fixture
async def trunk() -> AsyncIterator[WebSocketTrunk]:
    trunk = WebSocketTrunk(most_calls=2)
    await trunk.open()
    yield trunk
    await trunk.close()


async def answered(trunk: WebSocketTrunk, platform: Platform) -> WebSocketPlace:
    """The place of the platform's call, open."""
    await platform.begins()
    place = await rung(trunk)
    await place.open()
    return place


async def rung(trunk: WebSocketTrunk) -> WebSocketPlace:
    async with asyncio.timeout(PATIENCE_S):
        incoming = await trunk.next_call()
    assert isinstance(incoming, IncomingCall)
    assert isinstance(incoming.place, WebSocketPlace)
    assert incoming.masked_caller == "…23"
    return incoming.place


async def event_of(place: WebSocketPlace) -> PlaceEvent | None:
    return await place.next(place.now_s() + 10)


class WebSocketLine(Line):
    def __init__(self, place: WebSocketPlace, platform: Platform) -> None:
        self.place = place
        self.platform = platform

    async def answers(self) -> None:
        await self.platform.says(hum(0.5, 8_000))

    async def hangs_up(self) -> None:
        await self.platform.hangs_up()


class TestContract(PlaceContract):
    @pytest.fixture
    async def line(self, trunk: WebSocketTrunk) -> AsyncIterator[Line]:
        platform = await Platform.calls(trunk.port)
        place = await answered(trunk, platform)
        yield WebSocketLine(place, platform)
        await place.close()
        await platform.aclose()


# Sound, keys and prompts -------------------------------------------------------------------------------------------


async def test_sound_goes_both_ways_through_mulaw(trunk: WebSocketTrunk) -> None:
    platform = await Platform.calls(trunk.port)
    place = await answered(trunk, platform)
    said, prompt = hum(0.1, 8_000), hum(0.3, 8_000, frequency_hz=300)
    await platform.says(said)
    frames = [await event_of(place) for _ in range(5)]
    assert b"".join(each.sound.pcm for each in frames if isinstance(each, FrameHeard)) == telephone(said).pcm
    place.play(1, prompt, "")
    assert await event_of(place) == PromptFinished(1, complete=True, at_s=place._last_s)
    assert platform.heard.pcm[: len(prompt.pcm)] == telephone(prompt).pcm
    await place.close()
    assert await platform.ended() == (1000, "")


async def test_a_prompt_is_over_when_its_mark_comes_back_and_not_before(trunk: WebSocketTrunk) -> None:
    platform = await Platform.calls(trunk.port)
    place = await answered(trunk, platform)
    place.play(1, hum(30.0, 8_000), "")
    await platform.presses("5")
    assert isinstance(await event_of(place), KeyPressed)
    await platform.sends({"event": "mark", "streamSid": "MZ0001", "mark": {"name": "somebody else's"}})
    await platform.sends({"event": "mark", "streamSid": "MZ0001", "mark": {"name": "1"}})
    assert isinstance(await event_of(place), PromptFinished)
    await place.close()
    await platform.aclose()


async def test_stop_clears_what_the_platform_holds(trunk: WebSocketTrunk) -> None:
    platform = await Platform.calls(trunk.port)
    place = await answered(trunk, platform)
    place.play(1, hum(30.0, 8_000), "")
    place.play(2, hum(30.0, 8_000), "")
    place.stop()
    place.play(3, hum(0.1, 8_000), "")
    events = [await event_of(place) for _ in range(3)]
    told = [(each.prompt_id, each.complete) for each in events if isinstance(each, PromptFinished)]
    assert told == [(1, False), (2, False), (3, True)]
    assert platform.clears == 1
    assert platform.heard.duration_s < 30.2, "the second prompt never left"
    await place.close()
    await platform.aclose()


async def test_a_platform_without_marks_holds_up_nothing(
    trunk: WebSocketTrunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket_module, "MARK_GRACE_S", 0.05)
    monkeypatch.setattr(Platform, "_send_mark", lambda self, name: asyncio.sleep(0, (self, name)))
    platform = await Platform.calls(trunk.port)
    place = await answered(trunk, platform)
    place.play(1, hum(0.1, 8_000), "")
    assert isinstance(await event_of(place), PromptFinished)
    await place.close()
    await platform.aclose()


async def test_keys_are_those_of_a_telephone(trunk: WebSocketTrunk) -> None:
    platform = await Platform.calls(trunk.port)
    place = await answered(trunk, platform)
    await platform.presses("1A*0D#")
    events = [await event_of(place) for _ in range(4)]
    assert [each.key for each in events if isinstance(each, KeyPressed)] == ["1", "*", "0", "#"]
    await place.close()
    await platform.aclose()


async def test_our_own_track_and_new_kinds_of_messages_are_passed_over(trunk: WebSocketTrunk) -> None:
    platform = await Platform.calls(trunk.port)
    place = await answered(trunk, platform)
    payload = base64.b64encode(bytes(160)).decode()
    await platform.sends({"event": "media", "media": {"track": "outbound", "payload": payload}})
    await platform.sends({"event": "sentiment", "sentiment": {"mood": "fine"}})
    await platform.presses("1")
    assert isinstance(await event_of(place), KeyPressed)
    await place.close()
    await platform.aclose()


@pytest.mark.parametrize("how", ["stop", "close", "cut"])
async def test_however_the_caller_goes_the_call_ends(trunk: WebSocketTrunk, how: str) -> None:
    platform = await Platform.calls(trunk.port)
    place = await answered(trunk, platform)
    place.play(1, Sound.silence(5.0, 8_000), "")
    if how == "stop":
        await platform.hangs_up()
    elif how == "close":
        await platform.connection.close()
    else:
        platform.connection.transport.abort()
    assert isinstance(await event_of(place), PromptFinished)
    assert isinstance(await event_of(place), CallerHungUp)
    await place.close()
    await platform.aclose()


# What is no stream --------------------------------------------------------------------------------------------------

ODD: dict[str, tuple[str | bytes, int, str]] = {
    "binary": (b"\x00\x01", 1007, "texts; this one is binary"),
    "no JSON": ("{", 1007, "JSON"),
    "no event": ("{}", 1007, "event"),
    "media without sound": ('{"event": "media", "media": {}}', 1007, "media.media.payload"),
    "no base64": ('{"event": "media", "media": {"payload": "*4111*"}}', 1007, "no base64"),
    "second start": (json.dumps(start_message()), 1007, "second start"),
    "huge": ("x" * 70_000, 1009, ""),
}


@pytest.mark.parametrize("what", ODD)
async def test_an_odd_message_ends_its_own_call_only(trunk: WebSocketTrunk, what: str) -> None:
    text, code, reason = ODD[what]
    other = await Platform.calls(trunk.port)
    undisturbed = await answered(trunk, other)
    platform = await Platform.calls(trunk.port)
    place = await answered(trunk, platform)
    await platform.connection.send(text)
    assert isinstance(await event_of(place), CallerHungUp)
    closed = await platform.ended()
    assert closed[0] == code
    assert reason in closed[1]
    assert "4111" not in closed[1]
    await place.close()
    await other.presses("1")
    assert isinstance(await event_of(undisturbed), KeyPressed)
    await undisturbed.close()
    await other.aclose()


@pytest.mark.parametrize(
    "changes",
    [
        {"mediaFormat": FORMAT | {"encoding": "audio/x-l16"}},
        {"mediaFormat": FORMAT | {"sampleRate": 16000}},
        {"mediaFormat": FORMAT | {"channels": 2}},
        {"streamSid": ""},
        {"streamSid": 7},
    ],
)
async def test_another_format_is_refused_before_there_is_a_call(trunk: WebSocketTrunk, changes: dict[str, Any]) -> None:
    platform = await Platform.calls(trunk.port)
    await platform.sends(start_message(**changes))
    code, reason = await platform.ended()
    assert code == 1007
    assert reason.startswith("start.start.")


async def test_sound_far_ahead_of_real_time_is_cut_off(trunk: WebSocketTrunk) -> None:
    platform = await Platform.calls(trunk.port)
    place = await answered(trunk, platform)
    await platform.says(Sound.silence(62.0, 8_000))
    code, reason = await platform.ended()
    assert code == 1007
    assert "real time" in reason
    await place.close()


async def test_a_connection_that_never_starts_is_closed(trunk: WebSocketTrunk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trunk_module, "START_WITHIN_S", 0.05)
    platform = await Platform.calls(trunk.port)
    assert await platform.ended() == (1008, "no start message")


# Who is let in ------------------------------------------------------------------------------------------------------

SIGNED = WebSocketAccess(signing_token="a token", public_url="wss://pay.example.test/calls")
SECRET = WebSocketAccess(secret="let me in")


@pytest.mark.parametrize(
    ("access", "headers", "let_in"),
    [
        (SECRET, {"Authorization": "Bearer let me in"}, True),
        (SECRET, {"Authorization": "Bearer let me"}, False),
        (SECRET, {"Authorization": "let me in"}, False),
        (SECRET, {}, False),
        (SIGNED, {"X-Twilio-Signature": SIGNED.signature()}, True),
        (SIGNED, {"X-Twilio-Signature": SIGNED.signature()[:-2]}, False),
        (SIGNED, {"Authorization": "Bearer "}, False),
        (SIGNED, {}, False),
        (WebSocketAccess(), {}, True),
    ],
)
async def test_only_who_shows_the_secret_or_the_signature_is_let_in(
    access: WebSocketAccess, headers: dict[str, str], let_in: bool
) -> None:
    trunk = WebSocketTrunk(access=access)
    await trunk.open()
    try:
        if let_in:
            platform = await Platform.calls(trunk.port, headers=headers)
            await (await answered(trunk, platform)).close()
            await platform.aclose()
        else:
            with pytest.raises(InvalidStatus) as refused:
                await Platform.calls(trunk.port, headers=headers)
            assert refused.value.response.status_code == 403
    finally:
        await trunk.close()


def test_the_signature_is_the_platforms() -> None:
    """Value made with Twilio's own library (`RequestValidator.compute_signature`)."""
    access = WebSocketAccess(signing_token="12345", public_url="wss://pay.example.test/calls")
    assert access.signature() == "7nGTwRSeS3a4lft96vPo3lFQG4g="


def test_secrets_have_no_repr() -> None:
    assert "let me in" not in repr(SECRET)
    assert "a token" not in repr(SIGNED)


@pytest.mark.parametrize("path", ["/", "/calls/", "/Calls", "/metrics"])
async def test_another_path_is_no_line(trunk: WebSocketTrunk, path: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await Platform.calls(trunk.port, path=path)
    assert refused.value.response.status_code == 404


async def test_one_call_more_than_there_is_room_for_is_refused(trunk: WebSocketTrunk) -> None:
    held = [await Platform.calls(trunk.port) for _ in range(2)]
    places = [await answered(trunk, each) for each in held]
    with pytest.raises(InvalidStatus) as refused:
        await Platform.calls(trunk.port)
    assert refused.value.response.status_code == 503
    await places[0].close()
    assert await held[0].ended() == (1000, "")
    again = await Platform.calls(trunk.port)
    for each in (*held, again):
        await each.aclose()


async def test_while_draining_calls_go_on_and_none_comes_in(trunk: WebSocketTrunk) -> None:
    platform = await Platform.calls(trunk.port)
    place = await answered(trunk, platform)
    trunk.drain()
    with pytest.raises(InvalidStatus) as refused:
        await Platform.calls(trunk.port)
    assert refused.value.response.status_code == 503
    assert await trunk.next_call() is None
    await platform.presses("1")
    assert isinstance(await event_of(place), KeyPressed)
    await trunk.close()
    assert isinstance(await event_of(place), CallerHungUp)
    assert (await platform.ended())[0] == 1001


async def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PlaceError, match=rf"127\.0\.0\.1:{port} .*websocket\.port"):
            await WebSocketTrunk(port=port).open()


async def test_tls() -> None:
    authority = trustme.CA()
    server, client = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("localhost").configure_cert(server)
    authority.configure_trust(client)
    trunk = WebSocketTrunk(tls=server)
    await trunk.open()
    platform = await Platform.calls(trunk.port, tls=client)
    place = await answered(trunk, platform)
    await place.close()
    await platform.aclose()
    await trunk.close()


async def test_nothing_of_a_call_reaches_any_log(
    trunk: WebSocketTrunk, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """The library's own debugging log would repeat every message."""
    caplog.set_level(logging.DEBUG)
    platform = await Platform.calls(trunk.port)
    place = await answered(trunk, platform)
    await platform.presses("4111#")
    for _ in range(5):
        await event_of(place)
    await platform.connection.send('{"event": "dtmf", "dtmf": {"digit": ["4111"]}}')
    await platform.ended()
    await place.close()
    ours = [each.getMessage() for each in caplog.records if each.name != "websockets.client"]
    assert not any("dtmf" in text or "4111" in text for text in ours)
    assert "4111" not in "".join(capfd.readouterr())
