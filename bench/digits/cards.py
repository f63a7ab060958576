"""`python -m bench.digits.cards [--second] [--kind card_number]`: what other opinions are worth to new speakers.

Each speaker's tuning clips, spliced to numbers over a telephone, are heard with the network that knows nothing of this
speaker (`python -m bench.digits --leave-out …` makes them). Each string is decided with and without the opinion, and
with --second also as a call hears it, where the second recogniser is asked too; the network on its encoder knows
nothing of the speaker either (`python -m bench.digits.encoder --leave-out …`).
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
from bench.capture.lines import Line, over, splice
from bench.capture.recordings import FSDD_HZ, Recordings
from voicebot.audio.sound import Sound
from voicebot.capture import Answer, Decision, Sensitive, decide
from voicebot.cli.errors import BadInput
from voicebot.grammar.heard import Segment
from voicebot.settings import ROOT
from voicebot.speech import Recognizer, SecondRecognizer, SegmentHeard
from voicebot.speech.digits import DigitOpinion
from voicebot.speech.digits.encoded import EncodedDigits

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
    parser.add_argument("--second", action="store_true", help="with the second recogniser too")
    given = parser.parse_args()

    recordings, line = Recordings(given.speech), Line(FSDD_HZ, given.noise_db)
    for speaker in given.speakers or recordings.speakers():
        opinion = DigitOpinion(made(given.networks / f"without-{speaker}.npz", "bench.digits", speaker))
        second = None
        if given.second:
            encoded = made(given.networks / f"encoded-without-{speaker}.npz", "bench.digits.encoder", speaker)
            second = SecondRecognizer(SECOND, EncodedDigits(encoded))
        ours = Ours(MODEL, GRAMMARS, second, opinion)
        lengths = (CODE_DIGITS,) if given.kind == "security_code" else ()  # as the card tells
        expected = ours.expect(given.kind, lengths=lengths)
        rng = np.random.default_rng([given.seed, *speaker.encode()])
        counts: dict[str, Counter[str]] = {"without": Counter(), "with": Counter()}
        if given.second:
            counts["with, and second"] = Counter()
        for _ in range(given.strings):
            wanted = _number(given.kind, rng)
            spoken = splice(recordings, speaker, values.grouped(wanted, rng), rng, tuning=True)
            sound = over(line, spoken.samples, FSDD_HZ, rng)
            segments = _segments(ours.recognizer, ours.phrases(expected.grammar), sound)
            for name, heard in (("with", segments), ("without", [replace(each, network=()) for each in segments])):
                answer = Answer()
                for segment in heard:
                    answer = answer.heard(segment)
                decision = decide(answer, expected)
                _count(counts[name], decision.verdict.value, right=_content(decision) == wanted)
            if given.second:
                outcome = ours.hear(sound, expected, spoken.speech_end_s)
                _count(counts["with, and second"], outcome.verdict, right=outcome.content == wanted)
        for name, counted in counts.items():
            row = {"speaker": speaker, "opinion": name, "strings": given.strings, **counted}
            print(json.dumps(row, sort_keys=True), flush=True)


def made(network: Path, by: str, speaker: str) -> Path:
    """A network without this speaker, if it has been trained."""
    if not network.is_file():
        raise BadInput(f"there is no {network}; make it: python -m {by} --kokoro FOLDER --leave-out {speaker}")
    return network


def _count(counts: Counter[str], verdict: str, *, right: bool) -> None:
    counts[f"{verdict}, {'right' if right else 'wrong'}"] += 1
    counts["best right"] += right
    counts["taken right"] += right and verdict in {"accept", "confirm"}


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
