"""`run_bot.py sip`: the bot on the phone."""

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.console import Console

from voicebot.audio import Trunk
from voicebot.audio.sip import SipTrunk, leave
from voicebot.audio.sip.options import transfer_address
from voicebot.call import Switchboard
from voicebot.cli.errors import BadInput, ExitCode, explained
from voicebot.cli.furnish import Hearing, furnished, hearing_for
from voicebot.cli.options import ConfigOption, JsonOption, begin, console
from voicebot.cli.rehearsal import rehearse
from voicebot.cli.switch_screen import CallTable, JsonLines, Screen
from voicebot.cli.watched import watched
from voicebot.cli.workers import Supervisor, check_workers, settings_of
from voicebot.settings import Settings

log = structlog.get_logger(__name__)


def sip(
    workers: Annotated[
        int, typer.Option(help="Processes that hold calls, 4 each; above 1 behind Kamailio, see docs/sip.md.")
    ] = 1,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take calls by SIP until told to stop; its settings and recipes are in docs/sip.md.

    SIGTERM or Ctrl-C: take no new calls, finish those that are held, and end. Once more: hang up.
    """
    leave(_ended(lambda: _take_calls(config, workers, as_json=as_json)))


def _ended(work: Callable[[], ExitCode]) -> int:
    """Work to its exit code, whatever happens: a process that has used PJSIP must not end in Python's way."""
    try:
        with explained():
            return int(work())
    except typer.Exit as end:
        return end.exit_code
    except Exception:  # noqa: BLE001 - shown as Python would show it
        sys.excepthook(*sys.exc_info())
        return int(ExitCode.FAILED)


def _take_calls(config: Path | None, workers: int, *, as_json: bool) -> ExitCode:
    settings = begin(config)
    check_operator(settings)
    settings.sip.check_certificate()
    if workers == 1:
        asyncio.run(_hold_calls(settings, as_json=as_json))
        return ExitCode.OK
    check_workers(settings, workers)
    # Loaded once, before there are any threads; the workers share its pages.
    hearing = hearing_for(settings)
    gc.freeze()

    def hold_calls(settings: Settings, worker: int) -> ExitCode:
        asyncio.run(_hold_calls(settings, as_json=as_json, worker=worker, hearing=hearing))
        return ExitCode.OK

    def work(worker: int) -> int:
        return _ended(lambda: hold_calls(settings_of(settings, worker), worker))

    return Supervisor(workers, work).run()


def check_operator(settings: Settings) -> None:
    """See that a call could be transferred where the settings say.

    Raises:
        BadInput: it could not.
    """
    if settings.agency.operator:
        try:
            transfer_address(settings.agency.operator, "pbx.example")
        except ValueError as problem:
            raise BadInput(f"the setting agency.operator cannot be called: {problem}") from None


async def _hold_calls(settings: Settings, *, as_json: bool, worker: int = 0, hearing: Hearing | None = None) -> None:
    trunk = SipTrunk(settings.sip)

    def registrations() -> Iterable[str]:
        return (
            f"{each.address} {'registered' if each.ok else f'not registered ({each.code})'}"
            for each in trunk.registrations
        )

    shown = Console(force_terminal=False, highlight=False) if worker else console  # several cannot share one table
    with JsonLines(worker) if as_json else CallTable(shown, registrations) as screen:
        await serve(settings, (trunk,), screen, hearing=hearing, ready=lambda: screen.ready(trunk.addresses))


async def serve(
    settings: Settings,
    trunks: Iterable[Trunk],
    screen: Screen,
    *,
    hearing: Hearing | None = None,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Hold the calls of any number of trunks in one house, until SIGTERM or Ctrl-C and the end of the last call.

    What one process does, whoever started it: the command, or a supervisor that runs several.

    Args:
        settings: of the house.
        trunks: not yet opened.
        screen: who follows the calls.
        hearing: where it is loaded already.
        ready: called once all trunks are open.

    Raises:
        PlaceError: a trunk cannot be had.
    """
    if settings.payments.environment not in {"production", "custom"}:
        log.warning(
            "nothing is charged, whatever callers are told",
            environment=settings.payments.environment,
            advice='real money moves with payments.environment = "production" only',
        )
    async with (
        furnished(settings, hearing=hearing) as (house, _),
        watched(settings, house, screen) as (watching, is_ready),
    ):
        await rehearse(house)
        gc.freeze()  # what lives as long as the process is not looked through again and again in the middle of calls
        board = Switchboard(house, watch=watching.watch, ended=watching.ended)

        def begin_calls() -> None:
            is_ready()
            ready()

        with _signals(board, watching, settings.sip.drain_s):
            await board.serve(*trunks, ready=begin_calls)


@contextlib.contextmanager
def _signals(board: Switchboard, screen: Screen, drain_s: float) -> Iterator[None]:
    """The first signal drains, the second one (or the end of `drain_s`) hangs up."""
    loop = asyncio.get_running_loop()
    work: set[asyncio.Future[None]] = set()

    def hang_up() -> None:
        work.add(asyncio.ensure_future(board.hang_up()))

    def stop() -> None:
        if board.draining:
            hang_up()
            return
        screen.draining()
        board.drain()
        loop.call_later(drain_s, hang_up)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
