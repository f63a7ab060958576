"""What somebody is told who starts a benchmark before all that it needs is there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from voicebot.settings import ROOT

STARTED = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__main__")
    for path in (ROOT / "bench").rglob("*.py")
    if '__name__ == "__main__"' in path.read_text(encoding="utf-8") and path.stem != "nursery"
)
WITHOUT = "import runpy, sys; sys.modules[{!r}] = None; runpy.run_module({!r}, run_name='__main__', alter_sys=True)"
"""Runs a module as `python -m` does, where one package cannot be imported."""


def started(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)


def is_told(ended: subprocess.CompletedProcess[str], what: str) -> None:
    assert (ended.returncode, ended.stdout) == (2, "")
    assert re.fullmatch(what, ended.stderr), ended.stderr


@pytest.mark.parametrize("bench", STARTED)
def test_without_any_set_up(bench: str) -> None:
    is_told(started("-S", "-m", bench), r"the package \w+ is missing: python3 tools/set_up\.py --tests [^\n]+\n")


@pytest.mark.parametrize(
    ("bench", "package", "to_do"),
    [
        ("bench.capture", "matplotlib", r"python3 tools/set_up\.py --tests"),
        ("bench.callers", "matplotlib", r"python3 tools/set_up\.py --tests"),
        ("bench.digits", "torch", r"\.venv/bin/python -m pip install torch"),
        ("bench.answers", "torch", r"\.venv/bin/python -m pip install torch"),
    ],
)
def test_after_the_set_up_for_the_demo_alone(bench: str, package: str, to_do: str) -> None:
    is_told(started("-c", WITHOUT.format(package, bench)), rf"the package {package} is missing: {to_do}[^\n]*\n")


def test_without_recordings(tmp_path: Path) -> None:
    is_told(
        started("-m", "bench.capture", "--speech", str(tmp_path)), r".* has no fsdd, commands, noise: .*--speech.*\n"
    )


def test_a_mistake_of_ours_stays_loud() -> None:
    ended = started("-c", "import bench; import voicebot.nowhere")
    assert ended.returncode == 1
    assert "Traceback" in ended.stderr
    assert "No module named 'voicebot.nowhere'" in ended.stderr
