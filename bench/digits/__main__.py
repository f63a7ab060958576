"""`python -m bench.digits --kokoro FOLDER [--leave-out SPEAKER …]`: train the digit network anew, and test it.

Needs torch and onnxruntime beside the project's packages, and the voices of Kokoro; docs/hearing.md says how to get
them. The lower layers are taken from the weights that are there. For each speaker to leave out another network is
trained that has heard nothing of this one; its errors on the speaker's tuning clips say how well somebody is heard whom
nobody has heard before.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from bench.capture.lines import Line, over, splice
from bench.capture.recordings import FSDD_HZ, Recordings
from bench.capture.values import digits as random_digits
from bench.digits.clips import PEOPLE, noises, others, people
from bench.digits.kokoro import Kokoro
from bench.digits.lines import LEVEL, Lines, loudness
from bench.digits.training import Lesson, learn
from voicebot.capture.attempts import distances
from voicebot.settings import ROOT
from voicebot.speech.activity import MODEL_HZ
from voicebot.speech.digits.ctc import likeliest
from voicebot.speech.digits.features import log_mel
from voicebot.speech.digits.network import WEIGHTS, DigitNetwork

SYNTHETIC = "synthetic"
SPOKEN = 120
"""Strings that Kokoro says."""

LINES = {SYNTHETIC: 700, PEOPLE: 400}
LINES_EACH = 300
"""Lines that each speaker's digits are made into, three seconds each."""

STEPS = 500
TESTED = 50


def main() -> None:
    """Train, write, test."""
    parser = argparse.ArgumentParser(prog="python -m bench.digits", description="Train the digit network.")
    parser.add_argument("--speech", type=Path, default=ROOT.parent / "shared" / "speech", help="recordings of people")
    parser.add_argument("--kokoro", type=Path, required=True, help="folder with model.onnx and voices/*.bin")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="the weights")
    parser.add_argument("--leave-out", nargs="*", default=(), help="speakers, each left out of another network")
    parser.add_argument("--others", type=Path, default=ROOT / "bench" / "out" / "digits", help="folder for those")
    given = parser.parse_args()

    recordings = Recordings(given.speech)
    rng = np.random.default_rng(given.seed)
    network = DigitNetwork()
    clips = {SYNTHETIC: list(Kokoro(given.kokoro, rng).clips(SPOKEN))}
    clips |= people(recordings)
    lines = Lines(others(recordings), noises(recordings), rng)
    lessons = {}
    for name, said in clips.items():
        drawn = [lines.draw(said) for _ in range(LINES.get(name, LINES_EACH))]
        seen = np.stack([network.embedded(log_mel(sound)) for sound, _ in drawn])
        lessons[name] = Lesson(seen, [digits for _, digits in drawn])
        print(f"{name}: {len(said)} clips, {len(drawn)} lines", flush=True)

    _train(given.out, network, lessons, given.seed)
    given.others.mkdir(parents=True, exist_ok=True)
    for speaker in given.leave_out:
        path = given.others / f"without-{speaker}.npz"
        _train(path, network, {name: lesson for name, lesson in lessons.items() if name != speaker}, given.seed)
        errors = _errors(DigitNetwork(path), recordings, speaker, np.random.default_rng(given.seed))
        print(json.dumps({"left_out": speaker, "digit_errors": errors}), flush=True)


def _train(path: Path, network: DigitNetwork, lessons: dict[str, Lesson], seed: int) -> None:
    weights = network.lower_weights() | learn([*lessons.values()], steps=STEPS, seed=seed)
    rounded = {name: value.astype(np.float16) for name, value in weights.items()}
    np.savez_compressed(path, allow_pickle=False, **rounded)
    print(f"written: {path}", flush=True)


def _errors(network: DigitNetwork, recordings: Recordings, speaker: str, rng: np.random.Generator) -> float:
    """The share of digits that the network alone loses, adds or mistakes, in strings of four over a telephone."""
    wrong = 0
    for _ in range(TESTED):
        text = random_digits(rng, 4)
        sound = over(Line(FSDD_HZ), splice(recordings, speaker, [text], rng, tuning=True).samples, FSDD_HZ, rng)
        samples = sound.resampled(MODEL_HZ).samples.astype(np.float32)[: 4 * MODEL_HZ]
        samples *= np.float32(LEVEL / loudness(samples.astype(np.float64)))
        heard = likeliest(network.log_probabilities(log_mel(samples)))[0]
        wrong += int(distances([text], [heard])[0, 0])
    return round(wrong / (4 * TESTED), 4)


if __name__ == "__main__":
    main()
