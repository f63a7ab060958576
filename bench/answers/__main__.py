"""`python -m bench.answers [--second] [--leave-out]`: train an answer network anew, and test it on people unheard.

Needs torch beside the project's packages, and the clips that `python -m bench.answers.voices` writes. With --leave-out
the speakers are divided into five parts, and each part's clips are judged by a network that has heard none of theirs.
With --second it is the one that stands on the second recogniser's encoder.
"""

import argparse
import json
import zlib
from pathlib import Path

import numpy as np

from bench.answers.lessons import HEARD, Lesson, by_network, by_second, lessons
from bench.answers.training import ON_NETWORK, ON_SECOND, Size, learn
from bench.answers.voices import FOLDER
from bench.capture.__main__ import GRAMMARS, MODEL, SECOND
from bench.capture.hearing import Ours
from bench.capture.recordings import NoRecordings, Recordings
from voicebot.grammar.heard import ANSWERS
from voicebot.settings import ROOT
from voicebot.speech.answers import SECOND_WEIGHTS, WEIGHTS, AnswerHead
from voicebot.speech.digits.network import DigitNetwork
from voicebot.speech.second import SecondRecognizer

PARTS = 5


def main() -> None:
    """Train, write, test."""
    parser = argparse.ArgumentParser(prog="python -m bench.answers", description="Train the answer network.")
    parser.add_argument("--speech", type=Path, default=ROOT.parent / "shared" / "speech", help="recordings of people")
    parser.add_argument("--synthetic", type=Path, default=FOLDER, help="clips of synthetic voices")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--second", action="store_true", help="train the one on the second recogniser's encoder")
    parser.add_argument("--out", type=Path, help="the weights; the project's own if not given")
    parser.add_argument("--leave-out", action="store_true", help="test it on speakers who are left out")
    given = parser.parse_args()
    if not any(given.synthetic.glob("*.flac")):
        raise NoRecordings(f"{given.synthetic} has no clips: make them with python -m bench.answers.voices")

    rng = np.random.default_rng(given.seed)
    see, size = by_network(DigitNetwork()), ON_NETWORK
    if given.second:
        see, size = by_second(SecondRecognizer(SECOND)), ON_SECOND
    learned = list(lessons(Recordings(given.speech), given.synthetic, Ours(MODEL, GRAMMARS), see, rng))
    print(f"{len(learned)} lessons", flush=True)
    path = given.out or (SECOND_WEIGHTS if given.second else WEIGHTS)
    _write(path, learned, size, given.seed)
    if given.leave_out:
        _test(learned, path.with_name("answers-without.npz"), size, given.seed)


def _write(path: Path, learned: list[Lesson], size: Size, seed: int) -> None:
    rounded = {name: array.astype(np.float16) for name, array in learn(learned, size, seed=seed).items()}
    np.savez_compressed(path, allow_pickle=False, **rounded)
    print(f"written: {path}", flush=True)


def _test(learned: list[Lesson], path: Path, size: Size, seed: int) -> None:
    right = dict.fromkeys((*ANSWERS, "other"), 0)
    total = dict.fromkeys(right, 0)
    for part in range(PARTS):
        _write(path, [lesson for lesson in learned if _part(lesson) != part], size, seed)
        head = AnswerHead(path)
        for lesson in learned:
            if lesson.sort == HEARD and _part(lesson) == part:
                likely = head.log_probabilities(lesson.seen)
                total[lesson.answer] += 1
                right[lesson.answer] += int((*ANSWERS, "other")[int(np.argmax(likely))] == lesson.answer)
    path.unlink()
    print(json.dumps({answer: [right[answer], total[answer]] for answer in right}))


def _part(lesson: Lesson) -> int:
    """Of synthetic voices none."""
    return zlib.crc32(lesson.speaker.encode()) % PARTS if lesson.speaker else -1


if __name__ == "__main__":
    main()
