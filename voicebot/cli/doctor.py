"""`doctor`: whether everything that a call needs is there, and what to do where it is not."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.table import Table

from voicebot.audio import PlaceError, WebSocketOptions
from voicebot.audio.microphone import check_devices
from voicebot.audio.sip import SipOptions
from voicebot.cli import sip_check
from voicebot.cli.chosen_models import find_second, model_of
from voicebot.cli.errors import BAD_INPUT, UNAVAILABLE, ExitCode
from voicebot.cli.furnish import (
    grammars_for,
    model_for,
    open_accounts,
    open_ledger,
    open_payments,
    recognizer_of,
    wording_for,
)
from voicebot.cli.options import ConfigOption, JsonOption, begin, console, print_json
from voicebot.payments import assumptions
from voicebot.settings import Settings
from voicebot.speech import ModelError, VoiceProcess
from voicebot.speech.models import find, verify


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        state: `ok`, `warning` (calls are possible without it) or `bad`.
        detail: what was found, or what to do.
    """

    what: str
    state: str
    detail: str


STYLES = {"ok": "green", "warning": "yellow", "bad": "bold red"}


def doctor(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Check settings, wording, grammars, model, voice, microphone, database and PaymentExpress; say what to do.

    Exit code 3 when something that every call needs is missing.
    """
    findings = list(_examine(config))
    if as_json:
        print_json([{"what": each.what, "state": each.state, "detail": each.detail} for each in findings])
    else:
        table = Table("what", "state", "detail", show_lines=False)
        for each in findings:
            table.add_row(each.what, f"[{STYLES[each.state]}]{each.state}[/]", each.detail)
        console.print(table)
    if any(each.state == "bad" for each in findings):
        raise typer.Exit(ExitCode.UNAVAILABLE)


def _examine(config: Path | None) -> Iterator[Finding]:
    try:
        settings = begin(config)
    except BAD_INPUT as problem:
        yield Finding("settings", "bad", str(problem))
        return
    yield Finding("settings", "ok", f"environment {settings.payments.environment}, language {settings.language}")
    yield _try("second speech model", lambda: _second(settings), needed=False)
    for language in ("", *settings.languages):
        yield from _speech(settings, language)
    yield _try("microphone", lambda: _microphone(settings), needed=False)
    yield _try("database", lambda: _database(settings))
    yield from _telephone(config, settings)
    yield from _streams(settings)
    try:
        yield from asyncio.run(_api(settings))
    except UNAVAILABLE as problem:
        yield Finding("PaymentExpress", "bad", str(problem))


def _speech(settings: Settings, language: str) -> Iterator[Finding]:
    """What the line's own language needs, or another one that callers can choose."""
    beside = f" {language}" if language else ""
    yield _try(
        f"wording{beside}", lambda: f"{len(wording_for(settings, language).questions)} questions have every text"
    )
    yield _try(f"speech model{beside}", lambda: _model(settings, language))
    yield _try(f"grammars{beside}", lambda: _grammars(settings, language))
    yield _try(f"voice{beside}", lambda: _voice(settings, language))


def _streams(settings: Settings) -> Iterator[Finding]:
    """Calls by WebSocket, where somebody has set something for them."""
    if settings.websocket != WebSocketOptions():
        yield _try("streamed calls", settings.websocket.check)


def _try(what: str, look: Callable[[], str], *, needed: bool = True) -> Finding:
    try:
        return Finding(what, "ok", look())
    except (*BAD_INPUT, *UNAVAILABLE) as problem:
        return Finding(what, "bad" if needed else "warning", str(problem))


def _model(settings: Settings, language: str) -> str:
    model = model_for(settings, language)
    return f"{verify(model, settings.speech.models_folder).name}: every file verified"


def _second(settings: Settings) -> str:
    second = find_second(settings)
    if second is None:
        return "none is set for this language; the first one decides alone"
    verify(model_of(settings, settings.speech.second_model), settings.speech.models_folder)
    second.hear([bytes(2)])
    return f"{settings.speech.second_model}: every file verified, and it runs"


def _grammars(settings: Settings, language: str) -> str:
    grammars = grammars_for(settings, language)
    model = model_for(settings, language)
    try:
        folder = find(model, settings.speech.models_folder)
    except ModelError:
        return f"{len(grammars)} grammars; without the model their words are not checked"
    recognizer_of(folder, grammars)
    return f"{len(grammars)} grammars, every word known to the model"


def _voice(settings: Settings, language: str) -> str:
    voice = settings.languages[language].voice if language else settings.speech.voice
    with contextlib.closing(VoiceProcess(voice)) as speaker:  # which cannot hang, as pyttsx3 now and then does
        sound = speaker.speak("testing one two three")
    return f"{voice} speaks at {sound.rate_hz} Hz"


def _microphone(settings: Settings) -> str:
    try:
        check_devices(settings.microphone.input or None, settings.microphone.output or None)
    except PlaceError as problem:
        raise PlaceError(f"{problem} (calls by file, keyboard or script work without)") from None
    return "a microphone and a loudspeaker can be used"


def _telephone(config: Path | None, settings: Settings) -> Iterator[Finding]:
    """Calls by SIP: nothing of it is needed unless the settings say more than the defaults."""
    wanted = settings.sip != SipOptions()
    installed = _try("telephone", sip_check.package, needed=wanted)
    yield installed
    yield _try("telephone port", lambda: sip_check.ports(settings.sip), needed=wanted)
    if settings.sip.certificate is not None:
        yield _try("telephone certificate", lambda: sip_check.certificate(settings.sip))
    if settings.sip.srtp != "off" and settings.sip.transports != ("tls",):
        yield Finding("telephone encryption", "warning", "without tls alone, the keys of srtp travel in the clear")
    if installed.state == "ok":
        try:
            for address, ok, said in sip_check.registrations(config, settings):
                yield Finding(f"registration {address}", "ok" if ok else "bad", said)
        except PlaceError as problem:
            yield Finding("registration", "bad", str(problem))


def _database(settings: Settings) -> str:
    accounts = open_accounts(settings)
    ledger = open_ledger(settings)
    try:
        unsettled = len(ledger.unsettled())
        return f"{len(accounts.account_numbers())} accounts; {unsettled} carts unsettled"
    finally:
        ledger.close()
        accounts.close()


async def _api(settings: Settings) -> list[Finding]:
    async with open_payments(settings) as (payments, _):
        findings = [
            Finding(check.what, "ok" if check.ok else "bad", check.advice or check.where)
            for check in await payments.health()
        ]
    if settings.payments.environment != "sandbox":
        findings += [
            Finding(f"assumed: {each.setting}", "warning", f"{each.value}: {each.because}")
            for each in assumptions(settings.payments.api())
        ]
    return findings
