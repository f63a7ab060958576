"""Workers: what they may share, what is each one's own, and who watches over them. Without telephones."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.patience import PATIENCE_S
from voicebot.audio.sip.options import SipAccount, SipOptions
from voicebot.cli.errors import BadInput, ExitCode
from voicebot.cli.workers import Supervisor, check_workers, settings_of
from voicebot.settings import ROOT, HealthSettings, PaymentSettings, Settings

ACCOUNT = SipAccount(address="sip:600@pbx.example", registrar="sip:pbx.example")
CUSTOM = PaymentSettings(
    environment="custom",
    general_url="http://127.0.0.1:1/api/v1",
    vault_url="http://127.0.0.1:2/api/v1",
    client_id="id",
    client_secret=SecretStr("secret"),
)


@pytest.mark.parametrize(
    ("workers", "settings", "complaint"),
    [
        (0, Settings(payments=CUSTOM), "--workers is 1 to 64, not 0"),
        (65, Settings(payments=CUSTOM), "--workers is 1 to 64, not 65"),
        (2, Settings(payments=CUSTOM, sip=SipOptions(accounts=(ACCOUNT,))), "leave sip.accounts empty"),
        (2, Settings(), 'name it with payments.environment = "custom"'),
        (60, Settings(payments=CUSTOM, sip=SipOptions(rtp_port=62_000)), "give a lower sip.rtp_port"),
    ],
)
def test_what_workers_cannot_share_is_refused(workers: int, settings: Settings, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        check_workers(settings, workers)


def test_each_worker_has_ports_of_its_own() -> None:
    settings = Settings(health=HealthSettings(port=9464))
    one, two = settings_of(settings, 1), settings_of(settings, 2)
    assert [each.sip.port for each in (one, two)] == [5062, 5064]
    assert [each.sip.tls_port for each in (one, two)] == [5063, 5065]
    assert [each.sip.rtp_port for each in (one, two)] == [10_100, 10_200]
    assert [each.health.port for each in (one, two)] == [9465, 9466]
    free = settings.model_copy(update={"sip": settings.sip.model_copy(update={"port": 0}), "health": HealthSettings()})
    assert (settings_of(free, 3).sip.port, settings_of(free, 3).health.port) == (0, 0)


def watched(folder: Path, work: str) -> int:
    """A watcher in a process of its own (it forks), over two workers that do this; its exit code."""
    program = (
        "import os, signal, sys, time\n"
        "from pathlib import Path\n"
        "from voicebot.cli.workers import Supervisor\n"
        "folder = Path(sys.argv[1])\n"
        f"def work(number):\n{work}\n"
        "sys.exit(Supervisor(2, work).run())\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", program, str(folder)], env=environment, timeout=PATIENCE_S, check=False
    ).returncode


def test_a_worker_that_dies_is_started_again_and_the_other_left_alone(tmp_path: Path) -> None:
    code = watched(
        tmp_path,
        "    with (folder / f'lives-{number}').open('a') as lives: lives.write('x')\n"
        "    if number == 1 and (folder / 'lives-1').stat().st_size < 3: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    if number == 1: os.kill(os.getppid(), signal.SIGTERM)\n"
        "    signal.sigwait({signal.SIGTERM}) if number == 1 else signal.pause()\n"
        "    return 0",
    )
    assert (tmp_path / "lives-1").read_text() == "xxx"
    assert (tmp_path / "lives-2").read_text() == "x"
    assert code == ExitCode.FAILED, "the second worker had no handler and was ended by the signal"


@pytest.mark.parametrize("code", [ExitCode.BAD_INPUT, ExitCode.UNAVAILABLE])
def test_a_worker_that_cannot_begin_ends_them_all(tmp_path: Path, code: ExitCode) -> None:
    assert watched(tmp_path, f"    if number == 2: return {int(code)}\n    signal.pause()") == code


def test_an_exception_in_a_worker_stays_there(tmp_path: Path) -> None:
    code = watched(
        tmp_path,
        "    once = folder / f'once-{number}'\n"
        "    if not once.exists(): once.touch(); raise RuntimeError('told on standard error')\n"
        "    if number == 1: os.kill(os.getppid(), signal.SIGINT)\n"
        "    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))\n"
        "    signal.pause()",
    )
    assert (tmp_path / "once-1").exists()
    assert code in {ExitCode.OK, ExitCode.FAILED}


def test_the_watcher_restores_signals() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    supervisor = Supervisor(1, lambda _: 0)
    supervisor._stopping = True
    assert supervisor.run() is ExitCode.OK
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before
