"""What is the same for every call, and what one turn of a call leaves behind."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from functools import cache

from voicebot.dialog.lines import Count, Line
from voicebot.dialog.memory import Agency
from voicebot.dialog.wording import Wording
from voicebot.grammar import Grammar

COMMANDS = "commands"
"""The grammar of the words that always work."""
NUMBERS = "numbers"
"""The grammar that has the words of numbers, for the others to import and for masking what was heard."""
AHEAD = "ahead"
"""The grammar of the words that name a question."""
SPELLED = "digits"
"""The rule of a number's grammar that has single digits only."""


def spelled(grammar: str) -> str:
    """The name of a grammar's phrases for digits said one by one."""
    return f"{grammar}/{SPELLED}"


def with_others(grammar: str) -> str:
    """The name of a grammar's phrases together with those for the answers to other questions."""
    return f"{grammar}/{AHEAD}"


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
        ahead: whether answers are understood before they are asked for, several at once.
        barge_in: whether callers may speak over prompts. The sentences that are agreed to are always said to their end.
    """

    failures: int = 16
    turns: int = 60
    patience_s: float = 8.0
    hold_s: float = 25.0
    holds: int = 12
    keys_only: frozenset[str] = frozenset()
    ahead: bool = True
    barge_in: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """Everything that is the same for every call.

    Attributes:
        sound: whether callers are heard, so that what they said can be heard over with other words.
        second: whether a second recogniser can be asked about what was not understood for certain.
        others: the same in the other languages that callers can choose, in the order of their keys.
    """

    wording: Wording
    grammars: Mapping[str, Grammar]
    agency: Agency
    known_accounts: Container[str] | None = None
    manners: Manners = field(default_factory=Manners)
    sound: bool = False
    second: bool = False
    others: tuple["Script", ...] = ()

    @property
    def language(self) -> str:
        """The locale, such as `en-US`."""
        return self.wording.language

    @property
    def languages(self) -> tuple[str, ...]:
        """The locales that callers can choose, its own first."""
        return (self.language, *(script.language for script in self.others))

    @property
    def number_words(self) -> frozenset[str]:
        """The words that numbers are said with."""
        return _number_words(self.grammars[NUMBERS])

    def offers(self) -> tuple[Line, ...]:
        """Each of the other languages, offered in its own words."""
        return tuple(
            script.wording.text(script.wording.questions["language"].ask, {"key": Count(key)})
            for key, script in enumerate(self.others, 2)
        )

    def speaking(self, language: str) -> "Script":
        """The script of one of `languages`."""
        return next(script for script in (self, *self.others) if script.language == language)


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and what came of it; never a sensitive value.

    Attributes:
        heard: the best words or the keys; masked where the question is sensitive.
        result: accepted, unsure, ahead, once_more, false_start, no_input, no_match, `command NAME`,
            or `maybe NAME` where that was asked about.
    """

    question: str
    heard: str
    result: str


@cache
def _number_words(grammar: Grammar) -> frozenset[str]:
    hesitant = grammar.words(rule="hesitant") if "hesitant" in grammar.rules else {}
    return frozenset(grammar.words(rule="number")) - frozenset(hesitant)
