"""Stretches of speech that were kept in memory, heard over by a decoder that listens for other words.

Nobody says everything at once who does not mean to, so nobody listens for it while a question is asked: each word that
is listened for is heard in place of another. Only where an answer comes to nothing, or is too long for one, its sound
is decoded once more, with the words of later questions.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voicebot.audio.sound import SAMPLE_BYTES
from voicebot.grammar.heard import Hypothesis, Segment, Unpicklable
from voicebot.speech.activity import MODEL_HZ
from voicebot.speech.chunks import Chunks

if TYPE_CHECKING:
    from vosk import KaldiRecognizer

QUIET_SAMPLES = MODEL_HZ // 10
"""The end of a stretch that is background for certain."""


@dataclass(frozen=True, slots=True)
class Stretch(Unpicklable):
    """Speech between two pauses, as it went to the decoder: 16-bit samples at `MODEL_HZ`.

    Attributes:
        sound: the samples.
        from_s: when the first one was heard, on the call's clock.
    """

    sound: bytes = field(repr=False)
    from_s: float

    @property
    def until_s(self) -> float:
        """When the last one was heard."""
        return self.from_s + len(self.sound) / SAMPLE_BYTES / MODEL_HZ


def heard_over(decoder: "KaldiRecognizer", stretches: Sequence[Stretch], chunks: Chunks) -> tuple[Segment, ...]:
    """What a decoder makes of each stretch, with the times of its words; nothing for those without any. Blocks.

    Args:
        decoder: a new one, which tells the times of words.
        stretches: in the order in which they were said.
        chunks: how its network works.
    """
    segments: list[Segment] = []
    decoded = 0
    for stretch in stretches:
        offset_s = stretch.from_s - decoded / MODEL_HZ
        sound = stretch.sound
        lacking = chunks.lacking(decoded + len(sound) // SAMPLE_BYTES)
        sound += _background(sound, lacking)
        decoder.AcceptWaveform(sound)
        decoded += len(sound) // SAMPLE_BYTES
        result = decoder.Result()
        if hypotheses := hypotheses_of(result):
            segments.append(Segment(hypotheses, stretch.from_s, stretch.until_s, times=times_of(result, offset_s)))
    return tuple(segments)


def _background(sound: bytes, samples: int) -> bytes:
    """So much more of the line's own silence, with which a stretch ends."""
    silence = sound[-SAMPLE_BYTES * QUIET_SAMPLES :]
    return (silence * (samples // QUIET_SAMPLES + 1))[: SAMPLE_BYTES * samples]


def hypotheses_of(result: str) -> tuple[Hypothesis, ...]:
    """Vosk's N-best list, best first, each string of words once.

    That there were no words is a hypothesis too, unless it is the only one.
    """
    found: dict[tuple[str, ...], Hypothesis] = {}
    for alternative in json.loads(result).get("alternatives", ()):
        words = tuple(alternative["text"].split())
        found.setdefault(words, Hypothesis(words, float(alternative["confidence"])))
    return tuple(found.values()) if any(found) else ()


def times_of(result: str, offset_s: float) -> tuple[tuple[float, float], ...]:
    """When the words of the best alternative were said; the decoder counts from the first sample that it had."""
    alternatives = json.loads(result).get("alternatives", ())
    words = alternatives[0].get("result", ()) if alternatives else ()
    return tuple((word["start"] + offset_s, word["end"] + offset_s) for word in words)
