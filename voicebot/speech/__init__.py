"""Sound to words with Vosk, text to sound with pyttsx3 and others, and the models that this takes, on disk.

- `Recognizer` holds the model; its `listen` gives an `Ear`, which hears one answer.
- `SecondRecognizer` hears the digits of what was left unsure once more, with a model of another kind.
- `ensure` has a model on disk, fetched and checked against `models/manifest.toml`.
- `Voice` speaks prompts through a `Synthesizer`, best one in a process of its own (`VoiceProcess`).
"""

from voicebot.speech.ear import TRAILING_SILENCE_S, Ear, EarEvent, SegmentHeard, SpeechStarted, WordsComing
from voicebot.speech.errors import (
    ModelDamaged,
    ModelError,
    ModelMissing,
    ModelUnavailable,
    ModelUnconfirmed,
    SpeechError,
    UnknownWords,
    VoiceError,
    VoiceFailed,
    VoiceMissing,
    VoiceUnknown,
)
from voicebot.speech.fetch import ensure, fetch
from voicebot.speech.models import (
    DEFAULT_MODEL,
    MODELS_FOLDER,
    Model,
    Progress,
    find,
    model_named,
    read_manifest,
    verify,
)
from voicebot.speech.priority import give_way
from voicebot.speech.prompts import Voice
from voicebot.speech.pronunciation import Pronunciation
from voicebot.speech.recognizer import Recognizer
from voicebot.speech.second import SECOND_MODEL, SecondRecognizer
from voicebot.speech.voice_process import VoiceProcess
from voicebot.speech.voices import DEFAULT_VOICE, Synthesizer, make_synthesizer

__all__ = [
    "DEFAULT_MODEL",
    "DEFAULT_VOICE",
    "MODELS_FOLDER",
    "SECOND_MODEL",
    "TRAILING_SILENCE_S",
    "Ear",
    "EarEvent",
    "Model",
    "ModelDamaged",
    "ModelError",
    "ModelMissing",
    "ModelUnavailable",
    "ModelUnconfirmed",
    "Progress",
    "Pronunciation",
    "Recognizer",
    "SecondRecognizer",
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
    "WordsComing",
    "ensure",
    "fetch",
    "find",
    "give_way",
    "make_synthesizer",
    "model_named",
    "read_manifest",
    "verify",
]
