import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.audio.sounds import hum
from voicebot.audio import Sound
from voicebot.audio.codec import mulaw_decode, mulaw_encode, telephone

pcm = st.binary(max_size=400).map(lambda data: data[: len(data) // 2 * 2])


def test_silence_lasts_as_long_as_said() -> None:
    assert Sound.silence(1.5, 8_000).duration_s == 1.5
    assert not np.any(Sound.silence(1.5, 8_000).samples)


@pytest.mark.parametrize(
    ("data", "rate_hz", "problem"), [(b"\0\0", 0, "positive rate"), (b"\0\0\0", 8_000, "cut in half")]
)
def test_impossible_sounds_are_refused(data: bytes, rate_hz: int, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Sound(data, rate_hz)


def test_what_was_said_has_no_repr() -> None:
    assert repr(Sound(b"AB", 8_000)) == "Sound(rate_hz=8000)"


@given(pcm, st.sampled_from([8_000, 16_000]))
def test_frames_are_the_sound_filled_up_with_silence(data: bytes, rate_hz: int) -> None:
    frames = list(Sound(data, rate_hz).frames())
    joined = b"".join(frame.pcm for frame in frames)
    assert joined[: len(data)] == data
    assert not any(joined[len(data) :])
    assert {frame.duration_s for frame in frames} <= {0.02}


@given(pcm)
def test_samples_and_bytes_are_the_same(data: bytes) -> None:
    sound = Sound(data, 8_000)
    assert Sound.from_samples(sound.samples, 8_000) == sound
    assert sound.duration_s == pytest.approx(len(data) / 16_000)


def test_resampling_keeps_length_and_loudness() -> None:
    wide = hum(1.0, 22_050)
    narrow = wide.resampled(8_000)
    assert narrow.rate_hz == 8_000
    assert narrow.duration_s == pytest.approx(1.0, abs=0.001)
    assert narrow.level_dbfs == pytest.approx(wide.level_dbfs, abs=0.1)
    assert wide.resampled(22_050) is wide


def test_level_is_that_of_the_root_mean_square() -> None:
    assert hum(1.0, level=1.0).level_dbfs == pytest.approx(-3.01, abs=0.01)
    assert Sound.silence(1.0, 8_000).level_dbfs == -math.inf
    assert Sound(b"", 8_000).level_dbfs == -math.inf


def test_amplified() -> None:
    assert hum(1.0).amplified(-6.0).level_dbfs == pytest.approx(hum(1.0).level_dbfs - 6.0, abs=0.01)
    assert np.max(hum(1.0).amplified(60.0).samples) == 32_767


def test_mixed_is_as_long_as_the_longer_one() -> None:
    both = hum(0.2).mixed(hum(0.1, frequency_hz=1000.0))
    assert both.duration_s == pytest.approx(0.2)
    assert both.samples[2400:].tolist() == hum(0.2).samples[2400:].tolist()
    assert np.array_equal(both.samples[:1600], hum(0.1).samples + hum(0.1, frequency_hz=1000.0).samples)


@pytest.mark.parametrize("join", [Sound.__add__, Sound.mixed])
def test_sounds_of_two_rates_are_not_joined(join: Callable[[Sound, Sound], Sound]) -> None:
    with pytest.raises(ValueError, match="16000 Hz and 8000 Hz"):
        join(hum(0.1), hum(0.1, 8_000))


@pytest.mark.parametrize(
    ("sample", "code"),
    # ITU-T G.711 table 2a: decision values and codes at the ends of segments, scaled to 16 bits
    [(0, 0xFF), (-8, 0x7E), (32_635, 0x80), (32_767, 0x80), (-32_768, 0x00), (-32_635, 0x00), (132, 0xEF)],
)
def test_mulaw_codes_of_the_standard(sample: int, code: int) -> None:
    assert mulaw_encode(Sound.from_samples(np.array([sample], dtype=np.int16), 8_000)) == bytes([code])


def test_every_mulaw_code_survives_the_round_trip() -> None:
    codes = bytes(range(256))
    again = mulaw_encode(mulaw_decode(codes))
    # 0x7F and 0xFF are both zero, minus and plus
    assert [code for code in codes if again[code] != code] == [0x7F]


def test_mulaw_is_never_far_off() -> None:
    every = Sound.from_samples(np.arange(-32_768, 32_768).astype(np.int16), 8_000)
    error = np.abs(mulaw_decode(mulaw_encode(every)).samples.astype(int) - every.samples)
    assert np.all(error <= np.maximum(8, np.abs(every.samples.astype(int)) / 16))


def test_a_telephone_line_is_narrow_and_a_little_noisy() -> None:
    heard = telephone(hum(0.5, 16_000))
    assert heard.rate_hz == 8_000
    assert heard.level_dbfs == pytest.approx(hum(0.5).level_dbfs, abs=0.1)
    assert telephone(hum(0.5, 16_000, frequency_hz=6_000.0)).level_dbfs < -60
