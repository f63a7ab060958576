"""`run_bot.py sip --workers N`: N processes that hold calls, and one that watches over them.

PJSIP's package holds four calls a process, so many calls are many processes. The model is loaded once, before they are
forked, and its pages are shared; everything that has threads, connections or a port begins after the fork. A worker
that dies is started again. Its calls are lost, and no payment: the others, and itself when it is back, find its carts
in the ledger with a holder that is dead, and settle them.

The watcher has no event loop and no threads of its own: it waits for signals, which it has blocked, so that none is
missed.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from voicebot.cli.errors import BadInput, ExitCode
from voicebot.settings import Settings

log = structlog.get_logger(__name__)

MOST_WORKERS = 64
FIRST_REST_S, LONGEST_REST_S = 0.5, 30.0
"""Before a worker that died is started again; doubled each time that it did not live long."""
LONG_LIFE_S = 60.0
PORTS_APART = 2
"""`sip.port` and `sip.tls_port` are mostly neighbours; so far apart, no two workers meet."""
SPARE_PORTS = 4
"""Ports for sound: two a call, and as many again for calls that are still ending."""

_WATCHED = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT}
_PR_SET_PDEATHSIG = 1  # prctl(2)
_TICK_S = 0.5


def check_workers(settings: Settings, count: int) -> None:
    """See that these settings can be shared by so many workers.

    Raises:
        BadInput: they cannot; the text says what to change.
    """
    if not 1 <= count <= MOST_WORKERS:
        raise BadInput(f"--workers is 1 to {MOST_WORKERS}, not {count}")
    if settings.sip.accounts:
        raise BadInput(
            "workers do not register: each would take the place of the one before. Let what stands before them "
            "(deploy/kamailio) be called by the PBX or the trunk, and leave sip.accounts empty"
        )
    if settings.payments.environment == "sandbox":
        raise BadInput(
            "each worker would have a sandbox of its own, and could not settle another's carts. Start one with "
            'run_bot.py sandbox, and name it with payments.environment = "custom" (docs/sip.md)'
        )
    last = settings.sip.rtp_port + (count + 1) * _sound_ports(settings)
    if last > 65_535:  # noqa: PLR2004 - the last port there is
        raise BadInput(f"{count} workers need the ports for sound up to {last}; give a lower sip.rtp_port")


def settings_of(settings: Settings, worker: int) -> Settings:
    """What is a worker's own: its ports. Port 0 stays 0, any free one.

    Args:
        settings: of all.
        worker: counted from 1.
    """
    sip, health = settings.sip, settings.health
    mine = {
        "port": sip.port and sip.port + PORTS_APART * worker,
        "tls_port": sip.tls_port and sip.tls_port + PORTS_APART * worker,
        "rtp_port": sip.rtp_port + worker * _sound_ports(settings),
    }
    return settings.model_copy(
        update={
            "sip": sip.model_copy(update=mine),
            "health": health.model_copy(update={"port": health.port and health.port + worker}),
        }
    )


def _sound_ports(settings: Settings) -> int:
    return max(100, SPARE_PORTS * settings.sip.max_calls)


@dataclass(slots=True)
class _Worker:
    number: int
    pid: int = 0
    began_s: float = 0.0
    rest_s: float = FIRST_REST_S
    due_s: float = 0.0


class Supervisor:
    """Keeps workers alive until it is told to stop.

    Args:
        count: how many.
        work: what a worker does, given its number; its return is the process's exit code. Runs in the new process.
    """

    def __init__(self, count: int, work: Callable[[int], int]) -> None:
        self._workers = [_Worker(number) for number in range(1, count + 1)]
        self._work = work
        self._stopping = False
        self._code = ExitCode.OK

    def run(self) -> ExitCode:
        """Start the workers and watch over them. The first SIGTERM or SIGINT lets them drain, the next hangs up.

        Returns:
            How it ended: a worker that could not even begin ends them all, with its code.
        """
        signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
        try:
            while not (self._stopping and not any(worker.pid for worker in self._workers)):
                self._start_due()
                self._follow()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _WATCHED)
        return self._code

    def _start_due(self) -> None:
        for worker in self._workers:
            if not self._stopping and not worker.pid and time.monotonic() >= worker.due_s:
                self._start(worker)

    def _start(self, worker: _Worker) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        worker.pid = os.fork()
        if worker.pid:
            worker.began_s = time.monotonic()
            return
        try:
            os.setpgid(0, 0)  # Ctrl-C on the console goes to the watcher alone
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)  # without a watcher: drain
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _WATCHED)
            if os.getppid() != parent:
                os._exit(ExitCode.FAILED)
            os._exit(self._work(worker.number))
        except BaseException:  # noqa: BLE001 - nothing of the watcher may run on in the worker
            sys.excepthook(*sys.exc_info())
            os._exit(ExitCode.FAILED)

    def _follow(self) -> None:
        """Wait for a signal, or for a worker's rest to be over."""
        told = signal.sigtimedwait(_WATCHED, _TICK_S)
        if told is None:
            return
        if told.si_signo == signal.SIGCHLD:
            self._bury()
        else:
            self._stop()

    def _stop(self) -> None:
        self._stopping = True
        for worker in self._workers:
            if worker.pid:
                os.kill(worker.pid, signal.SIGTERM)

    def _bury(self) -> None:
        for worker in self._workers:
            if not worker.pid:
                continue
            pid, status = os.waitpid(worker.pid, os.WNOHANG)
            if pid:
                worker.pid = 0
                self._died(worker, os.waitstatus_to_exitcode(status))

    def _died(self, worker: _Worker, code: int) -> None:
        if self._stopping:
            if code != ExitCode.OK and self._code is ExitCode.OK:
                self._code = ExitCode.FAILED
            return
        if code in {ExitCode.BAD_INPUT, ExitCode.UNAVAILABLE} and worker.rest_s == FIRST_REST_S:
            self._code = ExitCode(code)  # it has said why; starting it again would not help
            self._stop()
            return
        lived_s = time.monotonic() - worker.began_s
        worker.rest_s = FIRST_REST_S if lived_s > LONG_LIFE_S else min(LONGEST_REST_S, 2 * worker.rest_s)
        worker.due_s = time.monotonic() + worker.rest_s
        log.error("worker died", worker=worker.number, code=code, again_in_s=worker.rest_s)
