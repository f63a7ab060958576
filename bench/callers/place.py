"""The caller's end of the line, on virtual time: what the bot plays is heard, and what the caller does is carried."""

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from bench.callers.caller import Act, Caller
from bench.callers.line import ECHO_S, FRAME, SPEECH_RMS, Samples, Telephone
from bench.callers.words import HangUp, Piece, Press, Say, Wait
from voicebot.audio import FRAME_S, CallerHungUp, FrameHeard, KeyPressed, PlaceEvent, Sound, Summary, VirtualPlace
from voicebot.audio.codec import TELEPHONE_HZ
from voicebot.dialog import Wording

KEY_GAP_S = 0.25
"""From one key to the next."""
REPEATS_S = 9.0
"""Silence after an answer that makes a caller say it again."""
SPOKEN_OVER_S = 2.5
"""The same for an answer that was given while the bot spoke."""
BEGINS_OVER_S = (0.8, 2.0)
"""How much of a prompt somebody hears who does not wait for its end."""

SHORTEST_SENTENCE = 12
"""Letters of a text, beside its values, by which a sentence is known again."""

COUGH_S = 0.18
COUGHS_AFTER_S = (0.5, 4.0)
"""How far into a prompt, or after it."""

READS_BACK = frozenset({"item_choice"})
"""Questions that nobody answers before they are over, beside those that read something back."""


@dataclass(frozen=True, slots=True)
class Span:
    """Something that lasted: a prompt, an utterance, a question. Times in seconds on the call's clock."""

    who: str
    what: str
    start_s: float
    end_s: float


@dataclass(slots=True)
class _Playing:
    text: str
    start: int
    sound: Sound | None


@dataclass(frozen=True, slots=True)
class _Frame:
    """20 ms of what the caller does. `begins` and `ends` say where a piece begins and ends."""

    sound: Samples | None = None
    key: str = ""
    hang_up: bool = False
    away: bool = False
    begins: str = ""
    ends: bool = False


@dataclass(slots=True)
class Tape:
    """Both voices of a call, for its picture; 8 kHz."""

    caller: list[tuple[int, Samples]] = field(default_factory=list)
    bot: list[tuple[int, Samples]] = field(default_factory=list)


class CallerPlace(VirtualPlace):
    """A place with somebody at the other end who reacts to what the bot says.

    Args:
        caller: decides what is done.
        speak: gives the sound of words, as it leaves this caller's mouth.
        line: carries it.
        names: finds the question that a sentence asks; see `question_finder`.
        rng: this caller's timing.
        hangs_up_s: when the telephone is put down, whatever happens.
        can_transfer: whether an operator is there.
        tape: takes both voices.
    """

    def __init__(
        self,
        caller: Caller,
        speak: Callable[[Say], Samples],
        line: Telephone,
        names: Callable[[str], str],
        rng: np.random.Generator,
        *,
        hangs_up_s: float | None = None,
        can_transfer: bool = True,
        tape: Tape | None = None,
    ) -> None:
        super().__init__(TELEPHONE_HZ)
        self.can_transfer = can_transfer
        self.spans: list[Span] = []
        self.transferred = False
        self.hung_up = False
        self._caller = caller
        self._speak = speak
        self._line = line
        self._names = names
        self._rng = rng
        self._hangs_up = None if hangs_up_s is None else self._ticks(hangs_up_s)
        self._tape = tape
        self._frame_due = FRAME
        self._mouth: deque[_Frame] = deque()
        self._saying = ""
        self._said_from = 0
        self._key = ""
        self._bot: deque[_Playing] = deque()
        self._question: str | None = None
        self._asked = 0
        self._begins: int | None = None
        self._answered = False
        self._coughs: int | None = None
        self._silent_since = 0
        self._will_speak_over = False
        self._spoke_over = False

    # What the bot does -----------------------------------------------------------------------------------------------

    def play(self, prompt_id: int, sound: Sound | None, text: str) -> None:
        super().play(prompt_id, sound, text)
        self._bot.append(_Playing(text, self._now, sound))
        self._interrupted()

    def _prompt_over(self, *, complete: bool) -> None:
        super()._prompt_over(complete=complete)
        if self._bot:
            prompt = self._bot.popleft()
            self.spans.append(Span("bot", prompt.text if complete else f"{prompt.text} …", *self._since(prompt.start)))
            if complete:
                self._caller.hear(prompt.text)
            if self._tape is not None and prompt.sound is not None:
                heard = prompt.sound.samples[: self._now - prompt.start].astype(np.float32)
                self._tape.bot.append((prompt.start, heard))
        if self._bot:
            self._bot[0].start = self._now
        self._silent_since = self._now

    def expect(self, question: str | None) -> None:
        if self._question is not None:
            self.spans.append(Span("question", self._question, *self._since(self._asked)))
        self._question, self._asked = question, self._now
        if question is not None:
            self._changed.set()

    async def transfer(self, target: str, summary: Summary = ()) -> bool:
        del target, summary
        self.transferred = self.can_transfer
        return self.can_transfer

    # What the caller does --------------------------------------------------------------------------------------------

    def _caller_due(self) -> int | None:
        return self._now if self._key else self._frame_due

    def _caller_acts(self) -> PlaceEvent | None:
        if self._key:
            key, self._key = self._key, ""
            return KeyPressed(key, self.now_s())
        self._frame_due += FRAME
        if self._hangs_up is not None and self._now >= self._hangs_up:
            return self._leaves()
        self._decide()
        frame = self._mouth.popleft() if self._mouth else _Frame()
        self._note(frame)
        if frame.hang_up:
            return self._leaves()
        self._key = frame.key
        sound = self._line.carry(frame.sound, self._echo())
        if self._tape is not None:
            self._tape.caller.append((self._now - FRAME, sound.samples.astype(np.float32)))
        return FrameHeard(sound, self.now_s()) if self._question is not None else None

    def _leaves(self) -> CallerHungUp:
        self.hung_up = True
        return CallerHungUp(self.now_s())

    def _decide(self) -> None:
        """Begin an answer once it is the caller's turn, or before where the caller does not wait for it."""
        if self._mouth:
            self._silent_since = self._now
            return
        if self._coughs is not None and self._now >= self._coughs:
            self._coughs = None
            self._mouth.extend(_spoken(_cough(self._rng), "(cough)"))
            return
        question = self._question if not self._playing else self._spoken_over()
        if question is None:
            self._begins = None
            return
        if self._answered:
            patience_s = SPOKEN_OVER_S if self._spoke_over else REPEATS_S
            if self._playing or self._now - self._silent_since < self._ticks(patience_s):
                return
            self._answered = False
        if self._begins is None:
            wait = BEGINS_OVER_S if self._playing else self._caller.manner.think_s
            self._begins = self._now + self._ticks(float(self._rng.uniform(*wait)))
        if self._now >= self._begins:
            self._begins, self._answered, self._spoke_over = None, True, self._playing
            self._mouth.extend(self._frames(self._caller.answer(question)))

    def _spoken_over(self) -> str | None:
        """The question that is being asked, if this caller answers before it is over."""
        if not self._will_speak_over or len(self._bot) != 1:
            return None
        question = self._names(self._bot[0].text) or self._question
        if question is None or question in READS_BACK or question.startswith("confirm_"):
            return None
        return None if self._caller.tried(question) else question

    def _interrupted(self) -> None:
        """The bot begins to speak: the piece that is being said is finished, the rest is not said."""
        self._answered = False
        self._begins = None
        if self._rng.random() < self._caller.manner.coughs:
            self._coughs = self._now + self._ticks(float(self._rng.uniform(*COUGHS_AFTER_S)))
        self._will_speak_over = bool(self._rng.random() < self._caller.manner.talks_over)
        if any(frame.away for frame in self._mouth):
            self._answered = True  # nobody is there to hear it; the answer comes later
            return
        kept: list[_Frame] = []
        while self._mouth and self._saying:
            kept.append(self._mouth.popleft())
            if kept[-1].ends:
                break
        self._mouth = deque(kept)

    def _frames(self, act: Act) -> list[_Frame]:
        return [frame for piece in act for frame in self._piece(piece)]

    def _piece(self, piece: Piece) -> list[_Frame]:
        match piece:
            case HangUp():
                return [_Frame(hang_up=True)]
            case Wait(seconds=seconds, away=away):
                return [_Frame(away=away)] * round(seconds / FRAME_S)
            case Press(keys=keys):
                rest = round(KEY_GAP_S / FRAME_S) - 1
                frames = [each for key in keys for each in (_Frame(key=key), *[_Frame()] * rest)]
                return [_Frame(key=keys[0], begins=f"[{keys}]"), *frames[1:-1], _Frame(ends=True)]
            case Say(words=words):
                return _spoken(self._speak(piece), words)

    def _echo(self) -> Samples | None:
        """The bot's voice of a moment ago, if the same prompt was playing then."""
        if not self._bot or self._bot[0].sound is None:
            return None
        samples = self._bot[0].sound.samples
        end = self._now - self._bot[0].start - self._ticks(ECHO_S)
        return samples[end - FRAME : end].astype(np.float32) if FRAME <= end <= len(samples) else None

    def _note(self, frame: _Frame) -> None:
        if frame.begins:
            self._saying, self._said_from = frame.begins, self._now
        if frame.ends and self._saying:
            self.spans.append(Span("caller", self._saying, *self._since(self._said_from)))
            self._saying = ""

    def _since(self, start: int) -> tuple[float, float]:
        return round(start / self.rate_hz, 2), round(self.now_s(), 2)


def _spoken(samples: Samples, words: str) -> list[_Frame]:
    """Sound out of a mouth, cut into frames."""
    padded = np.pad(samples, (0, -len(samples) % FRAME)).reshape(-1, FRAME)
    frames = [_Frame(sound) for sound in padded]
    return [_Frame(padded[0], begins=words), *frames[1:-1], _Frame(padded[-1], ends=True)]


def _cough(rng: np.random.Generator) -> Samples:
    """Two bursts of noise, each dying away, as loud as the speech."""
    burst = rng.standard_normal(round(COUGH_S * TELEPHONE_HZ)) * np.exp(
        -np.linspace(0, 4, round(COUGH_S * TELEPHONE_HZ))
    )
    gap = np.zeros(round(COUGH_S * TELEPHONE_HZ / 2))
    return (np.concatenate((burst, gap, burst)) * 2 * SPEECH_RMS).astype(np.float32)


def question_finder(wording: Wording) -> Callable[[str], str]:
    """Find the question that a shown sentence asks, by the texts of the wording; "" where it asks none."""
    patterns: list[tuple[str, re.Pattern[str]]] = []
    for name, texts in wording.questions.items():
        for text in texts.texts():
            literal = re.sub(r"{[^}]*}", "", text)
            if len(literal) >= SHORTEST_SENTENCE and text != texts.echo:
                pattern = ".*".join(re.escape(part) for part in re.split(r"{[^}]*}", text))
                patterns.append((name, re.compile(pattern, re.DOTALL)))

    def find(text: str) -> str:
        return next((name for name, pattern in patterns if pattern.fullmatch(text.strip())), "")

    return find
