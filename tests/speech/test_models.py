"""The manifest, and models on disk: whole, missing, damaged."""

import hashlib
from pathlib import Path

import pytest

from tests.speech.small_model import CONTENT, small_model, write_model
from voicebot.speech import DEFAULT_MODEL, ModelDamaged, ModelMissing, find, model_named, read_manifest, verify
from voicebot.speech.models import PackageSource, Progress, ZipSource


def test_the_manifest_names_the_model_of_the_bot() -> None:
    model = model_named(DEFAULT_MODEL)
    assert (model.language, model.licence, model.rate_hz) == ("en-US", "Apache-2.0", 16_000)
    vendor, package = model.sources
    assert isinstance(vendor, ZipSource)
    assert isinstance(package, PackageSource)
    assert {len(file.sha256) for file in model.files} == {64}
    assert {"am/final.mdl", "graph/HCLr.fst", "graph/Gr.fst"} < {file.path for file in model.files}


def test_no_file_of_the_manifest_lies_outside_its_model() -> None:
    for model in read_manifest().values():
        for file in model.files:
            assert not Path(file.path).is_absolute()
            assert ".." not in Path(file.path).parts


def test_a_model_that_the_manifest_lacks_is_an_error_that_names_those_it_has() -> None:
    with pytest.raises(ModelMissing, match=DEFAULT_MODEL):
        model_named("vosk-model-en-us-9.99")


def test_a_whole_model_is_found_and_verified(tmp_path: Path) -> None:
    folder = write_model(tmp_path)
    seen: list[Progress] = []
    assert find(small_model(), tmp_path) == folder
    assert verify(small_model(), tmp_path, seen.append) == folder
    assert (seen[-1].done_bytes, seen[-1].total_bytes) == (small_model().size, small_model().size)


def test_a_missing_model_says_how_to_fetch_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"python run_bot\.py models fetch"):
        find(small_model(), tmp_path)


def test_a_file_that_is_missing_or_short_is_noticed_at_once(tmp_path: Path) -> None:
    file = write_model(tmp_path) / "am" / "final.mdl"
    file.write_bytes(CONTENT["am/final.mdl"][:-1])
    with pytest.raises(ModelDamaged, match=r"am/final\.mdl has .* bytes instead of"):
        find(small_model(), tmp_path)
    file.unlink()
    with pytest.raises(ModelDamaged, match=r"am/final\.mdl is missing; put it right with: python run_bot\.py"):
        find(small_model(), tmp_path)


def test_a_file_of_the_right_size_and_the_wrong_content_is_found_by_verifying(tmp_path: Path) -> None:
    folder = write_model(tmp_path)
    (folder / "am" / "final.mdl").write_bytes(CONTENT["am/final.mdl"][:-1] + b"?")
    assert find(small_model(), tmp_path) == folder
    with pytest.raises(ModelDamaged, match=r"am/final\.mdl is not the file that the manifest names"):
        verify(small_model(), tmp_path)


def test_the_small_model_is_described_as_the_manifest_would() -> None:
    for file in small_model().files:
        assert hashlib.sha256(CONTENT[file.path]).hexdigest() == file.sha256
