"""What holds for every test: nothing leaves this machine, nothing comes from the developer's own settings."""

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.ledger.postgresql import postgresql_server

# No deadline for single examples: two cores run several workers, and a slow moment is not a failure. The
# examples themselves stay random here; with CI=true Hypothesis takes its own profile, which repeats itself.
settings.register_profile("house", deadline=None, print_blob=True)
if not os.environ.get("CI"):
    settings.load_profile("house")

LONG_ROOMS = ("torture", "sip", "cli", "calls")
"""Whole programs and whole calls: begun first, so that at the end no worker waits for the other."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long rooms first; pytest-xdist keeps this order with `--no-loadscope-reorder`."""
    folder = Path(__file__).parent
    items.sort(key=lambda item: item.path.relative_to(folder).parts[0] not in LONG_ROOMS)


def _is_local(address: object) -> bool:
    if not isinstance(address, tuple):  # a Unix socket
        return True
    host = str(address[0])
    if host in {"localhost", ""}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def _nothing_leaves_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that would reach another machine fails at once, instead of passing where there happens to be a network."""
    connect = socket.socket.connect

    def connect_locally(self: socket.socket, address: Any) -> None:
        if not _is_local(address):
            pytest.fail(f"a test tried to connect to {address!r}; only this machine may be reached")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_locally)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Tests do not see the settings of the developer's shell and home, and leave nothing there."""
    for name in os.environ:
        if name.startswith("VOICEBOT_"):
            monkeypatch.delenv(name)
    for kind in ("CONFIG", "CACHE", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / "xdg" / kind.lower()))


@pytest.fixture(scope="session")
def postgresql_socket() -> Iterator[str]:
    """The folder of the socket of a real PostgreSQL server, one for all tests of a process."""
    with postgresql_server() as folder:
        yield folder
