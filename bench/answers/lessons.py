"""What the answer networks learn from: clips over many lines, and clips as a call's ear hears them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile
import soxr

from bench.capture.hearing import Ours
from bench.capture.lines import Line, over
from bench.capture.recordings import COMMANDS_HZ, Recordings
from bench.digits.clips import Clip, Sound, noises, trimmed
from bench.digits.lines import Lines
from voicebot.audio.codec import TELEPHONE_HZ
from voicebot.speech.activity import Samples, as_pcm, from_pcm
from voicebot.speech.digits import NAMES
from voicebot.speech.digits.features import log_mel
from voicebot.speech.digits.network import DigitNetwork
from voicebot.speech.products import Array
from voicebot.speech.second import SecondRecognizer

WORDS = ("yes", "no", "go", "stop", "other", *NAMES)
LINES = (Line(TELEPHONE_HZ), Line(COMMANDS_HZ), Line(TELEPHONE_HZ, 20.0), Line(TELEPHONE_HZ, 12.0))
LENGTH_S = 2.4
See = Callable[[Sequence[Samples]], Array]
"""What lower layers see of stretches of speech: frames by features."""

TRIMMED_SHARE = 0.6
LONGEST = 60
"""Frames of several stretches together."""

SYNTHETIC, PEOPLE, HEARD = range(3)


@dataclass(frozen=True, slots=True)
class Lesson:
    """One answer as a network's lower layers see it.

    Attributes:
        seen: frames by features.
        answer: "yes", "no", or "other".
        sort: `SYNTHETIC`, `PEOPLE` over a made-up line, or `HEARD` by the ear.
        speaker: who says it; empty for a synthetic voice.
    """

    seen: Array
    answer: str
    sort: int
    speaker: str = ""


class SingleWords(Lines):
    """Lines with one word each, as long as its segment would be."""

    lasts = 0

    def drawn(self, sound: Sound) -> Array:
        """One line of this word, at the model's rate."""
        line, _ = self.draw([Clip("?", sound)])
        return line[: 2 * self.lasts]

    def _said(self, clips: "list[Clip]") -> tuple[Sound, str]:  # type: ignore[override]
        sound = np.zeros(round(LENGTH_S * TELEPHONE_HZ))
        begin = round(self._rng.uniform(0.1, 0.45) * TELEPHONE_HZ)
        word = self._varied(clips[0])[: sound.size - begin - 800]
        sound[begin : begin + word.size] += word
        tail = round(self._rng.uniform(0.2, 0.7) * TELEPHONE_HZ)
        self.lasts = min(sound.size, begin + word.size + tail)
        return sound, clips[0].digits


def by_network(network: DigitNetwork) -> See:
    """The digit network's lower layers, of each stretch by itself."""

    def see(stretches: Sequence[Samples]) -> Array:
        return np.concatenate([network.embedded(log_mel(sound)) for sound in stretches])[:LONGEST]

    return see


def by_second(second: SecondRecognizer) -> See:
    """The second recogniser's encoder."""

    def see(stretches: Sequence[Samples]) -> Array:
        return second.seen([as_pcm(sound) for sound in stretches])

    return see


def lessons(
    recordings: Recordings, synthetic: Path, ours: Ours, see: See, rng: np.random.Generator
) -> Iterator[Lesson]:
    """All of them; nothing that the benchmark plays is among them."""
    lines = SingleWords([], noises(recordings), rng)

    def over_lines(sound: Sound, times: int, lesson: Lesson, share: float) -> Iterator[Lesson]:
        for _ in range(times):
            word = trimmed(sound) if rng.random() < share else sound
            yield replace(lesson, seen=see([lines.drawn(word)]))

    nothing = np.zeros(0, np.float32)
    for path in sorted(synthetic.glob("*.flac")):
        sound = soundfile.read(path, dtype="float64")[0] * 32_768
        yield from over_lines(sound, 2, Lesson(nothing, path.stem.partition("_")[0], SYNTHETIC), 1.0)
    for word in WORDS:
        answer = word if word in {"yes", "no"} else "other"
        for name, sound in recordings.words(word, tuning=True):
            speaker = name.partition("_")[0]
            slow = soxr.resample(sound, COMMANDS_HZ, TELEPHONE_HZ) * 32_768
            person = Lesson(nothing, answer, PEOPLE, speaker)
            yield from over_lines(slow, 6 if answer == "other" else 8, person, TRIMMED_SHARE)
            for line in LINES:
                for seen in heard(sound, line, ours, see, rng):
                    yield Lesson(seen, answer, HEARD, speaker)
    for speaker in recordings.speakers():
        for digit in "0123456789":
            for clip in recordings.clips(speaker, digit, tuning=True)[:12]:
                said = recordings.digit(speaker, digit, clip) * 32_768
                yield from over_lines(said, 1, Lesson(nothing, "other", PEOPLE, speaker), TRIMMED_SHARE)
    for name, noise in recordings.noise().items():
        # The benchmark plays the other halves of these four seconds.
        for start in range(2 * COMMANDS_HZ, len(noise) - 2 * COMMANDS_HZ, 4 * COMMANDS_HZ):
            piece = noise[start : start + round(rng.uniform(0.2, 1.2) * COMMANDS_HZ)]
            slow = soxr.resample(piece, COMMANDS_HZ, TELEPHONE_HZ) * 32_768
            yield from over_lines(slow, 1, Lesson(nothing, "other", PEOPLE, name), 0.0)


def heard(sound: Sound, line: Line, ours: Ours, see: See, rng: np.random.Generator) -> Iterator[Array]:
    """What of a recording comes through a call's ear, all stretches of speech as one."""
    quiet = rng.normal(0.0, 1e-4, COMMANDS_HZ // 2)
    played = over(line, np.concatenate([quiet, sound, np.tile(quiet, 4)]), COMMANDS_HZ, rng)
    phrases = ours.phrases(ours.expect("yes_no").grammar)
    ear = ours.recognizer.listen(phrases, rate_hz=played.rate_hz, start_s=0.0, keeps=True, opinion=None)
    ear.feed(played)
    kept = [from_pcm(segment) for segment in ear.kept()]
    ear.close()
    if kept:
        yield see(kept)
