"""A call by keyboard: `run_bot.py text`, for a machine without sound and for trying out a conversation in silence."""

import asyncio
import contextlib
import sys
import threading
from collections.abc import AsyncIterator, Callable
from typing import TextIO

from voicebot.audio.live import LivePlace
from voicebot.audio.sound import Sound

HANG_UP = "/hangup"

KEY_GAP_S = 0.2
"""A line comes all at once; its keys are told as a person presses them."""

_KEYPAD = frozenset("0123456789*#")


class TextPlace(LivePlace):
    """One call typed in lines: digits, `*` and `#` alone are keys of the keypad, anything else is what the caller says.

    An empty line is silence: the clock runs until the bot has waited long enough. The end of the input, or a line
    `/hangup`, is the caller hanging up. One line answers one question: the next one waits until the bot listens again,
    so that answers may be typed ahead or come from a pipe.

    Args:
        lines: the caller's lines, without their newlines; `keyboard_lines()` reads those of a terminal.
        show: told the text of each prompt; None where a transcript shows it already.
        patient: the clock stands still while the bot listens and nothing has been typed yet, so that nobody is
            asked again for typing slowly. Once a line came, deadlines run as on any other place.
    """

    def __init__(
        self,
        lines: AsyncIterator[str],
        *,
        show: Callable[[str], None] | None = None,
        patient: bool = True,
    ) -> None:
        super().__init__(rate_hz=16_000, has_sound=False)
        self._lines = lines
        self._show = show
        self._patient = patient
        self._stood_still_s = 0.0
        self._still_since_s: float | None = None
        self._asked = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None

    async def open(self) -> None:
        await super().open()
        self._reading = asyncio.create_task(self._read())

    def now_s(self) -> float:
        running_s = super().now_s() if self._still_since_s is None else self._still_since_s
        return running_s - self._stood_still_s

    def play(self, prompt_id: int, sound: Sound | None, text: str) -> None:
        if self._show is not None and not self._over:
            self._show(text)
        super().play(prompt_id, sound, text)

    def expect(self, question: str | None) -> None:
        self._clock_runs()
        if question is None or self._over:
            self._asked.clear()
            return
        self._asked.set()
        if self._patient:
            self._still_since_s = super().now_s()

    async def close(self) -> None:
        await super().close()
        if self._reading is not None:
            self._reading.cancel()

    def _start(self, prompt_id: int, sound: Sound | None) -> None:
        del sound
        self._prompt_over(prompt_id)

    def _silence(self) -> None:
        """A line once shown cannot be taken back."""

    def _remaining_s(self, until_s: float | None) -> float | None:
        remaining_s = super()._remaining_s(until_s)
        still = self._still_since_s is not None
        return None if still and remaining_s is not None and remaining_s > 0 else remaining_s

    def _clock_runs(self) -> None:
        if self._still_since_s is not None:
            self._stood_still_s += super().now_s() - self._still_since_s
            self._still_since_s = None
            self._arrived.set()  # who waits now has a deadline again

    async def _read(self) -> None:
        try:
            async for line in self._lines:
                said = " ".join(line.lower().split())
                await self._asked.wait()
                if said == HANG_UP:
                    return
                self._asked.clear()
                self._clock_runs()
                if said:
                    self._answer(said)
            await self._asked.wait()
        finally:
            self._end()

    def _answer(self, said: str) -> None:
        keys = said.replace(" ", "")
        if _KEYPAD.issuperset(keys):
            self._pressed(keys[0])
            for key in keys[1:]:
                self._pressed(key, max(self.now_s(), self._last_s + KEY_GAP_S))
        else:
            self._typed(said)


async def keyboard_lines(stream: TextIO | None = None) -> AsyncIterator[str]:
    """Lines of a terminal or pipe (standard input by default), without blocking the event loop.

    They are read in a daemon thread: a read of the keyboard cannot be interrupted, and must not keep a program
    from ending. What is not text ends them.
    """
    source = sys.stdin if stream is None else stream
    loop = asyncio.get_running_loop()
    arrived: asyncio.Queue[str | None] = asyncio.Queue()

    def tell(line: str | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the call is long over
            loop.call_soon_threadsafe(arrived.put_nowait, line)

    def read() -> None:
        with contextlib.suppress(ValueError):  # closed under our feet, or bytes that are not text
            for line in source:
                tell(line.rstrip("\r\n"))
        tell(None)

    threading.Thread(target=read, name="keyboard", daemon=True).start()
    while (line := await arrived.get()) is not None:
        yield line
