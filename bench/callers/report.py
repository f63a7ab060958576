"""One self-contained HTML page: what share of callers finish, where others are lost, pictures of their calls."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from matplotlib.figure import Figure

from bench.callers.timeline import as_svg, picture
from bench.callers.verdict import Result

PICTURES = 8
"""How many lost calls are drawn."""

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; max-width: 1180px; margin: 2rem auto; padding: 0 1rem; color: #222 }
h1 { font-size: 1.6rem } h2 { font-size: 1.2rem; margin-top: 2.2rem; border-bottom: 1px solid #ddd }
table { border-collapse: collapse; margin: .6rem 0 } td, th { padding: .15rem .7rem; border-bottom: 1px solid #eee }
th { text-align: left } td.n { text-align: right; font-variant-numeric: tabular-nums }
svg { max-width: 100%; height: auto } .big { font-size: 1.15rem } code { background: #f4f2ec; padding: .1rem .3rem }
details { margin: .5rem 0 } summary { cursor: pointer } .bad { color: #a22 }
"""


def page(results: Sequence[Result], figures: Mapping[str, Any], command: str) -> str:
    """The page.

    Args:
        results: of all calls.
        figures: what `figures.sums` makes of them.
        command: how to get the same calls again.
    """
    low, high = figures["finished_share_interval"]
    head = (
        f'<p class="big"><b>{figures["finished_share"]:.1%}</b> of {figures["could_finish"]} callers who could '
        f"finish did (95 % interval {low:.1%} to {high:.1%}). "
        f'<b class="{"bad" if figures["wrong_charges"] else ""}">{figures["wrong_charges"]}</b> wrong charges, '
        f"{figures['wrong_details']} payments with another expiration or security code than the caller's. "
        f"Paid by eCheck in {figures['median_echeck_call_s']:g} s, by card in {figures['median_card_call_s']:g} s "
        f"(medians).</p><p>Made by <code>{escape(command)}</code></p>"
    )
    parts = [
        head,
        "<h2>By manner</h2>",
        _shares(figures["by_manner"]),
        _sorts_table(figures["by_manner"]),
        "<h2>By line</h2>",
        _shares(figures["by_noise"]),
        _sorts_table(figures["by_noise"]),
        "<h2>By voice</h2>",
        _shares(figures["by_voice"]),
        "<h2>Retries by question</h2>",
        _retries(figures["by_question"]),
        _questions_table(figures["by_question"]),
        "<h2>Where callers are lost</h2>",
        _lost_table(figures["lost"]),
        "<h2>How long calls take</h2>",
        _durations(results),
        "<h2>Calls that did not end as they should</h2>",
        *_pictures(results),
        "<h2>Every call</h2>",
        _calls_table(results),
    ]
    body = "\n".join(parts)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Callers to practise on</title>'
        f"<style>{_STYLE}</style></head><body><h1>Callers to practise on</h1>{body}</body></html>\n"
    )


def _shares(sorts: Mapping[str, Mapping[str, Any]]) -> str:
    bars = {name: (100 * sort["finished_share"], sort["calls"]) for name, sort in sorts.items()}
    return _bars(bars, "callers who finished, %", "#3b6ea5", most=100.0)


def _retries(questions: Mapping[str, Mapping[str, Any]]) -> str:
    bars = {name: (100 * each["retried"] / each["asked"], each["asked"]) for name, each in questions.items()}
    return _bars(
        bars, "answers that were not taken, %", "#b5523b", most=max([10.0, *(share for share, _ in bars.values())])
    )


def _bars(bars: Mapping[str, tuple[float, int]], title: str, colour: str, *, most: float) -> str:
    """One bar for each name: a share in percent, and of how many."""
    figure = Figure(figsize=(9.0, 0.28 * len(bars) + 0.6))
    axes = figure.subplots()
    drawn = axes.barh(list(bars), [share for share, _ in bars.values()], color=colour)
    labels = [f"{share:.0f} % of {count}" for share, count in bars.values()]
    axes.bar_label(drawn, labels=labels, fontsize=8, padding=3)
    axes.invert_yaxis()
    axes.set_xlim(0, most * 1.18)
    axes.set_xlabel(title, fontsize=8)
    return _plain(figure)


def _durations(results: Sequence[Result]) -> str:
    figure = Figure(figsize=(9.0, 2.6))
    axes = figure.subplots()
    paid = {
        name: [result.duration_s for result in results if result.ending == "paid" and result.tender == name]
        for name in ("card", "echeck")
    }
    axes.hist(list(paid.values()), bins=24, stacked=True, label=list(paid), color=["#3b6ea5", "#b5523b"])
    axes.set_xlabel("seconds of a paid call, by its only way of paying", fontsize=8)
    axes.legend(fontsize=8, frameon=False)
    return _plain(figure)


def _plain(figure: Figure) -> str:
    for axes in figure.axes:
        axes.tick_params(labelsize=8)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    figure.tight_layout(pad=0.4)
    return as_svg(figure)


def _pictures(results: Sequence[Result]) -> list[str]:
    amiss = sorted(
        (result for result in results if result.wrong or result.finished is False), key=lambda result: not result.wrong
    )
    shown = []
    for result in amiss[:PICTURES]:
        what = f"lost at {result.lost_at}" if not result.wrong else f"wrong: {', '.join(result.wrong)}"
        who = f"{result.manner}, {result.line} {result.noise}, {result.voice}"
        about = f"call {result.index}: {who}; {result.ending}, {what}"
        shown.append(f"<details><summary>{escape(about)}</summary>{picture(result)}</details>")
    return shown or ["<p>None.</p>"]


def _sorts_table(sorts: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [
        (name, sort["calls"], f"{sort['finished_share']:.1%}", f"{sort['median_s']:g}", f"{sort['median_turns']:g}")
        for name, sort in sorts.items()
    ]
    return _table(("", "callers who could", "finished", "median seconds", "median turns"), rows)


def _questions_table(questions: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [
        (name, each["asked"], each["retried"], "; ".join(f"{why}: {count}" for why, count in each["why"].items()))
        for name, each in questions.items()
    ]
    return _table(("question", "asked", "not taken", "why"), rows)


def _lost_table(lost: Mapping[str, Mapping[str, int]]) -> str:
    rows = [
        (where, sum(ends.values()), "; ".join(f"{end}: {count}" for end, count in ends.items()))
        for where, ends in lost.items()
    ]
    return _table(("last question", "callers", "how the call ended"), rows)


def _calls_table(results: Sequence[Result]) -> str:
    rows = [
        (
            str(result.index),
            result.manner,
            f"{result.line} {result.noise}",
            result.voice,
            result.tender,
            result.ending,
            ", ".join((*result.wrong, *result.wrong_details)),
            result.lost_at,
            str(len(result.turns)),
            f"{result.duration_s:.0f}",
        )
        for result in results
    ]
    heads = ("call", "manner", "line", "voice", "tender", "ended", "wrong", "lost at", "turns", "seconds")
    return f"<details><summary>{len(rows)} calls</summary>{_table(heads, rows)}</details>"


def _table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    lines = [
        "<tr>"
        + "".join(
            f'<td class="n">{cell}</td>' if isinstance(cell, int) else f"<td>{escape(str(cell))}</td>" for cell in row
        )
        + "</tr>"
        for row in rows
    ]
    return f"<table><tr>{head}</tr>{''.join(lines)}</table>"
