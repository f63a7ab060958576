"""The locks hold every package to one version, also where another package asks for it with extras."""

import re
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from voicebot.settings import ROOT

LOCKS = ("requirements.txt", "requirements-dev.txt")
PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[(?P<extras>[^\]]+)\])?==", re.MULTILINE)


def _pinned(lock: str) -> dict[str, frozenset[str]]:
    """The packages of a lock, by name, and the extras that are pinned with them."""
    return {
        canonicalize_name(found["name"]): frozenset(filter(None, (found["extras"] or "").split(",")))
        for found in PINNED.finditer((ROOT / lock).read_text("utf-8"))
    }


def _asked_for(name: str) -> list[Requirement]:
    """What an installed package wants on this machine; nothing where it is for other systems only."""
    try:
        wanted = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []
    requirements = [Requirement(text) for text in wanted]
    return [each for each in requirements if each.marker is None or each.marker.evaluate({"extra": ""})]


@pytest.mark.parametrize("lock", LOCKS)
def test_extras_are_pinned_by_name(lock: str) -> None:
    """Without its extras in the lock, pip 23 takes the newest release of such a package and then refuses it."""
    pinned = _pinned(lock)
    assert len(pinned) > 30
    loose = [
        f"{name} wants {requirement.name}[{','.join(requirement.extras)}]"
        for name in pinned
        for requirement in _asked_for(name)
        if requirement.extras - pinned.get(canonicalize_name(requirement.name), frozenset(requirement.extras))
    ]
    assert loose == []


def test_what_we_ask_for_is_pinned_with_its_extras() -> None:
    for lock in LOCKS:
        lines = (ROOT / lock.replace(".txt", ".in")).read_text("utf-8").splitlines()
        wanted = [Requirement(words[0]) for line in lines if (words := line.split("#")[0].split()) and words[0] != "-c"]
        assert wanted
        assert [str(each) for each in wanted if not each.extras <= _pinned(lock)[canonicalize_name(each.name)]] == []
