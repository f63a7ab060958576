"""The page on settings names every setting there is, no other, and each default as it is."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

from voicebot.settings import ROOT, Settings

PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `([a-z_.]+)` \| (.+?) \|", PAGE, re.MULTILINE))


def settings_of(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, field in model.model_fields.items():
        if isinstance(field.default, BaseModel):
            yield from settings_of(type(field.default), f"{prefix}{name}.")
        else:
            yield prefix + name, field.default


def as_written(default: object) -> str:
    """How the page writes a default."""
    if default in ("", None, SecretStr("")):
        return "empty"
    match default:
        case bool():
            return f"`{str(default).lower()}`"
        case tuple() | frozenset() | dict() if not default:
            return "none"
        case tuple():
            return f"`{json.dumps(default)}`"
        case Path() if default.is_absolute():
            return f"`{default.relative_to(ROOT)}` of the project"
        case float() | int():
            return f"`{default:g}`"
        case _:
            return f"`{default}`"


def test_every_setting_is_there_and_no_other() -> None:
    assert set(ROWS) == {name for name, _ in settings_of(Settings)}


@pytest.mark.parametrize(("name", "default"), list(settings_of(Settings)))
def test_the_default_is_the_one_in_force(name: str, default: object) -> None:
    assert ROWS[name].removesuffix(" (assumed)") == as_written(default)
