"""The second recogniser: digits of real voices through the real model, from what an ear has kept."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.speech.conftest import DIGIT_PAIRS, DIGITS, trimmed, with_silence
from voicebot.audio.sound import Sound
from voicebot.speech import (
    MODELS_FOLDER,
    SECOND_MODEL,
    Ear,
    ModelDamaged,
    ModelUnavailable,
    Recognizer,
    SecondRecognizer,
    SegmentHeard,
    VoiceProcess,
)
from voicebot.speech.second import WINDOW_S, features

SPOKEN = ("four one one one", "one one one one")


def listening(recognizer: Recognizer, *, keeps: bool = True, rate_hz: int = 8_000) -> Ear:
    return recognizer.listen(DIGIT_PAIRS, rate_hz=rate_hz, start_s=0.0, keeps=keeps)


def telephone(caller: VoiceProcess, *texts: str) -> Sound:
    return with_silence(*(trimmed(caller.speak(text)) for text in texts)).resampled(8_000)


def digits(words: tuple[str, ...]) -> str:
    return "".join(str(DIGITS.index(word)) for word in words)


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [(("nine four two", "seven three one"), "942731"), (("six zero five eight", "four four"), "605844")],
)
def test_hears_digits_across_pauses(
    recognizer: Recognizer, second: SecondRecognizer, caller: VoiceProcess, texts: tuple[str, ...], wanted: str
) -> None:
    ear = listening(recognizer)
    ear.feed(telephone(caller, *texts))
    heard = second.hear(ear.kept())
    assert digits(heard[0].words) == wanted
    assert [hypothesis.score for hypothesis in heard] == sorted((h.score for h in heard), reverse=True)
    assert len({hypothesis.words for hypothesis in heard}) == len(heard) > 1


def test_says_only_digits_whatever_is_said(
    recognizer: Recognizer, second: SecondRecognizer, caller: VoiceProcess
) -> None:
    ear = listening(recognizer)
    ear.feed(telephone(caller, "I would like to pay my bill please"))
    assert {word for hypothesis in second.hear(ear.kept()) for word in hypothesis.words} <= set(DIGITS)


def test_the_same_sound_gives_the_same_answer(second: SecondRecognizer, caller: VoiceProcess) -> None:
    sound = telephone(caller, "five one nine").resampled(16_000).pcm
    assert second.hear([sound]) == second.hear([sound])


def test_what_is_nothing_or_too_long_is_not_heard(second: SecondRecognizer) -> None:
    assert second.hear([]) == ()
    assert second.hear([bytes(2 * 16_000 * round(WINDOW_S + 1))]) == ()


def test_an_ear_keeps_what_was_said_since_a_moment(recognizer: Recognizer, caller: VoiceProcess) -> None:
    ear = listening(recognizer)
    segments = [event.segment for event in ear.feed(telephone(caller, *SPOKEN)) if isinstance(event, SegmentHeard)]
    assert len(ear.kept()) == len(segments) == 2
    assert ear.kept(segments[1].start_s) == ear.kept()[1:]
    assert ear.kept(segments[1].start_s + 0.1) == ()


def test_an_ear_forgets_it_when_it_is_closed(recognizer: Recognizer, caller: VoiceProcess) -> None:
    ear = listening(recognizer)
    ear.feed(telephone(caller, *SPOKEN))
    assert ear.kept()
    ear.close()
    assert ear.kept() == ()


def test_an_ear_keeps_nothing_unless_it_is_told_to(recognizer: Recognizer, caller: VoiceProcess) -> None:
    ear = listening(recognizer, keeps=False)
    assert any(isinstance(event, SegmentHeard) for event in ear.feed(telephone(caller, *SPOKEN)))
    assert ear.kept() == ()


def test_features_are_a_window_of_bands_from_silence_to_sound() -> None:
    tone = np.sin(2 * np.pi * 1_000 * np.arange(16_000) / 16_000).astype(np.float32)
    made = features(tone)
    assert made.shape == (80, 1600)
    loudest = int(made[:, 50].argmax())
    assert 24 <= loudest <= 27, "1 kHz is a third of the way up the scale"
    assert made[:, 150:].max() == pytest.approx(made.max() - 2.0), "silence is 8 decades below the loudest, by 4"


@pytest.mark.parametrize(("lasts_s", "frames"), [(0.5, 1600), (15.0, 1600), (20.01, 2102), (29.5, 3000), (30.0, 3000)])
def test_a_longer_answer_has_a_longer_window(lasts_s: float, frames: int) -> None:
    assert features(np.zeros(round(lasts_s * 16_000), np.float32)).shape == (80, frames)


def test_without_its_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ctranslate2", None)
    with pytest.raises(ModelUnavailable, match=r"pip install -r requirements\.txt"):
        SecondRecognizer(MODELS_FOLDER / SECOND_MODEL)


def test_a_folder_without_the_model_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(ModelDamaged, match=f"models fetch {SECOND_MODEL}"):
        SecondRecognizer(tmp_path)


def test_a_broken_model_is_told_when_it_is_loaded_or_first_asked(second: SecondRecognizer, tmp_path: Path) -> None:
    assert second.hear([bytes(3_200)]), "the whole model hears something"
    for name in ("config.json", "vocabulary.txt"):
        shutil.copy(MODELS_FOLDER / SECOND_MODEL / name, tmp_path)
    (tmp_path / "model.bin").write_bytes(b"not a model")
    broken = SecondRecognizer(tmp_path)
    with pytest.raises(ModelDamaged, match=f"models fetch {SECOND_MODEL}"):
        broken.hear([bytes(3_200)])
    with pytest.raises(ModelDamaged, match=f"models fetch {SECOND_MODEL}"):
        broken.load()
