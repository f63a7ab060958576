"""`python -m bench.digits.cards [--kind card_number] [--strings N]`: what the second opinion is worth to new speakers.

Each speaker's tuning clips, spliced to numbers over a telephone, are heard with the network that knows nothing of this
speaker (`python -m bench.digits --leave-out …` makes them). Each string is decided with and without the opinion.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.capture import values
from bench.capture.__main__ import GRAMMARS, MODEL
from bench.capture.hearing import Ours
from bench.capture.lines import Line, over, splice
from bench.capture.recordings import FSDD_HZ, Recordings
from voicebot.audio.sound import Sound
from voicebot.capture import Answer, Decision, Sensitive, decide
from voicebot.cli.errors import BadInput
from voicebot.grammar.heard import Segment
from voicebot.settings import ROOT
from voicebot.speech import Recognizer, SegmentHeard
from voicebot.speech.digits import DigitOpinion

CODE_DIGITS = 4


def main() -> None:
    """Hear, decide, count."""
    parser = argparse.ArgumentParser(prog="python -m bench.digits.cards", description="With and without the opinion.")
    parser.add_argument("--speech", type=Path, default=ROOT.parent / "shared" / "speech", help="recordings of people")
    parser.add_argument("--networks", type=Path, default=ROOT / "bench" / "out" / "digits")
    parser.add_argument("--kind", choices=("card_number", "routing_number", "security_code"), default="card_number")
    parser.add_argument("--strings", type=int, default=30, help="of each speaker")
    parser.add_argument("--speakers", nargs="*", help="only these")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--noise-db", type=float, help="white noise so far below the speech")
    given = parser.parse_args()

    recordings, line = Recordings(given.speech), Line(FSDD_HZ, given.noise_db)
    for speaker in given.speakers or recordings.speakers():
        network = given.networks / f"without-{speaker}.npz"
        if not network.is_file():
            raise BadInput(
                f"there is no {network}; make it: python -m bench.digits --kokoro FOLDER --leave-out {speaker}"
            )
        ours = Ours(MODEL, GRAMMARS, opinion=DigitOpinion(network))
        expected = ours.expect(given.kind)
        rng = np.random.default_rng([given.seed, *speaker.encode()])
        counts: dict[str, Counter[str]] = {"without": Counter(), "with": Counter()}
        for _ in range(given.strings):
            wanted = _number(given.kind, rng)
            spoken = splice(recordings, speaker, values.grouped(wanted, rng), rng, tuning=True)
            segments = _segments(
                ours.recognizer, ours.phrases(expected.grammar), over(line, spoken.samples, FSDD_HZ, rng)
            )
            for name, heard in (("with", segments), ("without", [replace(each, network=()) for each in segments])):
                answer = Answer()
                for segment in heard:
                    answer = answer.heard(segment)
                decision = decide(answer, expected)
                right = _content(decision) == wanted
                counts[name][f"{decision.verdict.value}, {'right' if right else 'wrong'}"] += 1
                counts[name]["best right"] += right
        for name, counted in counts.items():
            row = {"speaker": speaker, "opinion": name, "strings": given.strings, **counted}
            print(json.dumps(row, sort_keys=True), flush=True)


def _number(kind: str, rng: np.random.Generator) -> str:
    if kind == "security_code":
        return values.digits(rng, CODE_DIGITS)
    return values.card(rng) if kind == "card_number" else values.routing(rng)


def _segments(recognizer: Recognizer, phrases: Sequence[str], sound: Sound) -> list[Segment]:
    ear = recognizer.listen(phrases, rate_hz=sound.rate_hz, start_s=0.0)
    return [event.segment for event in ear.feed(sound) + ear.finish() if isinstance(event, SegmentHeard)]


def _content(decision: Decision) -> str:
    content = decision.value.content if decision.value is not None else ""
    return content.get_secret_value() if isinstance(content, Sensitive) else content


if __name__ == "__main__":
    main()
