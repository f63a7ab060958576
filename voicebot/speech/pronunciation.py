"""How words sound, by eSpeak NG's rules and dictionary: the library that pyttsx3 speaks with, asked for phonemes only.

The recogniser's model ships no lexicon, so this stands in for it: good enough to say which words sound alike. Any
language that eSpeak NG speaks will do. No sound is made.
"""

import ctypes
from functools import cache

from voicebot.speech.errors import VoiceMissing, VoiceUnknown
from voicebot.speech.pyttsx3_voice import ESPEAK_LIBRARY, INSTALL_HINT, provide_espeak

_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS; nothing is spoken
_DONT_EXIT = 0x8000  # espeakINITIALIZE_DONT_EXIT: an error instead of the end of the process
_UTF8 = 1
_IPA = 2
_BETWEEN = "_"


class Pronunciation:
    """The sounds of one language's words. Use it in one process for one language at a time, and from one thread.

    Args:
        language: a locale such as `en-US`.

    Raises:
        VoiceMissing: eSpeak NG cannot be used here.
        VoiceUnknown: it does not speak the language.
    """

    def __init__(self, language: str) -> None:
        provide_espeak()
        self._espeak = ctypes.CDLL(ESPEAK_LIBRARY)
        if self._espeak.espeak_Initialize(_SYNCHRONOUS, 0, None, _DONT_EXIT) < 0:
            raise VoiceMissing(f"espeak-ng cannot be started; {INSTALL_HINT}")
        named = (language.lower(), language.partition("-")[0])
        if all(self._espeak.espeak_SetVoiceByName(name.encode()) != 0 for name in named):
            raise VoiceUnknown(f"espeak-ng does not speak {language}, so that how its words sound is not known")
        self._espeak.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self._espeak.espeak_TextToPhonemes.argtypes = [ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int]
        self.sounds = cache(self._sounds)

    def _sounds(self, word: str) -> tuple[str, ...]:
        """The word's sounds in the International Phonetic Alphabet, with marks of stress and length."""
        text = ctypes.c_char_p(word.encode())
        phonemes = self._espeak.espeak_TextToPhonemes(ctypes.byref(text), _UTF8, ord(_BETWEEN) << 8 | _IPA)
        spelled: str = (phonemes or b"").decode()
        return tuple(sound for part in spelled.split() for sound in part.split(_BETWEEN) if sound)
