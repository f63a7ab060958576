import math

import numpy as np
import pytest

from tests.audio.sounds import hum
from voicebot.audio import KeyPressed, ScriptedPlace, Sound, ToneDetector, Turn, WavPlace, key_tones
from voicebot.audio.codec import telephone
from voicebot.audio.tones import COLUMNS_HZ, ROWS_HZ

ALL_KEYS = "1234567890*#"


def detect(sound: Sound, *, late_s: float = 0.0) -> tuple[str, Sound]:
    """The keys heard in a sound, and what is left of it, when it begins `late_s` into a frame."""
    detector = ToneDetector(sound.rate_hz)
    keys, cleaned = "", Sound(b"", sound.rate_hz)
    for frame in (Sound.silence(late_s, sound.rate_hz) + sound).frames():
        left, pressed = detector.hear(frame)
        keys += pressed
        cleaned += left
    return keys, cleaned


def noisy(sound: Sound, snr_db: float) -> Sound:
    """With white noise that much below the tones."""
    samples = sound.samples.astype(np.float64)
    power = np.mean(np.square(samples[samples != 0]))
    noise = np.random.default_rng(5).normal(0.0, math.sqrt(power / 10 ** (snr_db / 10)), len(samples))
    return Sound.from_samples(np.clip(samples + noise, -32_768, 32_767).astype(np.int16), sound.rate_hz)


def two_tones(low_hz: float, high_hz: float, *, low: float = 4000.0, high: float = 4000.0) -> Sound:
    times_s = np.arange(800) / 8_000
    wave = low * np.sin(2 * np.pi * low_hz * times_s) + high * np.sin(2 * np.pi * high_hz * times_s)
    return Sound.from_samples(wave.astype(np.int16), 8_000) + Sound.silence(0.1, 8_000)


@pytest.mark.parametrize("rate_hz", [8_000, 16_000])
@pytest.mark.parametrize("late_s", [0.0, 0.0035, 0.0125, 0.0175])
@pytest.mark.parametrize(("on_s", "off_s"), [(0.04, 0.04), (0.05, 0.05), (0.1, 0.1), (1.0, 0.1)])
def test_every_key_is_heard_once(rate_hz: int, late_s: float, on_s: float, off_s: float) -> None:
    keys, _ = detect(key_tones(ALL_KEYS, rate_hz, on_s=on_s, off_s=off_s), late_s=late_s)
    assert keys == ALL_KEYS


@pytest.mark.parametrize("snr_db", [20.0, 15.0, 10.0])
def test_keys_are_heard_through_noise_and_the_codec(snr_db: float) -> None:
    tones = key_tones(ALL_KEYS, 16_000, on_s=0.06, off_s=0.06)
    assert detect(telephone(noisy(tones, snr_db)))[0] == ALL_KEYS


@pytest.mark.parametrize("level_dbfs", [-9.0, -20.0, -36.0])
def test_keys_are_heard_loud_and_soft(level_dbfs: float) -> None:
    assert detect(telephone(key_tones(ALL_KEYS, 8_000, level_dbfs=level_dbfs)))[0] == ALL_KEYS


def test_one_key_pressed_twice_is_two() -> None:
    assert detect(key_tones("4411", 8_000, on_s=0.05, off_s=0.05))[0] == "4411"


def test_a_short_dropout_does_not_make_two_of_one_press() -> None:
    tone = key_tones("5", 8_000, on_s=0.2, off_s=0.0)
    samples = tone.samples.copy()
    samples[800:880] = 0
    assert detect(Sound.from_samples(samples, 8_000) + Sound.silence(0.1, 8_000))[0] == "5"


@pytest.mark.parametrize(
    ("off", "heard"), [(-0.035, ""), (-0.015, "5"), (-0.005, "5"), (0.005, "5"), (0.015, "5"), (0.035, "")]
)
def test_a_telephone_may_be_a_little_off_and_not_more(off: float, heard: str) -> None:
    assert detect(two_tones(ROWS_HZ[1] * (1 + off), COLUMNS_HZ[1] * (1 + off)))[0] == heard


@pytest.mark.parametrize(("twist_db", "heard"), [(-10.0, ""), (-6.0, "5"), (4.0, "5"), (10.0, "")])
def test_both_tones_must_be_about_equally_loud(twist_db: float, heard: str) -> None:
    assert detect(two_tones(770, 1336, high=4000 * 10 ** (twist_db / 20)))[0] == heard


@pytest.mark.parametrize(
    "sound",
    [
        hum(1.0, 8_000),
        two_tones(350, 440),  # the dial tone
        two_tones(440, 480),  # ringing
        two_tones(770, 1633),  # the column that no telephone has
        two_tones(697, 770),
        two_tones(770, 1336).mixed(hum(0.1, 8_000, frequency_hz=500.0)),  # a voice has more than two
        key_tones("5", 8_000, on_s=0.015),
        key_tones("5", 8_000, level_dbfs=-60.0),
        noisy(hum(2.0, 8_000, level=0.01), -20.0),
    ],
    ids=["hum", "dial", "ringing", "fourth-column", "two-rows", "three-tones", "click", "faint", "noise"],
)
def test_what_is_no_key_is_left_alone(sound: Sound) -> None:
    keys, left = detect(sound)
    assert keys == ""
    assert left.pcm[: len(sound.pcm)] == sound.pcm


@pytest.mark.parametrize("late_s", [0.0, 0.0035, 0.0125])
def test_tones_are_taken_out(late_s: float) -> None:
    tones = telephone(key_tones("4111", 8_000))
    _, left = detect(tones, late_s=late_s)
    assert left.level_dbfs < tones.level_dbfs - 10
    loud = np.flatnonzero(np.abs(left.samples.astype(int)) > 300)
    runs = np.split(loud, np.flatnonzero(np.diff(loud) > 40) + 1)
    assert max(len(run) for run in runs) <= 0.02 * 8_000


def test_words_before_and_after_are_kept() -> None:
    word = hum(0.2, 8_000, frequency_hz=300.0)
    _, left = detect(word + Sound.silence(0.1, 8_000) + key_tones("7", 8_000) + word)
    assert left.pcm[: len(word.pcm)] == word.pcm
    assert left.pcm.endswith(word.pcm)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="multiples of 10 ms of sound at 8000 Hz"):
        ToneDetector(8_000).hear(Sound.silence(0.015, 8_000))
    with pytest.raises(ValueError, match="8000 Hz"):
        ToneDetector(8_000).hear(Sound.silence(0.02, 16_000))
    for keys in ("A", "x", "12 "):
        with pytest.raises(ValueError, match="0 to 9"):
            key_tones(keys, 8_000)


async def test_a_scripted_caller_can_press_keys_in_sound() -> None:
    place = ScriptedPlace([Turn("routing_number", keys="021000021#")], rate_hz=8_000, keys_as_tones=True)
    place.expect("routing_number")
    keys = ""
    while (event := await place.next(4.0)) is not None:
        keys += event.key if isinstance(event, KeyPressed) else ""
    assert keys == "021000021#"


async def test_keys_in_a_recording_are_found() -> None:
    place = WavPlace(hum(0.3, 8_000) + key_tones("42#", 8_000))
    place.expect("security_code")
    keys = ""
    while (event := await place.next(2.0)) is not None:
        keys += event.key if isinstance(event, KeyPressed) else ""
    assert keys == "42#"
