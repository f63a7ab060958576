import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.audio.sounds import hum
from voicebot.audio import (
    CallerHungUp,
    FrameHeard,
    KeyPressed,
    PromptFinished,
    ScriptedPlace,
    Sound,
    SoundFileError,
    StereoRecorder,
    Turn,
)

RATE_HZ = 8_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "call.wav"


@pytest.fixture
def recorder(path: Path) -> Iterator[StereoRecorder]:
    recorder = StereoRecorder(path, RATE_HZ)
    yield recorder
    recorder.close(0.0)


def tracks(path: Path) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int16]]:
    """Caller and bot, as the file has them now."""
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, RATE_HZ)
        stereo = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
        assert len(stereo) == file.getnframes()
    return stereo[:, 0], stereo[:, 1]


def hear(recorder: StereoRecorder, sound: Sound, start_s: float) -> float:
    """The caller says `sound`; the time when it ends is returned."""
    at_s = start_s
    for frame in sound.frames():
        at_s += frame.duration_s
        recorder.happened(FrameHeard(frame, at_s))
    return at_s


def test_both_sides_lie_where_they_were_heard(recorder: StereoRecorder, path: Path) -> None:
    prompt, answer = hum(0.5, RATE_HZ, frequency_hz=300.0), hum(0.4, RATE_HZ)
    recorder.played(1, prompt, 0.1)
    recorder.happened(PromptFinished(1, complete=True, at_s=0.6))
    hear(recorder, answer, 1.0)
    recorder.close(2.0)
    caller, bot = tracks(path)
    assert len(caller) == 2 * RATE_HZ
    expected_caller, expected_bot = np.zeros_like(caller), np.zeros_like(bot)
    expected_caller[8000:11200] = answer.samples
    expected_bot[800:4800] = prompt.samples
    assert np.array_equal(caller, expected_caller)
    assert np.array_equal(bot, expected_bot)


async def test_a_whole_scripted_call_is_aligned_to_the_sample(recorder: StereoRecorder, path: Path) -> None:
    place = ScriptedPlace([Turn("tender", sound=hum(0.4, RATE_HZ), think_s=0.3)], rate_hz=RATE_HZ)
    for prompt_id in (1, 2):
        prompt = hum(0.5, RATE_HZ, frequency_hz=300.0 * prompt_id)
        place.play(prompt_id, prompt, "")
        recorder.played(prompt_id, prompt, place.now_s())
    place.expect("tender")
    while (event := await place.next(3.0)) is not None:
        recorder.happened(event)
    recorder.close(place.now_s())
    caller, bot = tracks(path)
    assert len(caller) == 3 * RATE_HZ
    assert np.array_equal(
        bot[:8000], (hum(0.5, RATE_HZ, frequency_hz=300.0) + hum(0.5, RATE_HZ, frequency_hz=600.0)).samples
    )
    assert not np.any(bot[8000:])
    first = int(np.flatnonzero(caller)[0]) - 1  # a sine begins with zero
    assert first == 1.3 * RATE_HZ
    assert np.array_equal(caller[first : first + 3200], hum(0.4, RATE_HZ).samples)


def test_a_prompt_that_was_stopped_ends_there(recorder: StereoRecorder, path: Path) -> None:
    prompt = hum(2.0, RATE_HZ)
    recorder.played(1, prompt, 0.0)
    recorder.played(2, prompt, 0.0)
    hear(recorder, Sound.silence(0.5, RATE_HZ), 0.0)
    recorder.happened(PromptFinished(1, complete=False, at_s=0.5))
    recorder.happened(PromptFinished(2, complete=False, at_s=0.5))
    recorder.close(1.0)
    _, bot = tracks(path)
    assert np.array_equal(bot[:4000], prompt.samples[:4000])
    assert not np.any(bot[4000:])


def test_a_call_that_dies_leaves_what_was_said(recorder: StereoRecorder, path: Path) -> None:
    said = hum(3.2, RATE_HZ)
    hear(recorder, said, 0.0)
    caller, _ = tracks(path)
    assert 2.7 * RATE_HZ <= len(caller) <= 3.2 * RATE_HZ
    assert np.array_equal(caller, said.samples[: len(caller)])


def test_nothing_else_is_written(recorder: StereoRecorder, path: Path) -> None:
    hear(recorder, hum(1.0, RATE_HZ), 0.0)
    recorder.close(1.0)
    assert list(path.parent.iterdir()) == [path]
    assert path.stat().st_mode & 0o777 == 0o600


def test_muted_sound_is_nowhere(recorder: StereoRecorder, path: Path) -> None:
    secret = hum(1.0, RATE_HZ, frequency_hz=1234.0)
    end_s = hear(recorder, hum(1.0, RATE_HZ), 0.0)
    recorder.mute(end_s)
    for frame in secret.frames():
        end_s += 0.02
        recorder.happened(FrameHeard(frame, end_s))
        assert frame.pcm not in path.read_bytes()
        assert not any(np.array_equal(frame.samples, kept) for kept in recorder._caller)
    recorder.unmute(end_s)
    end_s = hear(recorder, hum(1.0, RATE_HZ), end_s)
    recorder.close(end_s)
    caller, _ = tracks(path)
    assert np.any(caller[: RATE_HZ - 1])
    assert not np.any(caller[RATE_HZ : 2 * RATE_HZ])
    assert np.array_equal(caller[2 * RATE_HZ :], hum(1.0, RATE_HZ).samples)


def test_frames_of_the_muted_time_stay_silent_when_they_come_late(recorder: StereoRecorder, path: Path) -> None:
    recorder.mute(0.0)
    recorder.unmute(1.0)
    hear(recorder, hum(2.0, RATE_HZ), 0.0)
    recorder.close(2.0)
    caller, _ = tracks(path)
    assert not np.any(caller[:RATE_HZ])
    assert np.any(caller[RATE_HZ:])


def test_the_bot_is_heard_while_the_caller_is_muted(recorder: StereoRecorder, path: Path) -> None:
    recorder.mute(0.0)
    recorder.played(1, hum(1.0, RATE_HZ), 0.0)
    recorder.happened(PromptFinished(1, complete=True, at_s=1.0))
    recorder.close(1.0)
    caller, bot = tracks(path)
    assert not np.any(caller)
    assert np.array_equal(bot, hum(1.0, RATE_HZ).samples)


def test_frames_a_little_early_or_late_are_joined_seamlessly(recorder: StereoRecorder, path: Path) -> None:
    said = hum(2.0, RATE_HZ)
    jitter_s = np.random.default_rng(7).uniform(-0.03, 0.03, 100)
    for frame, number, late_s in zip(said.frames(), range(1, 101), jitter_s, strict=True):
        recorder.happened(FrameHeard(frame, 0.02 * number + late_s))
    recorder.close(2.0)
    caller, _ = tracks(path)
    assert np.array_equal(caller[: 2 * RATE_HZ], said.samples)


def test_a_line_that_drifts_is_brought_back(recorder: StereoRecorder, path: Path) -> None:
    hear(recorder, hum(1.0, RATE_HZ), 0.0)
    hear(recorder, hum(1.0, RATE_HZ), 3.0)
    hear(recorder, hum(1.0, RATE_HZ), 3.5)
    recorder.close(4.0)
    caller, _ = tracks(path)
    assert len(caller) == pytest.approx(4.5 * RATE_HZ, abs=0.1 * RATE_HZ)
    assert not np.any(caller[RATE_HZ : 3 * RATE_HZ])


def test_keys_and_the_hang_up_move_time_and_make_no_sound(recorder: StereoRecorder, path: Path) -> None:
    recorder.happened(KeyPressed("4", 0.5))
    recorder.happened(CallerHungUp(1.0))
    recorder.close(1.0)
    recorder.close(1.0)
    caller, bot = tracks(path)
    assert len(caller) == RATE_HZ
    assert not np.any(caller)
    assert not np.any(bot)


def test_a_prompt_of_another_rate_is_refused(recorder: StereoRecorder) -> None:
    with pytest.raises(ValueError, match="8000 Hz, the prompt has 16000 Hz"):
        recorder.played(1, hum(0.1, 16_000), 0.0)
    recorder.close(0.0)


def test_a_file_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    with pytest.raises(SoundFileError, match=r"cannot write .*call\.wav: No such file"):
        StereoRecorder(tmp_path / "nowhere" / "call.wav", RATE_HZ)


def test_a_full_disk_ends_the_recording_and_not_the_call() -> None:
    recorder = StereoRecorder(Path("/dev/full"), RATE_HZ)
    hear(recorder, hum(2.0, RATE_HZ), 0.0)
    recorder.close(2.0)
    assert recorder.problem is not None
    assert "No space left" in recorder.problem
