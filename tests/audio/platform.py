"""A telephony platform that streams one call to us, as a WebSocket client: it plays what it gets and echoes marks."""

import asyncio
import base64
import contextlib
import json
import ssl
from collections.abc import Mapping
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.patience import PATIENCE_S
from voicebot.audio import FRAME_S, Sound
from voicebot.audio.codec import mulaw_decode, mulaw_encode

FORMAT = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}


def start_message(**changes: Any) -> dict[str, Any]:
    """The beginning of a stream, with its fields as the platform's documentation shows them."""
    start = {
        "streamSid": "MZ0001",
        "accountSid": "AC0001",
        "callSid": "CA0001",
        "tracks": ["inbound"],
        "customParameters": {"caller": "+15550100123"},
        "mediaFormat": FORMAT,
    }
    return {"event": "start", "sequenceNumber": "1", "streamSid": "MZ0001", "start": start | changes}


class Platform:
    """One call of the platform.

    Args:
        connection: to the bot.
        plays_at_once: marks come back without waiting for the sound before them, as if it took no time.
    """

    def __init__(self, connection: ClientConnection, *, plays_at_once: bool = False) -> None:
        self.connection = connection
        self.plays_at_once = plays_at_once
        self.heard = Sound(b"", 8_000)
        self.marks: list[str] = []
        self.clears = 0
        self._free_s = 0.0
        self._pending: list[tuple[str, asyncio.TimerHandle]] = []
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def calls(
        cls,
        port: int,
        *,
        path: str = "/calls",
        headers: Mapping[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        plays_at_once: bool = False,
    ) -> Self:
        scheme = "ws" if tls is None else "wss"
        connection = await connect(
            f"{scheme}://localhost:{port}{path}", additional_headers=headers or {}, ssl=tls, proxy=None
        )
        return cls(connection, plays_at_once=plays_at_once)

    async def begins(self) -> None:
        await self.sends({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        await self.sends(start_message())

    async def sends(self, message: Mapping[str, Any]) -> None:
        await self.connection.send(json.dumps(message))

    async def says(self, sound: Sound, *, faster: float = 0.0) -> None:
        """The caller's sound in frames of 20 ms: all at once, or so many times faster than real time.

        Whoever speaks on after the bot hung up speaks to nobody.
        """
        with contextlib.suppress(ConnectionClosed):
            await self._says(sound, faster)

    async def _says(self, sound: Sound, faster: float) -> None:
        for number, frame in enumerate(sound.frames(), 1):
            payload = base64.b64encode(mulaw_encode(frame)).decode("ascii")
            await self.sends(
                {"event": "media", "streamSid": "MZ0001", "media": {"track": "inbound", "payload": payload}}
            )
            if faster and number % 5 == 0:
                await asyncio.sleep(5 * FRAME_S / faster)

    async def streams(self, saying: asyncio.Queue[Sound]) -> None:
        """The caller's line in real time until it is cancelled: what is put into the queue, and silence between."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                silence = Sound.silence(5 * FRAME_S, 8_000)
                await self._says(silence if saying.empty() else saying.get_nowait(), 1.0)

    async def presses(self, keys: str) -> None:
        for key in keys:
            await self.sends({"event": "dtmf", "streamSid": "MZ0001", "dtmf": {"track": "inbound_track", "digit": key}})

    async def hangs_up(self) -> None:
        await self.sends({"event": "stop", "streamSid": "MZ0001", "stop": {"callSid": "CA0001"}})

    async def ended(self) -> tuple[int | None, str]:
        """How the bot closed the connection."""
        async with asyncio.timeout(PATIENCE_S):
            await self._reading
        return self.connection.close_code, self.connection.close_reason or ""

    async def aclose(self) -> None:
        for _, timer in self._pending:
            timer.cancel()
        await self.connection.close()
        await self._reading

    async def _read(self) -> None:
        try:
            async for text in self.connection:
                await self._got(json.loads(text))
        except ConnectionClosed:
            return

    async def _got(self, message: dict[str, Any]) -> None:
        assert message["streamSid"] == "MZ0001"
        now_s = asyncio.get_running_loop().time()
        if message["event"] == "media":
            sound = mulaw_decode(base64.b64decode(message["media"]["payload"]))
            self.heard += sound
            self._free_s = max(self._free_s, now_s) + sound.duration_s
        elif message["event"] == "mark":
            name = message["mark"]["name"]
            wait_s = 0.0 if self.plays_at_once else max(0.0, self._free_s - now_s)
            timer = asyncio.get_running_loop().call_later(wait_s, self._echo, name)
            self._pending.append((name, timer))
        else:
            assert message["event"] == "clear"
            self.clears += 1
            self._free_s = now_s
            pending, self._pending = self._pending, []
            for name, timer in pending:  # the platform's documentation: marks of what was cleared come back at once
                timer.cancel()
                self._echo(name)

    def _echo(self, name: str) -> None:
        self._pending = [entry for entry in self._pending if entry[0] != name]
        self.marks.append(name)
        self._echoing = asyncio.ensure_future(self._send_mark(name))

    async def _send_mark(self, name: str) -> None:
        try:
            await self.sends({"event": "mark", "streamSid": "MZ0001", "mark": {"name": name}})
        except ConnectionClosed:
            return
