"""What teaches the answer network: every word can be spoken, and a made-up one is no answer."""

import numpy as np
import pytest

from bench.answers.voices import ENDINGS, STRESS, made_up
from bench.answers.words import ANSWERS, CONSONANTS, SAID, VOWELS
from bench.digits.kokoro import NUMBERS


@pytest.mark.parametrize("sort", list(SAID))
def test_every_word_is_written_in_letters_that_the_voice_has(sort: str) -> None:
    assert SAID[sort]
    for text, (letters, times) in SAID[sort].items():
        assert set(letters) <= set(NUMBERS), text
        assert times >= 1, text


def test_made_up_words_are_speakable_and_no_answers() -> None:
    rng = np.random.default_rng(1)
    words = {made_up(rng) for _ in range(500)}
    assert len(words) > 300
    assert set("".join(words)) <= set(NUMBERS)
    assert not {word.replace(STRESS, "") for word in words} & ANSWERS
    assert {*CONSONANTS, *VOWELS, *"".join(ENDINGS)} <= set(NUMBERS)
