"""Sound at the model's rate: the same tone, and soon."""

import numpy as np
import pytest

from voicebot.speech.activity import MODEL_HZ, Samples
from voicebot.speech.resampling import resampler_from


def tone(rate_hz: int, tone_hz: float, duration_s: float = 0.5) -> Samples:
    at_s = np.arange(round(rate_hz * duration_s)) / rate_hz
    return np.asarray(10_000 * np.sin(2 * np.pi * tone_hz * at_s), np.float32)


def resampled(samples: Samples, rate_hz: int, piece: int) -> Samples:
    resampler = resampler_from(rate_hz)
    pieces = [resampler.feed(samples[at : at + piece]) for at in range(0, samples.size, piece)]
    return np.concatenate([*pieces, resampler.finish()])


@pytest.mark.parametrize("tone_hz", [200.0, 1_000.0, 3_400.0])
@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 48_000])
def test_a_tone_keeps_its_pitch_and_level(rate_hz: int, tone_hz: float) -> None:
    heard = resampled(tone(rate_hz, tone_hz), rate_hz, rate_hz // 50)
    spectrum = np.abs(np.fft.rfft(heard[1_000:7_000] * np.hanning(6_000)))
    assert np.argmax(spectrum) * MODEL_HZ / 6_000 == pytest.approx(tone_hz, abs=3.0)
    assert np.sqrt(2 * np.mean(np.square(heard[1_000:7_000]))) == pytest.approx(10_000, rel=0.02)
    image = np.argmax(spectrum[2_000:]) + 2_000  # above 5.3 kHz nothing was
    assert spectrum[image] < spectrum.max() * 1e-3


@pytest.mark.parametrize("piece", [1, 37, 160, 4_000])
def test_pieces_of_any_size_give_the_same(piece: int) -> None:
    noise = np.random.default_rng(1).normal(0, 1_000, 4_000).astype(np.float32)
    assert np.allclose(resampled(noise, 8_000, piece), resampled(noise, 8_000, noise.size), atol=0.01)


def test_the_telephones_sound_comes_without_delay() -> None:
    """All of it comes with its own piece, and a click is three milliseconds late at most."""
    click = np.zeros(160, np.float32)
    click[20] = 10_000
    heard = resampler_from(8_000).feed(click)
    assert heard.size == 2 * click.size
    assert 40 <= int(np.argmax(heard)) <= 40 + 0.003 * MODEL_HZ
