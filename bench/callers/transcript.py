"""Calls as pages to read: who said what and when, and what the bot made of it."""

from collections.abc import Sequence

from bench.callers.place import Span
from bench.callers.verdict import Result
from voicebot.dialog import QUESTIONS

INTRODUCTION = (
    "What was said in calls of the [callers to practise on](callers.md), with the seconds of the call's clock. "
    "Names, bills and accounts are invented. Answers to sensitive questions are not shown, as in every transcript.\n"
    "Written by"
)
TENDERS = {"card": "a card", "echeck": "a bank account", "card+echeck": "a card or a bank account"}
TENDERS["echeck+card"] = TENDERS["card+echeck"]


def page(results: Sequence[Result], command: str) -> str:
    """The calls as Markdown.

    Args:
        results: of the calls.
        command: that makes this page.
    """
    parts = [
        "# Calls, read aloud",
        "",
        INTRODUCTION,
        "",
        f"    {command}",
        "",
    ]
    for result in results:
        line = result.line if result.line == "clean" else f"{result.line} {result.noise}".strip()
        parts += [
            f"## {result.manner}, {line}",
            "",
            f"Wants to pay {result.items} of the account's items with {TENDERS[result.tender]}. Voice: {result.voice}.",
            f"Ends after {result.duration_s:.0f} s: {result.ending}.",
            "",
            "| s | who | says |",
            "| ---: | --- | --- |",
            *(f"| {span.start_s:.0f} | {span.who} | {_shown(span, result)} |" for span in _spoken(result)),
            "",
        ]
    return "\n".join(parts)


def _spoken(result: Result) -> list[Span]:
    spans = [span for span in result.spans if span.who in {"bot", "caller"}]
    return sorted(spans, key=lambda span: (span.start_s, span.end_s))


def _shown(span: Span, result: Result) -> str:
    """What was said; a caller's words only where nothing sensitive was asked for."""
    if span.who == "bot":
        return span.what
    asked = [each.what for each in result.spans if each.who == "question" and each.start_s <= span.end_s]
    question = asked[-1] if asked else ""
    if question and QUESTIONS[question].sensitive:
        how = "keys in" if span.what.startswith("[") else "says"
        return f"*({how} {'an answer' if span.what.startswith('[') or _has_digits(span.what) else span.what})*"
    return span.what


def _has_digits(words: str) -> bool:
    """Whether the words may be digits, or a date."""
    return not words.startswith(("(", "um", "uh", "hold", "help", "go back", "i'm back", "one moment", "just a"))
