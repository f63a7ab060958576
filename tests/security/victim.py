"""A bot that is told everything and watched in every way: run as a process of its own by the tests.

Whatever could be switched on to make it talk is on: the log of every library at DEBUG, asyncio's debug mode, tracebacks
with all local variables as an error tracker writes them, a recording, a dump of all threads. What it writes goes below
its folder. The caller's keys come one by one through a pipe, so that no number ever enters it as a whole from outside.
"""

import asyncio
import contextlib
import faulthandler
import gc
import json
import logging
import os
import sys
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog
from pydantic import SecretStr

from bench.bills import BillsThatStay
from tests.security.leaking import leak
from voicebot.audio import ScriptedPlace, StereoRecorder, key_tones
from voicebot.call import Call, Cashier, House, Silent
from voicebot.capture import Answer, Sensitive, Value
from voicebot.cli.furnish import furnished, voice_for
from voicebot.dialog import Line as Sentence
from voicebot.dialog import Turn
from voicebot.dialog import actions as do
from voicebot.dialog import events as on
from voicebot.payments import CardTender, ECheckTender
from voicebot.settings import PaymentSettings, Settings

RATE_HZ = 8000
THINK_S = 0.3
WRAPPED = (Sensitive, SecretStr, CardTender, ECheckTender, Answer, Value, do.Pay, on.KeyPressed)
"""Types whose instances carry what a caller gave; after a call none may live that did not live before."""


class Wire:
    """The pipe to whoever plays the caller: our standard input and output, before those become files."""

    def __init__(self) -> None:
        self._in, self._out = os.dup(0), os.dup(1)

    def tell(self, *words: str) -> None:
        os.write(self._out, " ".join(words).encode() + b"\n")

    def key(self) -> str:
        """The next key; empty at the end of an answer."""
        return os.read(self._in, 1).decode().strip()

    def order(self) -> str:
        """A whole line: what to do next."""
        letters = bytearray()
        while (letter := os.read(self._in, 1)) not in {b"\n", b""}:
            letters += letter
        return letters.decode()


class AskedPlace(ScriptedPlace):
    """A caller who is asked, key by key, what they answer."""

    def __init__(self, wire: Wire, *, has_sound: bool) -> None:
        super().__init__((), rate_hz=RATE_HZ, has_sound=has_sound, keys_as_tones=has_sound, can_transfer=False)
        self._wire = wire

    def expect(self, question: str | None) -> None:
        super().expect(question)
        if question is None:
            return
        self._wire.tell("asked", question)
        while key := self._wire.key():
            if self.has_sound:
                self._speech.extend(key_tones(key, RATE_HZ).frames())
            else:
                self._keys.append(key)
        self._key_due = self._now + self._ticks(THINK_S)


class Told(Silent):
    """A transcript on standard output, as a console has it."""

    def said(self, line: Sentence, at_s: float) -> None:
        sys.stdout.write(f"{at_s:.1f} {line.spoken} {line.shown}\n")

    def turned(self, turn: Turn, at_s: float) -> None:
        sys.stdout.write(f"{at_s:.1f} {turn}\n")


def living() -> Counter[str]:
    """How many instances of each wrapped type there are."""
    gc.collect()
    return Counter(type(thing).__name__ for thing in gc.get_objects() if issubclass(type(thing), WRAPPED))


def _broken(name: str, arguments: object) -> None:
    raise RuntimeError(f"{name} failed: {arguments}")


@contextlib.contextmanager
def _failing(name: str, folder: Path) -> Iterator[None]:
    """A step with the cart that fails with everything at hand, and an error tracker that writes all of it down."""
    method = getattr(Cashier, name)

    async def fail(*arguments: Any) -> Any:
        try:
            return _broken(name, arguments)
        except RuntimeError as failure:
            told = traceback.TracebackException.from_exception(failure, capture_locals=True)
            stack = traceback.StackSummary.extract(traceback.walk_stack(None), capture_locals=True)
            (folder / f"traceback-{name}.txt").write_text("".join([*told.format(), *stack.format()]), "utf-8")
            with (folder / "threads.txt").open("w") as file:
                faulthandler.dump_traceback(file)
            raise

    setattr(Cashier, name, fail)
    try:
        yield
    finally:
        setattr(Cashier, name, method)


async def hold_calls(folder: Path, wire: Wire, settings: Settings) -> None:
    async with furnished(settings, sound=False) as (furniture, _), _voiced(furniture, settings) as voiced:
        bills = BillsThatStay(furniture.billing)
        house, sounding = replace(furniture, billing=bills), replace(voiced, billing=bills)
        before: Counter[str] | None = None
        number = 0
        while (order := wire.order()) not in {"end", ""}:
            number += 1
            if order.startswith("leaks "):
                leak(folder, order.removeprefix("leaks "))
                continue
            sound = order == "sound"
            with _failing(order.removeprefix("fails "), folder) if "fails" in order else contextlib.nullcontext():
                await _hold(sounding if sound else house, folder, wire, number, sound=sound)
            after = living()
            wire.tell("over", json.dumps({name: after[name] - before[name] for name in after} if before else {}))
            before = before or after


async def _hold(house: House, folder: Path, wire: Wire, number: int, *, sound: bool) -> None:
    place = AskedPlace(wire, has_sound=sound)
    recorder = StereoRecorder(folder / f"call-{number}.wav", RATE_HZ) if sound else None
    report = await Call(house, place, watcher=Told(), recorder=recorder).run()
    sys.stdout.write(json.dumps(report.as_json()) + "\n")


@contextlib.asynccontextmanager
async def _voiced(house: House, settings: Settings) -> AsyncIterator[House]:
    voice = voice_for(settings)
    try:
        yield replace(house, voice=voice)
    finally:
        await voice.aclose()


def main(folder: Path, payments: PaymentSettings) -> None:
    wire = Wire()
    for number, name in ((1, "stdout.txt"), (2, "stderr.txt")):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
    faulthandler.enable()
    logging.basicConfig(level=logging.DEBUG, filename=folder / "libraries.log")
    logging.getLogger("sqlalchemy").setLevel(logging.DEBUG)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    settings = Settings(database=f"sqlite:///{folder}/voicebot.sqlite3", payments=payments)
    speech = settings.speech.model_copy(update={"prompt_cache": folder / "prompts"})
    asyncio.run(hold_calls(folder, wire, settings.model_copy(update={"speech": speech})), debug=True)
    (folder / "environ").write_bytes(Path("/proc/self/environ").read_bytes())
    (folder / "cmdline").write_bytes(Path("/proc/self/cmdline").read_bytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]), PaymentSettings.model_validate_json(sys.argv[2]))
