"""A caller who follows a script, on virtual time: says, presses, keeps silent or hangs up, question by question."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from voicebot.audio.place import CallerHungUp, FrameHeard, KeyPressed, PlaceEvent, Summary, TextTyped
from voicebot.audio.sound import Sound
from voicebot.audio.tones import key_tones
from voicebot.audio.virtual import VirtualPlace

THINK_S = 0.3
"""From the end of a question to the caller's answer: about the usual gap between turns of a conversation."""

KEY_GAP_S = 0.2
"""Between two keys of one answer: a practised finger."""

KEYS = frozenset("0123456789*#")


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing that a scripted caller does when asked `question`; exactly one of the five ways is given.

    Attributes:
        question: the name given to `expect`.
        sound: speech, at any rate.
        keys: keypad keys, `0-9*#`.
        text: words, for a call without sound.
        silence_s: says nothing for this long; if the bot still listens then, the next turn for the question follows.
        hang_up: puts the phone down.
        think_s: how long the caller waits before that.
        interrupts: does not wait for the prompt to end (barge-in); `think_s` then counts from when the bot listens.
    """

    question: str
    sound: Sound | None = None
    keys: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    silence_s: float | None = None
    hang_up: bool = False
    think_s: float = THINK_S
    interrupts: bool = False

    def __post_init__(self) -> None:
        ways = (self.sound is not None, self.keys != "", self.text != "", self.silence_s is not None, self.hang_up)
        if sum(ways) != 1:
            raise ValueError(
                f"the turn for {self.question!r} needs exactly one of: sound, keys, text, silence_s, hang_up"
            )
        if not KEYS.issuperset(self.keys):
            raise ValueError(f"the turn for {self.question!r} may press only the keys 0 to 9, * and #")
        if self.think_s < 0 or (self.silence_s or 0) < 0:
            raise ValueError(f"the turn for {self.question!r} has a negative time")


class ScriptedPlace(VirtualPlace):
    """One call from a caller who follows `turns`.

    Turns for one question are used in the order given, one each time that the bot listens for it; to a question
    without a turn left the caller says nothing. What the bot does not wait for is not said: a turn ends with its
    question. With `has_sound=False` the caller types (`TextTyped`) and no frames come; with `keys_as_tones` keys are
    heard as sound, as on a line that has no events for them, and found there.

    Attributes:
        transferred_to: the target of the last `transfer`, None before.
        summary: what the operator was told at that.
    """

    def __init__(
        self,
        turns: Sequence[Turn],
        *,
        rate_hz: int = 16_000,
        has_sound: bool = True,
        keys_as_tones: bool = False,
        can_transfer: bool = True,
    ) -> None:
        super().__init__(rate_hz, has_sound=has_sound, in_band_keys=keys_as_tones)
        self.can_transfer = can_transfer
        self.transferred_to: str | None = None
        self.summary: Summary = ()
        self._turns = deque(turns)
        for turn in turns:
            if not has_sound and turn.sound is not None:
                raise ValueError(f"the turn for {turn.question!r} has sound, but this call is text only")
            if has_sound and turn.text:
                raise ValueError(f"the turn for {turn.question!r} has text, but this call is spoken; give its sound")
        self._question: str | None = None
        self._turn: Turn | None = None
        self._turn_due: int | None = None
        self._keys: deque[str] = deque()
        self._key_due = 0
        self._speech: deque[Sound] = deque()
        self._frame_due: int | None = None

    @property
    def turns_left(self) -> tuple[Turn, ...]:
        """The turns that no question has come for yet; a test may want none to be left."""
        return tuple(self._turns)

    def expect(self, question: str | None) -> None:
        self._question = question
        self._keys.clear()
        self._speech.clear()
        self._frame_due = self._now + self._frame_ticks if question is not None and self.has_sound else None
        self._take_turn()
        self._changed.set()

    async def transfer(self, target: str, summary: Summary = ()) -> bool:
        self.transferred_to, self.summary = target, summary
        return self.can_transfer

    def _take_turn(self) -> None:
        """Take the first turn left for the question that is being asked."""
        self._turn_due = None
        self._turn = next((turn for turn in self._turns if turn.question == self._question), None)
        if self._turn is not None:
            self._turns.remove(self._turn)

    def _caller_due(self) -> int | None:
        self._plan()
        key_due = self._key_due if self._keys else None
        return min((due for due in (self._turn_due, key_due, self._frame_due) if due is not None), default=None)

    def _plan(self) -> None:
        """Set when the turn begins: once the prompt is over, and anew when another prompt came before that."""
        if self._turn is None or (self._playing and not self._turn.interrupts):
            self._turn_due = None
        elif self._turn_due is None:
            wait_s = self._turn.think_s if self._turn.silence_s is None else self._turn.silence_s
            self._turn_due = self._now + self._ticks(wait_s)

    def _caller_acts(self) -> PlaceEvent | None:
        if self._frame_due is not None and self._frame_due <= self._now:
            self._frame_due = self._now + self._frame_ticks
            frame = self._speech.popleft() if self._speech else Sound(bytes(self._frame_bytes), self.rate_hz)
            return FrameHeard(frame, self.now_s())
        if self._keys and self._key_due <= self._now:
            self._key_due = self._now + self._ticks(KEY_GAP_S)
            return KeyPressed(self._keys.popleft(), self.now_s())
        return None if self._turn is None else self._begin(self._turn)

    def _begin(self, turn: Turn) -> PlaceEvent | None:
        """Begin a turn; None where what it does comes later: speech frame by frame, keys one by one."""
        if turn.silence_s is not None:
            self._take_turn()
            return None
        self._turn = None
        if turn.hang_up:
            return CallerHungUp(self.now_s())
        if turn.text:
            return TextTyped(turn.text.lower(), self.now_s())
        if turn.sound is not None:
            self._speech.extend(turn.sound.resampled(self.rate_hz).frames())
        if self._detector is not None:
            tones = key_tones(turn.keys, self.rate_hz, on_s=KEY_GAP_S / 2, off_s=KEY_GAP_S / 2)
            self._speech.extend(tones.frames())
        else:
            self._keys.extend(turn.keys)
            self._key_due = self._now
        return None
