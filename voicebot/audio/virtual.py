"""A call on virtual time: the clock is a count of samples that moves only while somebody asks for the next event.

Such a call runs as fast as the machine can and is the same every time: a prompt takes exactly as long as its sound, a
caller answers exactly as late as written down, and a bot that needs a second to decode has not made anybody wait.
What the caller does is left to the place that builds on this one (`wav`, `scripted`).
"""

import asyncio
import math
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass

from voicebot.audio.place import (
    CallerHungUp,
    FrameHeard,
    KeyPressed,
    PlaceEvent,
    PromptFinished,
    Summary,
    check_prompt,
)
from voicebot.audio.sound import FRAME_S, SAMPLE_BYTES, Sound
from voicebot.audio.tones import ToneDetector

WORDS_PER_S = 2.5
"""How fast a prompt without sound goes by: 150 words a minute, the pace of a person who reads aloud."""


@dataclass(frozen=True, slots=True)
class _Prompt:
    prompt_id: int
    ticks: int


class VirtualPlace(ABC):
    """Base of places whose clock is counted; one tick is one sample.

    A subclass says when its caller does the next thing (`_caller_due`) and what that is (`_caller_acts`). With
    `in_band_keys`, keypad tones in the sound become `KeyPressed` and are taken out of the frames.
    """

    virtual_time = True
    can_transfer = False

    def __init__(self, rate_hz: int, *, has_sound: bool = True, in_band_keys: bool = False) -> None:
        self.rate_hz = rate_hz
        self.has_sound = has_sound
        self._now = 0
        self._prompts: deque[_Prompt] = deque()
        self._prompt_ends = 0
        self._facts: deque[PlaceEvent] = deque()
        self._detector = ToneDetector(rate_hz) if in_band_keys else None
        self._over = False
        self._changed = asyncio.Event()

    @abstractmethod
    def _caller_due(self) -> int | None:
        """The tick at which the caller does the next thing; None while nothing is coming."""

    @abstractmethod
    def _caller_acts(self) -> PlaceEvent | None:
        """What the caller does, now that the clock is at the tick given by `_caller_due`; None if nobody hears it."""

    async def open(self) -> None:  # noqa: B027 - a call in memory is always there
        """Nothing has to be taken: the call is in memory."""

    def now_s(self) -> float:
        return self._now / self.rate_hz

    async def next(self, until_s: float | None) -> PlaceEvent | None:
        # Nothing has changed before this line, so a call cancelled here has lost nothing; other tasks get their turn.
        await asyncio.sleep(0)
        until = None if until_s is None else self._tick_at(until_s)
        while not self._facts:
            if self._over:
                return None
            prompt_due = self._prompt_ends if self._prompts else None
            caller_due = self._caller_due()
            dues = [due for due in (prompt_due, caller_due, until) if due is not None]
            if not dues:
                self._changed.clear()
                await self._changed.wait()
                continue
            self._now = max(self._now, min(dues))
            # What the caller did up to now was done while the prompt still played: it comes first.
            if caller_due is not None and caller_due <= self._now:
                event = self._caller_acts()
                if isinstance(event, CallerHungUp):
                    self._end()
                elif event is not None:
                    self._facts.extend(self._heard(event))
            elif prompt_due is not None and prompt_due <= self._now:
                self._prompt_over(complete=True)
            else:
                return None
        return self._facts.popleft()

    def play(self, prompt_id: int, sound: Sound | None, text: str) -> None:
        if self._over:
            self._refuse(prompt_id)
            return
        check_prompt(self, prompt_id, sound)
        ticks = self._ticks(len(text.split()) / WORDS_PER_S if sound is None else sound.duration_s)
        if not self._prompts:
            self._prompt_ends = self._now + ticks
        self._prompts.append(_Prompt(prompt_id, ticks))
        self._changed.set()

    def stop(self) -> None:
        while self._prompts:
            self._prompt_over(complete=False)
        self._changed.set()

    @abstractmethod
    def expect(self, question: str | None) -> None: ...

    async def transfer(self, target: str, summary: Summary = ()) -> bool:
        del target, summary
        return False

    async def close(self) -> None:
        if not self._over:
            self._end()

    def _heard(self, event: PlaceEvent) -> list[PlaceEvent]:
        """What the bot's end makes of it: keypad tones in a frame become keys."""
        if self._detector is None or not isinstance(event, FrameHeard):
            return [event]
        sound, keys = self._detector.hear(event.sound)
        return [FrameHeard(sound, event.at_s), *(KeyPressed(key, event.at_s) for key in keys)]

    @property
    def _playing(self) -> bool:
        return bool(self._prompts)

    def _ticks(self, duration_s: float) -> int:
        return round(duration_s * self.rate_hz)

    @property
    def _frame_ticks(self) -> int:
        return self._ticks(FRAME_S)

    @property
    def _frame_bytes(self) -> int:
        return self._frame_ticks * SAMPLE_BYTES

    def _tick_at(self, at_s: float) -> int:
        """The first tick whose `now_s` is not before `at_s`, so that a wait until a deadline always reaches it."""
        tick = math.ceil(at_s * self.rate_hz)
        return tick if tick / self.rate_hz >= at_s else tick + 1

    def _prompt_over(self, *, complete: bool) -> None:
        prompt = self._prompts.popleft()
        self._facts.append(PromptFinished(prompt.prompt_id, complete, self.now_s()))
        if self._prompts:
            self._prompt_ends = self._now + self._prompts[0].ticks

    def _refuse(self, prompt_id: int) -> None:
        """Answer a prompt that came after the end, as long as the end itself has not been told."""
        if self._facts:
            self._facts.insert(len(self._facts) - 1, PromptFinished(prompt_id, complete=False, at_s=self.now_s()))

    def _end(self) -> None:
        self.stop()
        self._over = True
        self._facts.append(CallerHungUp(self.now_s()))
        self._changed.set()
