"""`python -m bench.digits.encoder --kokoro FOLDER [--leave-out SPEAKER …]`: train what stands on Whisper's encoder.

Needs what `bench.digits` needs, and Whisper. The encoder stays as it came; of its upper layers see
`voicebot.speech.digits.encoded`. For each speaker to leave out another network is trained, and tested on this speaker's
tuning clips.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from bench.capture import values
from bench.capture.lines import Line, over, splice
from bench.capture.recordings import FSDD_HZ, Recordings
from bench.digits.clips import PEOPLE, noises, others, people
from bench.digits.kokoro import Kokoro
from bench.digits.lines import LEVEL, Lines, loudness
from bench.digits.training import Lesson, learn
from voicebot.capture.attempts import distances
from voicebot.settings import ROOT
from voicebot.speech import MODELS_FOLDER, SECOND_MODEL, SecondRecognizer
from voicebot.speech.activity import FULL_SCALE, MODEL_HZ, Samples
from voicebot.speech.digits.encoded import ENCODED_WEIGHTS, EncodedDigits, paired
from voicebot.speech.digits.opinion import NAMES
from voicebot.speech.products import Array

SYNTHETIC = "synthetic"
SPOKEN = 120
"""Strings that Kokoro says."""

LINES = {SYNTHETIC: 450, PEOPLE: 250}
LINES_EACH = 200
"""Lines that each speaker's digits are made into."""

LASTS_S = 11.0
"""How long a line is: as a card number without its pauses, and with digits in nearly all places of the window."""

STEPS = 400
REACH = 1
TESTED = 20


def main() -> None:
    """Train, write, test."""
    parser = argparse.ArgumentParser(prog="python -m bench.digits.encoder", description="Digits in Whisper's encoder.")
    parser.add_argument("--speech", type=Path, default=ROOT.parent / "shared" / "speech", help="recordings of people")
    parser.add_argument("--kokoro", type=Path, required=True, help="folder with model.onnx and voices/*.bin")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=ENCODED_WEIGHTS, help="the weights")
    parser.add_argument("--leave-out", nargs="*", default=(), help="speakers, each left out of another network")
    parser.add_argument("--others", type=Path, default=ROOT / "bench" / "out" / "digits", help="folder for those")
    given = parser.parse_args()

    recordings = Recordings(given.speech)
    whisper = SecondRecognizer(MODELS_FOLDER / SECOND_MODEL)
    voices = Kokoro(given.kokoro, np.random.default_rng(given.seed))
    clips = {SYNTHETIC: list(voices.clips(SPOKEN))} | people(recordings)
    lines = Lines(others(recordings), noises(recordings), np.random.default_rng([given.seed, 1]), LASTS_S)
    lessons = {}
    for name, said in clips.items():
        drawn = [lines.draw(said) for _ in range(LINES.get(name, LINES_EACH))]
        seen = np.stack([_seen(whisper, sound) for sound, _ in drawn])
        lessons[name] = Lesson(seen, [digits for _, digits in drawn])
        print(f"{name}: {len(said)} clips, {len(drawn)} lines", flush=True)

    _train(given.out, lessons, given.seed)
    given.others.mkdir(parents=True, exist_ok=True)
    for speaker in given.leave_out:
        path = given.others / f"encoded-without-{speaker}.npz"
        _train(path, {name: lesson for name, lesson in lessons.items() if name != speaker}, given.seed)
        errors = _errors(whisper, EncodedDigits(path), recordings, speaker, np.random.default_rng(given.seed))
        print(json.dumps({"left_out": speaker, "digit_errors": errors}), flush=True)


def _seen(whisper: SecondRecognizer, sound: Samples) -> Array:
    """What the network is given of a sound at `LEVEL`, with half of the digits that it costs to keep."""
    return paired(whisper.frames_of(sound / np.float32(FULL_SCALE))).astype(np.float16)


def _train(path: Path, lessons: dict[str, Lesson], seed: int) -> None:
    weights = learn([*lessons.values()], steps=STEPS, seed=seed, reach=REACH)
    np.savez_compressed(path, allow_pickle=False, **{name: array.astype(np.float16) for name, array in weights.items()})
    print(f"written: {path}", flush=True)


def _errors(
    whisper: SecondRecognizer,
    network: EncodedDigits,
    recordings: Recordings,
    speaker: str,
    rng: np.random.Generator,
) -> float:
    """The share of digits that it loses, adds or mistakes, by itself, in card numbers over a telephone."""
    wrong = said = 0
    for _ in range(TESTED):
        text = values.card(rng)
        spoken = splice(recordings, speaker, [text], rng, tuning=True)
        samples = over(Line(FSDD_HZ), spoken.samples, FSDD_HZ, rng).resampled(MODEL_HZ).samples.astype(np.float32)
        samples *= np.float32(LEVEL / loudness(samples.astype(np.float64)))
        heard = network.of(whisper.frames_of(samples / np.float32(FULL_SCALE)))[0]
        wrong += int(distances([text], ["".join(str(NAMES.index(word)) for word in heard.words)])[0, 0])
        said += len(text)
    return round(wrong / said, 4)


if __name__ == "__main__":
    main()
