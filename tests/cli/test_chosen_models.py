"""The second recogniser is ready before the first call, and where it cannot be, calls go on without it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from voicebot.cli.chosen_models import loaded
from voicebot.speech import SecondRecognizer
from voicebot.speech.fetch import ensure
from voicebot.speech.models import MODELS_FOLDER, model_named
from voicebot.speech.second import SECOND_MODEL

WEIGHTS = "model.bin"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the model's files, by reference."""
    model = ensure(model_named(SECOND_MODEL), MODELS_FOLDER)
    for path in model.iterdir():
        (tmp_path / path.name).symlink_to(path)
    return tmp_path


async def test_nothing_is_read_any_more_when_the_first_answer_comes(folder: Path) -> None:
    with ThreadPoolExecutor(1) as decoding:
        second = await loaded(SecondRecognizer(folder), decoding)
    (folder / WEIGHTS).unlink()
    assert second is not None
    assert second.hear([bytes(3_200)])


async def test_a_broken_model_is_told_before_the_first_call(folder: Path) -> None:
    (folder / WEIGHTS).unlink()
    (folder / WEIGHTS).write_bytes(b"not a model")
    with ThreadPoolExecutor(1) as decoding, capture_logs() as told:
        assert await loaded(SecondRecognizer(folder), decoding) is None
        assert await loaded(None, decoding) is None
    (warning,) = told
    assert warning["event"] == "calls go on without the second recogniser"
    assert f"models fetch {SECOND_MODEL}" in warning["problem"]
