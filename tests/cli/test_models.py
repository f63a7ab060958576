"""`models`: what there is, and what happens where a model is missing, damaged, or cannot be fetched."""

from pathlib import Path

import pytest

from tests.cli.conftest import CALLERS, CLIPS, Run
from tests.speech.small_model import CONTENT, NAME, zipped
from voicebot.speech import DEFAULT_MODEL, SECOND_MODEL

MANIFEST = f"""
[[models]]
name = "{DEFAULT_MODEL}"
language = "en-US"
licence = "Apache-2.0"
rate_hz = 16000

[[models.sources]]
url = "http://127.0.0.1:1/model.zip"
folder = "model"

[[models.files]]
path = "am/final.mdl"
size = 4
sha256 = "88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589"
"""


@pytest.fixture
def models(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for models with a manifest whose only source is offline."""
    models = folder / "models"
    models.mkdir()
    (models / "manifest.toml").write_text(MANIFEST, "utf-8")
    monkeypatch.setenv("VOICEBOT_SPEECH__MODELS_FOLDER", str(models))
    return models


def test_the_list_names_each_model_whole(run: Run) -> None:
    row, second, other = run("models", "list", "--json").json
    assert row["name"] == DEFAULT_MODEL
    assert (row["licence"], row["rate_hz"], row["state"], row["used"]) == ("Apache-2.0", 16_000, "there", True)
    assert (second["name"], second["licence"], second["state"], second["used"]) == (SECOND_MODEL, "MIT", "there", True)
    assert (other["language"], other["state"], other["used"]) == ("es", "not confirmed", False)
    assert "there" in run("models", "list").words


@pytest.mark.parametrize("content", [None, b"", b"five!"])
def test_missing_and_damaged_models_are_told_apart(run: Run, models: Path, content: bytes | None) -> None:
    if content is not None:
        (models / DEFAULT_MODEL / "am").mkdir(parents=True)
        (models / DEFAULT_MODEL / "am" / "final.mdl").write_bytes(content)
    (row,) = run("models", "list", "--json").json
    assert row["state"] == ("missing" if content is None else "damaged")


def test_a_whole_model_is_fetched_already(run: Run, models: Path) -> None:
    (models / DEFAULT_MODEL / "am").mkdir(parents=True)
    (models / DEFAULT_MODEL / "am" / "final.mdl").write_bytes(b"abcd")
    ended = run("models", "fetch", "--json")
    assert ended.exit_code == 0
    assert ended.json == {"name": DEFAULT_MODEL, "folder": str(models / DEFAULT_MODEL)}


@pytest.mark.parametrize(
    "command",
    [
        ("models", "fetch"),
        ("call", "--caller", str(CALLERS / "silent.yaml")),
        ("recognize", "-q", "tender", str(CLIPS / "tender.flac")),
        ("wav", str(CLIPS / "tender.flac")),
    ],
)
def test_offline_each_command_that_needs_the_model_says_what_to_do(
    run: Run, models: Path, command: tuple[str, ...]
) -> None:
    ended = run(*command)
    assert ended.exit_code == 3
    assert f"cannot go on: the speech model {DEFAULT_MODEL} could not be fetched" in ended.complaint
    assert "from http://127.0.0.1:1/model.zip" in ended.complaint
    assert "python run_bot.py models fetch" in ended.complaint
    assert "--archive FILE" in ended.complaint
    assert not (models / DEFAULT_MODEL).exists()


@pytest.mark.usefixtures("models")
def test_calls_by_text_need_no_model(run: Run) -> None:
    assert run("call", "--caller", CALLERS / "silent.yaml", "--as-text").exit_code == 0


def test_an_archive_without_the_model(run: Run, models: Path) -> None:
    archive = models / "brought.zip"
    archive.write_bytes(b"not a zip")
    ended = run("models", "fetch", "--archive", archive)
    assert ended.exit_code == 3
    assert f"{archive} holds no whole {DEFAULT_MODEL}" in ended.complaint


def test_an_unknown_model_names_those_there_are(run: Run) -> None:
    ended = run("models", "fetch", "no-such-model")
    assert ended.exit_code == 3
    assert f"the manifest has no model 'no-such-model'; it has: {DEFAULT_MODEL}" in ended.complaint


def test_a_folder_for_models_without_a_manifest_takes_the_projects(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICEBOT_SPEECH__MODELS_FOLDER", str(folder))
    row, *_ = run("models", "list", "--json").json
    assert (row["name"], row["state"]) == (DEFAULT_MODEL, "missing")


SPANISH = "vosk-model-small-es-0.42"


def test_a_model_without_checksums_is_refused_with_the_way_to_confirm_it(run: Run) -> None:
    ended = run("models", "fetch", SPANISH)
    assert ended.exit_code == 3
    assert f"nobody has confirmed yet what the files of {SPANISH} must be" in ended.complaint
    assert f"https://alphacephei.com/vosk/models/{SPANISH}.zip" in ended.complaint
    assert f"models checksums {SPANISH} --archive FILE" in ended.complaint


def test_a_model_is_confirmed_by_a_person_with_the_archive(run: Run, models: Path) -> None:
    manifest = models / "manifest.toml"
    entry = f"""
[[models]]
name = "{NAME}"
language = "es"
licence = "CC0-1.0"
rate_hz = 16000

[[models.sources]]
url = "http://127.0.0.1:1/{NAME}.zip"
folder = "{NAME}"
"""
    manifest.write_text(MANIFEST + entry, "utf-8")
    archive = models / "brought.zip"
    archive.write_bytes(zipped())
    assert run("models", "fetch", NAME, "--archive", archive).exit_code == 3
    printed = run("models", "checksums", NAME, "--archive", archive)
    assert printed.exit_code == 0
    assert printed.stdout.count("[[models.files]]") == len(CONTENT)  # neither README nor what would climb out
    manifest.write_text(manifest.read_text("utf-8") + printed.stdout, "utf-8")
    assert run("models", "fetch", NAME, "--archive", archive).exit_code == 0
    assert {row["name"]: row["state"] for row in run("models", "list", "--json").json}[NAME] == "there"


def test_checksums_of_what_is_no_archive_of_the_model(run: Run, folder: Path) -> None:
    (folder / "other.zip").write_bytes(zipped())
    (folder / "no.zip").write_bytes(b"not a zip")
    assert f"has nothing in {SPANISH}/" in run("models", "checksums", SPANISH, "--archive", "other.zip").complaint
    assert "is not a whole zip archive" in run("models", "checksums", SPANISH, "--archive", "no.zip").complaint
