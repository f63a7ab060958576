"""`recognize`: what the bot would make of recorded answers to one question, through the same path as a call."""

import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Column, Table

from voicebot.audio import FRAME_S, Sound, SoundFileError, ToneDetector, read_sound
from voicebot.capture import MASK, Answer, Decision, Expectation, Sensitive, Value, Verdict, decide, opinion_on
from voicebot.cli.chosen_models import second_for
from voicebot.cli.errors import BadInput, ExitCode, errors, explain, explained
from voicebot.cli.furnish import grammars_for, open_accounts, recognizer_for
from voicebot.cli.options import ConfigOption, JsonOption, begin, console, print_json
from voicebot.dialog import COMMANDS, QUESTIONS, events
from voicebot.dialog.listening import Listening
from voicebot.grammar import Grammar, Segment, phrases_for
from voicebot.settings import Settings
from voicebot.speech import Ear, EarEvent, Recognizer, SegmentHeard, SpeechStarted

SILENCE_S = 4.0
"""Added behind each recording, as a line goes on when its caller is done: longer than any answer is waited for."""

MOST_CHOICES = 8
CONFIRMED_BY = {Verdict.CONFIRM: "yes", Verdict.AGAIN: "saying it again"}
COLUMNS = ("file", "decision", "value", "score", "heard")


def recognize(
    question: Annotated[str, typer.Option("--question", "-q", help="The question's name, or its kind.")],
    files: Annotated[list[Path], typer.Argument(help="Recorded answers: mono, 16 bit, 8 or 16 kHz.")],
    reveal: Annotated[bool, typer.Option("--reveal", help="Show sensitive values. For test numbers only.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Recognise recorded answers to one question: accept, confirm or reject, with the value and what was heard.

    One file is one answer, pauses and all, listened to as in a call; what it would take unasked ends it, a command too.
    "confirm" is what a call takes once the caller has confirmed it ("confirm_by"): by a yes, or by saying it again
    where a yes to its last four digits would prove nothing. "score" is the distance to the runner-up in nats. A command
    ("operator") is no answer: reject, with its name. "ask_again" names the only digits that a call would ask for again,
    where it would not ask for all of them. With --json, one object a file, one a line. Values of sensitive
    questions are masked unless --reveal is given. A file that cannot be read is told of, and ends the command with 2
    when the others have been heard.
    """
    with explained():
        settings = begin(config)
        if reveal:
            errors.print("--reveal shows whole numbers: use it with test numbers only", style="yellow")
        bench = _Bench(settings, question)
        table = Table(*(Column(name, overflow="fold") for name in COLUMNS))
        unreadable: typer.Exit | None = None
        for file in files:
            try:
                row = bench.row(file, reveal=reveal)
            except SoundFileError as problem:  # the others are heard all the same
                unreadable = explain(problem, ExitCode.BAD_INPUT)
                continue
            if as_json:
                print_json(row, indent=None)
            else:
                table.add_row(*_cells(row))
        if table.row_count:
            console.print(table)
        if unreadable is not None:
            raise unreadable


def _cells(row: Mapping[str, Any]) -> Iterator[str]:
    """The columns of the table, where how to confirm stands beside the decision, and a command for the value."""
    decision = f"{row['decision']} by {row['confirm_by']}" if row["confirm_by"] else row["decision"]
    shown = {**row, "decision": decision, "value": row["value"] or row["command"]}
    return ("" if shown[name] is None else str(shown[name]) for name in COLUMNS)


class _Bench:
    """One question's recogniser, grammars and expectation."""

    def __init__(self, settings: Settings, question: str) -> None:
        record = QUESTIONS.get(question)
        kinds = {each.kind for each in QUESTIONS.values()}
        if record is None and question not in kinds:
            raise BadInput(f"no question is called {question!r}; there are {', '.join(sorted(set(QUESTIONS) | kinds))}")
        self._kind = record.kind if record is not None else question
        self._question = record or next(each for each in QUESTIONS.values() if each.kind == question)
        grammar_name = record.grammar_name if record is not None else question
        grammars: Mapping[str, Grammar] = grammars_for(settings)
        self._recognizer: Recognizer = recognizer_for(settings, grammars)
        self._second = second_for(settings)
        self._phrases = phrases_for(grammars[grammar_name], grammars[COMMANDS])
        known = open_accounts(settings).account_numbers() if self._kind == "account_number" else None
        self._expectation = Expectation(
            kind=self._kind,
            grammar=grammars[grammar_name],
            commands=grammars[COMMANDS],
            today=datetime.now().date(),  # noqa: DTZ005 - a card expires by the local calendar
            known_accounts=known or None,
            choices=MOST_CHOICES,
            twice=any(each.twice for each in QUESTIONS.values() if each.kind == self._kind),
        )

    def row(self, file: Path, *, reveal: bool) -> dict[str, Any]:
        """What one recording comes to, as `--json` prints it."""
        listening = self._listened(read_sound(file))
        decision = listening.decision or decide(Answer(), self._expectation)
        value = decision.value
        hidden = isinstance(value, Value) and isinstance(value.content, Sensitive) and not reveal
        sensitive = self._expectation_is_sensitive and not reveal
        return {
            "file": str(file),
            "decision": _told(decision),
            "value": None if value is None else MASK if hidden else _content(value),
            "score": round(decision.score, 3),
            "heard": (MASK if sensitive else " ".join(listening.said.split())) if not listening.answer.is_empty else "",
            "reason": decision.reason,
            "confirm_by": CONFIRMED_BY.get(decision.verdict, ""),
            "ask_again": _asked_again(decision),
            "command": decision.command,
        }

    @property
    def _expectation_is_sensitive(self) -> bool:
        return any(each.kind == self._kind and each.sensitive for each in QUESTIONS.values())

    def _listened(self, sound: Sound) -> Listening:
        """Listen in frames, as a call does, until what it would do without a question stands, or to the end."""
        listening = Listening(0, self._question, self._expectation, 0.0, math.inf, second=self._second is not None)
        keeps, opinion = self._second is not None, opinion_on(self._expectation.kind)
        ear = self._recognizer.listen(self._phrases, rate_hz=sound.rate_hz, start_s=0.0, keeps=keeps, opinion=opinion)
        for told in _told_by(ear, sound):
            now_s = ear.heard_until_s
            match told:
                case SegmentHeard(segment):
                    listening.heard(events.WordsHeard(0, segment), now_s)
                case SpeechStarted():
                    listening.speech_started(now_s)
                case str(key):
                    listening.pressed(events.KeyPressed(key, now_s), now_s)
                case _:
                    while self._second is not None and listening.asks_second(now_s):
                        since_s, words, hints = listening.to_hear_again
                        found = Segment(self._second.hear_again(ear.kept(since_s), words, hints), since_s, since_s)
                        listening.heard_again(events.HeardAgain(0, listening.state, found), now_s)
                    if not ear.is_hearing and listening.is_over(now_s) and _is_taken(listening.decision):
                        break
        ear.close()
        return listening


def _told_by(ear: Ear, sound: Sound) -> Iterator[EarEvent | str | None]:
    """What each frame brings, speech or keys by their tones, and None after each."""
    tones = ToneDetector(sound.rate_hz)
    for frame in (sound + Sound.silence(SILENCE_S, sound.rate_hz)).frames(FRAME_S):
        spoken, keys = tones.hear(frame)
        yield from ear.feed(spoken)
        yield from keys
        yield None


def _is_taken(decision: Decision | None) -> bool:
    return decision is not None and decision.verdict is Verdict.ACCEPT


def _asked_again(decision: Decision) -> str:
    """The only digits that a call would ask for again, by their places; empty where it would ask for all, or none."""
    group = decision.group
    return "" if group is None else f"digits {group.start + 1} to {group.end} of {group.whole}"


def _told(decision: Decision) -> str:
    """A call's four verdicts and its commands as the three words that programs know."""
    if decision.command is not None:
        return Verdict.REJECT.value
    return Verdict.CONFIRM.value if decision.verdict is Verdict.AGAIN else decision.verdict.value


def _content(value: Value) -> str:
    return value.content.get_secret_value() if isinstance(value.content, Sensitive) else value.content
