"""A call at this machine's microphone and loudspeaker, through PortAudio (`sounddevice`).

`sounddevice` is imported when a microphone is wanted and no earlier: without the PortAudio library the import itself
fails, and every other place must work on a machine without sound.
"""

import asyncio
import contextlib
import importlib
import threading
import time
from dataclasses import dataclass
from typing import Any

from voicebot.audio.live import LivePlace
from voicebot.audio.place import PlaceError
from voicebot.audio.sound import FRAME_S, SAMPLE_BYTES, Sound

ECHO_TAIL_S = 0.2
"""How long a room goes on sounding after the loudspeaker; a half-duplex microphone stays closed for it."""

BUFFER_S = 0.06
"""Three frames: what a busy machine may be late without a crack in the sound."""

RUNS_WITHIN_S = 5.0
"""A device that moves no sound for this long after it was opened never will. Sound servers need up to 2 s."""

_PRIMING_FRAMES = 3
"""A loudspeaker's stream asks for some frames at once to fill its buffer; only the next one shows that it plays."""

_INSTEAD = "or call without one: run_bot.py text, run_bot.py wav FILE"

_REFUSALS = {
    -9985: "is in use by another program; close that one",
    -9996: "cannot be used for this; choose another one",
    -9997: "does not take this sample rate; choose the device of the sound server (pulse or default)",
    -9998: "has no channel in this direction; choose another one",
}
"""What to do, by error number (portaudio.h, PaErrorCode)."""


@dataclass(frozen=True, slots=True)
class Device:
    """A sound device as PortAudio lists it; `name` or `index` is what `MicrophonePlace` takes."""

    index: int
    name: str
    inputs: int
    outputs: int
    is_default_input: bool
    is_default_output: bool


def list_devices() -> tuple[Device, ...]:
    """All sound devices of this machine; empty where it has none.

    Raises:
        PlaceError: when there is no sound library.
    """
    library = _library()
    default_input, default_output = library.default.device
    return tuple(
        Device(
            index,
            entry["name"],
            entry["max_input_channels"],
            entry["max_output_channels"],
            index == default_input,
            index == default_output,
        )
        for index, entry in enumerate(library.query_devices())
    )


def check_devices(
    input_device: str | int | None = None, output_device: str | int | None = None, *, rate_hz: int = 16_000
) -> None:
    """Find out whether a call could be held here, without opening anything.

    Raises:
        PlaceError: when it could not; its text says why and what to do.
    """
    library = _library()
    for device, kind, check in (
        (input_device, "input", library.check_input_settings),
        (output_device, "output", library.check_output_settings),
    ):
        try:
            library.query_devices(device, kind)
            check(device=device, channels=1, dtype="int16", samplerate=rate_hz)
        except (ValueError, library.PortAudioError) as error:
            raise _explained(error, device, kind) from None


class MicrophonePlace(LivePlace):
    """One call at the microphone.

    Args:
        input_device: name, part of a name, or index of the microphone; None is the system's choice.
        output_device: the same for the loudspeaker.
        rate_hz: rate of the frames.
        half_duplex: hear silence while a prompt plays, so that the bot does not answer itself through the loudspeaker.
            Give False to a caller with a headset, who may then interrupt prompts.
    """

    def __init__(
        self,
        input_device: str | int | None = None,
        output_device: str | int | None = None,
        *,
        rate_hz: int = 16_000,
        half_duplex: bool = True,
    ) -> None:
        super().__init__(rate_hz)
        self._input_device = input_device
        self._output_device = output_device
        self._half_duplex = half_duplex
        self._streams: list[Any] = []
        self._runs = asyncio.Event()
        self._frames_taken = 0
        self._frames_filled = 0
        self._deaf_until_s = 0.0
        # The device's thread and the event loop share what follows.
        self._lock = threading.Lock()
        self._playing_id: int | None = None
        self._playing = b""
        self._played_bytes = 0

    async def open(self) -> None:
        await super().open()
        try:
            await asyncio.to_thread(self._open_streams)
            async with asyncio.timeout(RUNS_WITHIN_S):
                await self._runs.wait()
        except TimeoutError:
            await asyncio.to_thread(self._close_streams)
            raise PlaceError(
                f"the {self._stuck()} was opened and does nothing; check that it is plugged in and not taken by "
                f"another program, {_INSTEAD}"
            ) from None
        except BaseException:
            await asyncio.to_thread(self._close_streams)
            raise
        self._began_s = time.monotonic()

    async def close(self) -> None:
        await super().close()
        await asyncio.to_thread(self._close_streams)

    def _open_streams(self) -> None:
        check_devices(self._input_device, self._output_device, rate_hz=self.rate_hz)
        library = _library()
        shared = {
            "samplerate": self.rate_hz,
            "blocksize": round(FRAME_S * self.rate_hz),
            "channels": 1,
            "dtype": "int16",
            "latency": BUFFER_S,
            # The only sign of a device that went away: its callbacks stop, and this one comes.
            "finished_callback": lambda: self._soon(self._end),
        }
        for device, kind, stream, callback in (
            (self._output_device, "output", library.RawOutputStream, self._fill),
            (self._input_device, "input", library.RawInputStream, self._take),
        ):
            try:
                self._streams.append(stream(device=device, callback=callback, **shared))
                self._streams[-1].start()
            except library.PortAudioError as error:
                raise _explained(error, device, kind) from None

    def _close_streams(self) -> None:
        for stream in self._streams:
            with contextlib.suppress(_library().PortAudioError):  # a device that is gone cannot be given back
                stream.close()
        self._streams.clear()

    def _take(self, data: Any, frames: int, times: Any, status: Any) -> None:
        """The microphone has a frame (on PortAudio's thread)."""
        del times, status
        at_s = self.now_s()
        pcm = bytes(2 * frames) if self._half_duplex and at_s < self._deaf_until_s else bytes(data)
        self._frames_taken += 1
        if self._runs.is_set():
            self._soon(self._heard, Sound(pcm, self.rate_hz), at_s)
        else:
            self._soon(self._check_running)

    def _check_running(self) -> None:
        if self._frames_taken and self._frames_filled > _PRIMING_FRAMES:
            self._runs.set()

    def _stuck(self) -> str:
        if not self._frames_taken:
            return f"microphone {_named(self._input_device)}".rstrip()
        return f"loudspeaker {_named(self._output_device)}".rstrip()

    def _fill(self, out: Any, frames: int, times: Any, status: Any) -> None:
        """The loudspeaker wants a frame (on PortAudio's thread)."""
        del status
        size = frames * SAMPLE_BYTES
        with self._lock:
            prompt_id = self._playing_id
            chunk = self._playing[self._played_bytes : self._played_bytes + size] if prompt_id is not None else b""
            self._played_bytes += len(chunk)
            over = prompt_id is not None and self._played_bytes >= len(self._playing)
            if over:
                self._playing_id = None
        out[:] = chunk.ljust(size, b"\0")
        self._frames_filled += 1
        if prompt_id is None:
            return
        # Some hosts do not say when a frame will be heard; the stream's own figure is near enough.
        ahead_s = max(0.0, times.outputBufferDacTime - times.currentTime) or self._streams[0].latency
        heard_in_s = ahead_s + len(chunk) / SAMPLE_BYTES / self.rate_hz
        self._deaf_until_s = self.now_s() + heard_in_s + ECHO_TAIL_S
        if over:
            self._soon(self._over_in, prompt_id, heard_in_s)

    def _over_in(self, prompt_id: int, heard_in_s: float) -> None:
        asyncio.get_running_loop().call_later(heard_in_s, self._prompt_over, prompt_id)

    def _start(self, prompt_id: int, sound: Sound | None) -> None:
        with self._lock:
            self._playing_id = prompt_id
            self._playing = b"" if sound is None else sound.pcm
            self._played_bytes = 0

    def _silence(self) -> None:
        with self._lock:
            self._playing_id = None


def _library() -> Any:
    """The `sounddevice` module, which brings PortAudio up when it is first imported."""
    try:
        return importlib.import_module("sounddevice")
    except ImportError:
        raise PlaceError(f"the package sounddevice is missing: pip install sounddevice, {_INSTEAD}") from None
    except OSError as error:
        raise PlaceError(f"there is no sound library ({error}): apt-get install libportaudio2, {_INSTEAD}") from None


def _explained(error: Exception, device: str | int | None, kind: str) -> PlaceError:
    thing = "microphone" if kind == "input" else "loudspeaker"
    if isinstance(error, ValueError):  # no device, or several, of that name
        known = "; ".join(
            f"{entry.index} {entry.name}"
            for entry in list_devices()
            if (entry.inputs if kind == "input" else entry.outputs)
        )
        many = " is the name of several devices" if "Multiple" in str(error) else " was not found"
        return PlaceError(f"the {thing} {_named(device)}{many.strip()}; give one of: {known or 'none is there'}")
    code = error.args[1] if len(error.args) > 1 else 0
    if device is None and code in {0, -9996}:
        return PlaceError(f"this machine has no {thing} ({error.args[0]}); plug one in, {_INSTEAD}")
    refusal = _REFUSALS.get(code, "cannot be opened; check it with the system's own sound settings")
    return PlaceError(f"the {thing} {_named(device)}{refusal}, {_INSTEAD} ({error.args[0]})")


def _named(device: str | int | None) -> str:
    return "" if device is None else f"{device!r} "
