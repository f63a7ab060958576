"""Scripted callers: the YAML of `call --caller` becomes the turns of a `ScriptedPlace`.

    voice: espeak:en-us+f3          # who speaks `say`; the bot's own voice when missing
    caller:
      - when: account_number        # the question being asked; entries for one question are used in order
        say: two eight nine zero three four five
      - when: tender
        wav: clips/echeck.wav       # a recording, beside this file
      - when: routing_number
        keys: "021000021#"
      - when: security_code
        silence_s: 8                # says nothing
      - when: card_number
        hang_up: true

A question that only asks whether a number was heard right (`confirm_card_number`) is answered with yes where the script
has no entry for it: by key, which is the same in every language.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from voicebot.audio import Sound, Turn, read_sound
from voicebot.cli.errors import BadInput
from voicebot.dialog import QUESTIONS, Confirm
from voicebot.speech import DEFAULT_VOICE

WAYS = ("say", "wav", "keys", "silence_s", "hang_up")
NOT_A_WORD = re.compile(r"[^\w']+")


class Entry(BaseModel):
    """One thing that the caller does when a question is asked."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    when: str
    say: str = ""
    wav: Path | None = None
    keys: Annotated[str, Field(pattern=r"^[0-9*#]*$")] = ""
    silence_s: Annotated[float, Field(gt=0, le=600)] | None = None
    hang_up: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.when not in QUESTIONS:
            raise ValueError(f"no question is called {self.when!r}; there are {', '.join(sorted(QUESTIONS))}")
        if sum(bool(getattr(self, way)) for way in WAYS) != 1:
            raise ValueError(f"an entry needs exactly one of {', '.join(WAYS)}")
        if self.say and not any(character.isalnum() for character in self.say):
            raise ValueError("`say` needs at least one letter or digit; a caller who says nothing has `silence_s`")
        return self


class CallerScript(BaseModel):
    """A whole caller."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    caller: tuple[Entry, ...]
    voice: str = DEFAULT_VOICE

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries, with a yes for each question that is only asked where a number was not heard for sure."""
        given = {entry.when for entry in self.caller}
        unforeseen = [
            Entry(when=f"confirm_{name}", keys="1")
            for name, question in QUESTIONS.items()
            if question.confirm is Confirm.WHEN_UNSURE and name in given and f"confirm_{name}" not in given
        ]
        return (*self.caller, *unforeseen)

    def turns(self, folder: Path, speak: Callable[[str], Sound]) -> list[Turn]:
        """The turns with their sound: synthesized from `say`, or read from `wav` beside the script."""
        return [_turn(entry, folder, speak) for entry in self.entries]

    def typed_turns(self, path: Path) -> list[Turn]:
        """The turns for a call without sound.

        Raises:
            BadInput: an entry has a recording, which cannot be typed.
        """
        recordings = [entry.when for entry in self.caller if entry.wav is not None]
        if recordings:
            raise BadInput(f"{path}: the entry for {recordings[0]} is a recording; leave --as-text out, or use `say`")
        return [
            Turn(entry.when, text=_words(entry.say)) if entry.say else _silent_turn(entry) for entry in self.entries
        ]


def read_caller(path: Path) -> CallerScript:
    """Read a script.

    Raises:
        BadInput: it is missing, no YAML, or an entry makes no sense.
    """
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except OSError as problem:
        raise BadInput(f"{path} cannot be read: {problem.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise BadInput(f"{path} is not YAML: {problem}") from None
    if not isinstance(data, dict) or not data.get("caller"):
        raise BadInput(f"{path}: give it a list `caller:` of what the caller does, as demo/callers/card.yaml has")
    try:
        return CallerScript.model_validate(data)
    except ValidationError as problem:
        raise BadInput(f"{path}:\n" + "\n".join(_lines(problem.errors()))) from None


def _lines(problems: Sequence[object]) -> list[str]:
    return [
        f"  {'.'.join(str(part) for part in problem['loc'])}: {problem['msg'].removeprefix('Value error, ')}"
        for problem in problems
        if isinstance(problem, dict)
    ]


def _turn(entry: Entry, folder: Path, speak: Callable[[str], Sound]) -> Turn:
    if entry.say:
        return Turn(entry.when, sound=speak(entry.say))
    if entry.wav is not None:
        return Turn(entry.when, sound=read_sound(folder / entry.wav))
    return _silent_turn(entry)


def _words(say: str) -> str:
    """What a recogniser would write down: words alone. The commas are pauses, and for the voice."""
    return NOT_A_WORD.sub(" ", say.lower()).strip()


def _silent_turn(entry: Entry) -> Turn:
    return Turn(entry.when, keys=entry.keys, silence_s=entry.silence_s, hang_up=entry.hang_up)
