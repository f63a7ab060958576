"""Words that a recogniser's model lacks. It would drop them with no more than a line in its log."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from voicebot.grammar.grammar import Grammar

MOST_HINTS = 3
LONGEST_ABBREVIATION = 5
SHORTEST_PART = 3
_SPOKEN_LETTERS = "aeioux"
_LETTERS = "abcdefghijklmnopqrstuvwxyz'"


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """A word of a grammar that the model cannot hear.

    Attributes:
        word: as it stands in the grammar.
        file: the grammar file.
        line: of its first use there, counted from 1.
        hint: what to write instead.
    """

    word: str
    file: str
    line: int
    hint: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: the model does not know '{self.word}' ({self.hint})"


def unknown_words(grammars: Iterable[Grammar], knows: Callable[[str], bool]) -> tuple[UnknownWord, ...]:
    """Give every word of the grammars that the model lacks, in the order of the files, each place once.

    Args:
        grammars: all that will be used with the model.
        knows: tells whether the model has a word.
    """
    places = {(at, word) for grammar in grammars for word, at in grammar.words().items() if not knows(word)}
    return tuple(UnknownWord(word, at.source, at.line, hint_for(word, knows)) for at, word in sorted(places))


def hint_for(word: str, knows: Callable[[str], bool]) -> str:
    """Say what to write instead of an unknown word: parts or near spellings that the model knows."""
    near: list[str] = []
    for spelling in (*_parts(word), *_edits(word), *_halves(word)):
        if spelling not in near and all(map(knows, spelling.split())):
            near.append(spelling)
        if len(near) == MOST_HINTS:
            break
    if not near:
        return "say it with other words, or use a model that has it"
    quoted = [f"'{spelling}'" for spelling in near]
    return f"it knows {' and '.join([', '.join(quoted[:-1]), quoted[-1]] if quoted[1:] else quoted)}"


def _parts(word: str) -> Iterator[str]:
    """The word as people would part it: at hyphens, after a letter said by its name ("e check"), letter by letter."""
    if "-" in word.strip("-"):
        yield " ".join(word.replace("-", " ").split())
        yield word.replace("-", "")
    if word[0] in _SPOKEN_LETTERS and len(word) > SHORTEST_PART:
        yield f"{word[0]} {word[1:]}"
    if len(word) <= LONGEST_ABBREVIATION and not set(word) & set("aeiouy"):
        yield " ".join(word)


def _halves(word: str) -> Iterator[str]:
    """The word as two, neither of them short."""
    for cut in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
        yield f"{word[:cut]} {word[cut:]}"


def _edits(word: str) -> Iterator[str]:
    """The word with two letters swapped, one left out, one added, or one changed."""
    parts = [(word[:cut], word[cut:]) for cut in range(len(word) + 1)]
    yield from (before + after[1] + after[0] + after[2:] for before, after in parts if len(after) > 1)
    yield from (before + after[1:] for before, after in parts if after and len(word) > 1)
    yield from (before + letter + after for before, after in parts for letter in _LETTERS)
    yield from (before + letter + after[1:] for before, after in parts if after for letter in _LETTERS)
