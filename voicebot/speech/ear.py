"""One listen: sound of any rate in, segments of words out.

Sound is resampled as it comes and looked at in frames of 20 ms by the voice activity detector. Silence never
reaches the decoder. When speech begins, the moment before it (the pre-roll) goes in first, as detectors miss
soft beginnings ("four", "six"). When it has been silent for a while, the segment is over and its N-best list is read.

The end of a segment is our decision; Vosk's endpoint rules are set out of the way in `models/conf/model.conf`. Vosk is
read with `Result`, which keeps what it has learned about the speaker, and not with `FinalResult`, which forgets it:
on human digits in groups of four that is 4.3 % of words wrong against 5.6 %. Its network looks ahead, so half a
second of the line's own background, taken from the silence just heard, is fed first; nobody has to wait for it.
"""

import json
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import soxr

from voicebot.audio.sound import Sound
from voicebot.grammar.heard import Hypothesis, Segment
from voicebot.speech.activity import FRAME_BYTES, FRAME_S, MODEL_HZ, VoiceActivity

if TYPE_CHECKING:
    from vosk import KaldiRecognizer

TRAILING_SILENCE_S = 0.25
"""Silence after which a segment is over. Whether the answer is over is for `capture` to say."""

PRE_ROLL_S = 0.30
LOOK_AHEAD_S = 0.50
CHUNK_BYTES = 5 * FRAME_BYTES
"""Vosk is fed 100 ms at a time: smaller pieces cost calls, larger ones delay the end."""

LONGEST_SEGMENT_S = 20.0
"""A segment without a pause (a radio, a vacuum cleaner) is cut here, so that memory stays bounded."""


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The caller began to make sound. Enough to stop a prompt."""

    at_s: float


@dataclass(frozen=True, slots=True)
class SegmentHeard:
    """A stretch of speech is over; `segment.hypotheses` is empty for a cough."""

    segment: Segment


EarEvent: TypeAlias = SpeechStarted | SegmentHeard


class Ear:
    """Hears one answer. Made by `Recognizer.listen`; every call blocks, so run them in a thread, one at a time."""

    def __init__(
        self,
        decoder: "KaldiRecognizer",
        *,
        rate_hz: int,
        start_s: float,
        trailing_silence_s: float = TRAILING_SILENCE_S,
    ) -> None:
        self._decoder: KaldiRecognizer | None = decoder
        self._rate_hz = rate_hz
        self._resampler = soxr.ResampleStream(rate_hz, MODEL_HZ, 1, dtype="int16") if rate_hz != MODEL_HZ else None
        self._activity = VoiceActivity()
        self._start_s = start_s
        self._trailing_silence_s = trailing_silence_s
        self._rest = bytearray()  # less than a frame
        self._pre_roll: deque[bytes] = deque(maxlen=round(PRE_ROLL_S / FRAME_S))
        self._waiting = bytearray()  # for the decoder, less than a chunk
        self._frames = 0
        self._speech: _Speech | None = None

    @property
    def heard_until_s(self) -> float:
        """The end of the last whole frame, on the call's clock."""
        return self._start_s + self._frames * FRAME_S

    @property
    def is_hearing(self) -> bool:
        """Whether somebody is speaking, or fell silent so lately that the segment is still open."""
        return self._speech is not None

    def feed(self, sound: Sound) -> list[EarEvent]:
        """Listen to the next sound, of any length. Returns what it brought, in order.

        Raises:
            ValueError: the sound has another rate than this ear was made for, or the ear is closed.
        """
        if sound.rate_hz != self._rate_hz:
            raise ValueError(f"this ear hears {self._rate_hz} Hz, not {sound.rate_hz} Hz; make one for that rate")
        if self._resampler is None:
            return self._hear(sound.pcm)
        return self._hear(self._resampler.resample_chunk(sound.samples).tobytes())

    def finish(self) -> list[EarEvent]:
        """The sound is over: end the segment that is open, if one is. The ear is closed afterwards."""
        events: list[EarEvent] = []
        if self._decoder is not None:
            if self._resampler is not None:
                tail = self._resampler.resample_chunk(Sound.silence(0, self._rate_hz).samples, last=True)
                events += self._hear(tail.tobytes())
            if self._rest:
                events += self._hear(bytes(FRAME_BYTES - len(self._rest)))
            if self._speech is not None:
                events.append(self._end_segment(self._speech))
        self.close()
        return events

    def close(self) -> None:
        """Stop listening and forget every sample. May be called twice."""
        self._decoder = None
        self._speech = None
        for buffer in (self._rest, self._pre_roll, self._waiting):
            buffer.clear()

    def _hear(self, pcm: bytes) -> list[EarEvent]:
        if self._decoder is None:
            raise ValueError("this ear is closed; start a new listen")
        self._rest += pcm
        events: list[EarEvent] = []
        whole = len(self._rest) - len(self._rest) % FRAME_BYTES
        for start in range(0, whole, FRAME_BYTES):
            events += self._hear_frame(bytes(self._rest[start : start + FRAME_BYTES]))
        del self._rest[:whole]
        return events

    def _hear_frame(self, frame: bytes) -> list[EarEvent]:
        self._frames += 1
        voiced = self._activity.is_voiced(frame)
        if self._speech is None:
            self._pre_roll.append(frame)
            if not self._activity.has_begun:
                return []
            self._speech = _Speech(max(self._start_s, self.heard_until_s - self._activity.onset_s))
            self._speech.last_voiced_s = self.heard_until_s
            self._waiting += b"".join(self._pre_roll)
            self._pre_roll.clear()
            self._decode(self._waiting)
            return [SpeechStarted(self._speech.start_s)]
        self._waiting += frame
        if len(self._waiting) >= CHUNK_BYTES:
            self._decode(self._waiting)
        return self._follow(self._speech, frame, voiced=voiced)

    def _follow(self, speech: "_Speech", frame: bytes, *, voiced: bool) -> list[EarEvent]:
        if voiced:
            speech.last_voiced_s = self.heard_until_s
            speech.background.clear()
        else:
            speech.background.append(frame)
        silent_s = self.heard_until_s - speech.last_voiced_s
        too_long = self.heard_until_s - speech.start_s >= LONGEST_SEGMENT_S
        if silent_s + FRAME_S / 2 < self._trailing_silence_s and not too_long:
            return []
        return [self._end_segment(speech)]

    def _decode(self, waiting: bytearray) -> None:
        if self._decoder is not None:
            self._decoder.AcceptWaveform(bytes(waiting))
        waiting.clear()

    def _end_segment(self, speech: "_Speech") -> SegmentHeard:
        self._waiting += _background(speech.background, LOOK_AHEAD_S)
        self._decode(self._waiting)
        hypotheses = _read(self._decoder.Result()) if self._decoder is not None else ()
        self._speech = None
        self._activity.forget()
        self._pre_roll.extend(speech.background)
        return SegmentHeard(Segment(hypotheses, speech.start_s, speech.last_voiced_s))


class _Speech:
    """The segment that is open."""

    def __init__(self, start_s: float) -> None:
        self.start_s: Final = start_s
        self.last_voiced_s = start_s
        self.background: list[bytes] = []


def _background(frames: list[bytes], duration_s: float) -> bytes:
    """The line's own silence, repeated to `duration_s`; plain silence where there is none."""
    wanted = round(duration_s / FRAME_S) * FRAME_BYTES
    heard = b"".join(frames)
    if not heard:
        return bytes(wanted)
    return (heard * (wanted // len(heard) + 1))[:wanted]


def _read(result: str) -> tuple[Hypothesis, ...]:
    """Vosk's N-best list, best first, each string of words once."""
    found: dict[tuple[str, ...], Hypothesis] = {}
    for alternative in json.loads(result).get("alternatives", ()):
        words = tuple(alternative["text"].split())
        found.setdefault(words, Hypothesis(words, float(alternative["confidence"])))
    if not any(found):
        return ()
    return tuple(found.values())
