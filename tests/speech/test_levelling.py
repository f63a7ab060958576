"""How loud speech is, by its loud frames, and the noise that is added to it."""

import numpy as np
import pytest

from voicebot.speech.activity import FRAME_SAMPLES
from voicebot.speech.levelling import LOUD_PERCENTILE, NOISE_RMS, Levelling, loudness


@pytest.mark.parametrize("count", [1, 2, 5, 10, 11, 30])
def test_loudness_is_the_percentile_of_the_frames(count: int) -> None:
    rng = np.random.default_rng(count)
    frames = rng.normal(0, 1_000, (count, FRAME_SAMPLES)) * rng.uniform(0, 1, (count, 1))
    expected = np.percentile(np.sqrt(np.mean(frames * frames, axis=1)), LOUD_PERCENTILE)
    assert loudness(frames.astype(np.float32).ravel()) == pytest.approx(expected, rel=1e-5)


def test_silence_has_none() -> None:
    assert loudness(np.zeros(5 * FRAME_SAMPLES, np.float32)) == 0.0


def test_the_noise_goes_on_from_piece_to_piece_and_begins_again_at_its_end() -> None:
    silence = np.zeros(70_400, np.float32)  # longer than the noise that there is
    whole = Levelling().applied_to(silence)
    pieces = Levelling()
    assert np.array_equal(whole, np.concatenate([pieces.applied_to(piece) for piece in np.split(silence, 44)]))
    assert np.array_equal(whole[: 70_400 - 65_536], whole[65_536:])
    assert float(whole.std()) == pytest.approx(NOISE_RMS, rel=0.02)
