"""A caller's common sense, added to the script: who has heard that the bill is paid does not pay it again."""

import asyncio
from collections import deque
from collections.abc import Sequence

from bench.torture.claims import payment_told
from voicebot.audio import PlaceEvent, ScriptedPlace, Sound, Turn
from voicebot.dialog import QUESTIONS

_CONTENT = tuple(
    Turn(name, keys="2") if name == "repeat_confirmation" else Turn(name, hang_up=True) for name in QUESTIONS
)


class Person(ScriptedPlace):
    """A scripted caller who listens to what is said about the money.

    Args:
        turns: what they do.
        agrees_after: they say yes to the payment when this has happened.
    """

    def __init__(self, turns: Sequence[Turn], agrees_after: asyncio.Event | None = None) -> None:
        super().__init__(turns, has_sound=False, can_transfer=False)
        self._agrees_after = agrees_after

    async def next(self, deadline_s: float | None) -> PlaceEvent | None:
        """Wait, outside of the call's own time, before the last yes."""
        if self._agrees_after is not None and self._question == "confirm_payment":
            await self._agrees_after.wait()
        return await super().next(deadline_s)

    def play(self, prompt_id: int, sound: Sound | None, text: str) -> None:
        if payment_told(text):
            self._turns = deque(_CONTENT)
        super().play(prompt_id, sound, text)
