"""One listen: sound of any rate in, segments of words out.

Sound is resampled as it comes and looked at in frames of 20 ms by the voice activity detector. Silence never
reaches the decoder. When speech begins, the moment before it (the pre-roll) goes in first, as detectors miss
soft beginnings ("four", "six"). When it has been silent for a while, the segment is over and its N-best list is read.

The end of a segment is our decision; Vosk's endpoint rules are set out of the way in `models/conf/model.conf`. Vosk is
read with `Result`, which keeps what it has learned about the speaker, and not with `FinalResult`, which forgets it:
on human digits in groups of four that is 4.3 % of words wrong against 5.6 %. Its network looks ahead and works in whole
chunks (`Chunks`), so some of the line's own background, taken from the silence just heard, is fed first; nobody has to
wait for it.
"""

import json
import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from voicebot.audio.sound import SAMPLE_BYTES, Sound
from voicebot.grammar.heard import Segment
from voicebot.speech.activity import (
    FRAME_S,
    FRAME_SAMPLES,
    MODEL_HZ,
    ONSET_FRAMES,
    FrameActivity,
    Samples,
    VoiceActivity,
    as_pcm,
    from_pcm,
)
from voicebot.speech.answers import AnswerOpinion
from voicebot.speech.chunks import Chunks
from voicebot.speech.digits import DigitOpinion
from voicebot.speech.echo import Echo
from voicebot.speech.levelling import Levelling
from voicebot.speech.quieting import Quieting
from voicebot.speech.resampling import resampler_from
from voicebot.speech.stretches import Stretch, hypotheses_of

if TYPE_CHECKING:
    from vosk import KaldiRecognizer

_NOTHING: Final[Samples] = np.zeros(0, np.float32)
_SILENT_FRAME: Final[Samples] = np.zeros(FRAME_SAMPLES, np.float32)

TRAILING_SILENCE_S = 0.25
"""Silence after which a segment is over. The detector holds on for a while, so that people wait some 0.4 s after their
last sound. 0.18 s answers 0.07 s sooner and cuts words in two: "nine nine nine" became seven nines. Whether the answer
is over is for `capture` to say."""

PRE_ROLL_S = 0.30
CHUNK_FRAMES = 5
"""Vosk is fed 100 ms at a time: smaller pieces cost calls, larger ones delay the end."""

HELD_FRAMES = 30
"""The first 0.6 s of a segment, pre-roll included, are held back: how loud the caller is must be known before they are
decoded. The decoder is far faster than speech, so nobody waits for it."""

LONGEST_SEGMENT_S = 15.0
"""A segment without a pause (a radio, a vacuum cleaner) is cut here: memory and the search through its lattice grow
faster than it does."""

BREATH_AFTER_S = 12.0
BREATH_S = 0.06
"""A segment that long is cut at the first breath, before it has to be cut in the middle of a word: who says everything
at once had "card number" and "security code" cut in two."""

LOUD_HOLD_S = 0.16
"""How long the detector alone may keep a segment open: it takes the rattle of dishes for speech for seconds on end."""

STARTED_FRAMES = 6
"""So many loud frames with voice (0.12 s) are speech for certain, and stop a prompt. What has fewer and no words in it
was a knock on the table."""


BEFORE_CUT_S, BEHIND_CUT_S = 0.05, 0.1
"""What is kept beside words that are cut out of their sentence: the decoder tells their times to 0.03 s."""

ONSET_S = 0.2
ONSET_ECHO = 0.6
"""What is so much like what is being played is the bot's own voice, and begins no segment: who speaks into it would be
heard with its words in front. Echoes have 0.9 and more."""


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The caller is speaking, since `at_s`. At most once before each `SegmentHeard`; `echo` as in `WordsComing`."""

    at_s: float
    echo: float = 0.0


@dataclass(frozen=True, slots=True)
class WordsComing:
    """What is being said so far, by the best guess; told where the bot itself is speaking.

    Attributes:
        words: the words; they may yet change.
        echo: how much the sound is like what is being played, from 0 to 1; see `echo`.
    """

    words: tuple[str, ...] = field(repr=False)
    echo: float


@dataclass(frozen=True, slots=True)
class SegmentHeard:
    """A stretch of speech is over; `segment.hypotheses` is empty for a cough. `echo` is as in `WordsComing`."""

    segment: Segment
    echo: float = 0.0


EarEvent: TypeAlias = SpeechStarted | WordsComing | SegmentHeard


class Ear:
    """Hears one answer. Made by `Recognizer.listen`; every call blocks, so run them in a thread, one at a time.

    Attributes:
        start_s: the call's clock at the first sample.
    """

    def __init__(
        self,
        decoder: "KaldiRecognizer",
        *,
        chunks: Chunks,
        rate_hz: int,
        start_s: float,
        trailing_silence_s: float = TRAILING_SILENCE_S,
        over: bool = False,
        keeps: bool = False,
        opinion: DigitOpinion | AnswerOpinion | None = None,
    ) -> None:
        self._decoder: KaldiRecognizer | None = decoder
        self._chunks = chunks
        self._rate_hz = rate_hz
        self._resampler = resampler_from(rate_hz)
        self._activity = VoiceActivity()
        self._quieting = Quieting()
        self._levelling = Levelling()
        self.start_s = start_s
        self._trailing_silence_s = trailing_silence_s
        self._rest = _NOTHING  # less than a frame
        pre_roll_frames = round(PRE_ROLL_S / FRAME_S)
        # Silence, until there is more: the model hears a word badly that comes out of nothing.
        self._pre_roll: deque[Samples] = deque([_SILENT_FRAME] * pre_roll_frames, maxlen=pre_roll_frames)
        self._waiting: list[Samples] = []  # frames for the decoder
        self._frames = 0
        self._speech: _Speech | None = None
        self._echo = Echo() if over else None
        self._keeps = keeps
        self._opinion = opinion
        self._decoded = 0  # samples
        self._kept: list[tuple[float, Stretch]] = []  # with when its speech began, behind the pre-roll

    @property
    def heard_until_s(self) -> float:
        """The end of the last whole frame, on the call's clock."""
        return self.start_s + self._frames * FRAME_S

    @property
    def is_hearing(self) -> bool:
        """Whether somebody is speaking, or fell silent so lately that the segment is still open."""
        return self._speech is not None

    def kept(self, since_s: float = 0.0, until_s: float = math.inf) -> tuple[bytes, ...]:
        """The stretches of speech that began at `since_s` or later, as they were decoded, for a second recogniser.

        With `until_s`, what was said between the two, cut out of them.

        16-bit samples at `MODEL_HZ`; only where this ear was made to keep them, and only until it is closed.
        """
        return tuple(stretch.sound for stretch in self.stretches(since_s, until_s))

    def stretches(self, since_s: float = 0.0, until_s: float = math.inf) -> tuple[Stretch, ...]:
        """The same as `kept`, with when each was said."""
        if until_s == math.inf:
            return tuple(stretch for start_s, stretch in self._kept if start_s >= since_s)
        cut = (_cut(stretch, since_s - BEFORE_CUT_S, until_s + BEHIND_CUT_S) for _, stretch in self._kept)
        return tuple(stretch for stretch in cut if stretch.sound)

    def feed(self, sound: Sound, played: Samples | None = None) -> list[EarEvent]:
        """Listen to the next sound, of any length. Returns what it brought, in order.

        Args:
            sound: what the caller's side brings.
            played: what the bot played meanwhile, as long, at the model's rate; for an ear that listens `over` it.

        Raises:
            ValueError: the sound has another rate than this ear was made for, or the ear is closed.
        """
        if sound.rate_hz != self._rate_hz:
            raise ValueError(f"this ear hears {self._rate_hz} Hz, not {sound.rate_hz} Hz; make one for that rate")
        if self._echo is not None:
            meanwhile = np.zeros(round(sound.duration_s * MODEL_HZ), np.float32) if played is None else played
            for start in range(0, meanwhile.size, FRAME_SAMPLES):
                self._echo.plays(meanwhile[start : start + FRAME_SAMPLES])
        return self._hear(self._resampler.feed(sound.samples.astype(np.float32)))

    def finish(self) -> list[EarEvent]:
        """The sound is over: end the segment that is open, if one is. The ear is closed afterwards."""
        events: list[EarEvent] = []
        if self._decoder is not None:
            events += self._hear(self._resampler.finish())
            if self._rest.size:
                events += self._hear(np.zeros(FRAME_SAMPLES - self._rest.size, np.float32))
            if self._speech is not None:
                events += self._end_segment(self._speech)
        self.close()
        return events

    def close(self) -> None:
        """Stop listening and forget every sample. May be called twice."""
        self._decoder = None
        self._speech = None
        self._rest = _NOTHING
        self._pre_roll.clear()
        self._waiting.clear()
        self._kept.clear()

    def _hear(self, samples: Samples) -> list[EarEvent]:
        if self._decoder is None:
            raise ValueError("this ear is closed; start a new listen")
        if self._rest.size:
            samples = np.concatenate((self._rest, samples))
        whole = samples.size - samples.size % FRAME_SAMPLES
        events: list[EarEvent] = []
        for start in range(0, whole, FRAME_SAMPLES):
            events += self._hear_frame(samples[start : start + FRAME_SAMPLES])
        self._rest = samples[whole:]
        return events

    def _hear_frame(self, frame: Samples) -> list[EarEvent]:
        self._frames += 1
        if self._echo is not None:
            self._echo.hears(frame)
        activity = self._activity.look_at(frame, self._levelling.gain)
        if self._speech is not None:
            return self._follow(self._speech, frame, activity)
        self._pre_roll.append(frame)
        if self._activity.has_begun and self._echo is not None and self._echo.likeness(ONSET_S) >= ONSET_ECHO:
            self._activity.forget()
        if self._activity.has_begun:
            self._speech = _Speech(max(self.start_s, self.heard_until_s - self._activity.onset_s), self.heard_until_s)
            self._speech.sound_from_s = self.heard_until_s - len(self._pre_roll) * FRAME_S
            self._quieting.begin()
            self._waiting += self._pre_roll
            self._pre_roll.clear()
        else:
            self._quieting.notice([frame])
        return []

    def _follow(self, speech: "_Speech", frame: Samples, activity: FrameActivity) -> list[EarEvent]:
        self._waiting.append(frame)
        coming: list[EarEvent] = []
        if len(self._waiting) >= (CHUNK_FRAMES if speech.flows else HELD_FRAMES):
            speech.flows = True
            self._decode(speech)
            coming = self._words_coming(speech)
        speech.loud_frames += activity.voiced and activity.loud
        if activity.loud:
            speech.last_loud_s = self.heard_until_s
        if activity.voiced and self.heard_until_s - speech.last_loud_s < LOUD_HOLD_S:
            speech.last_voiced_s = self.heard_until_s
            speech.background.clear()
        else:
            speech.background.append(frame)
        events: list[EarEvent] = [*(self._started(speech) if speech.loud_frames >= STARTED_FRAMES else ()), *coming]
        silent_s = self.heard_until_s - speech.last_voiced_s
        lasts_s = self.heard_until_s - speech.start_s
        enough_s = self._trailing_silence_s if lasts_s < BREATH_AFTER_S else min(BREATH_S, self._trailing_silence_s)
        if silent_s + FRAME_S / 2 > enough_s or lasts_s >= LONGEST_SEGMENT_S:
            events += self._end_segment(speech)
        return events

    def _words_coming(self, speech: "_Speech") -> list[EarEvent]:
        """What is being said, where the bot speaks at the same time. Its end is told in any case."""
        if self._echo is None or self._decoder is None:
            return []
        words = tuple(json.loads(self._decoder.PartialResult())["partial"].split())
        return [*self._started(speech), WordsComing(words, self._likeness(speech))] if words else []

    def _started(self, speech: "_Speech") -> list[EarEvent]:
        """That speech began, unless that was told."""
        if speech.started:
            return []
        speech.started = True
        return [SpeechStarted(speech.start_s, self._likeness(speech))]

    def _likeness(self, speech: "_Speech") -> float:
        """How much of an echo the segment had so far: whatever covers it now, its first words are the bot's."""
        if self._echo is not None:
            speech.echo = max(speech.echo, self._echo.likeness())
        return speech.echo

    def _decode(self, speech: "_Speech") -> None:
        if not self._waiting:
            return
        quiet = self._quieting.applied_to(np.concatenate(self._waiting))
        levelled = as_pcm(self._levelling.applied_to(quiet))
        if self._decoder is not None:
            self._decoder.AcceptWaveform(levelled)
        self._decoded += len(levelled) // SAMPLE_BYTES
        if self._keeps or self._opinion is not None:
            speech.sound += levelled
        self._waiting.clear()

    def _end_segment(self, speech: "_Speech") -> list[EarEvent]:
        lacking = self._chunks.lacking(self._decoded + len(self._waiting) * FRAME_SAMPLES)
        self._waiting += _background(speech.background, math.ceil(lacking / FRAME_SAMPLES))
        self._decode(speech)
        result = self._decoder.Result() if self._decoder is not None else "{}"
        hypotheses = hypotheses_of(result)
        sound = bytes(speech.sound)
        network = self._opinion.of(hypotheses, from_pcm(sound)) if self._opinion is not None else ()
        self._speech = None
        self._activity.forget()
        self._pre_roll.extend(speech.background)
        self._quieting.notice(speech.background)
        if not hypotheses and not speech.started:
            return []
        if self._keeps:
            self._kept.append((speech.start_s, Stretch(sound, speech.sound_from_s)))
        segment = Segment(hypotheses, speech.start_s, speech.last_voiced_s, network)
        return [*self._started(speech), SegmentHeard(segment, self._likeness(speech))]


class _Speech:
    """The segment that is open."""

    def __init__(self, start_s: float, now_s: float) -> None:
        self.start_s: Final = start_s
        self.last_voiced_s = now_s
        self.last_loud_s = now_s
        self.loud_frames = ONSET_FRAMES
        self.started = False
        self.flows = False
        """Whether the decoder has its beginning."""
        self.echo = 0.0
        """How much like the bot's own voice it was at most."""
        self.background: list[Samples] = []
        """The frames since the last one with voice."""
        self.sound = bytearray()
        """What was decoded of it, where others are to hear it too."""
        self.sound_from_s = start_s
        """Where on the call's clock that begins, which is the moment before it."""


def _background(frames: list[Samples], count: int) -> list[Samples]:
    """So many frames of the line's own silence, repeated; plain silence where there is none."""
    heard = frames or [_SILENT_FRAME]
    return [heard[index % len(heard)] for index in range(count)]


def _cut(stretch: Stretch, since_s: float, until_s: float) -> Stretch:
    """What of a stretch of speech was said between two times; nothing where it was said before or after."""
    begin, end = (max(0, round((at_s - stretch.from_s) * MODEL_HZ)) for at_s in (since_s, until_s))
    sound = stretch.sound[SAMPLE_BYTES * begin : SAMPLE_BYTES * end]
    return Stretch(sound, stretch.from_s + begin / MODEL_HZ)
