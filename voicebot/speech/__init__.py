"""Sound to words with Vosk, text to sound with pyttsx3 and others, and the models that this takes, on disk.

- `Recognizer` holds the model; its `listen` gives an `Ear`, which hears one answer.
- `Voice` speaks prompts through a `Synthesizer`, best one in a process of its own (`VoiceProcess`).
"""

from voicebot.speech.ear import Ear, EarEvent, SegmentHeard, SpeechStarted
from voicebot.speech.errors import (
    ModelDamaged,
    ModelError,
    ModelMissing,
    ModelUnavailable,
    SpeechError,
    UnknownWords,
    VoiceError,
    VoiceFailed,
    VoiceMissing,
    VoiceUnknown,
)
from voicebot.speech.prompts import Voice
from voicebot.speech.recognizer import Recognizer
from voicebot.speech.voice_process import VoiceProcess
from voicebot.speech.voices import DEFAULT_VOICE, Synthesizer, make_synthesizer

__all__ = [
    "DEFAULT_VOICE",
    "Ear",
    "EarEvent",
    "ModelDamaged",
    "ModelError",
    "ModelMissing",
    "ModelUnavailable",
    "Recognizer",
    "SegmentHeard",
    "SpeechError",
    "SpeechStarted",
    "Synthesizer",
    "UnknownWords",
    "Voice",
    "VoiceError",
    "VoiceFailed",
    "VoiceMissing",
    "VoiceProcess",
    "VoiceUnknown",
    "make_synthesizer",
]
