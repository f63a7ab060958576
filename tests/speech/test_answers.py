"""The network that tells yes and no from anything else, on real sound."""

import math

import numpy as np
import pytest

from tests.speech.conftest import Voice, trimmed, with_silence
from voicebot.grammar.heard import Hypothesis
from voicebot.speech import Recognizer, SegmentHeard, VoiceProcess
from voicebot.speech.activity import MODEL_HZ
from voicebot.speech.answers import LONGEST_S, AnswerOpinion

HEARD = (Hypothesis(("yes",), 0.0), Hypothesis(("[unk]",), -2.0))


@pytest.fixture(scope="module")
def opinion() -> AnswerOpinion:
    return AnswerOpinion()


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("yes", "yes"),
        ("yeah", "yes"),
        ("that's right", "yes"),
        ("no", "no"),
        ("nope", "no"),
        ("stop", ""),
        ("help", ""),
        ("card number", ""),
        ("five", ""),
    ],
)
def test_a_yes_and_a_no_are_told_from_other_words(opinion: AnswerOpinion, said: Voice, words: str, answer: str) -> None:
    likeliest, *others = opinion.of(HEARD, said(words))
    assert " ".join(likeliest.words) == answer
    assert math.exp(likeliest.score) > 0.5
    assert sum(math.exp(guess.score) for guess in (likeliest, *others)) == pytest.approx(1.0, abs=1e-4)
    assert {guess.words for guess in (likeliest, *others)} == {("yes",), ("no",), ()}


def test_silence_is_neither(opinion: AnswerOpinion) -> None:
    assert opinion.of(HEARD, np.zeros(MODEL_HZ, np.float32))[0].words == ()


def test_is_not_asked_where_no_words_were_heard_or_too_many(opinion: AnswerOpinion) -> None:
    assert opinion.of((), np.zeros(MODEL_HZ, np.float32)) == ()
    assert opinion.of(HEARD, np.zeros(round(LONGEST_S * MODEL_HZ) + 1, np.float32)) == ()


@pytest.mark.parametrize(
    ("phrases", "asked"),
    [(("yes", "no", "[unk]"), True), (("sí", "no", "[unk]"), False), (("card", "check"), False)],
    ids=["English", "another language", "no yes or no"],
)
def test_is_asked_where_yes_and_no_are_listened_for(
    recognizer: Recognizer, caller: VoiceProcess, phrases: tuple[str, ...], asked: bool
) -> None:
    known = tuple(phrase for phrase in phrases if recognizer.knows(phrase))
    ear = recognizer.listen(known, rate_hz=caller.speak("no").rate_hz, start_s=0.0, opinion="answers")
    told = ear.feed(with_silence(trimmed(caller.speak("no")))) + ear.finish()
    segments = [event.segment for event in told if isinstance(event, SegmentHeard)]
    assert segments
    assert all(bool(segment.network) is asked for segment in segments)
