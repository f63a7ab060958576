"""Which models the settings name, and the second recogniser that one of them is for."""

import asyncio
from concurrent.futures import Executor
from pathlib import Path

import structlog

from voicebot.settings import Settings
from voicebot.speech import ModelError, SecondRecognizer
from voicebot.speech.models import MODELS_FOLDER, Model, find, model_named

log = structlog.get_logger(__name__)


def manifest_folder(settings: Settings) -> Path:
    """Where the manifest of models is: beside the models, or else the project's own."""
    folder = settings.speech.models_folder
    return folder if (folder / "manifest.toml").is_file() else MODELS_FOLDER


def model_of(settings: Settings, name: str = "") -> Model:
    """A model of the manifest by name, or the configured one.

    Raises:
        ModelMissing: the manifest has none of this name.
    """
    return model_named(name or settings.speech.model, manifest_folder(settings))


def second_for(settings: Settings) -> SecondRecognizer | None:
    """The second recogniser for the own language, or None; where one should be and is not, the log says why."""
    try:
        return find_second(settings)
    except ModelError as problem:
        log.warning("calls go on without the second recogniser", problem=str(problem))
        return None


async def loaded(second: SecondRecognizer | None, decoding: Executor) -> SecondRecognizer | None:
    """The second recogniser, loaded by a thread of those that decode; None where it cannot be, and the log says why."""
    if second is None:
        return None
    try:
        await asyncio.get_running_loop().run_in_executor(decoding, second.load)
    except ModelError as problem:
        log.warning("calls go on without the second recogniser", problem=str(problem))
        return None
    return second


def find_second(settings: Settings) -> SecondRecognizer | None:
    """The same; None only where the settings want none, or have no model for this language.

    Raises:
        ModelError: it is wanted and cannot be had.
    """
    if not settings.speech.second_model:
        return None
    model = model_of(settings, settings.speech.second_model)
    if primary(model.language) != primary(settings.language):
        return None
    return SecondRecognizer(find(model, settings.speech.models_folder))


def primary(language: str) -> str:
    """The language without its region."""
    return language.partition("-")[0]
