"""`python -m bench.answers [--leave-out]`: train the answer network anew, and test it on people it has never heard.

Needs torch beside the project's packages, and the clips that `python -m bench.answers.voices` writes. With --leave-out
the speakers are divided into five parts, and each part's clips are judged by a network that has heard none of theirs.
"""

import argparse
import json
import zlib
from pathlib import Path

import numpy as np

from bench.answers.lessons import HEARD, Lesson, lessons
from bench.answers.training import learn
from bench.answers.voices import FOLDER
from bench.capture.__main__ import GRAMMARS, MODEL
from bench.capture.hearing import Ours
from bench.capture.recordings import NoRecordings, Recordings
from voicebot.settings import ROOT
from voicebot.speech.answers import ANSWERS, WEIGHTS, AnswerOpinion
from voicebot.speech.digits.network import DigitNetwork

PARTS = 5


def main() -> None:
    """Train, write, test."""
    parser = argparse.ArgumentParser(prog="python -m bench.answers", description="Train the answer network.")
    parser.add_argument("--speech", type=Path, default=ROOT.parent / "shared" / "speech", help="recordings of people")
    parser.add_argument("--synthetic", type=Path, default=FOLDER, help="clips of synthetic voices")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="the weights")
    parser.add_argument("--leave-out", action="store_true", help="test it on speakers who are left out")
    given = parser.parse_args()
    if not any(given.synthetic.glob("*.flac")):
        raise NoRecordings(f"{given.synthetic} has no clips: make them with python -m bench.answers.voices")

    rng = np.random.default_rng(given.seed)
    network = DigitNetwork()
    learned = list(lessons(Recordings(given.speech), given.synthetic, Ours(MODEL, GRAMMARS), network, rng))
    print(f"{len(learned)} lessons", flush=True)
    _write(given.out, learned, given.seed)
    if given.leave_out:
        _test(learned, given.out.with_name("answers-without.npz"), network, given.seed)


def _write(path: Path, learned: list[Lesson], seed: int) -> None:
    rounded = {name: array.astype(np.float16) for name, array in learn(learned, seed=seed).items()}
    np.savez_compressed(path, allow_pickle=False, **rounded)
    print(f"written: {path}", flush=True)


def _test(learned: list[Lesson], path: Path, network: DigitNetwork, seed: int) -> None:
    right = dict.fromkeys((*ANSWERS, "other"), 0)
    total = dict.fromkeys(right, 0)
    for part in range(PARTS):
        _write(path, [lesson for lesson in learned if _part(lesson) != part], seed)
        opinion = AnswerOpinion(path, network)
        for lesson in learned:
            if lesson.sort == HEARD and _part(lesson) == part:
                likely = opinion.log_probabilities(lesson.seen)
                total[lesson.answer] += 1
                right[lesson.answer] += int((*ANSWERS, "other")[int(np.argmax(likely))] == lesson.answer)
    path.unlink()
    print(json.dumps({answer: [right[answer], total[answer]] for answer in right}))


def _part(lesson: Lesson) -> int:
    """Of synthetic voices none."""
    return zlib.crc32(lesson.speaker.encode()) % PARTS if lesson.speaker else -1


if __name__ == "__main__":
    main()
