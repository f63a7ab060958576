"""A call of somebody else's bridge: a softphone, a switch or a media server feeds it in, without PJSIP.

The bridge moves bytes: 16-bit little-endian mono PCM, 20 ms at a time. It gives the caller's with `hear` and fetches
the bot's with `take` (at its own pace) or `frames` (at that of the clock). `docs/embedding.md` has a whole example.
"""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias

from voicebot.audio.live import LivePlace
from voicebot.audio.place import PlaceError, Summary
from voicebot.audio.sound import FRAME_S, SAMPLE_BYTES, Sound
from voicebot.audio.trunk import IncomingCall, WaitingCalls

RATES_HZ = (8_000, 16_000)

KEYS = frozenset("0123456789*#")

Transferring: TypeAlias = Callable[[str, Summary], Awaitable[bool]]

PACE_S = FRAME_S
"""How often `frames` gives a frame; a test that has no time changes it."""

DEAD_AFTER_S = 30.0
"""A bridge that neither gives nor takes a frame for so long is gone, and its caller with it."""


class BridgePlace(LivePlace):
    """One call that a bridge feeds. Its methods `hear`, `take`, `press` and `hang_up` may be called from any thread.

    Before the bot answers and after the end they move nothing, so that a bridge may begin when the caller rings.

    Args:
        rate_hz: 8,000 or 16,000, of both directions.
        in_band_keys: keys come as tones in the sound; leave it out where the bridge tells them by `press`.
        transfer: hands the call to an operator, given the target and what they may be told of it, and says whether
            that went well; without it nobody is transferred.
        dead_after_s: seconds without a frame in either direction after which the call is over.

    Attributes:
        frame_bytes: what `take` and `frames` give: 20 ms.
        ended: set when the call is over, whoever ended it; for the bridge to wait for, on the event loop.
    """

    def __init__(
        self,
        rate_hz: int = 8_000,
        *,
        in_band_keys: bool = False,
        transfer: Transferring | None = None,
        dead_after_s: float = DEAD_AFTER_S,
    ) -> None:
        if rate_hz not in RATES_HZ:
            raise ValueError(f"a bridge has 8000 or 16000 Hz, not {rate_hz}; resample before it")
        super().__init__(rate_hz, in_band_keys=in_band_keys)
        self.can_transfer = transfer is not None
        self.frame_bytes = round(FRAME_S * rate_hz) * SAMPLE_BYTES
        self._transfer = transfer
        self._dead_after_s = dead_after_s
        self._watching: asyncio.TimerHandle | None = None
        self.ended = asyncio.Event()
        self._left = False
        # The bridge's threads and the event loop share what follows.
        self._lock = threading.Lock()
        self._moved_s = time.monotonic()
        self._rest = b""  # of the caller's sound, less than a frame
        self._playing_id: int | None = None
        self._playing = b""
        self._taken_bytes = 0

    # What the bridge calls -----------------------------------------------------------------------------------------

    def hear(self, pcm: bytes) -> None:
        """The caller's next sound, of any length; whole frames of 20 ms go on at once, a rest waits for more.

        Raises:
            ValueError: half a sample.
        """
        if len(pcm) % SAMPLE_BYTES:
            raise ValueError("16-bit sound has an even number of bytes; give whole samples")
        with self._lock:
            self._moved_s = time.monotonic()
            pcm = self._rest + pcm
            whole = len(pcm) - len(pcm) % self.frame_bytes
            self._rest = pcm[whole:]
            # Told under the lock, so that two threads cannot change the order.
            for start in range(0, whole, self.frame_bytes):
                frame = Sound(pcm[start : start + self.frame_bytes], self.rate_hz)
                self._soon(self._heard, frame, self.now_s())

    def take(self) -> bytes:
        """The bot's next 20 ms; silence where it says nothing. A prompt counts as heard when the frame after it is."""
        with self._lock:
            self._moved_s = time.monotonic()
            if self._playing_id is None:
                return bytes(self.frame_bytes)
            if self._taken_bytes >= len(self._playing):
                self._soon(self._prompt_over, self._playing_id)
                self._playing_id, self._playing = None, b""
                return bytes(self.frame_bytes)
            frame = self._playing[self._taken_bytes : self._taken_bytes + self.frame_bytes]
            self._taken_bytes += self.frame_bytes
            return frame.ljust(self.frame_bytes, b"\0")

    async def frames(self) -> AsyncIterator[bytes]:
        """The bot's sound for a bridge without a clock of its own: 20 ms every 20 ms, until the call is over."""
        began_s, number = time.monotonic(), 0
        while not self._over:
            yield self.take()
            number += 1
            await asyncio.sleep(began_s + number * PACE_S - time.monotonic())

    def press(self, key: str) -> None:
        """The caller pressed a key; once for each press.

        Raises:
            ValueError: no key of a telephone. Its text does not repeat it, as it may be part of a card's number.
        """
        if key not in KEYS:
            raise ValueError("a keypad has the keys 0 to 9, * and #, one at a time")
        self._soon(self._pressed, key, self.now_s())

    def hang_up(self) -> None:
        """The caller is gone. Twice is fine."""
        self._left = True
        self._soon(self._end)

    # What the bot calls --------------------------------------------------------------------------------------------

    async def open(self) -> None:
        if self._left:
            raise PlaceError("the caller hung up before the call was answered")
        await super().open()
        self._moved_s = time.monotonic()
        self._watch()

    async def transfer(self, target: str, summary: Summary = ()) -> bool:
        return self._transfer is not None and await self._transfer(target, summary)

    def _start(self, prompt_id: int, sound: Sound | None) -> None:
        with self._lock:
            self._playing_id = prompt_id
            self._playing = b"" if sound is None else sound.pcm
            self._taken_bytes = 0

    def _silence(self) -> None:
        with self._lock:
            self._playing_id, self._playing = None, b""

    def _end(self) -> None:
        super()._end()
        if self._watching is not None:
            self._watching.cancel()
        with self._lock:
            self._rest = b""
        self.ended.set()

    def _watch(self) -> None:
        """End the call when the bridge has moved nothing for too long."""
        still_s = time.monotonic() - self._moved_s
        if still_s >= self._dead_after_s:
            self._end()
        elif not self._over:
            loop = asyncio.get_running_loop()
            self._watching = loop.call_later(self._dead_after_s - still_s, self._watch)


class BridgeTrunk(WaitingCalls):
    """The calls of a bridge in this program: `call` brings one in, the bot answers it by opening its place."""

    def call(
        self,
        rate_hz: int = 8_000,
        *,
        caller: str = "",
        in_band_keys: bool = False,
        transfer: Transferring | None = None,
    ) -> BridgePlace:
        """A caller rings; call this on the event loop. Arguments as for `BridgePlace`.

        Args:
            rate_hz: of both directions.
            caller: who calls, as the bridge knows it.
            in_band_keys: keys come as tones in the sound.
            transfer: hands the call to an operator.

        Raises:
            PlaceError: no more calls are taken.
        """
        place = BridgePlace(rate_hz, in_band_keys=in_band_keys, transfer=transfer)
        if not self._rings(IncomingCall(place, caller=caller, line="bridge")):
            raise PlaceError("no more calls are taken; send this one elsewhere")
        return place

    async def open(self) -> None:
        """There is nothing to open."""

    async def close(self) -> None:
        self.drain()
