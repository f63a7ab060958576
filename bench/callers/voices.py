"""Callers' voices: synthesizers, and digits that people recorded, spliced into numbers.

What is synthesized is kept under `bench/out`, as it is only ever a test number.
"""

import hashlib
import os
import shutil
import tempfile
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile
import soxr

from bench.callers.line import SPEECH_RMS, Samples
from bench.callers.words import NAMES, Say, one_of
from voicebot.audio import Sound, read_sound, write_sound
from voicebot.audio.codec import TELEPHONE_HZ
from voicebot.speech import VoiceFailed, VoiceProcess
from voicebot.speech.prompts import CACHE_VERSION

ESPEAK_VOICES = (
    "espeak:en-us+f3",
    "espeak:en-us+m7",
    "espeak:en-us+f5",
    "espeak:en-gb-x-rp",
    "espeak:en-gb-scotland",
    "espeak:en-us-nyc",
)
FLITE_VOICES = ("flite:slt", "flite:rms", "flite:kal", "flite:awb")

HUMAN = "human"
HUMANS_SHARE = 0.3
"""How many callers have a recorded voice, where there are recordings."""

PROCESSES = 4
"""Voices kept running; each is a process."""
TRIES = 2

VARIES = 0.05
"""How much faster and higher, or slower and lower, a synthesized voice says something: no two times the same."""

_EDGE_RMS = 30.0
"""What is softer is no part of a word, on the scale of 16-bit samples."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks in one call.

    Attributes:
        name: as the report calls it; `human:SPEAKER` for recorded digits.
        synthesizer: speaks what was not recorded, or everything.
        seed: chooses this caller's clips and the gaps between digits.
    """

    name: str
    synthesizer: str
    seed: int

    @property
    def human(self) -> str:
        engine, _, name = self.name.partition(":")
        return name if engine == HUMAN else ""


@dataclass(slots=True)
class Recordings:
    """A folder of recordings of people: `fsdd/SPEAKER/DIGIT_N.flac`, `commands/yes/*.flac`, `commands/no/*.flac`."""

    folder: Path
    _clips: dict[Path, Samples] = field(default_factory=dict)

    def speakers(self) -> list[str]:
        """Everybody who says digits."""
        return sorted(path.name for path in (self.folder / "fsdd").iterdir() if path.is_dir())

    def digit(self, speaker: str, digit: str, rng: np.random.Generator) -> Samples:
        """One digit. The second half of the clips only: with the first, the recogniser's thresholds were chosen."""
        numbers = sorted(
            int(path.stem.partition("_")[2]) for path in (self.folder / "fsdd" / speaker).glob(f"{digit}_*.flac")
        )
        number = one_of(rng, numbers[len(numbers) // 2 :])
        return self._read(self.folder / "fsdd" / speaker / f"{digit}_{number}.flac")

    def word(self, word: str, rng: np.random.Generator) -> Samples:
        """A word by one of many speakers."""
        return self._read(one_of(rng, sorted((self.folder / "commands" / word).glob("*.flac"))))

    def _read(self, path: Path) -> Samples:
        if path not in self._clips:
            samples, rate_hz = soundfile.read(path, dtype="float32")
            self._clips[path] = soxr.resample(samples * 32_768, rate_hz, TELEPHONE_HZ).astype(np.float32)
        return self._clips[path]


class Voices:
    """Speaks for the callers of one process.

    Args:
        recordings: None where there are none.
        folder: where synthesized words are kept.
    """

    def __init__(self, recordings: Recordings | None, folder: Path) -> None:
        self.recordings = recordings
        self._folder = folder
        self._processes: OrderedDict[str, VoiceProcess] = OrderedDict()

    def draw(self, rng: np.random.Generator) -> Speaker:
        """A random speaker out of those at hand."""
        known = ESPEAK_VOICES + (FLITE_VOICES if shutil.which("flite") else ())
        synthesizer, seed = one_of(rng, known), int(rng.integers(1 << 32))
        if self.recordings is not None and rng.random() < HUMANS_SHARE:
            return Speaker(f"{HUMAN}:{one_of(rng, self.recordings.speakers())}", synthesizer, seed)
        return Speaker(synthesizer, synthesizer, seed)

    def speak(self, speaker: Speaker, said: Say, words_a_minute: int, number: int) -> Samples:
        """Words as they leave a mouth, at the usual level.

        Args:
            speaker: who speaks.
            said: what.
            words_a_minute: how fast a synthesizer is to speak; people speak as they did.
            number: of the utterance in its call; the same words sound different the next time people say them.
        """
        if speaker.human and self.recordings is not None:
            rng = np.random.default_rng((speaker.seed, number))
            if said.digits:
                return _levelled(self._spliced(self.recordings, speaker.human, said.digits, rng))
            if said.words in {"yes", "no"}:
                return _levelled(self.recordings.word(said.words, rng))
        rng = np.random.default_rng((speaker.seed, number))
        spoken = self._synthesized(f"{speaker.synthesizer}@{words_a_minute}", said.words)
        return _varied(spoken, float(rng.uniform(-VARIES, VARIES)))

    def close(self) -> None:
        """End every process of a voice."""
        while self._processes:
            self._processes.popitem()[1].close()

    def _spliced(self, recordings: Recordings, speaker: str, digits: str, rng: np.random.Generator) -> Samples:
        parts: list[Samples] = []
        for digit in digits:
            parts.append(recordings.digit(speaker, digit, rng))
            parts.append(np.zeros(round(float(rng.uniform(0.04, 0.16)) * TELEPHONE_HZ), np.float32))
        return np.concatenate(parts)

    def _synthesized(self, voice: str, words: str) -> Samples:
        path = _path(self._folder, voice, words)
        if not path.is_file():
            sound = _trimmed(self._spoken(voice, _spelled(words)).resampled(TELEPHONE_HZ))
            _store(Sound.from_samples(np.rint(_levelled(sound)).astype(np.int16), TELEPHONE_HZ), path)
        return read_sound(path).samples.astype(np.float32)

    def _spoken(self, voice: str, words: str) -> Sound:
        if voice not in self._processes:
            if len(self._processes) >= PROCESSES:
                self._processes.popitem(last=False)[1].close()
            self._processes[voice] = VoiceProcess(voice)
        self._processes.move_to_end(voice)
        for _ in range(TRIES - 1):
            try:
                return self._processes[voice].speak(words)
            except VoiceFailed:
                continue
        return self._processes[voice].speak(words)


class KeptVoice:
    """The bot's voice, each prompt spoken once and kept, amounts and all: these calls are about test numbers only."""

    def __init__(self, synthesizer: VoiceProcess, folder: Path) -> None:
        self.name = synthesizer.name
        self._synthesizer = synthesizer
        self._folder = folder

    def speak(self, text: str, pace: float = 1.0) -> Sound:
        """See `Synthesizer.speak`."""
        path = _path(self._folder, f"{self.name} {CACHE_VERSION} {pace}", text)
        if not path.is_file():
            _store(self._synthesizer.speak(text, pace).resampled(TELEPHONE_HZ), path)
        return read_sound(path)

    def close(self) -> None:
        """End the process."""
        self._synthesizer.close()


def muffled(samples: Samples, highest_hz: int) -> Samples:
    """Without what is above `highest_hz`."""
    low = soxr.resample(samples, TELEPHONE_HZ, 2 * highest_hz)
    return np.asarray(soxr.resample(low, 2 * highest_hz, TELEPHONE_HZ), dtype=np.float32)


def _varied(samples: Samples, share: float) -> Samples:
    return np.asarray(soxr.resample(samples, TELEPHONE_HZ * (1 + share), TELEPHONE_HZ), dtype=np.float32)


def _path(folder: Path, voice: str, words: str) -> Path:
    digest = hashlib.sha256(f"{voice}\0{words}".encode()).hexdigest()
    return folder / f"{digest[:32]}.wav"


def _spelled(words: str) -> str:
    """Words as synthesizers read them well: digit names with a short breath between them."""
    tokens = words.split()
    if len(tokens) > 1 and all(token in {*NAMES, "oh", "double"} for token in tokens):
        return words.replace("double ", "double_").replace(" ", ", ").replace("_", " ")
    return words.replace("e check", "e-check")


def _loudness(samples: Samples) -> float:
    """Root mean square of the louder half of the frames of 20 ms."""
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    powers = np.sort(np.mean(np.square(frames, dtype=np.float64), axis=1))
    return float(np.sqrt(powers[len(powers) // 2 :].mean())) if len(powers) else 0.0


def _levelled(samples: Samples) -> Samples:
    loud = _loudness(samples)
    return samples * np.float32(SPEECH_RMS / loud) if loud else samples


def _trimmed(sound: Sound) -> Samples:
    """Without the silence that synthesizers leave at both ends."""
    samples = sound.samples.astype(np.float32)
    loud = np.flatnonzero(np.abs(samples) > _EDGE_RMS)
    return samples[loud[0] : loud[-1] + 1] if len(loud) else samples


def _store(sound: Sound, path: Path) -> None:
    """Whole or not at all: several processes fill one folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, partial = tempfile.mkstemp(dir=path.parent, suffix=".part")
    os.close(descriptor)
    write_sound(Path(partial), sound)
    Path(partial).replace(path)
