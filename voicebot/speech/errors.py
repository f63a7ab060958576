# ruff: noqa: N818 - named for what is the matter, as the callers of this room read them
"""What can go wrong with models and voices, each in words that say what to do.

SpeechError
├── ModelError
│   ├── ModelMissing        no such model on this machine
│   ├── ModelDamaged        its files are not the ones that the manifest names
│   ├── ModelUnconfirmed    the manifest does not say what its files must be
│   └── ModelUnavailable    it could be fetched from none of its sources
├── UnknownWords            the model has no sound for a word, so it would never be heard
└── VoiceError
    ├── VoiceMissing        the synthesizer or its library is not installed
    ├── VoiceUnknown        the synthesizer has no voice of this name
    └── VoiceFailed         it was asked to speak and did not
"""

from collections.abc import Iterable

FETCH_COMMAND = "python run_bot.py models fetch"
CHECKSUMS_COMMAND = "python run_bot.py models checksums"


class SpeechError(Exception):
    """Anything that this room cannot do; its text says why and what to do."""


class ModelError(SpeechError):
    """A model cannot be used."""


class ModelMissing(ModelError):
    """There is no such model on this machine."""


class ModelDamaged(ModelError):
    """A model's files are not the ones that the manifest names."""


class ModelUnconfirmed(ModelError):
    """The manifest has no checksums for a model, so that none of its files can be trusted."""


class ModelUnavailable(ModelError):
    """A model could be fetched from none of its sources."""


class UnknownWords(SpeechError):
    """The model lacks a word, which Vosk would drop in silence.

    Attributes:
        words: the words that it lacks, in alphabetical order.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.words = tuple(sorted(set(words)))
        super().__init__(
            f"the model cannot hear {', '.join(map(repr, self.words))}; spell it as words that the model knows "
            '("e check" instead of "echeck") or leave it out of the grammar'
        )


class VoiceError(SpeechError):
    """A prompt cannot be spoken."""


class VoiceMissing(VoiceError):
    """A synthesizer, its library or its voice data is not installed."""


class VoiceUnknown(VoiceError):
    """A synthesizer has no voice of this name."""


class VoiceFailed(VoiceError):
    """A synthesizer was asked to speak and did not: it crashed, hung or gave no sound."""
