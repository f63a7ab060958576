"""Digits in what the second recogniser's encoder sees: the parts against their definition, the whole on real sound."""

import numpy as np
import pytest

from tests.speech.conftest import DIGITS, trimmed, with_silence
from voicebot.speech import SecondRecognizer, VoiceProcess
from voicebot.speech.digits.encoded import STRINGS, EncodedDigits, paired
from voicebot.speech.second import FRAME, LATER


def spoken(caller: VoiceProcess, *texts: str) -> list[bytes]:
    return [with_silence(trimmed(caller.speak(text))).resampled(16_000).pcm for text in texts]


def text_of(words: tuple[str, ...]) -> str:
    return "".join(str(DIGITS.index(word)) for word in words)


def test_frames_are_put_together_in_pairs() -> None:
    encoded = np.arange(15, dtype=np.float32).reshape(5, 3)
    assert paired(encoded).tolist() == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]


@pytest.mark.parametrize("text", ["one one one one", "zero zero zero", "six six six six six", "eight eight"])
def test_equal_digits_are_not_lost(second: SecondRecognizer, caller: VoiceProcess, text: str) -> None:
    heard = second.hear(spoken(caller, text))
    assert heard[0].words == tuple(text.split())


def test_scores_are_logarithms_of_probabilities_of_different_strings(
    second: SecondRecognizer, caller: VoiceProcess
) -> None:
    heard = second.hear(spoken(caller, "five one nine", "three seven"))
    assert text_of(heard[0].words) == "51937"
    assert 1 < len({hypothesis.words for hypothesis in heard}) == len(heard) <= STRINGS
    assert 0.5 < sum(np.exp(hypothesis.score) for hypothesis in heard) <= 1 + 1e-6


def test_in_silence_nothing_is_likeliest(second: SecondRecognizer) -> None:
    assert second.hear([bytes(32_000)])[0].words == ()


def test_what_is_seen_is_as_long_as_the_sound(second: SecondRecognizer) -> None:
    assert len(second.frames_of(np.zeros(100 * FRAME, np.float32))) == 100 + LATER


def test_the_network_is_small_and_needs_no_more_than_its_weights() -> None:
    frames = np.zeros((50, 384), np.float32)
    assert EncodedDigits().of(frames) == EncodedDigits().of(frames) != ()
