"""A place where calls happen: what a microphone, a file, a keyboard and a telephone line have in common.

A place is asked for the next thing that happened and told what to play. It owns the call's clock: on a real
line that is the clock on the wall, in a recorded call it is counted from samples, so that such a call runs as fast
as the machine can and ends the same way every time.

Rules, tested for every place by `tests/audio/contract.py`:

- `at_s` never goes back from one event to the next.
- Each `play` is answered by exactly one `PromptFinished` with its id, also when it was stopped or the call ended.
- Nothing follows `CallerHungUp`.
- `close` may be called at any time, twice too.
"""

from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from voicebot.audio.sound import Sound


@dataclass(frozen=True, slots=True)
class FrameHeard:
    """20 ms of the caller's sound, or a few times that. `at_s` is the time at its end."""

    sound: Sound
    at_s: float


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """One keypad key, 0 to 9, `*` or `#`; without a repr, as it may be a digit of a card."""

    key: str = field(repr=False)
    at_s: float


@dataclass(frozen=True, slots=True)
class TextTyped:
    """What a caller of a place without sound said, as lower-case words; without a repr for the same reason."""

    text: str = field(repr=False)
    at_s: float


@dataclass(frozen=True, slots=True)
class PromptFinished:
    """A prompt was played to its end, or was stopped (`complete` is False)."""

    prompt_id: int
    complete: bool
    at_s: float


@dataclass(frozen=True, slots=True)
class CallerHungUp:
    """The caller is gone. Always the last event of a place."""

    at_s: float


Summary: TypeAlias = tuple[tuple[str, str], ...]
"""(name, value) of what an operator may be told of a call; nothing sensitive."""

PlaceEvent: TypeAlias = FrameHeard | KeyPressed | TextTyped | PromptFinished | CallerHungUp


class Place(Protocol):
    """Where one call happens. Made for one call, used by one task.

    Attributes:
        rate_hz: rate of the frames that it gives, and that it wants prompts in.
        has_sound: False for text, where prompts need no synthesis and frames never come.
        virtual_time: True when the clock only moves by `next` (recorded and scripted calls); such a place waits for
            everybody and is never late.
        can_transfer: whether `transfer` can connect an operator.
    """

    rate_hz: int
    has_sound: bool
    virtual_time: bool
    can_transfer: bool

    async def open(self) -> None:
        """Take the line. Raises `PlaceError` when it cannot be had, in words that say what to do."""

    def now_s(self) -> float:
        """Seconds since the call began, on the place's own clock."""

    async def next(self, until_s: float | None) -> PlaceEvent | None:
        """Wait for the next event; None once the clock has reached `until_s`. May be cancelled and called again."""

    def play(self, prompt_id: int, sound: Sound | None, text: str) -> None:
        """Start a prompt. While one plays, the next waits behind it. `sound` is None where `has_sound` is False."""

    def stop(self) -> None:
        """Stop what plays and what waits behind it; each still gets its `PromptFinished`."""

    def expect(self, question: str | None) -> None:
        """The bot now listens for an answer to this question (None: it no longer listens).

        A recording runs only while the bot listens, a scripted caller answers by the question's name, a half-duplex
        microphone opens; other places may ignore it.
        """

    async def transfer(self, target: str, summary: Summary = ()) -> bool:
        """Hand the call to an operator, with what they may be told of it where the line can pass that on.

        Returns:
            False when it was refused. The call goes on until `close`.
        """

    async def close(self) -> None:
        """Hang up and give the line back."""


def check_prompt(place: Place, prompt_id: int, sound: Sound | None) -> None:
    """See that a prompt can be played here.

    Raises:
        ValueError: the place plays sound and it has none, or it has another rate.
    """
    if place.has_sound and sound is None:
        raise ValueError(f"prompt {prompt_id} has no sound, but this place plays sound")
    if sound is not None and sound.rate_hz != place.rate_hz:
        raise ValueError(
            f"prompt {prompt_id} is at {sound.rate_hz} Hz, this place plays {place.rate_hz} Hz; resample it"
        )


class PlaceError(Exception):
    """A place cannot be had; its text says why and what to do."""
