"""pyttsx3 as a synthesizer: it writes what it says into memory, and never plays.

pyttsx3 is made for one engine in one thread of one process, so `make` is called by the voice process only. On Linux it
speaks through espeak-ng's library: the system's (`libespeak-ng1`) where there is one, else the one inside the package
`espeakng-loader`, so that no system package is needed.
"""

import contextlib
import ctypes
import importlib
import os
import sys
import wave
from pathlib import Path
from typing import Any

from voicebot.audio.sound import Sound
from voicebot.speech.errors import VoiceFailed, VoiceMissing, VoiceUnknown
from voicebot.speech.memory_file import memory_file
from voicebot.speech.voices import VoiceName, sayable

ESPEAK_LIBRARY = "libespeak-ng.so.1"
DEFAULT_ESPEAK_VOICE = "en-us"
DEFAULT_WORDS_A_MINUTE = 175
"""The engine's own. Another rate stands in the voice's name."""

INSTALL_HINT = "install it with: python -m pip install espeakng-loader (or the system package libespeak-ng1)"


class Pyttsx3Voice:
    """One pyttsx3 voice. Use all of a process from one thread: pyttsx3 has one engine, which they share."""

    def __init__(self, name: VoiceName) -> None:
        self.name = str(name)
        self._wanted = name
        pyttsx3 = load()
        try:
            # By its name where it is the only one: two engines of one driver take each other's sound.
            espeak = sys.platform == "linux" or name.engine == "espeak"
            self._engine: Any = pyttsx3.init("espeak" if espeak else None)
        except (ImportError, OSError, RuntimeError) as problem:
            raise VoiceMissing(f"pyttsx3 cannot speak here ({problem}); {INSTALL_HINT}") from problem
        self._espeak: Any = sys.modules.get("pyttsx3.drivers._espeak")
        self._choose()

    def speak(self, text: str, pace: float = 1.0) -> Sound:
        """Speak `text`; see `Synthesizer.speak`. One prompt in thousands leaves an empty file, and is spoken again."""
        said = sayable(text)
        try:
            return self._spoken(said, pace)
        except VoiceFailed:
            return self._spoken(said, pace)

    def _spoken(self, said: str, pace: float) -> Sound:
        self._choose(pace)  # another voice may have used the engine in between
        with memory_file() as file, contextlib.redirect_stdout(None):
            self._engine.save_to_file(said, str(file.path))
            self._engine.runAndWait()
            if self._espeak is not None:
                self._espeak.dll.espeak_Synchronize()  # runAndWait may return before the file is whole
            return _read_wav(file.path)

    def _choose(self, pace: float = 1.0) -> None:
        words_a_minute = round((self._wanted.words_a_minute or DEFAULT_WORDS_A_MINUTE) * pace)
        if self._espeak is not None:
            self._choose_espeak_voice(self._wanted.voice or DEFAULT_ESPEAK_VOICE)
            self._espeak.SetParameter(self._espeak.RATE, words_a_minute, 0)
            self._espeak.dll.espeak_Synchronize()  # else the rate may be that of the prompt before
            if hasattr(self._espeak.dll, "espeak_ng_SetRandSeed"):  # since 1.52, which takes the time as a seed else
                self._espeak.dll.espeak_ng_SetRandSeed(1)
        else:
            if self._wanted.voice:
                self._choose_voice(self._wanted.voice)
            self._engine.setProperty("rate", words_a_minute)

    def _choose_espeak_voice(self, voice: str) -> None:
        # Not by `setProperty`: it waits in a queue, and for an unknown voice it keeps the one before in silence.
        known = self._espeak.SetVoiceByName(voice.encode()) == 0
        _, _, variant = voice.partition("+")
        if not known or not str(self._engine.getProperty("voice")).endswith(variant.lower()):
            raise VoiceUnknown(
                f"espeak-ng has no voice {voice!r}; some that it has: en-us, en-gb, en-gb-scotland, en-us+f3, en-us+m4"
            )

    def _choose_voice(self, voice: str) -> None:
        installed = {str(found.id): str(found.name) for found in self._engine.getProperty("voices")}
        for identity, title in installed.items():
            if voice in {identity, title}:
                self._engine.setProperty("voice", identity)
                return
        raise VoiceUnknown(f"this machine has no voice {voice!r}; it has: {', '.join(sorted(installed.values()))}")


def make(name: VoiceName) -> Pyttsx3Voice:
    """Make the voice of this name."""
    return Pyttsx3Voice(name)


def load() -> Any:
    """Load pyttsx3, and espeak-ng's library with it where that is what speaks; neither is started.

    Raises:
        VoiceMissing: one of them is not installed; the text says how to install it.
    """
    try:
        if sys.platform == "linux":
            provide_espeak()
            importlib.import_module("pyttsx3.drivers.espeak")
        return importlib.import_module("pyttsx3")
    except (ImportError, OSError, RuntimeError) as problem:
        raise VoiceMissing(f"pyttsx3 cannot speak here ({problem}); {INSTALL_HINT}") from problem


def provide_espeak() -> None:
    """Make espeak-ng's library loadable by its name, which is how pyttsx3 asks for it."""
    try:
        ctypes.CDLL(ESPEAK_LIBRARY)
    except OSError:
        try:
            loader = importlib.import_module("espeakng_loader")
            # Without its data espeak ends the whole process, so the path goes in before the library.
            os.environ["ESPEAK_DATA_PATH"] = loader.get_data_path()
            ctypes.CDLL(loader.get_library_path(), ctypes.RTLD_GLOBAL)
        except (ImportError, OSError, RuntimeError) as problem:
            raise VoiceMissing(f"espeak-ng is not installed; {INSTALL_HINT}") from problem


def _read_wav(path: Path) -> Sound:
    try:
        with wave.open(str(path), "rb") as file:
            sound = Sound(file.readframes(file.getnframes()), file.getframerate())
    except (OSError, EOFError, wave.Error) as problem:
        raise VoiceFailed(f"pyttsx3 wrote no sound ({type(problem).__name__})") from problem
    if not sound.pcm:
        raise VoiceFailed("pyttsx3 wrote an empty sound")
    return sound
