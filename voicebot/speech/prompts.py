"""The bot's voice: prompts as sound, kept where they may be kept.

Prompts that are the same in every call ("Please say your account number.") are kept in memory and, when a folder is
given, on disk under the hash of their text. Prompts that hold a caller's own words or amounts are marked
`cacheable=False`, are spoken afresh and leave no trace.
"""

import asyncio
import contextlib
import hashlib
import os
import tempfile
import wave
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from voicebot.audio.sound import SAMPLE_BYTES, Sound
from voicebot.speech.voices import Synthesizer, sayable

CACHE_VERSION = 3
"""Part of every hash; raise it when the same text is to sound otherwise."""

TAIL_S = 0.08
"""What is left of the silence behind a prompt. Voices put 0.3 s there, in which callers already answer."""

SILENT = 100
"""Samples up to this (of 32,768) are silence."""

CAREFUL_PACE = 0.95
"""Share of the voice's own rate at which is spoken what callers write down or agree to, or want repeated. An eCheck's
authorization comes to 181 words a minute, digits and sums counted as words: DECtalk's manual calls 180 best for
continuous text. Numbers to be written down have pauses too."""

MEMORY_BYTES = 16 * 1024 * 1024
"""Some six minutes of prompts at 22,050 Hz."""


class Voice:
    """Speaks for any number of calls, one prompt at a time.

    Args:
        synthesizer: best a `VoiceProcess`, which cannot hang.
        cache_folder: where cacheable prompts are kept between runs; nowhere when not given.
        careful_pace: share of the synthesizer's own rate at which careful prompts are spoken.
        memory_bytes: how much sound is kept in memory, least lately used out first.
    """

    def __init__(
        self,
        synthesizer: Synthesizer,
        *,
        cache_folder: Path | None = None,
        careful_pace: float = CAREFUL_PACE,
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        self._synthesizer = synthesizer
        self._folder = cache_folder
        self._careful_pace = careful_pace
        self._memory: OrderedDict[tuple[str, float, int], Sound] = OrderedDict()
        self._memory_limit = memory_bytes
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="voice")

    async def say(self, text: str, *, cacheable: bool, rate_hz: int | None = None, careful: bool = False) -> Sound:
        """Speak `text`.

        Args:
            text: what to say. Never a whole card, bank account or routing number, whatever `cacheable` is.
            cacheable: True only for wording that holds nothing of the caller's.
            rate_hz: the rate wanted; the voice's own when not given.
            careful: slower, as the listener writes it down or agrees to it.

        Raises:
            ValueError: there is nothing to say.
            VoiceError: the voice cannot speak; see `Synthesizer.speak`.
        """
        said = sayable(text)
        pace = self._careful_pace if careful else 1.0
        key = (said, pace, rate_hz or 0)
        if cacheable and key in self._memory:
            self._memory.move_to_end(key)
            return self._memory[key]
        loop = asyncio.get_running_loop()
        sound = await loop.run_in_executor(self._thread, self._speak, said, pace, cacheable, rate_hz)
        if cacheable:
            self._remember(key, sound)
        return sound

    async def aclose(self) -> None:
        """Stop speaking and end the synthesizer, if it can be ended. May be called twice."""
        await asyncio.to_thread(self._thread.shutdown, wait=True, cancel_futures=True)
        close = getattr(self._synthesizer, "close", None)
        if close is not None:
            close()

    def _speak(self, text: str, pace: float, cacheable: bool, rate_hz: int | None) -> Sound:  # noqa: FBT001 - run_in_executor passes no names
        path = self._folder / f"{self._hash(text, pace)}.wav" if cacheable and self._folder is not None else None
        sound = _load(path) if path is not None else None
        if sound is None:
            sound = without_tail(self._synthesizer.speak(text, pace))
            if path is not None:
                _store(sound, path)
        return sound.resampled(rate_hz) if rate_hz else sound

    def _hash(self, text: str, pace: float) -> str:
        parts = (str(CACHE_VERSION), self._synthesizer.name, str(pace), text)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def _remember(self, key: tuple[str, float, int], sound: Sound) -> None:
        self._memory[key] = sound
        self._memory.move_to_end(key)
        while len(self._memory) > 1 and sum(len(kept.pcm) for kept in self._memory.values()) > self._memory_limit:
            self._memory.popitem(last=False)


def without_tail(sound: Sound) -> Sound:
    """The sound without the silence behind it, but for `TAIL_S`; as it is where it is silent throughout."""
    loud = np.flatnonzero(np.abs(sound.samples.astype(np.int32)) > SILENT)
    if not loud.size:
        return sound
    end = int(loud[-1]) + 1 + round(TAIL_S * sound.rate_hz)
    return Sound(sound.pcm[: end * SAMPLE_BYTES], sound.rate_hz)


def _load(path: Path) -> Sound | None:
    """A kept prompt; None when there is none or it cannot be read, as it can be made again."""
    try:
        with wave.open(str(path), "rb") as file:
            if (file.getnchannels(), file.getsampwidth()) != (1, SAMPLE_BYTES):
                return None
            sound = Sound(file.readframes(file.getnframes()), file.getframerate())
            return sound if len(sound.pcm) == file.getnframes() * SAMPLE_BYTES else None
    except (OSError, EOFError, ValueError, wave.Error):
        return None


def _store(sound: Sound, path: Path) -> None:
    """Keep a prompt, whole or not at all; a full or read-only disk only means that it is made again."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, partial = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(descriptor, "wb") as target, wave.open(target, "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(SAMPLE_BYTES)
                file.setframerate(sound.rate_hz)
                file.writeframes(sound.pcm)
            Path(partial).replace(path)
        finally:
            Path(partial).unlink(missing_ok=True)
