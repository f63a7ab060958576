"""Set-up's words when something is wrong: it is the first thing that a stranger sees."""

import ast
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "tools" / "set_up.py"


@pytest.fixture
def set_up() -> ModuleType:
    spec = importlib.util.spec_from_file_location("set_up", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_old_python_can_read_the_script_and_be_told() -> None:
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 7))


def test_only_the_standard_library_is_imported() -> None:
    imported = {
        (alias.name if isinstance(node, ast.Import) else node.module or "").split(".")[0]
        for node in ast.walk(ast.parse(SCRIPT.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert imported <= sys.stdlib_module_names


def test_an_old_python_is_told_what_to_do(set_up: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(set_up.sys, "version_info", (3, 9, 2))
    with pytest.raises(set_up.SetUpError, match=r"This is Python 3\.9; 3\.11 or newer is needed\..*PYTHON=python3\.12"):
        set_up.check_machine()


def test_a_full_disk_is_told_before_anything_is_made(
    set_up: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(set_up, "PYTHON", str(tmp_path / "none"))
    monkeypatch.setattr(set_up.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 5, 120_000_000))
    with pytest.raises(set_up.SetUpError, match="120 MB are free"):
        set_up.check_machine()


def test_python_without_venv_is_told_which_package(
    set_up: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(set_up, "PYTHON", str(tmp_path / "none"))
    monkeypatch.setattr(set_up.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(set_up.SetUpError, match=r"apt-get install python3\.\d+-venv"):
        set_up.make_environment()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "after connection broken by 'NewConnectionError(...)'\nNo matching distribution found for lark",
            "index could",
        ),
        ("ERROR: Could not find a version that satisfies lark (from versions: none)", "index could not be reached"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "not the one that was locked"),
        ("ERROR: No matching distribution found for vosk==0.3.45", "no file for this Python"),
        ("error: something else", "last lines are above"),
    ],
)
def test_pips_failures_are_explained(set_up: ModuleType, said: str, told: str) -> None:
    assert told in set_up.explain_pip(said)


def test_without_rights_it_goes_on_and_says_what_is_missing(
    set_up: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(set_up.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(set_up, "is_installed", lambda package: package == "postgresql")
    monkeypatch.setattr(set_up, "find_rights", lambda: None)
    set_up.install_system_packages(for_tests=True)
    said = capsys.readouterr().out
    assert (
        "sudo apt-get install libportaudio2 pulseaudio pulseaudio-utils libasound2-plugins baresip-core "
        "sip-tester kamailio\n" in said
    )
    assert "everything but the microphone works" in said


@pytest.mark.parametrize("systemd", [True, False])
def test_a_proxy_is_not_opened_to_the_world(
    set_up: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, systemd: bool
) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(set_up, "SYSTEMD", tmp_path if systemd else tmp_path / "none")
    monkeypatch.setattr(set_up, "is_installed", lambda package: package != "kamailio")
    monkeypatch.setattr(set_up, "find_rights", list)
    monkeypatch.setattr(set_up.shutil, "which", lambda _: "/usr/bin/apt-get")
    monkeypatch.setattr(set_up.subprocess, "run", lambda command, **_: ran.append(command))

    def installed(_: list[str], packages: list[str]) -> bool:
        ran.append(["apt", *packages])
        return True

    monkeypatch.setattr(set_up, "apt_get", installed)
    set_up.install_system_packages(for_tests=True)
    masked = [["systemctl", "mask", "kamailio.service"]] if systemd else []
    assert ran == [*masked, ["apt", "kamailio"]], "masked before it is installed"


def test_no_package_index_ends_with_advice_and_can_be_repeated(tmp_path: Path) -> None:
    """The whole script against an index that nobody answers, in a folder of its own."""
    (tmp_path / "tools").mkdir()
    shutil.copy(SCRIPT, tmp_path / "tools")
    (tmp_path / "requirements.txt").write_text(f"lark==1.3.1 --hash=sha256:{'0' * 64}\n", encoding="ascii")
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "0"}
    here = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **nowhere}
    run = [sys.executable, str(tmp_path / "tools" / "set_up.py"), "--no-system"]
    for _ in range(2):
        done = subprocess.run(run, env=here, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "set-up stopped: The package index could not be reached." in done.stderr
    assert "making a virtual environment" not in done.stdout  # the second time it was there


def test_the_bot_before_set_up_says_what_to_run() -> None:
    bot = subprocess.run(
        [sys.executable, "-S", "run_bot.py"], cwd=SCRIPT.parent.parent, capture_output=True, text=True, check=False
    )
    assert (bot.returncode, bot.stdout) == (3, "")
    assert re.fullmatch(
        r"cannot go on: the package \w+ is missing; python3 tools/set_up\.py [^\n]* \.venv/bin/python run_bot\.py\n",
        bot.stderr,
    )
