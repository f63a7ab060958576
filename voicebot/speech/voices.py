"""Voices by name: what a synthesizer is, and which there are.

A name is `ENGINE[:VOICE][@WORDS_A_MINUTE]`: `pyttsx3`, `espeak:en-us+f3`, `flite:slt@140`, `piper`. The bot
speaks with one of them, scripted callers with others.
"""

import importlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from voicebot.audio.sound import Sound
from voicebot.speech.errors import VoiceUnknown

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT_VOICE = "pyttsx3"


class Synthesizer(Protocol):
    """Text to sound. It never plays anything.

    Attributes:
        name: as given to `make_synthesizer`.
    """

    @property
    def name(self) -> str: ...

    def speak(self, text: str, pace: float = 1.0) -> Sound:
        """Speak `text` at this share of the voice's own rate. Blocks; one call at a time.

        Commas and full stops are pauses: "4, 1, 1, 1" is read digit by digit.

        Raises:
            ValueError: there is nothing to say.
            VoiceFailed: no sound came.
        """


@dataclass(frozen=True, slots=True)
class VoiceName:
    """A voice's name, taken apart.

    Attributes:
        engine: one of `ENGINES`.
        voice: the engine's own name for a voice; empty for its default.
        words_a_minute: how fast it speaks; 0 for the engine's default.
    """

    engine: str
    voice: str = ""
    words_a_minute: int = 0

    def __str__(self) -> str:
        rate = f"@{self.words_a_minute}" if self.words_a_minute else ""
        return f"{self.engine}{':' if self.voice else ''}{self.voice}{rate}"


ENGINES = {
    "pyttsx3": "voicebot.speech.pyttsx3_voice",
    "espeak": "voicebot.speech.pyttsx3_voice",
    "flite": "voicebot.speech.flite_voice",
    "piper": "voicebot.speech.piper_voice",
}
"""Engine to the module whose `make(name)` makes it, imported when it is asked for. `pyttsx3` is the machine's default
driver, `espeak` its espeak-ng driver on every system."""

_NAME = re.compile(r"(?P<engine>[a-z0-9]+)(?::(?P<voice>[^@]+))?(?:@(?P<rate>[0-9]{2,3}))?")
_WORDS_A_MINUTE = range(60, 401)


def parse_voice(name: str) -> VoiceName:
    """Take a voice's name apart.

    Raises:
        VoiceUnknown: no such engine, or not a name.
    """
    match = _NAME.fullmatch(name)
    if match is None or match["engine"] not in ENGINES:
        raise VoiceUnknown(
            f"there is no voice {name!r}; write ENGINE[:VOICE][@WORDS_A_MINUTE] with one of {', '.join(ENGINES)}, "
            'such as "pyttsx3" or "espeak:en-us+f3@150"'
        )
    rate = int(match["rate"] or 0)
    if rate and rate not in _WORDS_A_MINUTE:
        raise VoiceUnknown(f"{name!r} is to speak {rate} words a minute; choose 60 to 400")
    return VoiceName(match["engine"], match["voice"] or "", rate)


def make_synthesizer(name: str) -> Synthesizer:
    """Make a voice in this process. A call uses `VoiceProcess` instead, which nothing can hang.

    Raises:
        VoiceUnknown: there is no such voice.
        VoiceMissing: its package or library is not installed; the text says how to install it.
    """
    parsed = parse_voice(name)
    module = importlib.import_module(ENGINES[parsed.engine])
    return cast("Callable[[VoiceName], Synthesizer]", module.make)(parsed)


def sayable(text: str) -> str:
    """The text with its white space tidied.

    Raises:
        ValueError: no letter or digit is in it, so a voice would give no sound or fail.
    """
    tidy = " ".join(text.split())
    if not any(character.isalnum() for character in tidy):
        raise ValueError("there is nothing to say: a prompt needs at least one letter or digit")
    return tidy
