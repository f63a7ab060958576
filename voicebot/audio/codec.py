"""G.711 µ-law, the sound of the American telephone network: 8 bits a sample at 8 kHz (ITU-T G.711, 1988).

Streaming telephony platforms send it, and `telephone` shows what a line makes of a sound.
"""

import numpy as np
import numpy.typing as npt

from voicebot.audio.sound import Sound

TELEPHONE_HZ = 8_000

_BIAS = 0x84  # added before the search for the segment, so that each segment begins at a power of two
_CLIP = 32_635


def _decode_table() -> npt.NDArray[np.int16]:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = (((code & 0x0F) << 3) + _BIAS << (code >> 4 & 0x07)) - _BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _encode_table() -> npt.NDArray[np.uint8]:
    """The code of each 16-bit sample, indexed by the sample's bits taken as unsigned."""
    samples = np.arange(65_536, dtype=np.uint16).astype(np.int16).astype(np.int32)
    magnitude = np.minimum(np.abs(samples), _CLIP) + _BIAS
    segment = np.frexp(magnitude)[1] - 8  # 8 bits hold the bias: segment 0 begins there
    code = np.where(samples < 0, 0x80, 0) | segment << 4 | magnitude >> segment + 3 & 0x0F
    return np.asarray(~code & 0xFF, dtype=np.uint8)


_DECODED = _decode_table()
_ENCODED = _encode_table()


def mulaw_encode(sound: Sound) -> bytes:
    """One byte a sample, at the sound's own rate."""
    return _ENCODED[sound.samples.view(np.uint16)].tobytes()


def mulaw_decode(data: bytes, rate_hz: int = TELEPHONE_HZ) -> Sound:
    """The sound of µ-law bytes."""
    return Sound.from_samples(_DECODED[np.frombuffer(data, dtype=np.uint8)], rate_hz)


def telephone(sound: Sound) -> Sound:
    """What arrives at the other end of a good line: 8 kHz, through µ-law and back."""
    return mulaw_decode(mulaw_encode(sound.resampled(TELEPHONE_HZ)))
