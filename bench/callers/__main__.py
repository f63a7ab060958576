"""`python -m bench.callers`: hold calls, print what they come to, write the page."""

import argparse
import asyncio
import json
import os
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import numpy as np

from bench.callers import transcript
from bench.callers.crowd import hold_calls
from bench.callers.exchange import Options, open_exchange
from bench.callers.figures import sums
from bench.callers.line import LINES, MIX
from bench.callers.manners import MANNERS
from bench.callers.place import Span, Tape
from bench.callers.report import page
from bench.callers.timeline import as_text, picture
from bench.callers.verdict import Result
from voicebot.audio import Sound, write_sound
from voicebot.audio.codec import TELEPHONE_HZ
from voicebot.cli.errors import BadInput
from voicebot.settings import ROOT

OUT = ROOT / "bench" / "out" / "callers"
RECORDINGS = ROOT.parent / "shared" / "speech"


def main() -> None:
    """Read the command line and do it."""
    given = _parser().parse_args()
    recordings = _recordings(given.speech)
    lines = tuple(given.lines.split(",")) if given.lines else MIX
    manners = _manners(given.manners)
    if unknown := {*lines} - {*LINES} | {*manners} - {manner.name for manner in MANNERS}:
        raise BadInput(
            f"no line or manner {', '.join(sorted(unknown))}; lines: {', '.join(LINES)}; "
            f"manners: {', '.join(manner.name for manner in MANNERS)}"
        )
    options = Options(given.seed, given.out, recordings, manners, lines)
    given.out.mkdir(parents=True, exist_ok=True)
    if given.timeline is not None:
        asyncio.run(_draw(options, given.timeline))
        return
    if given.transcripts:
        _write_transcripts(options, given.transcripts, given.write)
        return
    if given.join:
        _report(
            given, [each for file in given.join for each in _read(file)], wall_s=0.0, recorded=recordings is not None
        )
        return
    began_s = time.monotonic()
    indexes = range(given.first, given.first + given.calls)
    with (given.out / "calls.jsonl").open("w", encoding="utf-8", buffering=1) as file:
        results = hold_calls(options, indexes, given.processes, _progress(given.calls, file))
    _report(given, results, wall_s=time.monotonic() - began_s, recorded=recordings is not None)


def _manners(given: str) -> tuple[str, ...]:
    """Names of manners between commas; one of them has a comma itself."""
    named, rest = [], given.strip()
    while rest:
        known = [manner.name for manner in MANNERS if rest == manner.name or rest.startswith(f"{manner.name},")]
        name = max(known, key=len, default=rest.partition(",")[0])
        named.append(name)
        rest = rest[len(name) + 1 :].strip()
    return tuple(named)


def _report(given: argparse.Namespace, results: list[Result], *, wall_s: float, recorded: bool) -> None:
    """Write the page, print the figures."""
    figures = {"seed": given.seed, **sums(results), "wall_s": round(wall_s, 1), "voices_recorded": recorded}
    command = "python -m bench.callers " + shlex.join(sys.argv[1:])
    (given.out / "report.html").write_text(page(results, figures, command), encoding="utf-8")
    if given.json:
        print(json.dumps(figures))
    else:
        _print(figures)
        print(f"the page: {given.out / 'report.html'}")


def _read(file: Path) -> list[Result]:
    """Calls that were held before, from the `calls.jsonl` of their run."""
    try:
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    except OSError as error:
        raise BadInput(f"cannot read {file}: {error.strerror}; give the calls.jsonl of earlier runs") from None
    except ValueError:
        raise BadInput(f"{file} is no record of calls; give the calls.jsonl of earlier runs") from None
    return [
        Result(
            **row
            | {
                "spans": [Span(**span) for span in row["spans"]],
                "turns": [(question, came, heard) for question, came, heard in row["turns"]],
                "heard": [(question, start_s, end_s, words) for question, start_s, end_s, words in row["heard"]],
                "wrong": tuple(row["wrong"]),
                "wrong_details": tuple(row["wrong_details"]),
            }
        )
        for row in rows
    ]


def _write_transcripts(options: Options, indexes: str, write: Path | None) -> None:
    """Hold these calls and write down what was said."""
    results = asyncio.run(_held(options, [int(index) for index in indexes.split(",")]))
    command = f"python -m bench.callers --seed {options.seed} --transcripts {indexes}"
    text = transcript.page(results, command)
    if write is None:
        print(text)
    else:
        write.write_text(text, encoding="utf-8")


async def _held(options: Options, indexes: list[int]) -> list[Result]:
    async with open_exchange(options) as exchange:
        return [await exchange.call(index) for index in indexes]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.callers", description=__doc__)
    parser.add_argument("--calls", type=int, default=200, help="how many calls (200)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same calls (1)")
    parser.add_argument("--first", type=int, default=0, help="index of the first call (0)")
    parser.add_argument(
        "--processes", type=int, default=os.cpu_count() or 1, help="calls at a time (one for each core)"
    )
    lines = ", ".join(LINES).replace("%", "%%")
    parser.add_argument("--lines", default="", help=f"conditions of the line, by turns, out of: {lines}")
    parser.add_argument("--manners", default="", help="only these manners, separated by commas (all)")
    parser.add_argument("--speech", type=Path, default=RECORDINGS, help="folder of recordings of people and noises")
    parser.add_argument("--out", type=Path, default=OUT, help="where page, calls and voices are written")
    parser.add_argument("--json", action="store_true", help="print one object, last")
    parser.add_argument(
        "--join", type=Path, nargs="+", metavar="FILE", help="calls.jsonl of runs to be reported as one"
    )
    parser.add_argument(
        "--transcripts", default="", metavar="N,N,...", help="hold these calls only; print what was said"
    )
    parser.add_argument("--write", type=Path, help="where transcripts are written (printed)")
    parser.add_argument("--timeline", type=int, metavar="N", help="hold call N only; write its picture and its sound")
    return parser


def _recordings(folder: Path) -> Path | None:
    if all((folder / part).is_dir() for part in ("fsdd", "commands", "noise")):
        return folder
    print(
        f"{folder} has no recordings (fsdd/, commands/, noise/): all voices and noises are made; "
        "give a folder with --speech",
        file=sys.stderr,
    )
    return None


def _progress(calls: int, file: TextIO) -> Callable[[Result], None]:
    """Write each call down as it ends, and say so."""
    began_s = time.monotonic()
    done = 0

    def tell(result: Result) -> None:
        nonlocal done
        done += 1
        file.write(json.dumps(result.as_json()) + "\n")
        amiss = f"; WRONG {result.wrong}" if result.wrong else "" if result.finished is not False else "; lost"
        print(
            f"[{done}/{calls}, {time.monotonic() - began_s:.0f} s] call {result.index}: "
            f"{result.manner}, {result.line}: {result.ending}{amiss}",
            file=sys.stderr,
        )

    return tell


async def _draw(options: Options, index: int) -> None:
    """Hold one call and show it: as text, as a picture, and as the sound of either side."""
    tape = Tape()
    async with open_exchange(options) as exchange:
        result = await exchange.call(index, tape=tape)
    stem = options.out / f"call-{options.seed}-{index}"
    stem.with_suffix(".svg").write_text(picture(result, tape), encoding="utf-8")
    for who, pieces in (("caller", tape.caller), ("bot", tape.bot)):
        whole = np.zeros(max((start + len(samples) for start, samples in pieces), default=0), np.float32)
        for start, samples in pieces:
            whole[start : start + len(samples)] = samples
        write_sound(Path(f"{stem}-{who}.wav"), Sound.from_samples(whole.astype(np.int16), TELEPHONE_HZ))
    for row in as_text(result):
        print(f"{row['from']:7.2f} {row['to']:7.2f}  {row['who']:8}  {row['what']}")
    print(f"{result.manner}, {result.line} {result.noise}, {result.voice}: {result.ending} {' '.join(result.wrong)}")
    for question, came, heard in result.turns:
        print(f"  {question}: {came} {heard}")
    print(f"the picture: {stem.with_suffix('.svg')}")


def _print(figures: dict[str, object]) -> None:
    for name, value in figures.items():
        if isinstance(value, dict):
            print(f"{name}:")
            for key, each in value.items():
                print(f"  {key}: {each}")
        else:
            print(f"{name}: {value}")


if __name__ == "__main__":
    main()
