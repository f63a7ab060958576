"""The line's noise: what is taken out, what is left alone."""

import numpy as np
import pytest

from tests.speech.conftest import DIGIT_PAIRS, with_silence
from voicebot.audio.sound import Sound
from voicebot.speech import Recognizer, SegmentHeard, VoiceProcess
from voicebot.speech.activity import FRAME_SAMPLES, Samples
from voicebot.speech.quieting import CLEAN_DB, DEEPEST_DB, HEARD_FRAMES, HOP, WINDOW, Quieting

DELAY = WINDOW - HOP
TONE_RMS = 3_000.0


def noise(frames: int, below_db: float, seed: int = 1) -> Samples:
    rms = TONE_RMS * 10 ** (-below_db / 20)
    return np.random.default_rng(seed).normal(0, rms, frames * FRAME_SAMPLES).astype(np.float32)


def tone(frames: int) -> Samples:
    at = np.arange(frames * FRAME_SAMPLES) / 16_000
    return np.asarray(TONE_RMS * np.sqrt(2) * np.sin(2 * np.pi * 500 * at), np.float32)


def in_frames(samples: Samples) -> list[Samples]:
    return list(samples.reshape(-1, FRAME_SAMPLES))


def filtered(segment: Samples, background: Samples, piece_frames: int) -> Samples:
    quieting = Quieting()
    quieting.notice(in_frames(background))
    quieting.begin()
    size = piece_frames * FRAME_SAMPLES
    return np.concatenate([quieting.applied_to(segment[at : at + size]) for at in range(0, segment.size, size)])


def level_db(samples: Samples) -> float:
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64))))


def test_a_clean_line_passes_unchanged() -> None:
    segment = tone(50) + noise(50, CLEAN_DB + 3)
    assert np.array_equal(filtered(segment, noise(HEARD_FRAMES, CLEAN_DB + 3, seed=2), 5), segment)


def test_a_background_that_is_not_known_yet_changes_nothing() -> None:
    segment = tone(50) + noise(50, 10)
    assert np.array_equal(filtered(segment, noise(3, 10, seed=2), 5), segment)


@pytest.mark.parametrize("below_db", [30.0, 26.0, 15.0])
def test_noise_is_lowered_as_far_as_is_needed_and_speech_stays(below_db: float) -> None:
    segment = np.concatenate([tone(50), np.zeros(50 * FRAME_SAMPLES, np.float32)]) + noise(100, below_db)
    quiet = filtered(segment, noise(HEARD_FRAMES, below_db, seed=2), 5)
    middle, end = 50 * FRAME_SAMPLES, 60 * FRAME_SAMPLES
    lowered_db = min(CLEAN_DB - below_db, -DEEPEST_DB)
    assert level_db(quiet[end:]) == pytest.approx(level_db(segment[end:]) - lowered_db, abs=2.0)
    assert level_db(quiet[3_200:middle]) == pytest.approx(level_db(segment[3_200:middle]), abs=0.5)
    apart = quiet[DELAY + 3_200 : middle] - tone(50)[3_200 : middle - DELAY]
    assert level_db(apart) < level_db(noise(50, below_db))


def test_the_same_comes_out_whatever_the_pieces() -> None:
    segment = tone(60) + noise(60, 20)
    background = noise(HEARD_FRAMES, 20, seed=2)
    whole = filtered(segment[: 60 * FRAME_SAMPLES], background, 60)
    assert whole.size == segment.size
    assert np.allclose(filtered(segment, background, 5), whole, atol=1.0)


def test_each_segment_begins_anew() -> None:
    quieting = Quieting()
    quieting.notice(in_frames(noise(HEARD_FRAMES, 20)))
    segment = tone(20) + noise(20, 20)
    quieting.begin()
    first = quieting.applied_to(segment)
    quieting.begin()
    assert np.array_equal(quieting.applied_to(segment), first)


def test_digits_are_heard_in_a_hiss(recognizer: Recognizer, caller: VoiceProcess) -> None:
    said = "nine eight zero seven three four five"
    sound = with_silence(caller.speak(said).resampled(8_000))
    samples = sound.samples.astype(np.float64)
    loud_rms = float(np.sqrt(np.mean(np.sort(samples**2)[samples.size // 2 :])))
    hiss = np.random.default_rng(2).normal(0, loud_rms * 10 ** (-8 / 20), samples.size)
    ear = recognizer.listen(DIGIT_PAIRS, rate_hz=8_000, start_s=0.0)
    events = ear.feed(Sound.from_samples(np.clip(samples + hiss, -32_768, 32_767).astype(np.int16), 8_000))
    heard = [event.segment.best for event in [*events, *ear.finish()] if isinstance(event, SegmentHeard)]
    assert " ".join(word for best in heard if best for word in best.words) == said
