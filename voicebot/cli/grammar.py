"""`grammar check`: every grammar as the recogniser will hear it, and what to look at before a caller does."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Annotated, Any

import typer
from rich.table import Column, Table

from voicebot.cli.errors import ExitCode, explained
from voicebot.cli.furnish import grammars_for, model_for, wording_for
from voicebot.cli.options import ConfigOption, JsonOption, begin, console, print_json
from voicebot.cli.progress import fetching
from voicebot.dialog import COMMANDS, QUESTIONS, Wording
from voicebot.grammar import Finding, Grammar, Kind, check, phrases_for
from voicebot.settings import Settings
from voicebot.speech import Pronunciation, Recognizer, ensure

app = typer.Typer(no_args_is_help=True, help="Grammars: what the recogniser will make of them.")

MOST_WORDS_SHOWN = 6


@app.callback()
def _commands() -> None:
    """Keep `check` a command of its own, though it is the only one."""


@app.command("check")
def check_grammars(
    language: Annotated[
        str, typer.Option("--language", help="Another language than the line's own.", show_default=False)
    ] = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at every grammar as Vosk will see it: a bigram of its phrase list, with the commands beside it.

    Reports words that the model lacks, word pairs that come out unasked or are favoured unduly, words too alike in one
    place, and what a prompt says that would be an answer. Exit code 2 when a grammar cannot work: a word is unknown.
    """
    with explained():
        settings = begin(config)
        rows = list(_rows(settings, language))
    wrong = sum(row["is_error"] for row in rows)
    if as_json:
        print_json(rows)
    else:
        console.print(_table(rows))
        console.print(f"{len(rows)} things to look at, {wrong} of them wrong for certain")
    if wrong:
        raise typer.Exit(ExitCode.BAD_INPUT)


def _rows(settings: Settings, language: str) -> Iterator[dict[str, Any]]:
    """One row for each finding, with all the grammars that it was found in."""
    grammars, wording = grammars_for(settings, language), wording_for(settings, language)
    model = model_for(settings, language)
    with fetching(model.name) as on_progress:
        recognizer = Recognizer(ensure(model, settings.speech.models_folder, on_progress))
    sounds = Pronunciation(language or settings.language).sounds
    found: dict[Finding, list[str]] = {}
    for name, prompts in _prompts(wording).items():
        for finding in _findings(grammars, name, prompts, recognizer.knows, sounds):
            found.setdefault(finding, []).append(name)
    for finding, names in found.items():
        yield {
            "grammars": names,
            "kind": finding.kind.value,
            "is_error": finding.is_error,
            "words": list(finding.words[:MOST_WORDS_SHOWN]),
            "count": len(finding.words),
            "problem": finding.problem,
            "hint": finding.hint,
            "at": None if finding.at is None else f"{Path(finding.at.source).name}:{finding.at.line}",
        }


def _prompts(wording: Wording) -> Mapping[str, tuple[str, ...]]:
    """For each grammar that answers a question the texts that ask for it; those of the commands are all of them."""
    texts: dict[str, tuple[str, ...]] = {}
    for question in QUESTIONS.values():
        asked = texts.get(question.grammar_name, ())
        texts[question.grammar_name] = (*asked, wording.questions[question.name].ask)
    return {**dict(sorted(texts.items())), COMMANDS: tuple(text for asked in texts.values() for text in asked)}


def _findings(
    grammars: Mapping[str, Grammar],
    name: str,
    prompts: tuple[str, ...],
    knows: Callable[[str], bool],
    sounds: Callable[[str], tuple[str, ...]],
) -> Iterator[Finding]:
    """Findings, each once, though several prompts of one grammar may bring it."""
    grammar = grammars[name]
    phrases = grammar.phrases() if name == COMMANDS else phrases_for(grammar, grammars[COMMANDS])
    seen: set[Finding] = set()
    for prompt in prompts:
        for finding in check(grammar, phrases, _words(prompt), knows, sounds):
            if finding not in seen:
                seen.add(finding)
                yield finding


def _words(text: str) -> tuple[str, ...]:
    """The words of a text as the recogniser spells them, its {values} left out."""
    literal = " ".join(part for part, *_ in Formatter().parse(text))
    spelled = "".join(letter if letter.isalpha() or letter == "'" else " " for letter in literal.lower())
    return tuple(spelled.split())


def _table(rows: list[dict[str, Any]]) -> Table:
    """Findings of one kind in the same grammars stand together."""
    together: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        where = f" ({row['at']})" if row["at"] else ""
        kind = f"[bold red]{row['kind']}[/]" if row["is_error"] else row["kind"]
        problem = " / ".join(row["words"]) if row["kind"] == Kind.ALIKE else row["problem"]
        together.setdefault((", ".join(row["grammars"]), kind, row["hint"]), []).append(f"{problem}{where}")
    table = Table("grammar", "finding", Column("what", overflow="fold"), "what to do", show_lines=True)
    for (names, kind, hint), problems in together.items():
        table.add_row(names, kind, "; ".join(problems), hint)
    return table
