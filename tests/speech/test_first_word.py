"""How likely an answer began with a word: real voices through the real model, and the pieces that words are made of."""

import math

import numpy as np
import pytest

from tests.speech.conftest import trimmed, with_silence
from voicebot.grammar.heard import WHOLE
from voicebot.speech import SecondRecognizer, VoiceProcess
from voicebot.speech.first_word import Pieces

WORDS = ("yes", "yeah", "no", "nope", "go", "sure", "correct", "that's")
ASKED = (*WORDS, *WHOLE.values())
LONG = "yes, that is what I said when I called you on Monday and again on Tuesday morning"


def heard(
    second: SecondRecognizer, caller: VoiceProcess, text: str, words: tuple[str, ...] = WORDS
) -> dict[str, float]:
    sound = with_silence(trimmed(caller.speak(text)), pause_s=0.3).resampled(8_000).resampled(16_000)
    return {each.words[0]: math.exp(each.score) for each in second.hear_first_word([sound.pcm], words)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("yes", {"yes", "yeah"}),
        ("no", {"no"}),
        ("sure", {"sure"}),
        ("correct", {"correct"}),
        ("that's right", {"that's"}),
    ],
)
def test_the_word_that_was_said_is_the_likeliest(
    second: SecondRecognizer, caller: VoiceProcess, text: str, words: set[str]
) -> None:
    shares = heard(second, caller, text)
    likeliest = max(shares, key=lambda each: shares[each])
    assert likeliest in words
    assert shares[likeliest] > 0.1
    assert sum(shares.values()) <= 1.0 + 1e-6


@pytest.mark.parametrize("text", ["property tax", "seven", "the dog is outside"])
def test_other_words_are_none_of_them(second: SecondRecognizer, caller: VoiceProcess, text: str) -> None:
    shares = heard(second, caller, text)
    assert shares["yes"] + shares["no"] < 0.1


def test_of_a_long_answer_the_beginning_is_heard(second: SecondRecognizer, caller: VoiceProcess) -> None:
    shares = heard(second, caller, LONG, ASKED)
    assert max(shares, key=lambda each: shares[each]) == "yes"
    assert set(WHOLE.values()).isdisjoint(shares)  # that is told of short answers only


@pytest.mark.parametrize(
    ("text", "answer"),
    [("yes", "yes"), ("that's right", "yes"), ("no", "no"), ("nope", "no"), ("stop", ""), ("five", "")],
)
def test_the_whole_sound_is_a_yes_a_no_or_neither(
    second: SecondRecognizer, caller: VoiceProcess, text: str, answer: str
) -> None:
    shares = heard(second, caller, text, ASKED)
    assert [name for name in WHOLE if shares[WHOLE[name]] > 0.5] == ([answer] if answer else [])


def test_of_no_sound_nothing_is_heard(second: SecondRecognizer) -> None:
    assert second.hear_first_word([], WORDS) == ()


def test_a_word_is_every_spelling_of_it_or_its_longest_beginning() -> None:
    pieces = Pieces(["Ġyes", "Yes", "ĠYES", "Ġyesterday", "Ġthat", "'s", "Ġ."])
    assert pieces.of("yes") == [0, 1, 2]
    assert pieces.of("that's") == [4]
    assert pieces.of("no") == []


def test_likelihoods_are_shares_of_all_pieces() -> None:
    pieces = Pieces(["Ġyes", "Yes", "Ġno", "Ġgo"])
    likely = pieces.likely(np.log(np.array([1.0, 2.0, 4.0, 1.0], np.float32)), ("yes", "no", "maybe"))
    assert {word: round(math.exp(score), 4) for word, score in likely.items()} == {"yes": 0.375, "no": 0.5}
