"""`run_bot.py websocket`: calls that a telephony platform streams."""

import asyncio

from voicebot.cli.errors import explained
from voicebot.cli.options import ConfigOption, JsonOption, begin, console
from voicebot.cli.sip import check_operator, serve
from voicebot.cli.switch_screen import CallTable, JsonLines
from voicebot.settings import Settings


def websocket(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Take calls that a telephony platform streams over a WebSocket; its settings are in docs/websocket.md.

    SIGTERM or Ctrl-C: take no new calls, finish those that are held, and end. Once more: hang up.
    """
    with explained():
        settings = begin(config)
        check_operator(settings)
        asyncio.run(_hold_calls(settings, as_json=as_json))


async def _hold_calls(settings: Settings, *, as_json: bool) -> None:
    options = settings.websocket
    trunk = options.trunk()
    scheme = "ws" if options.certificate is None else "wss"

    def address() -> str:
        return f"{scheme}://{options.host}:{trunk.port}{options.path}"

    with JsonLines() if as_json else CallTable(console, tuple) as screen:
        await serve(settings, (trunk,), screen, ready=lambda: screen.ready((address(),)))
