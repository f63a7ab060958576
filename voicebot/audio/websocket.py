"""A call that a telephony platform streams over a WebSocket (`media_stream.py` has the messages).

The platform holds our sound until it is played, so a prompt is sent at once and followed by a mark; when the mark
comes back, the prompt was heard. `clear` stops prompts. `websocket_trunk.py` takes the connections.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from voicebot.audio.codec import TELEPHONE_HZ
from voicebot.audio.live import LivePlace
from voicebot.audio.media_stream import (
    BadMessage,
    Digit,
    Incoming,
    Marked,
    Media,
    Started,
    Stopped,
    clear_message,
    mark_message,
    media_messages,
)
from voicebot.audio.sound import FRAME_S, SAMPLE_BYTES, Sound

log = structlog.get_logger(__name__)

PIECE_S = 0.1
"""Sound in one message of ours. The platform plays them in a row, so their size only costs messages."""

MARK_GRACE_S = 5.0
"""How long after its sound's own end a prompt waits for its mark; a platform that never sends it holds up no call."""

MOST_WAITING_S = 60.0
"""Sound that may wait to be heard. A line runs on real time; what sends a minute ahead is no line."""

FRAME_BYTES = round(FRAME_S * TELEPHONE_HZ) * SAMPLE_BYTES

_KEYS = frozenset("0123456789*#")


class WebSocketPlace(LivePlace):
    """One streamed call. Whoever reads the connection tells it by `received` and `connection_lost`.

    Args:
        stream_id: the platform's name of the stream, which every message of ours repeats.
        send: sends one text.
        hang_up: closes the connection, which ends the call on the platform's side.
    """

    def __init__(
        self, stream_id: str, send: Callable[[str], Awaitable[None]], hang_up: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(TELEPHONE_HZ)
        self._stream_id = stream_id
        self._send = send
        self._hang_up = hang_up
        self._outbox: asyncio.Queue[str] = asyncio.Queue()
        self._sending: asyncio.Task[None] | None = None
        self._late_mark: asyncio.TimerHandle | None = None
        self._rest = b""
        self.ended = asyncio.Event()
        """Set when the call is over, whoever ended it."""

    def received(self, message: Incoming) -> None:
        """A message of the platform.

        Raises:
            BadMessage: it makes no sense now, or is more than a line can send.
        """
        match message:
            case Media():
                if self._sending is not None:  # before that nobody listens
                    self._take(message.sound())
            case Digit(dtmf=dtmf):
                if dtmf.digit in _KEYS:  # A to D are on no caller's telephone
                    self._pressed(dtmf.digit)
            case Marked(mark=mark):
                if mark.name.isdecimal():
                    self._prompt_over(int(mark.name))
            case Stopped():
                self._end()
            case Started():
                raise BadMessage("a second start in one stream")

    def connection_lost(self) -> None:
        """The connection is closed, by whomever."""
        self._end()

    async def open(self) -> None:
        await super().open()
        self._sending = asyncio.create_task(self._send_all())

    async def close(self) -> None:
        await super().close()
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.wait({self._sending})
        await self._hang_up()

    def _take(self, sound: Sound) -> None:
        """Cut the caller's sound into frames; platforms send 20 ms, but do not promise it."""
        pcm = self._rest + sound.pcm
        whole = len(pcm) - len(pcm) % FRAME_BYTES
        self._rest = pcm[whole:]
        if len(self._inbox) * FRAME_S + whole / FRAME_BYTES * FRAME_S > MOST_WAITING_S:
            raise BadMessage(f"more than {MOST_WAITING_S:.0f} s of sound at once: a line runs on real time")
        for frame in Sound(pcm[:whole], TELEPHONE_HZ).frames():
            self._heard(frame, self.now_s())

    def _start(self, prompt_id: int, sound: Sound | None) -> None:
        sound = sound or Sound(b"", TELEPHONE_HZ)
        for text in media_messages(self._stream_id, sound, piece_s=PIECE_S):
            self._outbox.put_nowait(text)
        self._outbox.put_nowait(mark_message(self._stream_id, str(prompt_id)))
        self._forget_late_mark()
        self._late_mark = asyncio.get_running_loop().call_later(
            sound.duration_s + MARK_GRACE_S, self._mark_is_late, prompt_id
        )

    def _silence(self) -> None:
        while not self._outbox.empty():
            self._outbox.get_nowait()
        self._outbox.put_nowait(clear_message(self._stream_id))
        self._forget_late_mark()

    def _end(self) -> None:
        super()._end()
        self._forget_late_mark()
        self._rest = b""
        self.ended.set()

    def _mark_is_late(self, prompt_id: int) -> None:
        log.warning("the platform sent no mark for a prompt", after_s=MARK_GRACE_S)
        self._prompt_over(prompt_id)

    def _forget_late_mark(self) -> None:
        if self._late_mark is not None:
            self._late_mark.cancel()
            self._late_mark = None

    async def _send_all(self) -> None:
        with contextlib.suppress(ConnectionError):  # the reader of the connection tells the end
            while True:
                await self._send(await self._outbox.get())
