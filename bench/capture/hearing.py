"""The two sides that are compared: the product's own path, and Vosk as everybody uses it."""

import json
import time
from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import numpy as np
import soxr
import vosk

from voicebot.audio.sound import Sound
from voicebot.capture import (
    Answer,
    Decision,
    Expectation,
    Group,
    Sensitive,
    Verdict,
    asked_since_s,
    begins_s,
    command_hints,
    decide,
    opinion_on,
    words_for_second,
    worth_hearing_again,
    worth_writing,
)
from voicebot.dialog.listening import SECOND_AFTER_S
from voicebot.grammar import Grammar, Segment, load_grammars, phrases_for
from voicebot.speech.activity import MODEL_HZ
from voicebot.speech.digits import DigitOpinion
from voicebot.speech.ear import SegmentHeard
from voicebot.speech.recognizer import Recognizer
from voicebot.speech.second import SecondRecognizer

TODAY = date(2026, 3, 10)
SPELLED = "digits"
CHUNK_S = 0.02
KEY_GAP_S = 0.25
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
PLAIN_GRAMMARS: dict[str, list[str] | None] = {
    "plain Vosk, free": None,
    "plain Vosk, one phrase": [" ".join(WORDS)],
    "plain Vosk, all pairs": [f"{first} {second}" for first in WORDS for second in WORDS],
}


@dataclass(slots=True)
class Outcome:
    """What one recording came to.

    Attributes:
        verdict: accept, confirm, again, reject or command.
        content: the value that was decided on, or an empty text.
        at_s: when the decision stood, on the recording's clock.
        last_four: what would be spoken to have it confirmed.
        decode_s: processor time of the recogniser, and of the second one where it was asked.
        second_s: what the second one took, by the wall clock.
        decide_s: the longest processor time of one `decide`.
        cut: whether a decision stood before the speech was over.
        answer: everything that was heard, as evidence for a second attempt.
        group: the only digits that would be asked for again.
    """

    verdict: str
    content: str = ""
    at_s: float = 0.0
    last_four: str = ""
    decode_s: float = 0.0
    second_s: float = 0.0
    decide_s: float = 0.0
    cut: bool = False
    answer: Answer = field(default_factory=Answer)
    group: Group | None = None


class Ours:
    """The speech room and `capture`, as a call uses them."""

    name = "voicebot"

    def __init__(
        self, model: Path, grammars: Path, second: Path | None = None, opinion: DigitOpinion | None = None
    ) -> None:
        self.recognizer = Recognizer(model, opinion=opinion)
        self._second = SecondRecognizer(second) if second is not None else None
        if self._second is not None:
            self._second.load()  # as a bot does before it takes calls
        self._grammars = load_grammars(grammars)

    def expect(
        self,
        kind: str,
        *,
        known: Container[str] | None = None,
        lengths: tuple[int, ...] = (),
        earlier: tuple[Answer, ...] = (),
        group: Group | None = None,
    ) -> Expectation:
        """The expectation of a question of this kind, on the benchmark's own date."""
        return Expectation(
            kind=kind,
            grammar=self._grammars[kind],
            commands=self._grammars["commands"],
            today=TODAY,
            known_accounts=known,
            lengths=lengths,
            earlier=earlier,
            group=group,
        )

    def phrases(self, grammar: Grammar, *, again: bool = False) -> Sequence[str]:
        """What the recogniser listens for in a call; asked again, for a number's single digits only."""
        rule = SPELLED if again and SPELLED in grammar.rules else None
        return phrases_for(grammar, self._grammars["commands"], rule=rule)

    def hear(self, sound: Sound, expected: Expectation, speech_end_s: float) -> Outcome:
        """Feed the sound as it would come in, and decide as soon as a decision stands."""
        phrases = self.phrases(expected.grammar, again=bool(expected.earlier))
        keeps = self._second is not None
        opinion = opinion_on(expected.kind)
        ear = self.recognizer.listen(phrases, rate_hz=sound.rate_hz, start_s=0.0, keeps=keeps, opinion=opinion)
        answer, decision, heard_end_s = Answer(), Decision(Verdict.REJECT, reason="no_input"), 0.0
        clock_s, decode_s, decide_s, second_s = 0.0, 0.0, 0.0, 0.0
        for chunk in sound.frames(CHUNK_S):
            started = time.process_time()
            events = ear.feed(chunk)
            decode_s += time.process_time() - started
            clock_s += chunk.duration_s
            for event in events:
                if isinstance(event, SegmentHeard):
                    answer, heard_end_s = answer.heard(event.segment), event.segment.end_s
                    started = time.process_time()
                    decision = decide(answer, expected)
                    decide_s = max(decide_s, time.process_time() - started)
            if answer.is_empty or ear.is_hearing:
                continue
            words = words_for_second(expected)
            soon_s = 0.0 if words else SECOND_AFTER_S
            asked_at_s = min(decision.wait_s, soon_s) if decision.value is not None else decision.wait_s
            worth = self._second is not None and worth_hearing_again(answer, decision, expected)
            if self._second is not None and worth and clock_s >= heard_end_s + asked_at_s:
                started, began_s = time.process_time(), time.perf_counter()
                kept = ear.kept(asked_since_s(answer, expected) if words else 0.0)
                answer = answer.heard_again(Segment(self._second.hear_again(kept, words), 0.0, heard_end_s))
                decision = decide(answer, expected)
                decode_s += time.process_time() - started
                second_s += time.perf_counter() - began_s
            elif self._second is not None and words and worth_writing(answer, decision, expected):
                started, began_s = time.process_time(), time.perf_counter()
                last_s = begins_s(answer.parts[-1])
                texts = self._second.hear_again(ear.kept(last_s), (), command_hints(expected))
                answer = answer.written_down(Segment(texts, last_s, heard_end_s))
                decision = decide(answer, expected)
                decode_s += time.process_time() - started
                second_s += time.perf_counter() - began_s
            if clock_s >= heard_end_s + decision.wait_s:
                break
        ear.close()
        return replace(
            _outcome(answer, decision),
            at_s=clock_s + second_s,
            decode_s=decode_s,
            second_s=second_s,
            decide_s=decide_s,
            cut=not answer.is_empty and clock_s < speech_end_s - 0.3,
        )

    def press(self, keys: str, expected: Expectation) -> Outcome:
        """What an answer by keys comes to."""
        answer = Answer()
        for place, key in enumerate(keys):
            answer = answer.pressed(key, place * KEY_GAP_S)
        return _outcome(answer, decide(answer, expected))

    def listen_to(self, sound: Sound, kind: str) -> float:
        """Processor time of listening to a sound for an answer of this kind, without deciding anything."""
        ear = self.recognizer.listen(self.phrases(self._grammars[kind]), rate_hz=sound.rate_hz, start_s=0.0)
        started = time.process_time()
        for chunk in sound.frames(CHUNK_S):
            ear.feed(chunk)
        ear.finish()
        return time.process_time() - started


def _outcome(answer: Answer, decision: Decision) -> Outcome:
    content = decision.value.content if decision.value is not None else ""
    return Outcome(
        verdict="command" if decision.command else decision.verdict.value,
        content=content.get_secret_value() if isinstance(content, Sensitive) else content,
        last_four=decision.value.last_four if decision.value is not None else "",
        answer=answer,
        group=decision.group,
    )


class Plain:
    """Vosk with the model's stock settings: top hypothesis, its own endpoints, all results joined."""

    def __init__(self, model: Path, name: str) -> None:
        self.name = name
        self._model = vosk.Model(str(model))
        self._grammar = PLAIN_GRAMMARS[name]

    def hear(self, sound: Sound) -> tuple[str, float]:
        """The words, and the processor time that they took."""
        more = () if self._grammar is None else (json.dumps(self._grammar),)
        started = time.process_time()
        recognizer = vosk.KaldiRecognizer(self._model, MODEL_HZ, *more)
        resampler = soxr.ResampleStream(sound.rate_hz, MODEL_HZ, 1, dtype="int16")
        words: list[str] = []
        for chunk in sound.frames(CHUNK_S):
            samples = chunk.samples if sound.rate_hz == MODEL_HZ else resampler.resample_chunk(chunk.samples)
            if recognizer.AcceptWaveform(np.ascontiguousarray(samples).tobytes()):
                words += json.loads(recognizer.Result())["text"].split()
        words += json.loads(recognizer.FinalResult())["text"].split()
        return " ".join(words), time.process_time() - started

    def hear_digits(self, sound: Sound) -> tuple[str, float]:
        """The digits among the words."""
        words, cost_s = self.hear(sound)
        spelled = {word: str(digit) for digit, word in enumerate(WORDS)} | {"oh": "0"}
        return "".join(spelled.get(word, "?") for word in words.split()), cost_s
