"""Commands that hold a call: the demo, `mic`, `wav`, `text` and `call`."""

import asyncio
import contextlib
from pathlib import Path
from typing import Annotated

import typer

from voicebot.audio import (
    Place,
    PlaceError,
    ScriptedPlace,
    StereoRecorder,
    TextPlace,
    WavPlace,
    keyboard_lines,
    read_sound,
)
from voicebot.audio.microphone import MicrophonePlace, check_devices
from voicebot.call import Call, CallReport, Silent
from voicebot.cli.caller_script import read_caller
from voicebot.cli.errors import BadInput, ExitCode, explained
from voicebot.cli.furnish import furnished
from voicebot.cli.options import ConfigOption, JsonOption, RecordOption, begin, console, print_json
from voicebot.cli.rehearsal import speak_first
from voicebot.cli.transcript import Transcript
from voicebot.settings import Settings
from voicebot.speech import VoiceProcess

HINT = (
    "Account 2890345 owes something; 4111 1111 1111 1111 is a test card with any date to come and any security code; "
    "021000021 is a test routing number. What you pay stays paid: to begin anew, remove the folder data/."
)


def mic(config: ConfigOption = None, record: RecordOption = None, as_json: JsonOption = False) -> None:
    """One call at this machine's microphone and loudspeaker.

    Speak after the prompt. Keys are for telephones; here everything is spoken.
    """
    with explained():
        settings = begin(config)
        _check_microphone(settings)
        _finish(asyncio.run(_hold(settings, _microphone(settings), record=record, quiet=as_json)), as_json)


def text(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """One call at the keyboard: type what the caller says; digits, * and # alone are keys.

    An empty line is silence, /hangup or the end of input hangs up.
    """
    with explained():
        settings = begin(config)
        _finish(asyncio.run(_hold_typed(settings, quiet=as_json)), as_json)


def wav(
    file: Annotated[Path, typer.Argument(help="The caller's side: mono, 16 bit, 8 or 16 kHz.")],
    config: ConfigOption = None,
    record: RecordOption = None,
    as_json: JsonOption = False,
) -> None:
    """One call whose caller is a recording, which runs while the bot listens."""
    with explained():
        settings = begin(config)
        place = WavPlace(read_sound(file))
        _finish(asyncio.run(_hold(settings, place, record=record, quiet=as_json)), as_json)


def call(
    caller: Annotated[Path, typer.Option("--caller", help="The caller's script (YAML).")],
    as_text: Annotated[bool, typer.Option("--as-text", help="Skip sound: the caller types.")] = False,
    rate_hz: Annotated[int, typer.Option("--rate", help="The line's rate: 8000 (telephone) or 16000 Hz.")] = 16_000,
    config: ConfigOption = None,
    record: RecordOption = None,
    as_json: JsonOption = False,
) -> None:
    """One call with a scripted caller, as sound through the whole path, faster than real time.

    The script says what the caller does at each question: `say`, `wav`, `keys`, `silence_s` or `hang_up`.
    """
    with explained():
        settings = begin(config)
        script = read_caller(caller)
        if rate_hz not in {8_000, 16_000}:
            raise BadInput(f"a line has 8000 or 16000 Hz, not {rate_hz}")
        if as_text and record is not None:
            raise BadInput("--as-text has no sound to --record")
        if as_text:
            place = ScriptedPlace(script.typed_turns(caller), has_sound=False)
        else:
            with contextlib.closing(VoiceProcess(script.voice)) as voice:
                turns = script.turns(caller.parent, lambda words: voice.speak(words).resampled(rate_hz))
            place = ScriptedPlace(turns, rate_hz=rate_hz)
        _finish(asyncio.run(_hold(settings, place, record=record, quiet=as_json)), as_json)


def demo(config: Path | None) -> None:
    """The demo: the microphone if there is one, else the keyboard; the sandbox built in."""
    settings = begin(config)
    console.print("A demonstration call. Nothing is charged; hang up with Ctrl-C.")
    console.print(HINT + "\n", style="dim")
    try:
        _check_microphone(settings)
        held = _hold(settings, _microphone(settings), record=None, quiet=False)
    except PlaceError as problem:
        console.print(f"No microphone: {problem}\nThe keyboard instead: type what you would say.\n", style="yellow")
        held = _hold_typed(settings, quiet=False)
    with contextlib.suppress(KeyboardInterrupt):
        _finish(asyncio.run(held), as_json=False)


def _check_microphone(settings: Settings) -> None:
    check_devices(settings.microphone.input or None, settings.microphone.output or None)


def _microphone(settings: Settings) -> MicrophonePlace:
    sound = settings.microphone
    return MicrophonePlace(sound.input or None, sound.output or None, half_duplex=not sound.headphones)


async def _hold(settings: Settings, place: Place, *, record: Path | None, quiet: bool) -> CallReport:
    async with furnished(settings, sound=place.has_sound) as (house, _):
        if house.voice is not None:
            await speak_first(house.voice)
        watcher = Silent() if quiet else Transcript(console)
        recorder = StereoRecorder(record, place.rate_hz) if record is not None else None
        report = await Call(house, place, watcher=watcher, recorder=recorder).run()
        if recorder is not None and recorder.problem:
            console.print(f"the recording is not whole: {recorder.problem}", style="yellow")
        return report


async def _hold_typed(settings: Settings, *, quiet: bool) -> CallReport:
    return await _hold(settings, TextPlace(keyboard_lines()), record=None, quiet=quiet)


def _finish(report: CallReport, as_json: bool) -> None:
    if as_json:
        print_json(report.as_json())
    else:
        Transcript(console).ended(report)
    if report.problem:
        raise typer.Exit(ExitCode.FAILED)
