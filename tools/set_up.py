"""Make this clone ready to run: system libraries, virtual environment, packages, speech model.

    python3 tools/set_up.py            what the bot needs
    python3 tools/set_up.py --sip      and what calls by SIP need
    python3 tools/set_up.py --tests    and what its tests need, SIP too

Needs Python 3.11 and nothing else. Each step says what it does, does it only if it is not yet done, and may be
interrupted and started again. `make demo` and `make test` begin with it.

Exit codes: 0 ready; 1 a step failed, and the last lines say what to do; 130 interrupted.
"""

import argparse
import ctypes.util
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

OLDEST_PYTHON = (3, 11)
ROOM_NEEDED_MB = 1200  # environment and model are 700, the rest is for pip to work in
HOME = Path(__file__).resolve().parent.parent
ENVIRONMENT = HOME / ".venv"
PYTHON = str(ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))

SECOND_MODEL = "whisper-tiny.en"
"""Calls are possible without it."""

RUNTIME_PACKAGES = ("libportaudio2",)
TEST_PACKAGES = (
    "pulseaudio",
    "pulseaudio-utils",
    "libasound2-plugins",
    "postgresql",
    "baresip-core",
    "sip-tester",
    "kamailio",
)

SYSTEMD = Path("/run/systemd/system")
"""There where systemd runs, which starts a newly installed SIP proxy on every address."""

# What pip says when it fails, and what that means to the person who reads it. The first that fits is told.
PIP_TROUBLES = (
    ("No space left on device", "The disk is full. Free some room and run this again."),
    (
        "DO NOT MATCH THE HASHES",
        "A downloaded file is not the one that was locked. A proxy may have changed it; try again.",
    ),
    (
        "No matching distribution found",
        "The package index has no file for this Python and this machine. Try Python 3.11 to 3.14.",
    ),
    ("Failed to build", "A package had to be compiled and could not be. Python 3.11 to 3.14 have it ready made."),
)
NETWORK_SIGNS = (
    "NewConnectionError", "NameResolutionError", "Max retries", "ConnectTimeout", "ReadTimeout",
    "Connection broken", "from versions: none", "Network is unreachable", "ProxyError", "SSLError",
)  # fmt: skip
NO_INDEX = (
    "The package index could not be reached. Check the network, or name a mirror with the environment variable "
    "PIP_INDEX_URL, or a folder of wheels with PIP_FIND_LINKS, and run this again."
)


class SetUpError(Exception):
    """A step failed; the text says why and what to do."""


def say(text: str) -> None:
    """Print one line of progress at once, also into a pipe."""
    print(f"[set-up] {text}", flush=True)


def check_machine() -> None:
    """Stop early, in plain words, on a Python or a disk that cannot do."""
    if sys.version_info < OLDEST_PYTHON:
        have = "{}.{}".format(*sys.version_info)
        raise SetUpError(
            f"This is Python {have}; 3.11 or newer is needed. With a newer one beside it: make demo PYTHON=python3.12"
        )
    free_mb = shutil.disk_usage(HOME).free // 1_000_000
    if not Path(PYTHON).exists() and free_mb < ROOM_NEEDED_MB:
        raise SetUpError(f"{free_mb} MB are free on this disk; set-up needs {ROOM_NEEDED_MB} MB.")


# --- system libraries ------------------------------------------------------------------------------------------------


def install_system_packages(*, for_tests: bool) -> None:
    """Install Debian packages where apt and rights allow it; elsewhere say what will be missing. Never fails."""
    wanted = RUNTIME_PACKAGES + (TEST_PACKAGES if for_tests else ())
    if not shutil.which("apt-get"):
        if sys.platform.startswith("linux") and not ctypes.util.find_library("portaudio"):
            say("no PortAudio here: the microphone will not work until your system's package of it is installed")
        if for_tests:
            say(
                "no apt here: tests that need PulseAudio, PostgreSQL or SIP phones are skipped unless you install those"
            )
        return
    missing = [package for package in wanted if not is_installed(package)]
    if not missing:
        return
    sudo = find_rights()
    if sudo is None:
        say(f"not installed, as that needs root: {' '.join(missing)}")
        say("  everything but the microphone works without libportaudio2; the others are for tests only")
        say(f"  to have them: sudo apt-get install {' '.join(missing)}")
        return
    say(f"installing system packages: {' '.join(missing)}")
    if "kamailio" in missing and SYSTEMD.exists():
        say("  Kamailio's own service is masked: tests start one of their own (systemctl unmask kamailio to have it)")
        subprocess.run([*sudo, "systemctl", "mask", "kamailio.service"], capture_output=True, check=False)
    if not apt_get(sudo, missing):
        say("  apt could not install them; going on without (the microphone, or some tests, will say what they miss)")


def is_installed(package: str) -> bool:
    """Whether dpkg has this package in working order."""
    query = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package]
    answer = subprocess.run(query, capture_output=True, text=True, check=False)
    return answer.stdout == "installed"


def find_rights() -> list[str] | None:
    """What to put before apt-get: nothing as root, sudo where it asks for no password, None without rights."""
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "--non-interactive"]
    if shutil.which("sudo") and subprocess.run([*sudo, "true"], capture_output=True, check=False).returncode == 0:
        return sudo
    return None


def apt_get(sudo: list[str], packages: list[str]) -> bool:
    """Update the lists and install, three times over, as mirrors fail in passing. Asks nothing."""
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet=2", "-o", "DPkg::Lock::Timeout=120"]
    install = [*sudo, *quiet, "install", "--yes", "--no-install-recommends", *packages]
    said = ""
    for attempt in range(3):
        time.sleep(5 * attempt)
        for command in ([*sudo, *quiet, "update"], install):
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            said = done.stdout
        if done.returncode == 0:
            return True
    print("\n".join("    " + line for line in said.splitlines()[-5:]), flush=True)
    return False


# --- packages --------------------------------------------------------------------------------------------------------


def make_environment() -> None:
    """Make `.venv` if it is not there, or if its Python is gone or too old."""
    if Path(PYTHON).exists():
        probe = [PYTHON, "-c", f"import sys, pip; sys.exit(sys.version_info < {OLDEST_PYTHON})"]
        if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
            return
        say(f"the virtual environment in {ENVIRONMENT.name} does not work any more; making it anew")
    say(f"making a virtual environment in {ENVIRONMENT.name} (Python {sys.version.split()[0]})")
    if importlib.util.find_spec("ensurepip"):
        tool = "venv"
    elif importlib.util.find_spec("virtualenv"):
        tool = "virtualenv"
    else:
        version = "{}.{}".format(*sys.version_info)
        raise SetUpError(
            "This Python cannot make virtual environments. On Debian and Ubuntu: "
            f"sudo apt-get install python{version}-venv. Elsewhere: python3 -m pip install virtualenv"
        )
    made = subprocess.run(
        [sys.executable, "-m", tool, "--clear", ENVIRONMENT], capture_output=True, text=True, check=False
    )
    if made.returncode:
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        raise SetUpError(f"{(made.stdout + made.stderr).strip()}\n{ENVIRONMENT.name} could not be made; see above.")


def install_requirements(lock: Path) -> None:
    """Install one lock file, hashes checked. A stamp in the environment makes the next run quick."""
    checksum = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = ENVIRONMENT / f"{lock.name}.sha256"
    if stamp.exists() and stamp.read_text(encoding="ascii") == checksum:
        return
    say(f"installing the packages of {lock.name}; the first time this takes a minute or two")
    started = time.monotonic()
    command = [PYTHON, "-m", "pip", "install", "--require-hashes", "--no-input", "--disable-pip-version-check"]
    pip = subprocess.Popen(
        [*command, "--progress-bar", "off", "-r", str(lock)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    said = follow(pip)
    if pip.wait():
        print("\n".join("    " + line for line in said[-12:]), flush=True)
        raise SetUpError(explain_pip("\n".join(said)))
    stamp.write_text(checksum, encoding="ascii")
    say(f"  done in {time.monotonic() - started:.0f} s")


def follow(pip: "subprocess.Popen[str]") -> list[str]:
    """Read what pip says, showing on a terminal which package it is at; all of it is kept for an error."""
    said: list[str] = []
    assert pip.stdout is not None  # opened as a pipe above  # noqa: S101
    for line in pip.stdout:
        if line.startswith("Ignoring "):  # packages of other systems
            continue
        said.append(line.rstrip())
        if sys.stdout.isatty() and line.startswith(("Collecting ", "Installing collected")):
            what = line.split(":")[0].split(" (from")[0].split(" ;")[0].strip()
            print(f"\r\033[K  {what[:70]}", end="", flush=True)
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)
    return said


def explain_pip(said: str) -> str:
    """What pip's failure means, in one sentence that says what to do."""
    if any(sign in said for sign in NETWORK_SIGNS):
        return NO_INDEX
    for sign, meaning in PIP_TROUBLES:
        if sign in said:
            return meaning
    return "pip could not install the packages; its last lines are above."


# --- the model -------------------------------------------------------------------------------------------------------


def fetch_model() -> None:
    """Have the bot fetch its speech model, which shows its own progress and is quick when the model is there."""
    say("speech model: fetching it unless it is here (about 70 MB)")
    if subprocess.run([PYTHON, "run_bot.py", "models", "fetch"], cwd=HOME, check=False).returncode:
        raise SetUpError("The speech model is not there; see above. Everything else is ready.")
    say("second speech model: fetching it unless it is here (about 70 MB)")
    if subprocess.run([PYTHON, "run_bot.py", "models", "fetch", SECOND_MODEL], cwd=HOME, check=False).returncode:
        say("going on without it: fewer numbers are understood at once")


def main() -> int:
    """Run the steps in order."""
    parser = argparse.ArgumentParser(description="Make this clone ready to run. Needs Python 3.11 and nothing else.")
    parser.add_argument("--tests", action="store_true", help="also install what the tests and checks need")
    parser.add_argument("--sip", action="store_true", help="also install what calls by SIP need (PJSIP, GPL)")
    parser.add_argument("--no-system", action="store_true", help="leave system packages alone")
    wanted = parser.parse_args()
    try:
        check_machine()
        if not wanted.no_system:
            install_system_packages(for_tests=wanted.tests)
        make_environment()
        install_requirements(HOME / "requirements.txt")
        if wanted.sip or wanted.tests:
            install_requirements(HOME / "requirements-sip.txt")
        if wanted.tests:
            install_requirements(HOME / "requirements-dev.txt")
        fetch_model()
    except SetUpError as trouble:
        print(f"\nset-up stopped: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nset-up interrupted; run it again to go on from here", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
