"""The real model and the real voice, once for all tests of this room."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from voicebot.audio.sound import Sound
from voicebot.speech import (
    DEFAULT_MODEL,
    MODELS_FOLDER,
    SECOND_MODEL,
    Recognizer,
    SecondRecognizer,
    VoiceProcess,
    ensure,
    model_named,
)
from voicebot.speech.activity import MODEL_HZ, Samples

Voice = Callable[[str], Samples]
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
DIGIT_PAIRS = tuple(f"{first} {second}" for first in DIGITS for second in DIGITS)


@pytest.fixture(scope="session")
def recognizer() -> Recognizer:
    return Recognizer(ensure(model_named(DEFAULT_MODEL), MODELS_FOLDER))


@pytest.fixture(scope="session")
def second() -> SecondRecognizer:
    return SecondRecognizer(ensure(model_named(SECOND_MODEL), MODELS_FOLDER))


@pytest.fixture(scope="session")
def caller() -> Iterator[VoiceProcess]:
    voice = VoiceProcess("espeak:en-us@140")
    yield voice
    voice.close()


@pytest.fixture(scope="session")
def said(caller: VoiceProcess) -> Voice:
    """What a caller says, as the ear hears it: between silences, at one level."""

    def speak(words: str) -> Samples:
        sound = with_silence(trimmed(caller.speak(words)).resampled(MODEL_HZ), pause_s=0.3).samples.astype(np.float32)
        return np.asarray(sound * (6_000 / np.abs(sound).max()), np.float32)

    return speak


def trimmed(sound: Sound) -> Sound:
    """The sound from its first to its last loud sample: a synthesizer adds silence of its own."""
    loud = np.nonzero(np.abs(sound.samples.astype(np.int32)) > 300)[0]
    return Sound.from_samples(sound.samples[loud[0] : loud[-1] + 1], sound.rate_hz)


def with_silence(*sounds: Sound, pause_s: float = 0.8) -> Sound:
    """The sounds with silence before, between and after them."""
    joined = Sound.silence(pause_s, sounds[0].rate_hz)
    for sound in sounds:
        joined = joined + sound + Sound.silence(pause_s, sound.rate_hz)
    return joined
