"""How words sound, asked of the real library, in a process of its own: it holds one voice for the whole process."""

import json
import subprocess
import sys

import pytest

from voicebot.grammar.alike import alike

SOUNDS_OF = "import json, sys; from voicebot.speech import Pronunciation; p = Pronunciation(sys.argv[1])"
PRINTED = "print(json.dumps([p.sounds(word) for word in sys.argv[2:]]))"


def sounds(language: str, *words: str) -> list[list[str]]:
    ended = subprocess.run(
        [sys.executable, "-c", f"{SOUNDS_OF}; {PRINTED}", language, *words], capture_output=True, text=True, check=True
    )
    found: list[list[str]] = json.loads(ended.stdout)
    return found


def test_words_that_are_spelled_otherwise_may_sound_the_same() -> None:
    right, write, no, know, go, yes = sounds("en-US", "right", "write", "no", "know", "go", "yes")
    assert (right, no) == (write, know)
    assert alike(no, go)
    assert not alike(no, yes)


def test_another_language() -> None:
    sixty, seventy, yes = sounds("es-US", "sesenta", "setenta", "sí")
    assert alike(sixty, seventy)
    assert not alike(sixty, yes)


def test_a_language_that_it_does_not_speak() -> None:
    with pytest.raises(subprocess.CalledProcessError) as problem:
        sounds("qqx-QQ", "yes")
    assert "espeak-ng does not speak qqx-QQ" in problem.value.stderr
