"""Whether a process should be given calls: each part that a call needs is asked, and none may hang the answer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from voicebot.call import House
from voicebot.ledger import LedgerError
from voicebot.speech import VoiceError

CHECK_WITHIN_S = 5.0

Look: TypeAlias = Callable[[], Awaitable[str]]
"""Looks at one part; an empty text when it is well, else what is wrong."""


@dataclass(frozen=True, slots=True)
class Check:
    """What was found: `problem` is empty when all is well."""

    name: str
    problem: str


class Readiness:
    """Asks every part. Taking calls begins with `open` and is over with `drain`."""

    def __init__(self, looks: Mapping[str, Look]) -> None:
        self._looks = looks
        self._state = "not yet listening"

    def open(self) -> None:
        """Calls can come in."""
        self._state = ""

    def drain(self) -> None:
        """No new calls are taken."""
        self._state = "draining"

    async def checks(self) -> tuple[Check, ...]:
        """Every part's state, the line's first."""
        found = await asyncio.gather(*(_looked(name, look) for name, look in self._looks.items()))
        return (Check("line", self._state), *found)


async def _looked(name: str, look: Look) -> Check:
    try:
        async with asyncio.timeout(CHECK_WITHIN_S):
            return Check(name, await look())
    except TimeoutError:
        return Check(name, f"no answer in {CHECK_WITHIN_S:.0f} s")


def house_checks(house: House) -> dict[str, Look]:
    """What a call needs of its house: model, voice, ledger, and an API that is not taken to be down."""

    async def model() -> str:
        return "" if house.recognizer is not None else "not loaded"

    async def voice() -> str:
        if house.voice is None:
            return "none"
        try:
            await house.voice.say("ready", cacheable=False)
        except VoiceError as problem:
            return type(problem).__name__
        return ""

    async def ledger() -> str:
        try:
            await asyncio.to_thread(house.ledger.counts)
        except LedgerError as problem:
            return type(problem).__name__
        return ""

    async def payments() -> str:
        return "" if house.payments.available else "taken to be down after several failures"

    return {"model": model, "voice": voice, "ledger": ledger, "payments": payments}
