"""The telephone line from caller to bot: noise, packets that get lost, and µ-law at 8 kHz."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from voicebot.audio import FRAME_S, Sound
from voicebot.audio.codec import TELEPHONE_HZ, mulaw_decode, mulaw_encode

Samples = npt.NDArray[np.float32]
"""Mono sound at 8 kHz, on the scale of 16-bit samples."""

FRAME = round(FRAME_S * TELEPHONE_HZ)
SPEECH_RMS = 2_600.0
"""The loud half of everybody's speech, before their manner makes it softer: 22 dB below full scale."""

ECHO_S = 0.06
"""How late the echo comes: out of a handset's loudspeaker into its microphone, and over the network."""

NOISE_S = 30.0
CONCEALED = 0.5
"""A lost packet sounds like the one before, half as loud; a second one in a row is silence (as in RFC 3551, 4.2)."""


@dataclass(frozen=True, slots=True)
class Line:
    """A condition of the line.

    Attributes:
        name: as the report calls it.
        snr_db: loud speech above the noise; None: no noise but the codec's.
        loss: share of packets of 20 ms that never come.
        echo_db: the bot's own voice comes back, softer by this; None: not at all.
    """

    name: str
    snr_db: float | None = None
    loss: float = 0.0
    echo_db: float | None = None


LINES = {
    line.name: line
    for line in (
        Line("clean"),
        Line("2 % loss", loss=0.02),
        Line("echo", echo_db=24.0),
        Line("20 dB", 20.0),
        Line("15 dB", 15.0),
        Line("10 dB", 10.0),
    )
}
MIX = ("clean", "15 dB", "clean", "20 dB", "clean", "15 dB", "2 % loss", "10 dB", "echo")
"""Lines by turns, as often as they are to be looked at."""


class Telephone:
    """One call's line.

    Args:
        line: its condition.
        noise: what is heard on it, at any level; looped.
        speech_rms: how loud this caller is, which the noise is measured against.
        rng: loses packets.
    """

    def __init__(self, line: Line, noise: Samples, speech_rms: float, rng: np.random.Generator) -> None:
        self._line = line
        self._rng = rng
        self._noise: Samples | None = None
        if line.snr_db is not None:
            rms = float(np.sqrt(np.mean(np.square(noise, dtype=np.float64))))
            self._noise = noise * np.float32(speech_rms / rms * 10 ** (-line.snr_db / 20))
        self._at = 0
        self._before = np.zeros(FRAME, np.float32)

    def carry(self, speech: Samples | None, echo: Samples | None = None) -> Sound:
        """What arrives of the next 20 ms.

        Args:
            speech: the caller's; None for silence.
            echo: what the bot said `ECHO_S` ago.
        """
        sound = np.zeros(FRAME, np.float32) if speech is None else speech
        if echo is not None and self._line.echo_db is not None:
            sound = sound + echo * np.float32(10 ** (-self._line.echo_db / 20))
        if self._noise is not None:
            sound = sound + np.take(self._noise, np.arange(self._at, self._at + FRAME), mode="wrap")
        self._at += FRAME
        if self._line.loss and self._rng.random() < self._line.loss:
            sound, self._before = self._before * np.float32(CONCEALED), np.zeros(FRAME, np.float32)
        else:
            self._before = sound
        clipped = np.clip(np.rint(sound), -32_768, 32_767).astype(np.int16)
        return mulaw_decode(mulaw_encode(Sound.from_samples(clipped, TELEPHONE_HZ)))


def noises(recordings: Path | None) -> dict[str, Samples]:
    """Noises by name, at 8 kHz: white and pink ones, and those of the recordings where there are any."""
    rng = np.random.default_rng(1)
    white = rng.standard_normal(round(NOISE_S * TELEPHONE_HZ))
    spectrum = np.fft.rfft(white)
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    spectrum[0] = 0
    found = {"white": white.astype(np.float32), "pink": np.fft.irfft(spectrum, len(white)).astype(np.float32)}
    if recordings is not None:
        for path in sorted((recordings / "noise").glob("*.flac")):
            samples, rate_hz = soundfile.read(path, dtype="float32")
            found[path.stem] = soxr.resample(samples, rate_hz, TELEPHONE_HZ).astype(np.float32)
    return found
