"""One call by SIP, as the bot sees it: frames, keys and the end. Hold, re-negotiation and codecs stay inside."""

import asyncio
import threading
import time
from collections import deque
from typing import Protocol

from voicebot.audio.live import LivePlace
from voicebot.audio.place import FrameHeard, PlaceError, Summary
from voicebot.audio.sip.options import transfer_address
from voicebot.audio.sound import FRAME_S, SAMPLE_BYTES, Sound
from voicebot.audio.tones import KEYPAD, ToneDetector

RATE_HZ = 16_000
"""The bridge's rate: the recogniser's own, and G.722's. PJSIP resamples 8 kHz lines."""

FRAME_BYTES = round(FRAME_S * RATE_HZ) * SAMPLE_BYTES
SILENCE = bytes(FRAME_BYTES)

FRAMES_TOLD = 2
"""So many of the caller's frames are told at once: each time costs the event loop more than what is in it, and with
four calls in each of eight processes a core is at stake. Answers come 10 ms later for it, on the average."""

FRAMES_UNHEARD = 10
"""So many while the bot speaks and nobody listens: a recording wants them, and nothing hurries."""

ANSWER_WITHIN_S = 40.0
"""A caller's phone has this long to confirm the answer (ACK); RFC 3261 gives up after 32 s (64 T1)."""

TRANSFER_WITHIN_S = 30.0
"""An operator's phone may ring this long; then the transfer counts as refused."""

CLOSE_WITHIN_S = 1.0
"""How long `close` waits for the line to be free; a caller who is gone does not answer our BYE."""

HEARD_AFTER_S = 2 * FRAME_S
"""From the bridge's asking for a frame to the sound of it: one frame of its own, one in the packet."""

SAME_PRESS_S = 0.5
"""One press that comes as a tone in the sound and by SIP INFO comes within this time."""

BUSY, UNAVAILABLE = 486, 503


class Control(Protocol):
    """What a place may ask of its line; from any thread."""

    def ring(self, call: int) -> None:
        """180."""

    def answer(self, call: int) -> None:
        """200."""

    def hang_up(self, call: int, code: int) -> None:
        """BYE, or this final answer to a call that was not taken."""

    def refer(self, call: int, target: str, summary: Summary) -> None:
        """Blind transfer; `SipPlace.referred` tells what came of it."""


class SipPlace(LivePlace):
    """One call. Made by the endpoint when a caller rings; `open` answers, `close` before that refuses.

    The methods below `open` and `close` are for the endpoint's threads.
    """

    can_transfer = True

    def __init__(
        self, control: Control, call: int, loop: asyncio.AbstractEventLoop, *, domain: str, ring_s: float, in_band: bool
    ) -> None:
        super().__init__(RATE_HZ, in_band_keys=in_band)
        self._loop = loop
        self._control = control
        self._call = call
        self._domain = domain
        self._ring_s = ring_s
        self._answered = asyncio.Event()
        self._freed = asyncio.Event()
        self._hearing = False
        self._frames_told = FRAMES_UNHEARD
        self._held_s: float | None = None
        self._referring: asyncio.Future[bool] | None = None
        self._refer_accepted = False
        self._last_tone = ("", 0.0)
        self._taken: list[bytes] = []  # the media thread's
        # The media thread and the event loop share what follows.
        self._lock = threading.Lock()
        self._playing_id: int | None = None
        self._playing = b""
        self._played_bytes = 0
        self._started_s = 0.0

    async def open(self) -> None:
        await super().open()
        if self._ring_s and not self._freed.is_set():
            self._control.ring(self._call)
            try:
                async with asyncio.timeout(self._ring_s):
                    await self._freed.wait()
            except TimeoutError:
                pass
        if not self._freed.is_set():
            self._control.answer(self._call)
            try:
                async with asyncio.timeout(ANSWER_WITHIN_S):
                    await self._answered.wait()
            except TimeoutError:
                self._control.hang_up(self._call, UNAVAILABLE)
                raise PlaceError("the caller's phone did not confirm our answer (no ACK)") from None
        if self._over:
            raise PlaceError("the caller hung up before the answer")
        self._began_s, self._hearing = time.monotonic(), True

    async def close(self) -> None:
        await self.refuse(BUSY)

    async def refuse(self, code: int) -> None:
        """Hang up; a caller who was not yet answered hears `code`."""
        await super().close()
        self._control.hang_up(self._call, code)
        if not self._freed.is_set():
            try:
                async with asyncio.timeout(CLOSE_WITHIN_S):
                    await self._freed.wait()
            except TimeoutError:
                return  # the endpoint frees the line when its BYE has timed out

    async def transfer(self, target: str, summary: Summary = ()) -> bool:
        if self._over:
            return False
        try:
            address = transfer_address(target, self._domain)
        except ValueError:
            return False
        self._referring = asyncio.get_running_loop().create_future()
        self._control.refer(self._call, address, summary)
        try:
            async with asyncio.timeout(TRANSFER_WITHIN_S):
                return await self._referring
        except TimeoutError:
            return False
        finally:
            self._referring = None

    def expect(self, question: str | None) -> None:
        self._frames_told = FRAMES_UNHEARD if question is None else FRAMES_TOLD

    @property
    def on_hold(self) -> bool:
        """Whether the caller holds the line."""
        return self._held_s is not None

    def now_s(self) -> float:
        """Stands still while the caller holds the line: nobody is asked to answer then."""
        return (self._held_s or time.monotonic()) - self._began_s

    def _remaining_s(self, until_s: float | None) -> float | None:
        if self._held_s is not None:
            return None  # `_hold` ends the wait
        return super()._remaining_s(until_s)

    # What happens on the line ---------------------------------------------------------------------------------------

    def confirmed(self) -> None:
        """The caller's phone knows that we answered."""
        self._soon(self._answered.set)

    def freed(self) -> None:
        """The line is free; nothing more will come."""
        self._soon(self._free)

    def held(self, *, on_hold: bool) -> None:
        """The caller put us on hold, or is back."""
        self._soon(self._hold, on_hold=on_hold)

    def keys_in_band(self, *, wanted: bool) -> None:
        """Whether keys must be found in the sound, now that the line was (re-)negotiated."""
        self._soon(self._find_tones, wanted=wanted)

    def key(self, key: str) -> None:
        """A key by RFC 4733 or SIP INFO."""
        if len(key) == 1 and key in "".join(KEYPAD):
            self._soon(self._key, key, self.now_s())

    def referred(self, code: int) -> None:
        """News of a transfer: a SIP status."""
        self._soon(self._refer_news, code)

    def take(self, pcm: bytes) -> None:
        """A frame from the caller, on the media thread; empty where a packet is missing."""
        if not self._hearing or self._over:
            return
        at_s, frames_told = self.now_s(), self._frames_told
        if len(self._taken) >= frames_told:  # what came before somebody listened
            self._tell(at_s - FRAME_S)
        self._taken.append(pcm if len(pcm) == FRAME_BYTES else SILENCE)
        if len(self._taken) == frames_told:
            self._tell(at_s)

    def _tell(self, at_s: float) -> None:
        sound = Sound(b"".join(self._taken), RATE_HZ)
        self._taken.clear()
        self._soon(self._heard, sound, at_s)

    def give(self) -> bytes:
        """The next frame for the caller, on the media thread; empty where nothing plays."""
        if self._playing_id is None:
            return b""
        with self._lock:
            prompt_id = self._playing_id
            if prompt_id is None:
                return b""
            if not self._played_bytes:
                self._started_s = time.monotonic()
            chunk = self._playing[self._played_bytes : self._played_bytes + FRAME_BYTES]
            self._played_bytes += len(chunk)
            if self._played_bytes < len(self._playing):
                return chunk
            self._playing_id = None
            lasts_s = len(self._playing) / SAMPLE_BYTES / RATE_HZ
            over_s = max(time.monotonic(), self._started_s + lasts_s) + HEARD_AFTER_S
        self._soon(self._over_at, prompt_id, over_s)
        return chunk.ljust(FRAME_BYTES, b"\0")

    # On the event loop ----------------------------------------------------------------------------------------------

    def _start(self, prompt_id: int, sound: Sound | None) -> None:
        with self._lock:
            self._playing_id, self._played_bytes = prompt_id, 0
            self._playing = b"" if sound is None else sound.pcm

    def _silence(self) -> None:
        with self._lock:
            self._playing_id = None

    def _over_at(self, prompt_id: int, over_s: float) -> None:
        remaining_s = max(0.0, over_s - time.monotonic())
        asyncio.get_running_loop().call_later(remaining_s, self._prompt_over, prompt_id)

    def _free(self) -> None:
        self._freed.set()
        self._answered.set()
        self._refer_over(
            connected=self._refer_accepted
        )  # a switch that took the transfer over may end our part at once
        self._hold(on_hold=False)
        # Sound that nobody has listened to yet is nobody's answer; on a busy machine it would keep a dead call alive.
        self._inbox = deque(event for event in self._inbox if not isinstance(event, FrameHeard))
        self._end()

    def _hold(self, *, on_hold: bool) -> None:
        if on_hold and self._held_s is None:
            self._held_s = time.monotonic()
        elif not on_hold and self._held_s is not None:
            self._began_s += time.monotonic() - self._held_s
            self._held_s = None
        self._arrived.set()

    def _find_tones(self, *, wanted: bool) -> None:
        if wanted != (self._detector is not None):
            self._detector = ToneDetector(RATE_HZ) if wanted else None

    def _key(self, key: str, at_s: float) -> None:
        """A key event. A line that has them needs no search for tones, and one press is not told twice."""
        tone, tone_s = self._last_tone
        self._detector, self._last_tone = None, ("", 0.0)
        if key != tone or at_s - tone_s > SAME_PRESS_S:
            self._pressed(key, at_s)

    def _pressed(self, key: str, at_s: float | None = None) -> None:
        if self._detector is not None:
            self._last_tone = (key, self.now_s() if at_s is None else at_s)
        super()._pressed(key, at_s)

    def _refer_news(self, code: int) -> None:
        if code >= 300:  # noqa: PLR2004 - SIP's first class of failures
            self._refer_over(connected=False)
        elif code >= 200:  # noqa: PLR2004 - the operator answered
            self._refer_over(connected=True)
        else:
            self._refer_accepted = True

    def _refer_over(self, *, connected: bool) -> None:
        if self._referring is not None and not self._referring.done():
            self._referring.set_result(connected)
