"""Voices by name, and the process that speaks: it may crash or hang, a call may not."""

import contextlib
import os
import signal
import stat
import subprocess
import sys
import types
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.speech.conftest import trimmed
from voicebot.audio import Sound
from voicebot.speech import (
    VoiceFailed,
    VoiceMissing,
    VoiceProcess,
    VoiceUnknown,
    make_synthesizer,
    pyttsx3_voice,
    voice_process,
)
from voicebot.speech.voices import VoiceName, parse_voice


@pytest.mark.parametrize(
    ("name", "parsed"),
    [
        ("pyttsx3", VoiceName("pyttsx3")),
        ("espeak:en-us+f3", VoiceName("espeak", "en-us+f3")),
        ("flite:slt@140", VoiceName("flite", "slt", 140)),
        ("piper@120", VoiceName("piper", "", 120)),
        ("pyttsx3:English (America)", VoiceName("pyttsx3", "English (America)")),
    ],
)
def test_a_name_is_read_and_written_back(name: str, parsed: VoiceName) -> None:
    assert parse_voice(name) == parsed
    assert str(parsed) == name


@pytest.mark.parametrize("name", ["", "siri", "espeak@fast", "espeak@20", "espeak@900", "espeak:", "--help"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(VoiceUnknown):
        VoiceProcess(name)


@pytest.mark.parametrize("name", ["espeak:klingonish", "espeak:en-us+nobody", "pyttsx3:nobody"])
def test_a_voice_that_espeak_lacks_is_an_error_and_not_another_voice(name: str) -> None:
    voice = VoiceProcess(name)
    with pytest.raises(VoiceUnknown, match="en-us"):
        voice.speak("hello")
    voice.close()


def test_speaks(caller: VoiceProcess) -> None:
    sound = caller.speak("Please say your account number.")
    assert sound.rate_hz == 22_050
    assert 1.0 < sound.duration_s < 5.0
    assert np.abs(sound.samples.astype(np.int32)).max() > 3_000


@pytest.mark.parametrize("text", ["", "   ", "...", "\n", "?!"])
def test_nothing_to_say_is_an_error(caller: VoiceProcess, text: str) -> None:
    with pytest.raises(ValueError, match="nothing to say"):
        caller.speak(text)


def test_commas_between_digits_are_pauses(caller: VoiceProcess) -> None:
    run_together, with_commas, with_stops = (
        trimmed(caller.speak(text)).duration_s for text in ("4 1 1 1 9 0", "4, 1, 1, 1, 9, 0", "4. 1. 1. 1. 9. 0")
    )
    assert with_commas > run_together * 1.3
    assert with_stops > with_commas


def test_the_rate_of_speech_can_be_chosen() -> None:
    text = "Thank you for calling."
    durations = []
    for name in ("espeak@120", "espeak@240"):
        voice = VoiceProcess(name)
        durations.append(voice.speak(text).duration_s)
        voice.close()
    assert durations[0] > 1.5 * durations[1]


def test_a_prompt_can_be_spoken_slower_than_the_others() -> None:
    voice = VoiceProcess("espeak@180")
    usual, slow, again = (voice.speak("Thank you for calling.", pace).duration_s for pace in (1.0, 0.5, 1.0))
    voice.close()
    assert slow > 1.5 * usual
    assert again == pytest.approx(usual, abs=0.05)


def test_voices_of_one_process_do_not_take_each_others_place() -> None:
    slow, fast = make_synthesizer("espeak:en-us@120"), make_synthesizer("espeak:en-us+f3@240")
    text = "Thank you for calling."
    alternating = [voice.speak(text).duration_s for voice in (slow, fast, slow, fast)]
    assert alternating[0] == pytest.approx(alternating[2], abs=0.02)
    assert alternating[1] == pytest.approx(alternating[3], abs=0.02)
    assert alternating[0] > 1.5 * alternating[1]


def test_a_prompt_that_left_an_empty_file_is_spoken_again(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []

    def first_empty(path: Path) -> Sound:
        read.append(path)
        if len(read) == 1:
            path.write_bytes(b"")
        return real_read(path)

    real_read = pyttsx3_voice._read_wav
    monkeypatch.setattr(pyttsx3_voice, "_read_wav", first_empty)
    assert make_synthesizer("espeak:en-us").speak("hello").duration_s > 0.2
    assert len(read) == 2


def test_a_prompt_has_its_own_sound_and_not_that_of_the_one_before(caller: VoiceProcess) -> None:
    texts = ["yes", "Please say or enter the last four digits.", "no"]
    with ThreadPoolExecutor(3) as pool:
        together = [sound.duration_s for sound in pool.map(caller.speak, texts * 3)]
    assert together == pytest.approx([caller.speak(text).duration_s for text in texts] * 3, abs=0.05)


@pytest.mark.parametrize("name", ["espeak:en-us", "espeak:en-us+f2"])
def test_a_text_sounds_the_same_whatever_was_said_before(name: str) -> None:
    text = "two eight nine zero three four five, pay with my card"
    with contextlib.closing(VoiceProcess(name)) as voice, contextlib.closing(VoiceProcess(name)) as another:
        first, again = voice.speak(text), voice.speak(text)
        another.speak("Thank you for calling.")
        assert (first == again, first == another.speak(text)) == (True, True)


def test_a_voice_that_died_comes_back(caller: VoiceProcess) -> None:
    caller.speak("hello")
    process = caller._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert caller.speak("hello").duration_s > 0.2


def test_a_prompt_that_failed_at_once_is_tried_by_a_new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    def start(name: str) -> "subprocess.Popen[bytes]":
        started.append(name)
        if len(started) > 1:
            return real_start(name)
        dies = [sys.executable, "-c", "import sys; sys.stdin.readline()"]
        return subprocess.Popen(dies, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    real_start = voice_process._start
    monkeypatch.setattr(voice_process, "_start", start)
    with contextlib.closing(VoiceProcess("pyttsx3")) as voice:
        assert voice.speak("hello").duration_s > 0.2
    assert len(started) == 2


def test_a_voice_that_hangs_is_ended_and_comes_back() -> None:
    voice = VoiceProcess("espeak", timeout_s=6.0)  # a busy machine takes seconds to start a process
    voice.speak("hello")
    assert voice._process is not None
    os.kill(voice._process.pid, signal.SIGSTOP)
    with pytest.raises(VoiceFailed, match=r"longer than 6 s"):
        voice.speak("hello")
    assert voice.speak("hello").duration_s > 0.2
    voice.close()
    voice.close()


def test_what_is_said_is_in_no_error() -> None:
    voice = VoiceProcess("espeak", timeout_s=0.001)
    with pytest.raises(VoiceFailed) as caught:
        voice.speak("tangerine")
    assert "tangerine" not in f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"
    voice.close()


def test_speaking_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    voice = VoiceProcess("pyttsx3")
    voice.speak("hello")
    voice.close()
    assert list(tmp_path.iterdir()) == []


def test_without_espeak_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "espeakng_loader.py").write_text("raise ImportError('no loader')\n", encoding="utf-8")
    (tmp_path / "sitecustomize.py").write_text(_HIDE_ESPEAK, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    voice = VoiceProcess("pyttsx3")
    with pytest.raises(VoiceMissing, match="libespeak-ng1"):
        voice.speak("hello")
    voice.close()


_HIDE_ESPEAK = """
import ctypes

class NoEspeak(ctypes.CDLL):
    def __init__(self, name, *arguments, **named):
        if "espeak" in str(name):
            raise OSError(f"{name}: cannot open shared object file")
        super().__init__(name, *arguments, **named)

ctypes.CDLL = NoEspeak
ctypes.cdll = ctypes.LibraryLoader(NoEspeak)
"""


def test_without_flite_the_error_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(VoiceMissing, match="flite"):
        make_synthesizer("flite")


def test_flite_is_asked_for_its_voices_and_speaks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "flite"
    program.write_text(_FLITE.format(python=sys.executable), encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert make_synthesizer("flite:slt").speak("hello").duration_s == 0.5
    assert make_synthesizer("flite:slt").speak("hello", pace=0.5).duration_s == 1.0
    with pytest.raises(VoiceUnknown, match="kal, slt"):
        make_synthesizer("flite:nobody")


_FLITE = """#!{python}
import sys, wave
if "-lv" in sys.argv:
    print("Voices available: kal slt")
else:
    with wave.open(sys.argv[sys.argv.index("-o") + 1], "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        stretch = float(sys.argv[sys.argv.index("--setf") + 1].partition("=")[2])
        file.writeframes(bytes(round(16000 * stretch)))
"""


def test_without_piper_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "piper", None)
    with pytest.raises(VoiceMissing, match="pip install piper-tts"):
        make_synthesizer("piper")


class FakePiper(types.ModuleType):
    """piper's own names, with a voice that says a sentence in 100 samples."""

    class SynthesisConfig:
        def __init__(self, length_scale: float) -> None:
            self.length_scale = length_scale

    class PiperVoice:
        config = types.SimpleNamespace(sample_rate=22_050)

        @classmethod
        def load(cls, model: Path) -> "FakePiper.PiperVoice":
            if model.read_bytes() != b"a voice":
                raise ValueError(model)
            return cls()

        def synthesize(self, text: str, syn_config: "FakePiper.SynthesisConfig") -> Iterator[types.SimpleNamespace]:
            for _ in text.rstrip(".").split("."):
                pcm = bytes(round(200 * syn_config.length_scale))
                yield types.SimpleNamespace(audio_int16_bytes=pcm, sample_rate=22_050)


@pytest.fixture
def piper_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setitem(sys.modules, "piper", FakePiper("piper"))
    model = tmp_path / "voice.onnx"
    model.write_bytes(b"a voice")
    return model


def test_piper_gives_all_sentences_as_one_sound(piper_model: Path) -> None:
    assert len(make_synthesizer(f"piper:{piper_model}").speak("One. Two.").samples) == 200
    assert len(make_synthesizer(f"piper:{piper_model}@85").speak("One. Two.").samples) == 400
    assert len(make_synthesizer(f"piper:{piper_model}@85").speak("One. Two.", pace=0.5).samples) == 800


def test_a_piper_voice_that_is_missing_or_broken_is_named(piper_model: Path) -> None:
    with pytest.raises(VoiceUnknown, match=r"nobody\.onnx"):
        make_synthesizer(f"piper:{piper_model.with_name('nobody.onnx')}")
    piper_model.write_bytes(b"broken")
    with pytest.raises(VoiceFailed, match="cannot load"):
        make_synthesizer(f"piper:{piper_model}")
