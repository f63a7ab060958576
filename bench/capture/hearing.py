"""The two sides that are compared: the product's own path, and Vosk as everybody uses it."""

import json
import math
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
    decide,
    opinion_on,
)
from voicebot.dialog import QUESTIONS, Question, events
from voicebot.dialog.listening import Listening
from voicebot.grammar import Grammar, Segment, load_grammars, phrases_for
from voicebot.speech.activity import MODEL_HZ
from voicebot.speech.digits import DigitOpinion
from voicebot.speech.ear import SegmentHeard, SpeechStarted
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
        decide_s: the longest processor time of taking a stretch of speech into account.
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
        self,
        model: Path,
        grammars: Path,
        second: SecondRecognizer | None = None,
        opinion: DigitOpinion | None = None,
    ) -> None:
        self.recognizer = Recognizer(model, opinion=opinion)
        self._second = second
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
        """Feed the sound as it would come in to the listening of a call, until that is over."""
        second = self._second
        listening = Listening(0, _question(expected.kind), expected, 0.0, math.inf, second=second is not None)
        ear = self.recognizer.listen(
            self.phrases(expected.grammar, again=bool(expected.earlier)),
            rate_hz=sound.rate_hz,
            start_s=0.0,
            keeps=second is not None,
            opinion=opinion_on(expected.kind),
        )
        clock_s, decode_s, decide_s, second_s = 0.0, 0.0, 0.0, 0.0
        for chunk in sound.frames(CHUNK_S):
            started = time.process_time()
            heard = ear.feed(chunk)
            decode_s += time.process_time() - started
            clock_s += chunk.duration_s
            for event in heard:
                started = time.process_time()
                match event:
                    case SpeechStarted():
                        listening.speech_started(clock_s)
                    case SegmentHeard(segment):
                        listening.heard(events.WordsHeard(0, segment), clock_s)
                decide_s = max(decide_s, time.process_time() - started)
            while second is not None and listening.asks_second(clock_s):
                since_s, words, hints = listening.to_hear_again
                started, began_s = time.process_time(), time.perf_counter()
                found = Segment(second.hear_again(ear.kept(since_s), words, hints), since_s, since_s)
                listening.heard_again(events.HeardAgain(0, listening.state, found), clock_s)
                decode_s += time.process_time() - started
                second_s += time.perf_counter() - began_s
            if not ear.is_hearing and listening.is_over(clock_s):
                break
        ear.close()
        answer = listening.answer
        return replace(
            _outcome(answer, listening.decision or decide(answer, expected)),
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


def _question(kind: str) -> Question:
    """A question that asks for this kind."""
    return next(question for question in QUESTIONS.values() if question.kind == kind)


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
