"""The shared model: what it knows, and what is said when it cannot be used."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import vosk

from voicebot.speech import DEFAULT_MODEL, MODELS_FOLDER, ModelDamaged, ModelMissing, Recognizer, UnknownWords
from voicebot.speech.chunks import KALDI_HOP, UNHEARD_FRAMES, Chunks
from voicebot.speech.recognizer import CHUNK_FRAMES

MODEL = MODELS_FOLDER / DEFAULT_MODEL


def linked_copy(folder: Path) -> Path:
    """A model folder whose parts may be replaced, without copying 70 MB."""
    for file in MODEL.rglob("*"):
        if file.is_file():
            target = folder / file.relative_to(MODEL)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(file.resolve())
    return folder


@pytest.mark.parametrize("word", ["zero", "oh", "double", "checking", "mastercard", "[unk]"])
def test_knows_a_word(recognizer: Recognizer, word: str) -> None:
    assert recognizer.knows(word)


@pytest.mark.parametrize("word", ["echeck", "e-check", "", "Zero"])
def test_does_not_know_a_word(recognizer: Recognizer, word: str) -> None:
    assert not recognizer.knows(word)


def test_names_the_words_that_it_could_never_hear(recognizer: Recognizer) -> None:
    with pytest.raises(UnknownWords, match="'echeck'") as caught:
        recognizer.listen(("credit card", "an echeck", "xqzt"), rate_hz=8_000, start_s=0.0)
    assert caught.value.words == ("echeck", "xqzt")


def test_a_missing_model_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"run_bot\.py models fetch nothing"):
        Recognizer(tmp_path / "nothing")


def test_a_model_without_all_its_parts_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(ModelDamaged, match=r"lacks graph: not whole, or none of Vosk's; .* models fetch model"):
        Recognizer(_without(linked_copy(tmp_path / "model"), "graph"))


def test_a_model_that_vosk_cannot_load_is_damaged(recognizer: Recognizer, tmp_path: Path) -> None:
    assert recognizer.knows("zero"), "the whole model loads"
    folder = linked_copy(tmp_path / "model")
    (folder / "am" / "final.mdl").unlink()
    (folder / "am" / "final.mdl").write_bytes(b"not a model")
    with pytest.raises(ModelDamaged, match="cannot load"):
        Recognizer(folder)


def test_how_far_the_network_looks_ahead_is_measured(recognizer: Recognizer) -> None:
    assert recognizer.chunks == Chunks(frames=CHUNK_FRAMES, ahead=16), "14, and what two windows of 25 ms overlap"


@pytest.mark.parametrize("shift", range(0, CHUNK_FRAMES, 6))
def test_the_end_of_a_segment_is_decoded_wherever_its_last_chunk_ends(recognizer: Recognizer, shift: int) -> None:
    said = KALDI_HOP * (3 * CHUNK_FRAMES + shift)
    fed = said + recognizer.chunks.lacking(said)
    decoded = (fed // KALDI_HOP - recognizer.chunks.ahead) // CHUNK_FRAMES * CHUNK_FRAMES * KALDI_HOP
    assert said - UNHEARD_FRAMES * KALDI_HOP <= decoded < said + CHUNK_FRAMES * KALDI_HOP
    noise = np.random.default_rng(1).normal(0.0, 900.0, fed).astype("<i2").tobytes()
    assert likelihood(recognizer, noise) != likelihood(recognizer, noise[: -2 * KALDI_HOP]), "not a sample too many"


def likelihood(recognizer: Recognizer, pcm: bytes) -> float:
    """How likely the decoder finds what it has decoded so far."""
    decoder = vosk.KaldiRecognizer(recognizer._model, 16_000, '["zero", "[unk]"]')
    decoder.SetMaxAlternatives(1)
    decoder.AcceptWaveform(pcm)
    return float(json.loads(decoder.Result())["alternatives"][0]["confidence"])


def test_works_where_links_are_not_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("a required privilege is not held")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    assert Recognizer(MODEL).knows("zero")


def test_loading_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    Recognizer(MODEL)
    assert list(tmp_path.iterdir()) == []


def _without(folder: Path, part: str) -> Path:
    shutil.rmtree(folder / part)
    return folder
