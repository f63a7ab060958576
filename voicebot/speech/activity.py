"""Voice activity: which 20 ms of sound are worth decoding.

The WebRTC detector (a Gaussian mixture on six bands, as in every browser) costs a hundredth of what decoding costs,
so an idle line is nearly free. A neural detector is better in noise but dearer than the decoder it would protect.
"""

import webrtcvad  # type: ignore[import-untyped]  # published without types

MODEL_HZ = 16_000
"""The rate that the model and the detector work at."""

FRAME_SAMPLES = 320
FRAME_BYTES = 2 * FRAME_SAMPLES
FRAME_S = FRAME_SAMPLES / MODEL_HZ

AGGRESSIVENESS = 3
"""0 to 3; 3 takes the least noise for speech. What it misses at a word's edges the pre-roll gives back."""

ONSET_FRAMES = 3
ONSET_WINDOW = 5
"""Speech begins when 3 of the last 5 frames have voice: a single click does not open the ear."""


class VoiceActivity:
    """Follows speech and silence frame by frame."""

    def __init__(self) -> None:
        self._detector = webrtcvad.Vad(AGGRESSIVENESS)
        self._window = 0

    def is_voiced(self, frame: bytes) -> bool:
        """Whether 20 ms (640 bytes of 16-bit sound at 16 kHz) hold voice."""
        voiced = bool(self._detector.is_speech(frame, MODEL_HZ))
        self._window = (self._window << 1 | voiced) & ((1 << ONSET_WINDOW) - 1)
        return voiced

    @property
    def has_begun(self) -> bool:
        """Whether the last frames together are the beginning of speech."""
        return self._window.bit_count() >= ONSET_FRAMES

    @property
    def onset_s(self) -> float:
        """How long ago the first voiced frame of the window began, in seconds."""
        return self._window.bit_length() * FRAME_S

    def forget(self) -> None:
        """Start a new window, after the end of a segment."""
        self._window = 0
