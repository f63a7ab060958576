"""A call from one recording of the caller's side, for trying out and for tests: `run_bot.py wav FILE`.

The recording runs only while the bot listens and no prompt plays, as if the caller always let it finish; so one file
with the answers in order, and pauses between them, is a whole call, however long the prompts are.
"""

from voicebot.audio.place import CallerHungUp, FrameHeard, PlaceEvent
from voicebot.audio.sound import Sound
from voicebot.audio.virtual import VirtualPlace

HANG_UP_AFTER_S = 1.0
"""How long a caller with nothing left to say listens to the next question before hanging up."""


class WavPlace(VirtualPlace):
    """One call, its caller's side given as `recording` (8 or 16 kHz; see `read_sound`), keypad tones included.

    Once the recording is over, the rest of that listen is silence; when the bot then asks once more, the caller
    hangs up after `hang_up_after_s`.
    """

    def __init__(self, recording: Sound, *, hang_up_after_s: float = HANG_UP_AFTER_S) -> None:
        super().__init__(recording.rate_hz, in_band_keys=True)
        self._recording = recording
        self._read_bytes = 0
        self._hang_up_ticks = self._ticks(hang_up_after_s)
        self._frame_ends: int | None = None
        self._leaving = False
        self._leaves: int | None = None

    def expect(self, question: str | None) -> None:
        self._frame_ends = None if question is None else self._now + self._frame_ticks
        self._leaving = question is not None and self._read_bytes >= len(self._recording.pcm)
        self._leaves = None
        self._changed.set()

    def _caller_due(self) -> int | None:
        if not self._leaving or self._playing:
            self._leaves = None
        elif self._leaves is None:
            self._leaves = self._now + self._hang_up_ticks
        return min((due for due in (self._frame_ends, self._leaves) if due is not None), default=None)

    def _caller_acts(self) -> PlaceEvent:
        if self._leaves is not None and self._leaves <= self._now:
            return CallerHungUp(self.now_s())
        self._frame_ends = self._now + self._frame_ticks
        wanted = 0 if self._playing else self._frame_bytes
        frame = self._recording.pcm[self._read_bytes : self._read_bytes + wanted]
        self._read_bytes += len(frame)
        return FrameHeard(Sound(frame.ljust(self._frame_bytes, b"\0"), self.rate_hz), self.now_s())
