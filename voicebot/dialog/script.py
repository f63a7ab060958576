"""What is the same for every call, and what one turn of a call leaves behind."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from voicebot.dialog.memory import Agency
from voicebot.dialog.wording import Wording
from voicebot.grammar import Grammar

COMMANDS = "commands"
"""The grammar of the words that always work."""


SPELLED = "digits"
"""The rule of a number's grammar that has single digits only."""


def spelled(grammar: str) -> str:
    """The name of a grammar's phrases for digits said one by one."""
    return f"{grammar}/{SPELLED}"


@dataclass(frozen=True, slots=True)
class Manners:
    """How patient the bot is, for a whole call.

    Attributes:
        failures: unanswered or misunderstood questions after which it gives up.
        turns: questions asked after which it gives up, whatever was said.
        patience_s: seconds of somebody else's work after which it says that it is still there.
        hold_s: seconds between signs of life while a caller has asked to hold.
        holds: signs of life after which it no longer waits.
        keys_only: questions that take the keypad only.
    """

    failures: int = 16
    turns: int = 60
    patience_s: float = 8.0
    hold_s: float = 25.0
    holds: int = 12
    keys_only: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Script:
    """Everything that is the same for every call."""

    wording: Wording
    grammars: Mapping[str, Grammar]
    agency: Agency
    known_accounts: Container[str] | None = None
    manners: Manners = field(default_factory=Manners)


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and what came of it; never a sensitive value.

    Attributes:
        heard: the best words or the keys; masked where the question is sensitive.
        result: accepted, unsure, once_more, no_input, no_match, or `command NAME`.
    """

    question: str
    heard: str
    result: str
