"""A caller's common sense, added to the script: who has heard that the bill is paid does not pay it again."""

from collections import deque
from collections.abc import Sequence

from bench.torture.claims import payment_told
from voicebot.audio import ScriptedPlace, Sound, Turn
from voicebot.dialog import QUESTIONS

_CONTENT = tuple(
    Turn(name, keys="2") if name == "repeat_confirmation" else Turn(name, hang_up=True) for name in QUESTIONS
)


class Person(ScriptedPlace):
    """A scripted caller who listens to what is said about the money."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        super().__init__(turns, has_sound=False, can_transfer=False)

    def play(self, prompt_id: int, sound: Sound | None, text: str) -> None:
        if payment_told(text):
            self._turns = deque(_CONTENT)
        super().play(prompt_id, sound, text)
