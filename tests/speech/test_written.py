"""What the second recogniser writes of a short answer, in any words: real voices through the real model."""

import math

import pytest

from tests.speech.conftest import trimmed, with_silence
from voicebot.speech import SecondRecognizer, VoiceProcess
from voicebot.speech.first_word import Pieces

HINTS = ("go back", "goodbye", "help", "operator", "repeat", "start over")


def written(second: SecondRecognizer, caller: VoiceProcess, text: str) -> dict[str, float]:
    sound = with_silence(trimmed(caller.speak(text)), pause_s=0.3).resampled(8_000).resampled(16_000)
    return {" ".join(each.words): math.exp(each.score) for each in second.write([sound.pcm], HINTS)}


@pytest.mark.parametrize("text", ["go back", "goodbye", "thank you"])
def test_writes_what_was_said_whether_it_was_told_of_it_or_not(
    second: SecondRecognizer, caller: VoiceProcess, text: str
) -> None:
    shares = written(second, caller, text)
    assert next(iter(shares)) == text
    assert shares[text] > 0.2
    assert sum(shares.values()) <= 1.0 + 1e-6


def test_of_no_sound_it_writes_nothing(second: SecondRecognizer) -> None:
    assert second.write([], HINTS) == ()


def test_text_is_spelled_in_the_longest_pieces_and_read_back_without_marks() -> None:
    pieces = Pieces(["Ġgo", "Ġback", "Ġb", "ye", "Ġbye", ".", "Ġ'", "<|endoftext|>", "Ġgood"])
    assert pieces.spell("go back.") == [0, 1, 5]
    assert pieces.spell("goodbye") == [8, 3]  # a letter that has no piece is left out
    assert pieces.words([0, 1, 5, 7]) == ("go", "back")
    assert pieces.words([8, 3]) == ("goodye",)
