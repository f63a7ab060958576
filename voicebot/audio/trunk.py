"""Where many calls come from: a SIP endpoint, a WebSocket server, a program that feeds calls in.

A trunk gives places, one for each caller that rings. It knows nothing of what is said on them: `call.Switchboard` takes
the places of any number of trunks and holds a call on each.
"""

from dataclasses import dataclass, field
from typing import Protocol

from voicebot.audio.place import Place


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """A caller who rings. `place.open` answers; `place.close` before it refuses.

    Attributes:
        place: where the call will happen.
        caller: who calls, as the line says. Anybody can claim any number: never a proof of who it is, and never logged
            whole (`masked_caller`).
        line: which of our lines rings: an account, a transport, a path.
    """

    place: Place
    caller: str = field(default="", repr=False)
    line: str = ""

    @property
    def masked_caller(self) -> str:
        """The last two characters of the caller's number or name, for the log and the console."""
        name = self.caller.removeprefix("sips:").removeprefix("sip:").partition("@")[0]
        last = "".join(
            each if each.isascii() and each.isalnum() else "?" for each in name[-2:]
        )  # it goes to a terminal
        return f"…{last}" if len(name) > len("00") else "unknown"


class Trunk(Protocol):
    """A source of calls, used by one event loop."""

    async def open(self) -> None:
        """Begin to take calls. Raises `PlaceError` when that is not possible, in words that say what to do."""

    async def next_call(self) -> IncomingCall | None:
        """Wait for the next caller; None when there will be no more (drained or closed)."""

    def drain(self) -> None:
        """Take no new calls from now on; those that are held go on."""

    async def close(self) -> None:
        """Hang up what is left and give the line back. May be called twice."""
