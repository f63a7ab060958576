"""A call on real time: an inbox for what lines, devices and people do, from any thread.

Base of the places whose clock is the one on the wall (`text`, `microphone`, telephone lines). It keeps the promises of
`place.py` about prompts and the end of a call, so that a new place only has to move sound.
"""

import asyncio
import contextlib
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import ParamSpec

from voicebot.audio.place import (
    CallerHungUp,
    FrameHeard,
    KeyPressed,
    PlaceEvent,
    PromptFinished,
    Summary,
    TextTyped,
    check_prompt,
)
from voicebot.audio.sound import FRAME_S, Sound
from voicebot.audio.tones import ToneDetector

_Arguments = ParamSpec("_Arguments")


class LivePlace(ABC):
    """Base of real-time places.

    A subclass tells what happened by `_heard`, `_pressed`, `_typed`, `_prompt_over` and `_end`, on the event loop (from
    another thread by `self._soon(self._heard, sound, at_s)`), and plays sound in `_start` and `_silence`. With
    `in_band_keys`, keypad tones in the sound become `KeyPressed` and are taken out of the frames.
    """

    virtual_time = False
    can_transfer = False
    frames_heard = 0
    """Frames of the caller that came, 20 ms each."""
    frames_late = 0
    """Those that came more than 20 ms later than they should have after the ones before."""

    def __init__(self, rate_hz: int, *, has_sound: bool = True, in_band_keys: bool = False) -> None:
        self.rate_hz = rate_hz
        self.has_sound = has_sound
        self._began_s = time.monotonic()
        self._last_s = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._inbox: deque[PlaceEvent] = deque()
        self._arrived = asyncio.Event()
        self._prompts: deque[tuple[int, Sound | None]] = deque()
        self._detector = ToneDetector(rate_hz) if in_band_keys else None
        self._over = False
        self._last_frame_s: float | None = None

    @abstractmethod
    def _start(self, prompt_id: int, sound: Sound | None) -> None:
        """Begin to play one prompt; `_prompt_over(prompt_id)` when its last sample was heard."""

    @abstractmethod
    def _silence(self) -> None:
        """Play nothing from now on; the prompt that was playing needs no `_prompt_over`."""

    async def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._began_s = time.monotonic()

    def now_s(self) -> float:
        return time.monotonic() - self._began_s

    async def next(self, until_s: float | None) -> PlaceEvent | None:
        while not self._inbox:
            remaining_s = self._remaining_s(until_s)
            if self._over or (remaining_s is not None and remaining_s <= 0):
                return None
            self._arrived.clear()
            try:
                async with asyncio.timeout(remaining_s):
                    await self._arrived.wait()
            except TimeoutError:
                continue
        return self._inbox.popleft()

    def _remaining_s(self, until_s: float | None) -> float | None:
        """How long to wait for an event; None for as long as it takes."""
        return None if until_s is None else until_s - self.now_s()

    def play(self, prompt_id: int, sound: Sound | None, text: str) -> None:
        del text
        if self._over:
            self._refuse(prompt_id)
            return
        check_prompt(self, prompt_id, sound)
        self._prompts.append((prompt_id, sound))
        if len(self._prompts) == 1:
            self._start(prompt_id, sound)

    def stop(self) -> None:
        if self._prompts:
            self._silence()
        while self._prompts:
            prompt_id, _ = self._prompts.popleft()
            self._put(PromptFinished(prompt_id, complete=False, at_s=self._stamp()))

    def expect(self, question: str | None) -> None:  # noqa: B027 - for most places there is nothing to do
        """Real callers know by themselves when to speak."""

    async def transfer(self, target: str, summary: Summary = ()) -> bool:
        del target, summary
        return False

    async def close(self) -> None:
        self._end()

    def _soon(
        self,
        tell: Callable[_Arguments, None],
        *args: _Arguments.args,
        **kwargs: _Arguments.kwargs,
    ) -> None:
        """Call `tell` on the event loop; for threads that do not belong to it. After the loop's end nobody is told."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(lambda: tell(*args, **kwargs))

    def _heard(self, sound: Sound, at_s: float) -> None:
        if self._over:
            return
        frames = round(sound.duration_s / FRAME_S)
        self.frames_heard += frames
        if self._last_frame_s is not None and at_s - self._last_frame_s > sound.duration_s + FRAME_S:
            self.frames_late += frames
        self._last_frame_s = at_s
        sound, keys = self._detector.hear(sound) if self._detector is not None else (sound, "")
        self._put(FrameHeard(sound, self._stamp(at_s)))
        for key in keys:
            self._pressed(key, at_s)

    def _pressed(self, key: str, at_s: float | None = None) -> None:
        """A key, pressed at `at_s`; now, if that is not said. Threads say it, as the event loop may be late."""
        if not self._over:
            self._put(KeyPressed(key, self._stamp(at_s)))

    def _typed(self, text: str) -> None:
        if not self._over:
            self._put(TextTyped(text, self._stamp()))

    def _prompt_over(self, prompt_id: int) -> None:
        """The prompt was heard to its end. One that was stopped meanwhile is no longer there, and nothing is told."""
        if not self._prompts or self._prompts[0][0] != prompt_id:
            return
        self._prompts.popleft()
        self._put(PromptFinished(prompt_id, complete=True, at_s=self._stamp()))
        if self._prompts:
            self._start(*self._prompts[0])

    def _end(self) -> None:
        if self._over:
            return
        self.stop()
        self._over = True
        self._put(CallerHungUp(self._stamp()))

    def _refuse(self, prompt_id: int) -> None:
        """Answer a prompt that came after the end, as long as the end itself has not been told."""
        if self._inbox:
            end = self._inbox.pop()
            self._inbox.extend((PromptFinished(prompt_id, complete=False, at_s=end.at_s), end))

    def _stamp(self, at_s: float | None = None) -> float:
        """The time of an event, never before that of the last one: threads report in their own order."""
        self._last_s = max(self._last_s, self.now_s() if at_s is None else at_s)
        return self._last_s

    def _put(self, event: PlaceEvent) -> None:
        self._inbox.append(event)
        self._arrived.set()
