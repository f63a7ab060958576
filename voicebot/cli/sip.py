"""`run_bot.py sip`: the bot on the phone."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Iterable, Iterator

import structlog
import typer

from voicebot.audio import Trunk
from voicebot.audio.sip import SipTrunk, leave
from voicebot.audio.sip.options import transfer_address
from voicebot.call import Switchboard
from voicebot.cli.errors import BadInput, ExitCode, explained
from voicebot.cli.furnish import furnished
from voicebot.cli.options import ConfigOption, JsonOption, begin, console
from voicebot.cli.switch_screen import CallTable, JsonLines, Screen
from voicebot.cli.watched import watched
from voicebot.settings import Settings

log = structlog.get_logger(__name__)


def sip(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Take calls by SIP until told to stop; its settings and recipes are in docs/sip.md.

    SIGTERM or Ctrl-C: take no new calls, finish those that are held, and end. Once more: hang up.
    """
    code = int(ExitCode.FAILED)
    try:
        with explained():
            settings = begin(config)
            check_operator(settings)
            asyncio.run(_hold_calls(settings, as_json=as_json))
        code = int(ExitCode.OK)
    except typer.Exit as end:
        code = end.exit_code
    except Exception:  # noqa: BLE001 - shown as Python would show it; the process must not end in Python's way
        sys.excepthook(*sys.exc_info())
    leave(code)


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


async def _hold_calls(settings: Settings, *, as_json: bool) -> None:
    trunk = SipTrunk(settings.sip)

    def registrations() -> Iterable[str]:
        return (
            f"{each.address} {'registered' if each.ok else f'not registered ({each.code})'}"
            for each in trunk.registrations
        )

    with JsonLines() if as_json else CallTable(console, registrations) as screen:
        await serve(settings, (trunk,), screen, ready=lambda: screen.ready(trunk.addresses))


async def serve(
    settings: Settings, trunks: Iterable[Trunk], screen: Screen, *, ready: Callable[[], None] = lambda: None
) -> None:
    """Hold the calls of any number of trunks in one house, until SIGTERM or Ctrl-C and the end of the last call.

    What one process does, whoever started it: the command, or a supervisor that runs several.

    Args:
        settings: of the house.
        trunks: not yet opened.
        screen: who follows the calls.
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
    async with furnished(settings) as (house, _), watched(settings, house, screen) as (watching, is_ready):
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
