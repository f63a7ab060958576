"""Sound files: reading what a caller said, with errors that say what to do, and writing sound.

A caller's recording is one channel of 16-bit PCM (WAV or FLAC) or µ-law (WAV) at a rate of the telephone. Anything else
is refused rather than converted: a file whose rate or channels are guessed wrong is recognised badly, and nobody sees
why.
"""

import shlex
import stat
import struct
from pathlib import Path

import soundfile

from voicebot.audio.codec import TELEPHONE_HZ
from voicebot.audio.sound import SAMPLE_BYTES, Sound

RATES_HZ = (8_000, 16_000)
WAV_HEADER_BYTES = 44

_WANTED = "a caller's recording is mono, 16-bit, 8000 or 16000 Hz (or µ-law at 8000 Hz)"
_LENGTH_UNKNOWN = 0x7FFF_0000
"""Programs that write to a pipe cannot go back to fill in the length; they leave one near the largest possible."""


class SoundFileError(Exception):
    """A sound file that cannot be used; its text names the file, what is wrong, and what to do."""


def read_sound(path: Path) -> Sound:
    """Read a caller's recording: WAV or FLAC, mono, 16-bit PCM at 8 or 16 kHz, or µ-law WAV at 8 kHz.

    Raises:
        SoundFileError: for anything else, with the command that converts it where one can.
    """
    _check_there(path)
    try:
        with soundfile.SoundFile(path) as file:
            _check_format(path, file)
            promised = _promised_frames(path) or file.frames
            samples = file.read(dtype="int16")
            rate_hz = file.samplerate
    except soundfile.LibsndfileError as error:
        raise SoundFileError(
            f"{path} is not a sound file that can be read ({error.error_string.rstrip('.')}); give a WAV or FLAC file"
        ) from None
    if promised > len(samples):
        raise SoundFileError(
            f"{path} is cut short: {promised / rate_hz:.2f} s of sound are announced in it and "
            f"{len(samples) / rate_hz:.2f} s are there; copy it again, or use what is there: "
            f"sox --ignore-length {shlex.quote(str(path))} {_converted(path)}"
        )
    if not len(samples):
        raise SoundFileError(f"{path} holds no sound at all (0 samples); record it again")
    return Sound.from_samples(samples, rate_hz)


def write_sound(path: Path, sound: Sound) -> None:
    """Write a mono 16-bit WAV file, replacing one that is there.

    Raises:
        SoundFileError: when it cannot be written.
    """
    try:
        path.write_bytes(wav_header(sound.rate_hz, len(sound.pcm)) + sound.pcm)
    except OSError as error:
        raise SoundFileError(f"cannot write {path}: {error.strerror}; choose another place") from None


def wav_header(rate_hz: int, data_bytes: int, *, channels: int = 1) -> bytes:
    """The 44 bytes before `data_bytes` of 16-bit PCM (Microsoft and IBM, "Multimedia Programming Interface", 1991)."""
    frame_bytes = channels * SAMPLE_BYTES
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF", WAV_HEADER_BYTES - 8 + data_bytes, b"WAVE",
        b"fmt ", 16, 1, channels, rate_hz, rate_hz * frame_bytes, frame_bytes, 8 * SAMPLE_BYTES,
        b"data", data_bytes,
    )  # fmt: skip


def _check_there(path: Path) -> None:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise SoundFileError(f"{path} is not a file; name one sound file")
        if status.st_size == 0:
            raise SoundFileError(f"{path} is empty (0 bytes); record it again")
        path.open("rb").close()
    except FileNotFoundError:
        raise SoundFileError(f"there is no file {path}; check the name and the folder you are in") from None
    except OSError as error:
        raise SoundFileError(f"{path} cannot be read: {error.strerror}; ask its owner for the right to") from None


def _check_format(path: Path, file: soundfile.SoundFile) -> None:
    is_pcm = file.format in {"WAV", "WAVEX", "FLAC"} and file.subtype == "PCM_16"
    is_mulaw = file.format in {"WAV", "WAVEX"} and file.subtype == "ULAW" and file.samplerate == TELEPHONE_HZ
    if file.channels == 1 and file.samplerate in RATES_HZ and (is_pcm or is_mulaw):
        return
    channels = {1: "mono", 2: "stereo"}.get(file.channels, f"{file.channels} channels")
    source, target = shlex.quote(str(path)), _converted(path)
    raise SoundFileError(
        f"{path} is {channels}, {file.samplerate} Hz, {file.subtype_info} ({file.format_info}); "
        f"{_WANTED}. Convert it: sox {source} -r 16000 -c 1 -b 16 {target}"
    )


def _converted(path: Path) -> str:
    return shlex.quote(str(path.with_name(f"{path.stem}-16k.wav")))


def _promised_frames(path: Path) -> int | None:
    """How many samples a RIFF file says it has; None where it is no RIFF file or does not say.

    libsndfile quietly takes what is there, so that a recording cut short would pass for a caller who stopped speaking.
    """
    frame_bytes = 0
    with path.open("rb") as file:
        if file.read(12)[:4] != b"RIFF":
            return None
        while len(header := file.read(8)) == 8:  # noqa: PLR2004 - a chunk's name and size
            name, size = struct.unpack("<4sI", header)
            if name == b"data":
                return size // frame_bytes if frame_bytes and size < _LENGTH_UNKNOWN else None
            body = file.read(size + size % 2)
            if name == b"fmt ":
                (frame_bytes,) = struct.unpack_from("<H", body, 12)
    return None
