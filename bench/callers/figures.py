"""What many calls come to: shares, medians, and where callers are lost."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import Any

from bench.callers.verdict import Result

TAKEN = ("accepted", "unsure")
"""Results of a turn after which the conversation went on."""


def sums(results: Sequence[Result]) -> dict[str, Any]:
    """Everything that `--json` prints and the page shows, but for the calls themselves."""
    could = [result for result in results if result.finished is not None]
    return {
        "calls": len(results),
        "could_finish": len(could),
        "finished_share": _share(could),
        "finished_share_interval": _interval(could),
        "wrong_charges": sum(bool(result.wrong) for result in results),
        "wrong_details": sum(bool(result.wrong_details) for result in results),
        "failed_calls": sum(bool(result.problem) for result in results),
        "median_echeck_call_s": _median(_paid(results, "echeck")),
        "median_card_call_s": _median(_paid(results, "card")),
        "median_turns": _median(len(result.turns) for result in results if result.ending == "paid"),
        "by_manner": _by(could, lambda result: result.manner),
        "by_noise": _by(could, lambda result: result.line),
        "by_voice": _by(could, lambda result: result.voice),
        "by_question": by_question(results),
        "lost": lost(could),
        "endings": dict(Counter(result.ending for result in results).most_common()),
        "call_time_s": round(sum(result.duration_s for result in results), 1),
    }


def by_question(results: Iterable[Result]) -> dict[str, dict[str, Any]]:
    """For each question: how often it was asked, taken, and why it had to be asked again."""
    asked: Counter[str] = Counter()
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for result in results:
        for question, came, _ in result.turns:
            asked[question] += 1
            if not came.startswith(("accepted", "command")):
                reasons[question][came] += 1
    return {
        question: {
            "asked": count,
            "retried": sum(number for came, number in reasons[question].items() if came not in TAKEN),
            "why": dict(reasons[question].most_common()),
        }
        for question, count in asked.most_common()
    }


def lost(could: Iterable[Result]) -> dict[str, dict[str, int]]:
    """Where those were last who did not finish, and how their calls ended."""
    places: dict[str, Counter[str]] = defaultdict(Counter)
    for result in could:
        if not result.finished:
            places[result.lost_at or "before any question"][result.ending] += 1
    return {where: dict(ends.most_common()) for where, ends in sorted(places.items(), key=lambda at: -at[1].total())}


def _by(could: Iterable[Result], key: Callable[[Result], str]) -> dict[str, dict[str, Any]]:
    sorts: dict[str, list[Result]] = defaultdict(list)
    for result in could:
        sorts[key(result)].append(result)
    return {
        name: {
            "calls": len(some),
            "finished_share": _share(some),
            "median_s": _median(result.duration_s for result in some if result.finished),
            "median_turns": _median(len(result.turns) for result in some if result.finished),
        }
        for name, some in sorted(sorts.items())
    }


def _paid(results: Iterable[Result], tender: str) -> list[float]:
    """Seconds of the calls that were paid with the caller's only tender."""
    return [result.duration_s for result in results if result.ending == "paid" and result.tender == tender]


def _share(could: Sequence[Result]) -> float:
    return round(sum(bool(result.finished) for result in could) / len(could), 4) if could else 0.0


def _interval(could: Sequence[Result]) -> list[float]:
    """95 % interval of the share (Wilson, "Probable Inference", 1927)."""
    count, z = len(could), 1.96
    if not count:
        return [0.0, 1.0]
    share = sum(bool(result.finished) for result in could) / count
    middle = share + z * z / (2 * count)
    spread = z * ((share * (1 - share) + z * z / (4 * count)) / count) ** 0.5
    scale = 1 + z * z / count
    return [round((middle - spread) / scale, 4), round((middle + spread) / scale, 4)]


def _median(values: Iterable[float]) -> float:
    known = list(values)
    return round(median(known), 1) if known else 0.0
