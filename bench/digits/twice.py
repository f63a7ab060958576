"""`python -m bench.digits.twice [--noise-db X]`: bank account numbers said up to three times by new speakers.

Each speaker's tuning clips, spliced to numbers over a telephone, are heard as a call hears them, by Vosk alone and with
a second recogniser whose network knows nothing of this speaker (`python -m bench.digits.encoder --leave-out …`). And
each is said with a slip of the tongue the first time, one digit another one, and right the second time.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.capture import values
from bench.capture.__main__ import GRAMMARS, MODEL, SECOND
from bench.capture.hearing import Ours
from bench.capture.lines import Line, Utterance, over, splice
from bench.capture.recordings import FSDD_HZ, Recordings
from bench.digits.cards import made
from voicebot.audio.sound import Sound
from voicebot.capture.groups import read_in_groups
from voicebot.settings import ROOT
from voicebot.speech import SecondRecognizer
from voicebot.speech.digits.encoded import EncodedDigits

KIND = "bank_account_number"
FEWEST, MOST = 6, 12
SAYINGS = 3
ZEROS_SHARE = 0.3
"""How many numbers begin with zeros."""
PAUSE_S = 0.15, 0.7


def main() -> None:
    """Say, hear, count."""
    parser = argparse.ArgumentParser(prog="python -m bench.digits.twice", description="Numbers that nothing checks.")
    parser.add_argument("--speech", type=Path, default=ROOT.parent / "shared" / "speech", help="recordings of people")
    parser.add_argument("--networks", type=Path, default=ROOT / "bench" / "out" / "digits")
    parser.add_argument("--numbers", type=int, default=12, help="of each speaker")
    parser.add_argument("--speakers", nargs="*", help="only these")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--noise-db", type=float, help="white noise so far below the speech")
    given = parser.parse_args()

    recordings, line = Recordings(given.speech), Line(FSDD_HZ, given.noise_db)
    for speaker in given.speakers or recordings.speakers():
        encoded = made(given.networks / f"encoded-without-{speaker}.npz", "bench.digits.encoder", speaker)
        second = SecondRecognizer(SECOND, EncodedDigits(encoded))
        ways = {"alone": Ours(MODEL, GRAMMARS), "with second": Ours(MODEL, GRAMMARS, second)}
        rng = np.random.default_rng([given.seed, *speaker.encode()])
        counts: dict[str, Counter[str]] = {way: Counter() for way in ways}
        for _ in range(given.numbers):
            wanted = _number(rng)
            slip = _slip(wanted, rng)
            sayings = [_spoken(recordings, speaker, text, rng) for text in (*[wanted] * SAYINGS, slip)]
            for way, ours in ways.items():
                own = np.random.default_rng([given.seed, *map(int, wanted)])  # the same noise for both
                *right, wrong = ((over(line, each.samples, FSDD_HZ, own), each.speech_end_s) for each in sayings)
                times, content = _taken(ours, right)
                came = f"after {times}, {'right' if content == wanted else 'wrong'}" if times else "lost"
                counts[way][came] += 1
                times, content = _taken(ours, [wrong, right[0]])
                counts[way][f"slip first, {'right' if content == wanted else 'wrong'}"] += bool(times)
        for way, counted in counts.items():
            print(json.dumps({"speaker": speaker, "heard": way, "numbers": given.numbers, **counted}), flush=True)


def _taken(ours: Ours, sayings: Sequence[tuple[Sound, float]]) -> tuple[int, str]:
    """After how many sayings a number was taken, and which; 0 if none was."""
    expected = replace(ours.expect(KIND), twice=True)
    for times, (sound, end_s) in enumerate(sayings, 1):
        outcome = ours.hear(sound, expected, end_s)
        if outcome.verdict == "accept":
            return times, outcome.content
        expected = replace(expected, earlier=(*expected.earlier, outcome.answer))
    return 0, ""


def _number(rng: np.random.Generator) -> str:
    number = values.digits(rng, int(rng.integers(FEWEST, MOST + 1)))
    zeros = int(rng.integers(1, 4)) if rng.random() < ZEROS_SHARE else 0
    return "0" * zeros + number[zeros:]


def _slip(number: str, rng: np.random.Generator) -> str:
    place = int(rng.integers(len(number)))
    other = (int(number[place]) + int(rng.integers(1, 10))) % 10
    return f"{number[:place]}{other}{number[place + 1 :]}"


def _spoken(recordings: Recordings, speaker: str, text: str, rng: np.random.Generator) -> Utterance:
    return splice(recordings, speaker, read_in_groups(text), rng, tuning=True, pause_s=PAUSE_S)


if __name__ == "__main__":
    main()
