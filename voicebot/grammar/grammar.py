"""A grammar as the rest of the program sees it: words read back as values, and phrases for the recogniser."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from voicebot.grammar.errors import GrammarError, Location
from voicebot.grammar.expression import Expression, Word, walk
from voicebot.grammar.heard import Unpicklable
from voicebot.grammar.jsgf import GrammarFile, parse_jsgf
from voicebot.grammar.link import Linker
from voicebot.grammar.network import Network
from voicebot.grammar.phrases import UNKNOWN, phrase_list

BRIEF = "brief"
SHORT = "short"
"""The rule of the commands' grammar with few words, to be heard beside numbers."""

SHORT_REPEATS = 4
"""How often each of those is listed beside a menu whose likeliest answers are listed whole, some dozen times each."""


@dataclass(frozen=True, slots=True)
class Reading(Unpicklable):
    """One meaning of the words that were said; it may be a card number, so it has no repr of its content.

    Attributes:
        slots: (slot, text) for every slot with text, in alphabetical order; the default slot is named "".
        cost: how unlikely the grammar's weights make this reading, as minus a logarithm; 0 without weights. It orders
            readings of the same words. Do not add it to a recogniser's score, which has the weights in it already.
    """

    slots: tuple[tuple[str, str], ...] = field(repr=False)
    cost: float = field(default=0.0, compare=False)

    @property
    def text(self) -> str:
        """The default slot: the text of all tags without a slot name."""
        return self.slot("")

    def slot(self, name: str) -> str:
        """Give the text of a slot, "" if nothing was said for it."""
        return next((text for slot, text in self.slots if slot == name), "")


class Grammar:
    """What may be said in one place of a conversation.

    Every method takes `rule`, the name of a public rule; left out, it is the first public rule of the file.
    """

    def __init__(self, file: GrammarFile, rules: Mapping[str, Expression]) -> None:
        """Take a parsed file and its public rules, free of references; use `load_grammars` to make grammars."""
        self.name = file.name.rpartition(".")[2]
        self.rules: tuple[str, ...] = tuple(rules)
        self.other_words = file.other_words
        self.whole_answers = file.whole_answers
        self._expressions = dict(rules)
        self._at = {rule.name: rule.at for rule in file.rules}
        self._networks: dict[str, Network] = {}

    def __repr__(self) -> str:
        return f"Grammar({self.name!r})"

    def read(self, words: Sequence[str], *, limit: int = 256, rule: str | None = None) -> tuple[Reading, ...]:
        """Give every distinct reading of the words, likeliest first, at most `limit`; () if they are not accepted."""
        network = self.network(rule)
        return tuple(
            Reading(tuple((slot, text) for slot, text in zip(network.slots, output, strict=True) if text), cost)
            for cost, output in network.read(words, limit)
        )

    def begins(self, words: Sequence[str], *, rule: str | None = None) -> bool:
        """Tell whether something accepted begins with these words and goes on."""
        return self.network(rule).begins(words)

    def phrases(self, *, rule: str | None = None) -> tuple[str, ...]:
        """Give the phrase list for Vosk."""
        return phrase_list(self.network(rule), other_words=self.other_words, whole_answers=self.whole_answers)

    def words(self, *, rule: str | None = None) -> Mapping[str, Location]:
        """Give every word of the rule, or of all public rules, with the place where it stands first."""
        found: dict[str, Location] = {}
        for name in [rule] if rule else self.rules:
            for part in walk(self.expression(name)):
                if isinstance(part, Word):
                    for word in part.text.split():
                        found[word] = min(part.at, found.get(word, part.at))
        return found

    def expression(self, rule: str | None = None) -> Expression:
        """Give the rule as a tree without references.

        Raises:
            KeyError: no public rule has this name.
        """
        return self._expressions[rule or self.rules[0]]

    def network(self, rule: str | None = None) -> Network:
        """Give the rule as a transducer, compiled when first asked for."""
        name = rule or self.rules[0]
        if name not in self._networks:
            self._networks[name] = Network(self.expression(name), self._at[name])
        return self._networks[name]


def phrases_for(answer: Grammar, commands: Grammar | None, *, rule: str | None = None) -> tuple[str, ...]:
    """Give the phrase list for a question: its own answers, and the commands that work beside them.

    A grammar that catches other words hears the commands' rule `short`, or the one that has the grammar's own name. One
    that does not, a number's, hears only their rule `brief`, and no `[unk]`: each word more costs digits. Whole
    sentences ("what did you say") are not listened for: their words would be heard alone, "me" for "yes" and "now" for
    "no".

    Args:
        answer: what answers the question.
        commands: what works beside it, if anything.
        rule: the public rule of `answer` to listen for.
    """
    phrases = answer.phrases(rule=rule)
    if commands is None:
        return phrases
    wanted = answer.name if answer.name in commands.rules else SHORT if answer.other_words else BRIEF
    times = SHORT_REPEATS if answer.whole_answers else 1
    beside = wanted if wanted in commands.rules else None
    return phrases + tuple(phrase for phrase in commands.phrases(rule=beside) if phrase != UNKNOWN) * times


def load_grammars(folder: Path) -> Mapping[str, Grammar]:
    """Read all `*.jsgf` files of a folder, which may import from each other, and give them by grammar name.

    Raises:
        GrammarError: a file is not UTF-8 or not a grammar, or a name in it is not defined; or there is no file.
    """
    paths = sorted(folder.glob("*.jsgf"))
    if not paths:
        raise GrammarError(Location(str(folder), 1, 1), "no grammar in this folder", "grammars are files named *.jsgf")
    return grammars_from_texts({str(path): _text(path) for path in paths})


def grammars_from_texts(texts: Mapping[str, str]) -> Mapping[str, Grammar]:
    """Make grammars from JSGF texts, given by source (a file name; its stem must be the grammar's name).

    Raises:
        GrammarError: a text is not a grammar, or a name in it is not defined.
    """
    return _grammars([parse_jsgf(text, source) for source, text in texts.items()])


def _grammars(files: Iterable[GrammarFile]) -> Mapping[str, Grammar]:
    files = list(files)
    linker = Linker(files)
    grammars = [
        Grammar(file, {rule.name: linker.rule(file.name, rule.name) for rule in file.rules if rule.public})
        for file in files
    ]
    return {grammar.name: grammar for grammar in grammars}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise GrammarError(Location(str(path), line, 1), "the file is not UTF-8", "save it as UTF-8 text") from None
