"""`wav` and `recognize`: one recording as a whole call, recorded answers to one question, and files that are no use."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.cli.conftest import CLIPS, Run, questions
from tests.cli.test_call import ASKED
from voicebot.audio import Sound, key_tones, read_sound, write_sound
from voicebot.speech import VoiceProcess

RATE_HZ = 16_000
PAUSE_S = 1.5
KEYED = {"card_number": "4111111111111111", "expiration": "0529", "security_code": "999"}


@pytest.fixture(scope="module")
def caller() -> Iterator[VoiceProcess]:
    voice = VoiceProcess("espeak:en-us@140")
    yield voice
    voice.close()


@pytest.fixture
def whole_call(folder: Path) -> Path:
    """The demo's caller as one recording, who keys in what is sensitive: each answer, then a pause."""
    path = folder / "caller.wav"
    pcm = b"".join(answer.pcm + Sound.silence(PAUSE_S, RATE_HZ).pcm for answer in map(_answer, ASKED))
    write_sound(path, Sound(pcm, RATE_HZ))
    return path


def _answer(question: str) -> Sound:
    if question in KEYED:
        return key_tones(KEYED[question], RATE_HZ, on_s=0.1, off_s=0.1)
    return read_sound(CLIPS / f"{question}.flac")


def test_one_recording_is_a_whole_call(run: Run, whole_call: Path) -> None:
    ended = run("wav", whole_call, "--json", "--record", "call.wav")
    assert ended.exit_code == 0
    assert ended.json["outcome"] == "paid"
    assert questions(ended.json) == ASKED
    assert soundfile.info("call.wav").channels == 2


def test_answers_are_recognised_one_object_a_file(run: Run) -> None:
    clips = [CLIPS / "account_number.flac", CLIPS / "tender.flac"]
    ended = run("recognize", "--question", "account_number", *clips, "--json")
    assert (ended.exit_code, ended.stderr) == (0, "")
    first, second = map(_object, ended.stdout.splitlines())
    assert list(first)[:5] == ["file", "decision", "value", "score", "heard"]
    assert (first["file"], first["decision"], first["value"]) == (str(clips[0]), "accept", "2890345")
    assert first["heard"] == "two eight nine zero three four five"
    assert first["score"] > 0
    assert (second["decision"], second["value"]) == ("reject", None)


@pytest.mark.parametrize("question", ["confirm_payment", "yes_no"])
def test_a_question_or_its_kind(run: Run, question: str) -> None:
    ended = run("recognize", "-q", question, CLIPS / "confirm_payment.flac")
    assert "accept" in ended.words
    assert "yes" in ended.words


def test_sensitive_values_are_masked_unless_revealed(run: Run) -> None:
    arguments = ("recognize", "--question", "card_number", CLIPS / "card_number.flac", "--json")
    masked, revealed = run(*arguments), run(*arguments, "--reveal")
    assert _object(masked.stdout)["decision"] == "accept"
    assert {_object(masked.stdout)["value"], _object(masked.stdout)["heard"]} == {"********"}
    assert masked.stderr == ""
    assert _object(revealed.stdout)["value"] == "4111111111111111"
    assert "test numbers only" in revealed.complaint


def test_speech_and_keys_are_one_answer_in_a_recording(run: Run) -> None:
    said = read_sound(CLIPS / "account_number.flac")
    keyed = key_tones("11#", said.rate_hz, on_s=0.1, off_s=0.1)
    write_sound(Path("mixed.wav"), said + keyed)
    ended = run("recognize", "--question", "bank_account_number", "mixed.wav", "--json", "--reveal")
    assert (_object(ended.stdout)["decision"], _object(ended.stdout)["value"]) == ("confirm", "289034511")


@pytest.mark.parametrize("silence_s", [0.0, 4.0])
def test_silence_around_an_answer_does_not_matter(run: Run, silence_s: float) -> None:
    said = read_sound(CLIPS / "account_number.flac")
    loud = np.nonzero(np.abs(said.samples.astype(np.int32)) > 300)[0]
    spoken = Sound.from_samples(said.samples[loud[0] : loud[-1] + 1], said.rate_hz)
    silence = Sound.silence(silence_s, said.rate_hz)
    write_sound(Path("answer.wav"), silence + spoken + silence)
    ended = run("recognize", "--question", "account_number", "answer.wav", "--json")
    assert (_object(ended.stdout)["decision"], _object(ended.stdout)["value"]) == ("accept", "2890345")


def test_a_number_without_a_checksum_is_confirmed_by_saying_it_again(run: Run) -> None:
    said = read_sound(CLIPS / "account_number.flac")
    write_sound(Path("answer.wav"), said)
    ended = run("recognize", "--question", "bank_account_number", "answer.wav", "--json")
    assert _object(ended.stdout)["decision"] == "confirm"
    assert _object(ended.stdout)["confirm_by"] == "saying it again"
    assert "confirm by saying it again" in run("recognize", "--question", "bank_account_number", "answer.wav").words


def test_a_command_is_no_answer(run: Run) -> None:
    write_sound(Path("zero.wav"), key_tones("0", RATE_HZ, on_s=0.1, off_s=0.1))
    ended = run("recognize", "--question", "tender", "zero.wav", "--json")
    assert (_object(ended.stdout)["decision"], _object(ended.stdout)["command"]) == ("reject", "operator")


def test_a_command_ends_an_answer_as_in_a_call(run: Run, caller: VoiceProcess) -> None:
    said, more = (caller.speak(words).resampled(8_000) for words in ("repeat", "card"))
    write_sound(Path("more.wav"), said + Sound.silence(2.0, said.rate_hz) + more)
    ended = run("recognize", "--question", "tender", "more.wav", "--json")
    assert (_object(ended.stdout)["decision"], _object(ended.stdout)["command"]) == ("reject", "repeat")


def test_a_command_that_only_the_second_recogniser_hears(run: Run, caller: VoiceProcess) -> None:
    """As in a call: at 8 dB the first one hears no word at all."""
    said = caller.speak("repeat").resampled(8_000)
    quiet = Sound.silence(0.5, said.rate_hz)
    clean = (quiet + said + quiet).samples.astype(np.float64)
    noise = np.random.default_rng(1).normal(0.0, np.sqrt((said.samples.astype(np.float64) ** 2).mean()), clean.size)
    noisy = np.clip(clean + noise * 10 ** (-8 / 20), -32_768, 32_767).astype(np.int16)
    write_sound(Path("noisy.wav"), Sound.from_samples(noisy, said.rate_hz))
    ended = run("recognize", "--question", "card_number", "noisy.wav", "--json")
    assert (_object(ended.stdout)["decision"], _object(ended.stdout)["command"]) == ("reject", "repeat")


def test_an_unknown_question_names_those_there_are(run: Run) -> None:
    ended = run("recognize", "-q", "shoe_size", CLIPS / "tender.flac")
    assert ended.exit_code == 2
    assert "no question is called 'shoe_size'; there are account_number" in ended.complaint


BAD_FILES = {
    "stereo": "stereo, 16000 Hz",
    "fast": "mono, 44100 Hz",
    "coarse": "Unsigned 8 bit PCM",
    "truncated": "is cut short",
    "empty": "is empty (0 bytes)",
    "silent": "holds no sound at all",
    "words": "is not a sound file",
    "missing": "there is no file",
}


@pytest.fixture(params=BAD_FILES)
def bad_file(request: pytest.FixtureRequest, folder: Path) -> tuple[Path, str]:
    """A file that is no recording of a caller, and what is said of it."""
    path = folder / f"{request.param}.wav"
    second = np.zeros(16_000, dtype=np.int16)
    match request.param:
        case "stereo":
            soundfile.write(path, np.stack([second, second], axis=1), 16_000)
        case "fast":
            soundfile.write(path, second, 44_100)
        case "coarse":
            soundfile.write(path, second, 16_000, subtype="PCM_U8")
        case "truncated":
            soundfile.write(path, second, 16_000)
            path.write_bytes(path.read_bytes()[:20_000])
        case "empty":
            path.touch()
        case "silent":
            soundfile.write(path, second[:0], 16_000)
        case "words":
            path.write_text("this is not sound, whatever its name says\n" * 9, "utf-8")
    return path, BAD_FILES[request.param]


def test_a_recording_that_cannot_be_read_does_not_cost_the_others(run: Run, folder: Path) -> None:
    (folder / "broken.wav").write_bytes(b"RIFF")
    ended = run("recognize", "-q", "tender", "broken.wav", CLIPS / "tender.flac", "--json")
    assert ended.exit_code == 2
    assert ended.complaint.startswith("bad input: broken.wav ")
    assert (ended.json["file"], ended.json["decision"]) == (str(CLIPS / "tender.flac"), "accept")
    assert "accept" in run("recognize", "-q", "tender", "broken.wav", CLIPS / "tender.flac").words


@pytest.mark.parametrize("command", [("wav",), ("recognize", "-q", "tender")])
def test_a_file_that_is_no_callers_recording(run: Run, bad_file: tuple[Path, str], command: tuple[str, ...]) -> None:
    path, said = bad_file
    ended = run(*command, path)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.complaint.startswith(f"bad input: {path}") or ended.complaint.startswith("bad input: there is no file")
    assert said in ended.complaint


def _object(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found
