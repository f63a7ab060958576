from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.audio.sounds import hum
from voicebot.audio import Sound, SoundFileError, read_sound, write_sound
from voicebot.audio.codec import telephone


@pytest.mark.parametrize("rate_hz", [8_000, 16_000])
def test_what_was_written_is_read(tmp_path: Path, rate_hz: int) -> None:
    said = hum(0.3, rate_hz)
    write_sound(tmp_path / "said.wav", said)
    assert read_sound(tmp_path / "said.wav") == said


def test_flac_and_mulaw_are_read(tmp_path: Path) -> None:
    said = hum(0.3, 8_000)
    soundfile.write(tmp_path / "said.flac", said.samples, 8_000, "PCM_16")
    soundfile.write(tmp_path / "said.wav", said.samples, 8_000, "ULAW")
    assert read_sound(tmp_path / "said.flac") == said
    assert read_sound(tmp_path / "said.wav") == telephone(said)


@pytest.mark.parametrize(
    ("name", "channels", "rate_hz", "subtype", "said"),
    [
        ("stereo.wav", 2, 16_000, "PCM_16", "stereo, 16000 Hz, Signed 16 bit"),
        ("surround.wav", 6, 16_000, "PCM_16", "6 channels"),
        ("compact disc.wav", 1, 44_100, "PCM_16", "mono, 44100 Hz"),
        ("eight-bit.wav", 1, 16_000, "PCM_U8", "Unsigned 8 bit PCM"),
        ("deep.flac", 1, 16_000, "PCM_24", "24 bit PCM"),
        ("float.wav", 1, 16_000, "FLOAT", "32 bit float"),
        ("wide-mulaw.wav", 1, 16_000, "ULAW", "U-Law"),
        ("music.ogg", 1, 16_000, "VORBIS", "OGG"),
    ],
)
def test_another_format_is_refused_with_the_command_that_converts_it(  # noqa: PLR0917 - a table's columns
    tmp_path: Path, name: str, channels: int, rate_hz: int, subtype: str, said: str
) -> None:
    path = tmp_path / name
    soundfile.write(path, np.zeros((1000, channels)), rate_hz, subtype)
    with pytest.raises(SoundFileError) as caught:
        read_sound(path)
    text = str(caught.value)
    assert text.startswith(f"{path} is ")
    assert said in text
    assert "-r 16000 -c 1 -b 16" in text


def whole_file(tmp_path: Path) -> bytes:
    write_sound(tmp_path / "whole.wav", hum(1.0))
    return (tmp_path / "whole.wav").read_bytes()


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0, "is empty"),
        (3, "not a sound file"),
        (20, "not a sound file"),
        (40, "not a sound file"),
        (44, "is cut short: 1.00 s of sound are announced in it and 0.00 s are there"),
        (45, "is cut short"),
        (16_044, "is cut short: 1.00 s of sound are announced in it and 0.50 s are there"),
        (32_042, "is cut short"),
    ],
)
def test_a_file_cut_short_is_refused(tmp_path: Path, size: int, said: str) -> None:
    path = tmp_path / "cut.wav"
    path.write_bytes(whole_file(tmp_path)[:size])
    with pytest.raises(SoundFileError, match=r"cut\.wav") as caught:
        read_sound(path)
    assert said in str(caught.value)


def test_a_flac_cut_short_is_refused(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(-9000, 9000, 16_000).astype(np.int16)
    soundfile.write(tmp_path / "whole.flac", noise, 16_000, "PCM_16")
    (tmp_path / "cut.flac").write_bytes((tmp_path / "whole.flac").read_bytes()[:9000])
    with pytest.raises(SoundFileError, match=r"cut\.flac"):
        read_sound(tmp_path / "cut.flac")


def test_a_header_without_sound_is_refused(tmp_path: Path) -> None:
    write_sound(tmp_path / "nothing.wav", Sound(b"", 16_000))
    with pytest.raises(SoundFileError, match="holds no sound at all"):
        read_sound(tmp_path / "nothing.wav")


def test_a_file_from_a_pipe_does_not_know_its_length(tmp_path: Path) -> None:
    whole = whole_file(tmp_path)
    (tmp_path / "pipe.wav").write_bytes(whole[:40] + b"\xff\xff\xff\xff" + whole[44:])
    assert read_sound(tmp_path / "pipe.wav") == hum(1.0)


def test_chunks_before_the_sound_are_skipped(tmp_path: Path) -> None:
    whole = whole_file(tmp_path)
    comment = b"LIST" + (5).to_bytes(4, "little") + b"INFOx\0"
    (tmp_path / "comment.wav").write_bytes(whole[:36] + comment + whole[36:])
    assert read_sound(tmp_path / "comment.wav") == hum(1.0)


def test_what_is_no_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.wav").write_text("Dear Sir or Madam, " * 20)
    with pytest.raises(SoundFileError, match=r"letter\.wav is not a sound file"):
        read_sound(tmp_path / "letter.wav")


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SoundFileError, match=r"there is no file .*gone\.wav"):
        read_sound(tmp_path / "gone.wav")
    with pytest.raises(SoundFileError, match="is not a file"):
        read_sound(tmp_path)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(SoundFileError, match=r"cannot write .*: No such file or directory; choose another place"):
        write_sound(tmp_path / "nowhere" / "said.wav", hum(0.1))
