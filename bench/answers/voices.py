"""`python -m bench.answers.voices --kokoro FOLDER`: yes, no, other words and made-up ones by Kokoro's voices.

Each is a file of 8 kHz, named by what it is; some twenty minutes of one core for all of them. Several may run at once,
with seeds of their own.
"""

import argparse
from pathlib import Path

import numpy as np
import soundfile

from bench.answers.words import ANSWERS, CONSONANTS, SAID, VOWELS
from bench.digits.kokoro import Kokoro
from voicebot.audio.codec import TELEPHONE_HZ
from voicebot.settings import ROOT

FOLDER = ROOT / "bench" / "out" / "answers"
SHARES = {"yes": 0.24, "no": 0.24, "other": 0.36, "made up": 0.16}
STRESS = "ˈ"
ENDINGS = {".": 0.55, "": 0.15, "!": 0.1, "?": 0.12, ",": 0.08}


def main() -> None:
    """Speak, write."""
    parser = argparse.ArgumentParser(prog="python -m bench.answers.voices", description="Words by synthetic voices.")
    parser.add_argument("--kokoro", type=Path, required=True, help="folder with model.onnx and voices/*.bin")
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("--count", type=int, default=424)
    parser.add_argument("--seed", type=int, default=100)
    given = parser.parse_args()
    rng = np.random.default_rng(given.seed)
    kokoro = Kokoro(given.kokoro, rng)
    given.out.mkdir(parents=True, exist_ok=True)
    for number in range(given.count):
        sort = str(rng.choice([*SHARES], p=[*SHARES.values()]))
        letters = made_up(rng) if sort == "made up" else _drawn(sort, rng)
        ending = str(rng.choice([*ENDINGS], p=[*ENDINGS.values()]))
        sound = kokoro.spoken(letters + ending, _style(kokoro, rng))
        name = sort if sort in {"yes", "no"} else "other"
        peak = np.abs(sound).max() * 2
        soundfile.write(given.out / f"{name}_{given.seed}_{number}.flac", sound / peak, TELEPHONE_HZ, subtype="PCM_16")


def _drawn(sort: str, rng: np.random.Generator) -> str:
    letters, times = zip(*SAID[sort].values(), strict=True)
    return str(rng.choice(letters, p=np.array(times) / sum(times)))


def made_up(rng: np.random.Generator) -> str:
    """A word of one to three syllables that is no answer."""
    while True:
        word = ""
        for syllable in range(int(rng.choice([1, 2, 3], p=[0.5, 0.35, 0.15]))):
            word += str(rng.choice(CONSONANTS)) if rng.random() < 0.85 else ""
            word += ("" if syllable else STRESS) + str(rng.choice(VOWELS))
            word += str(rng.choice(CONSONANTS)) if rng.random() < 0.45 else ""
        if word.replace(STRESS, "") not in ANSWERS:
            return word


def _style(kokoro: Kokoro, rng: np.random.Generator) -> np.ndarray:
    """Mostly of an English voice, and half of the time one between two."""
    voices = kokoro.styles()
    style = voices[int(rng.choice(kokoro.english) if rng.random() < 0.7 else rng.integers(len(voices)))]
    if rng.random() < 0.5:
        share = rng.uniform(0.3, 0.6)
        style = style * (1 - share) + voices[int(rng.integers(len(voices)))] * share
    return style


if __name__ == "__main__":
    main()
