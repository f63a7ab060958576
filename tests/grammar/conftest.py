from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from voicebot.grammar import Grammar, load_grammars

ROOT = Path(__file__).parents[2]
GRAMMARS = ROOT / "grammars" / "en-US"
MODEL = ROOT / "models" / "vosk-model-small-en-us-0.15"


@pytest.fixture(scope="session")
def grammars() -> Mapping[str, Grammar]:
    return load_grammars(GRAMMARS)


@pytest.fixture(scope="session")
def knows() -> Callable[[str], bool]:
    """The vocabulary of the model that the grammars are written for."""
    import vosk  # noqa: PLC0415 - loads a large library, which only these tests need

    vosk.SetLogLevel(-1)
    model = vosk.Model(str(MODEL))
    return lambda word: bool(model.vosk_model_find_word(word) >= 0)
