"""A Whisper model with few pieces of words left, for answers that can only be digits.

Whisper gives each of its 51,864 pieces a likelihood at each step, and where but eleven may be written most of its
decoder's time goes to the others. So their rows are left out of a copy in memory. What is written and its scores are
the same: pieces that may not be written never counted in them.

The file is CTranslate2's (binary version 6, as `Model.save` of its converter writes it): a header, then named arrays.
"""

import json
import struct
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

BINARY_VERSION: Final = 6
EMBEDDINGS: Final = b"decoder/embeddings/weight"
"""A row for each piece, for what goes in and what comes out alike."""

_NOTHING_ELSE: Final[dict[str, list[int]]] = {
    "suppress_ids": [],
    "suppress_ids_begin": [],
    "lang_ids": [],
    "alignment_heads": [],
}
"""Its settings: the pieces that they name by number are gone."""


def narrowed(model_folder: Path, kept: Sequence[int]) -> dict[str, bytes]:
    """The model's files, by name, with these pieces only, which are numbered anew in this order.

    Raises:
        OSError: there is no such file.
        ValueError: it is not a file of this kind.
    """
    tokens = (model_folder / "vocabulary.txt").read_text(encoding="utf-8").splitlines()
    with (model_folder / "model.bin").open("rb") as model:
        rows_only = _rows_only(model, kept)
    return {
        "model.bin": rows_only,
        "vocabulary.txt": "".join(f"{tokens[number]}\n" for number in kept).encode(),
        "config.json": json.dumps(_NOTHING_ELSE).encode(),
    }


def _rows_only(model: BinaryIO, kept: Sequence[int]) -> bytes:
    result = BytesIO()

    def copied(size: int) -> bytes:
        result.write(found := model.read(size))
        return found

    try:
        if struct.unpack("<I", copied(4)) != (BINARY_VERSION,):
            raise ValueError(f"not a model of binary version {BINARY_VERSION}")
        copied(*struct.unpack("<H", copied(2)))  # the name of its sort
        copied(4)  # that sort's revision
        (arrays,) = struct.unpack("<I", copied(4))
        for _ in range(arrays):
            name = copied(*struct.unpack("<H", copied(2))).rstrip(b"\0")
            (dimensions,) = model.read(1)
            shape = struct.unpack(f"<{dimensions}I", model.read(4 * dimensions))
            dtype, size = struct.unpack("<BI", model.read(5))
            if name == EMBEDDINGS:
                data = _rows(model, size // shape[0], kept, size)
                shape = (len(kept), *shape[1:])
            else:
                data = model.read(size)
            result.write(struct.pack(f"<B{dimensions}IBI", dimensions, *shape, dtype, len(data)) + data)
    except (struct.error, ZeroDivisionError, IndexError) as problem:
        raise ValueError(f"its arrays cannot be read: {problem}") from problem
    result.write(model.read())  # which names stand for which arrays
    return result.getvalue()


def _rows(model: BinaryIO, row: int, kept: Sequence[int], size: int) -> bytes:
    """These rows, of so many bytes, of a table that begins here and is so large."""
    begins = model.tell()
    found = b""
    for number in kept:
        model.seek(begins + number * row)
        found += model.read(row)
    model.seek(begins + size)
    return found
