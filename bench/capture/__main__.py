"""`python -m bench.capture --json [--speech FOLDER] [--seed N] [--quick]`: how well numbers are heard.

Prints a table, and with `--json` last one object with a row for each task, line and speaker. Clips that thresholds were
chosen on are not used here.
"""

import argparse
import json
import time
from itertools import chain
from pathlib import Path
from typing import Any

from bench.capture import tasks
from bench.capture.hearing import PLAIN_GRAMMARS, Ours, Plain
from bench.capture.plotting import plot
from bench.capture.recordings import Recordings
from voicebot.speech.second import SECOND_MODEL, SecondRecognizer

HOME = Path(__file__).resolve().parents[2]
MODEL = HOME / "models" / "vosk-model-small-en-us-0.15"
SECOND = HOME / "models" / SECOND_MODEL
GRAMMARS = HOME / "grammars" / "en-US"
OUT = HOME / "bench" / "out"
FULL, QUICK = 100, 12
SHOWN = (
    "strings",
    "right_first",
    "right_within_two",
    "accepted_wrong",
    "taken_for_command",
    "heard_again_right",
    "asked_again",
    "decision_s_median",
    "cut",
)


def main() -> None:
    """Measure, print, plot."""
    parser = argparse.ArgumentParser(prog="python -m bench.capture", description="How well numbers are heard.")
    parser.add_argument("--speech", type=Path, default=HOME.parent / "shared" / "speech", help="recordings of people")
    parser.add_argument("--seed", type=int, default=1, help="other strings, other clips, other pauses")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} strings a row instead of {FULL}")
    parser.add_argument("--strings", type=int, help="strings a row, instead of the default")
    parser.add_argument("--no-plain", action="store_true", help="leave plain Vosk out, which takes most of the time")
    parser.add_argument("--no-second", action="store_true", help="without the second recogniser")
    parser.add_argument("--clean", action="store_true", help="only the telephone line without noise")
    parser.add_argument("--only", choices=("strings", "pauses", "yes_no", "expirations", "speed"), action="append")
    parser.add_argument("--kind", choices=tasks.STRING_KINDS, action="append", help="of the strings only this kind")
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="write what was not heard right there, to listen to"
    )
    parser.add_argument("--json", action="store_true", help="print one object last")
    chosen = parser.parse_args()
    bench = tasks.Bench(
        Recordings(chosen.speech),
        Ours(MODEL, GRAMMARS, None if chosen.no_second or not SECOND.is_dir() else SecondRecognizer(SECOND)),
        {} if chosen.no_plain else {name: Plain(MODEL, name) for name in PLAIN_GRAMMARS},
        chosen.seed,
        chosen.strings or (QUICK if chosen.quick else FULL),
        tasks.LINES[:1] if chosen.clean else tasks.LINES,
        tuple(chosen.kind or tasks.STRING_KINDS),
        chosen.keep,
    )
    if chosen.keep is not None:
        chosen.keep.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    rows: list[dict[str, Any]] = []
    if chosen.no_plain and "speed" in (chosen.only or ["speed"]):
        parser.error("speed is measured against plain Vosk: leave out --no-plain, or choose other rows with --only")
    wanted = chosen.only or ("strings", "pauses", "yes_no", "expirations", "speed")
    for row in chain.from_iterable(getattr(tasks, name)(bench) for name in wanted):
        rows.append(row)
        print(_line(row), flush=True)
    OUT.mkdir(parents=True, exist_ok=True)
    picture = plot(rows, OUT / "capture.png")
    if chosen.json:
        took_s = round(time.monotonic() - started, 1)
        print(json.dumps({"seed": chosen.seed, "wall_s": took_s, "plot": str(picture.relative_to(HOME)), "rows": rows}))


def _line(row: dict[str, Any]) -> str:
    title = "  ".join(str(row[name]) for name in ("task", "line", "who", "system") if name in row)
    rest = {name: row[name] for name in SHOWN if name in row} or {
        name: value for name, value in row.items() if name not in {"task", "line"}
    }
    return f"{title}: " + ", ".join(f"{name} {value}" for name, value in rest.items())


if __name__ == "__main__":
    main()
