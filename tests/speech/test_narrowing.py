"""Fewer pieces to write change nothing in what is written: the whole model, forbidden all else, says the same."""

from pathlib import Path

import ctranslate2
import numpy as np
import pytest

from voicebot.speech import MODELS_FOLDER, SECOND_MODEL, SecondRecognizer, VoiceProcess
from voicebot.speech.activity import FULL_SCALE, from_pcm
from voicebot.speech.narrowing import narrowed
from voicebot.speech.second import BEAM, DIGITS, GAP_S, LONGEST, PRIMER, features

MODEL = MODELS_FOLDER / SECOND_MODEL
PIECES = (*(f"Ġ{digit}" for digit in range(10)), "<|endoftext|>")


def test_the_strings_and_scores_are_those_of_the_whole_model(second: SecondRecognizer, caller: VoiceProcess) -> None:
    sound = caller.speak("five one nine oh oh two").resampled(16_000).pcm
    tokens = (MODEL / "vocabulary.txt").read_text(encoding="utf-8").splitlines()
    allowed = [tokens.index(piece) for piece in PIECES]
    before = [allowed[int(digit)] for digit in PRIMER]
    prompt = [tokens.index("<|startofprev|>"), *before]
    prompt += [tokens.index("<|startoftranscript|>"), tokens.index("<|notimestamps|>")]
    gap = np.zeros(round(GAP_S * 16_000), np.float32)
    heard = features(np.concatenate((gap, from_pcm(sound) / FULL_SCALE, gap)))
    found = ctranslate2.models.Whisper(str(MODEL), compute_type="int8", intra_threads=1).generate(
        ctranslate2.StorageView.from_array(heard[np.newaxis]),
        [prompt],
        beam_size=BEAM,
        num_hypotheses=BEAM,
        max_length=len(prompt) + LONGEST,
        length_penalty=0,
        return_scores=True,
        suppress_blank=False,
        suppress_tokens=[number for number in range(len(tokens)) if number not in allowed],
    )[0]
    strings = [tuple(DIGITS[allowed.index(token)] for token in string) for string in found.sequences_ids]
    narrow = second.hear([sound])
    assert len(narrow) == len(strings) == BEAM
    assert narrow[0].words == strings[0]
    scores = dict(zip(strings, found.scores, strict=True))
    for hypothesis in narrow[: BEAM // 2]:
        assert hypothesis.score == pytest.approx(scores[hypothesis.words], abs=0.1), "but for the rounding of int8"


def test_only_the_rows_of_what_is_kept_are_left() -> None:
    files = narrowed(MODEL, [20, 16])
    tokens = (MODEL / "vocabulary.txt").read_text(encoding="utf-8").splitlines()
    assert files["vocabulary.txt"].decode().splitlines() == [tokens[20], tokens[16]]
    rows = len(tokens) - 2
    assert len(files["model.bin"]) == (MODEL / "model.bin").stat().st_size - rows * 384 * 2


@pytest.mark.parametrize("broken", [b"", b"not a model at all", b"\x06\0\0\0\x02\0a\0\x03\0\0\0\x01\0\0\0\xff"])
def test_what_is_no_such_file_is_told(tmp_path: Path, broken: bytes) -> None:
    (tmp_path / "vocabulary.txt").write_text("a\n")
    (tmp_path / "model.bin").write_bytes(broken)
    with pytest.raises(ValueError, match=r"not a model|cannot be read"):
        narrowed(tmp_path, [0])
