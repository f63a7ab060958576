"""A call written down as stereo sound while it runs: caller left, bot right, both on the call's clock."""

import errno
import os
from collections import deque
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from voicebot.audio.place import FrameHeard, PlaceEvent, PromptFinished
from voicebot.audio.sound import SAMPLE_BYTES, Sound
from voicebot.audio.wavfile import WAV_HEADER_BYTES, SoundFileError, wav_header

WRITE_EVERY_S = 0.5
"""How much of a call is lost from its recording when the process dies."""

JITTER_S = 0.1
"""Frames of a live line come a little early or late; up to this much they are joined without a gap or a cut."""

_FRAME_BYTES = 2 * SAMPLE_BYTES


@dataclass(slots=True)
class _Prompt:
    prompt_id: int
    samples: npt.NDArray[np.int16]
    starts: int | None


class StereoRecorder:
    """Writes a call into a WAV file, readable at any moment and up to the last half second.

    Tell it of every prompt (`played`) and of every event of the place (`happened`). While it is muted the caller's
    side is silence, in memory too: mute before the question for a card is asked, unmute when the next listen begins
    that asks for nothing sensitive, as callers go on speaking after the last digit that was needed.

    A disk that fails ends the recording, never the call.

    Attributes:
        path: the file.
        rate_hz: of the line.
        problem: why the recording ended before the call; None while all is well.

    Args:
        path: where to write it.
        rate_hz: of the line.
        begins_s: when it begins, on the call's clock.

    Raises:
        SoundFileError: when the file cannot be made.
    """

    def __init__(self, path: Path, rate_hz: int, *, begins_s: float = 0.0) -> None:
        self.problem: str | None = None
        self.path = path
        self.rate_hz = rate_hz
        self._begins_s = begins_s
        try:
            # Only its owner may listen to a caller.
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as error:
            raise SoundFileError(f"cannot write {path}: {error.strerror}; choose another place") from None
        self._file = os.fdopen(descriptor, "wb", buffering=0)
        self._written = 0
        self._caller: list[npt.NDArray[np.int16]] = []
        self._caller_ends = 0
        self._prompts: deque[_Prompt] = deque()
        self._muted = False
        self._audible_from = 0
        self._closed = False

    def played(self, prompt_id: int, sound: Sound, at_s: float) -> None:
        """A prompt was given to the place; it is heard from `at_s`, or once the ones before it are over."""
        if sound.rate_hz != self.rate_hz:
            raise ValueError(f"this recording is made at {self.rate_hz} Hz, the prompt has {sound.rate_hz} Hz")
        starts = None if self._prompts else self._tick(at_s)
        self._prompts.append(_Prompt(prompt_id, sound.samples, starts))

    def happened(self, event: PlaceEvent) -> None:
        """Something happened at the place: time went on, the caller was heard, or a prompt is over."""
        if isinstance(event, FrameHeard):
            self._heard(event.sound, self._tick(event.at_s))
        else:
            self._silent_until(self._tick(event.at_s))
        if isinstance(event, PromptFinished):
            self._finished(event)
        if self._caller_ends - self._written >= WRITE_EVERY_S * self.rate_hz:
            self._write()

    def mute(self, at_s: float) -> None:
        """From now on the caller's side is silence."""
        self._silent_until(self._tick(at_s))
        self._muted = True

    def unmute(self, at_s: float) -> None:
        """The caller is heard again from `at_s` on; frames from before it stay silent, however late they come."""
        if self._muted:
            self._muted = False
            self._audible_from = self._tick(at_s)

    def close(self, at_s: float) -> None:
        """Write what is left, up to `at_s`. Once is enough, twice does no harm."""
        if self._closed:
            return
        self._silent_until(self._tick(at_s))
        self._write()
        self._closed = True
        self._file.close()

    def _tick(self, at_s: float) -> int:
        return round((at_s - self._begins_s) * self.rate_hz)

    def _heard(self, sound: Sound, ends: int) -> None:
        """Append a frame: where the last one ended if that is about right, else where it belongs."""
        samples = sound.samples
        starts = ends - len(samples)
        if self._muted or starts < self._audible_from:
            samples = np.zeros_like(samples)
        jitter = JITTER_S * self.rate_hz
        if starts - self._caller_ends > jitter:
            self._silent_until(starts)
        elif self._caller_ends - starts > jitter:
            samples = samples[self._caller_ends - starts :]
        self._append(samples)

    def _silent_until(self, tick: int) -> None:
        if tick > self._caller_ends:
            self._append(np.zeros(tick - self._caller_ends, dtype=np.int16))

    def _append(self, samples: npt.NDArray[np.int16]) -> None:
        self._caller.append(samples)
        self._caller_ends += len(samples)

    def _finished(self, event: PromptFinished) -> None:
        """The first prompt is over: what was played of it is written, the next one starts here."""
        if not self._prompts or self._prompts[0].prompt_id != event.prompt_id:
            return
        self._write()
        self._prompts.popleft()
        if self._prompts:
            self._prompts[0].starts = max(self._tick(event.at_s), self._written)

    def _bot(self, begins: int, ends: int) -> npt.NDArray[np.int16]:
        """The bot's side of a stretch: the prompt that plays, silence around it."""
        track = np.zeros(ends - begins, dtype=np.int16)
        if not self._prompts or (starts := self._prompts[0].starts) is None:
            return track
        heard = self._prompts[0].samples[max(0, begins - starts) : max(0, ends - starts)]
        offset = max(0, starts - begins)
        track[offset : offset + len(heard)] = heard
        return track

    def _write(self) -> None:
        """Move what both sides have into the file, then the header that says so: what it promises is always there."""
        caller = np.concatenate([np.zeros(0, dtype=np.int16), *self._caller])
        self._caller.clear()
        stereo = np.column_stack((caller, self._bot(self._written, self._caller_ends)))
        if self.problem is None and not self._closed:
            try:
                self._put(WAV_HEADER_BYTES + self._written * _FRAME_BYTES, stereo.astype("<i2").tobytes())
                self._put(0, wav_header(self.rate_hz, self._caller_ends * _FRAME_BYTES, channels=2))
            except OSError as error:
                self.problem = f"the recording {self.path} ends before the call: {error.strerror}"
        self._written = self._caller_ends

    def _put(self, position: int, data: bytes) -> None:
        self._file.seek(position)
        if self._file.write(data) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
