"""The picture of one call: both voices, the words, the question being answered, and what came of it."""

import io
import textwrap
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.callers.line import Samples
from bench.callers.place import Span, Tape
from bench.callers.verdict import Result
from voicebot.audio.codec import TELEPHONE_HZ

mpl.use("Agg")
mpl.rcParams["svg.fonttype"] = "none"  # letters stay letters: smaller, and they can be searched
mpl.rcParams["svg.hashsalt"] = "callers"  # the same picture from the same call

ROW_S = 30.0
"""Seconds in one row of the picture."""
ROW_INCHES = 2.5
WIDTH_INCHES = 13.0
POINTS_A_S = 25
COLOURS = {"bot": "#3b6ea5", "caller": "#b5523b", "heard": "#3f7f4f", "question": "#e6e2d3"}
LEVELS = {"bot": 3.3, "caller": 2.0, "heard": 0.95, "question": 0.0}
LETTERS_A_S = 6.2
"""How many small letters fit into a second of the picture."""


def picture(result: Result, tape: Tape | None = None) -> str:
    """The call as an SVG element, one row for each half minute."""
    rows = max(1, int(np.ceil(result.duration_s / ROW_S)))
    figure = Figure(figsize=(WIDTH_INCHES, ROW_INCHES * rows))
    grid = figure.subplots(rows, 1, squeeze=False)[:, 0]
    for row, axes in enumerate(grid):
        _draw_row(axes, result, tape, row * ROW_S)
    figure.tight_layout(pad=0.4)
    return as_svg(figure)


def as_svg(figure: Figure) -> str:
    """A figure as an SVG element to stand in a page."""
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None})
    text = file.getvalue()
    return text[text.index("<svg") :]


def _draw_row(axes: Axes, result: Result, tape: Tape | None, start_s: float) -> None:
    axes.set_xlim(start_s, start_s + ROW_S)
    axes.set_ylim(-0.3, 4.3)
    axes.set_yticks(list(LEVELS.values()), labels=list(LEVELS))
    axes.tick_params(labelsize=7, length=2)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    spans = [*result.spans, *(Span("heard", words or "(nothing)", *times) for _, *times, words in result.heard)]
    for span in spans:
        if span.start_s < start_s + ROW_S and span.end_s > start_s:
            _draw_span(axes, span, start_s)
    if tape is not None:
        for who, pieces in (("bot", tape.bot), ("caller", tape.caller)):
            _draw_wave(axes, pieces, LEVELS[who], COLOURS[who], start_s)
    ends = [span.end_s for span in result.spans if span.who == "question"]
    for end_s, (_, came, _) in zip(ends, result.turns, strict=False):
        if start_s <= end_s < start_s + ROW_S:
            axes.axvline(end_s, color="#888888", linewidth=0.6)
            axes.text(end_s, -0.22, came, fontsize=6, ha="right", color="#555555")


def _draw_span(axes: Axes, span: Span, start_s: float) -> None:
    level, colour = LEVELS[span.who], COLOURS[span.who]
    left, right = max(span.start_s, start_s), min(span.end_s, start_s + ROW_S)
    thick = 0.5 if span.who == "question" else 0.12
    axes.broken_barh([(left, max(right - left, 0.05))], (level - 0.05, thick), color=colour, alpha=0.8)
    if span.start_s < start_s and span.who != "bot":
        return
    room = max(int((right - left) * LETTERS_A_S), 14)
    lines = [span.what] if span.who == "question" else textwrap.wrap(span.what, room)[:3]
    axes.text(left + 0.05, level + 0.12, "\n".join(lines), fontsize=6, va="bottom", clip_on=True, parse_math=False)


def _draw_wave(axes: Axes, pieces: Sequence[tuple[int, Samples]], level: float, colour: str, start_s: float) -> None:
    """The loudness of each 40 ms, as a band around the level."""
    size = TELEPHONE_HZ // POINTS_A_S
    loud = np.zeros(round(ROW_S * POINTS_A_S))
    for start, samples in pieces:
        first = round((start / TELEPHONE_HZ - start_s) * POINTS_A_S)
        if first >= len(loud) or first + len(samples) // size < 0:
            continue
        for number in range(max(1, -(-len(samples) // size))):
            if 0 <= first + number < len(loud):
                chunk = samples[number * size : (number + 1) * size]
                loud[first + number] = max(loud[first + number], float(np.abs(chunk).mean()) if len(chunk) else 0.0)
    times = start_s + np.arange(len(loud)) / POINTS_A_S
    band = np.minimum(loud / 6_000.0, 0.35)
    axes.fill_between(times, level - band, level + band, color=colour, alpha=0.35, linewidth=0)


def as_text(result: Result) -> list[dict[str, Any]]:
    """The same as rows of a table, in the order of time."""
    spans = [*result.spans, *(Span("heard", words or "(nothing)", *times) for _, *times, words in result.heard)]
    return [
        {"from": span.start_s, "to": span.end_s, "who": span.who, "what": span.what}
        for span in sorted(spans, key=lambda span: (span.start_s, span.end_s))
    ]
