"""What a recogniser will make of a grammar, reported before a caller meets it.

Vosk hears by a bigram model of the phrase list, not by the grammar itself (`bigram.py`), and a caller's line carries
the bot's own prompt. Each finding names the words, so that a person can judge; only an unknown word is always wrong.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from voicebot.grammar.alike import Pronounce, alike, difference
from voicebot.grammar.bigram import Bigram
from voicebot.grammar.errors import Location
from voicebot.grammar.grammar import Grammar
from voicebot.grammar.network import Network
from voicebot.grammar.phrases import UNKNOWN
from voicebot.grammar.vocabulary import hint_for

FAVOURED = 4.0
"""A follower is favoured unduly when it is this many times as likely as those of at least its weight on average."""

MOST_EXAMPLES = 3
MOST_PROMPT_WORDS = 6
"""Longest stretch of a prompt, in words, that is tried as an answer."""


class Kind(StrEnum):
    """What a finding is about."""

    UNKNOWN_WORD = "unknown_word"
    UNLISTED_PAIR = "unlisted_pair"
    MISSING_PAIR = "missing_pair"
    FAVOURED_PAIR = "favoured_pair"
    ALIKE = "alike"
    PROMPT = "prompt"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at.

    Attributes:
        kind: what it is about.
        words: the words or pairs concerned ("one two"), worst first.
        problem: one sentence without a full stop.
        hint: what to do about it.
        at: where the first word stands in the grammar, if it does.
    """

    kind: Kind
    words: tuple[str, ...]
    problem: str
    hint: str
    at: Location | None = None

    @property
    def is_error(self) -> bool:
        """True when the grammar cannot work as written, whatever one thinks of it."""
        return self.kind is Kind.UNKNOWN_WORD


def check(
    grammar: Grammar,
    phrases: Sequence[str],
    prompt_words: Sequence[str],
    knows: Callable[[str], bool],
    pronounce: Pronounce,
    *,
    rule: str | None = None,
) -> tuple[Finding, ...]:
    """Look at a grammar as Vosk will see it.

    Args:
        grammar: what may be said.
        phrases: the list that the recogniser will be given, with what else it is to hear.
        prompt_words: words that the bot says while it listens with this grammar, in order, lower case.
        knows: tells whether the model has a word.
        pronounce: gives a word's sounds.
        rule: the public rule that is listened for; the first one if None.

    Returns:
        Findings, errors first, then in the order of `Kind`.
    """
    network = grammar.network(rule)
    bigram = Bigram([phrase for phrase in phrases if phrase != UNKNOWN])
    where = grammar.words(rule=rule)
    return (
        *_unknown(bigram.words | where.keys(), knows, where),
        *_unlisted(bigram, network),
        *_missing(bigram, network),
        *(() if grammar.whole_answers else _favoured(bigram, network)),  # that is what they are listed for
        *_alike(network, where, pronounce),
        *_alike_beside(network, bigram.words, where, pronounce),
        *_said_by_prompt(network, prompt_words),
    )


def _unknown(words: frozenset[str], knows: Callable[[str], bool], where: Mapping[str, Location]) -> list[Finding]:
    return [
        Finding(
            Kind.UNKNOWN_WORD,
            (word,),
            f"the model does not know '{word}'",
            hint_for(word, knows),
            where.get(word),
        )
        for word in sorted(words)
        if not knows(word)
    ]


def _unlisted(bigram: Bigram, network: Network) -> list[Finding]:
    """Pairs that neither the grammar nor what is heard beside it has, and that come out all the same, by back-off."""
    words, own, allowed = sorted(bigram.words), network.words, network.pairs
    chances = sorted(
        (
            (bigram.likelihood(a, b), f"{a} {b}")
            for a in words
            for b in words
            if (a, b) not in allowed and not (bigram.lists(a, b) and not {a, b} <= own)
        ),
        key=lambda chance: (-chance[0], chance[1]),
    )
    if not chances:
        return []
    examples = [f"'{pair}' {likelihood:.3f}" for likelihood, pair in chances[:MOST_EXAMPLES]]
    return [
        Finding(
            Kind.UNLISTED_PAIR,
            tuple(pair for _, pair in chances),
            f"{len(chances)} word pairs come out that the grammar does not allow, likeliest {', '.join(examples)}",
            "each word more adds some; keep rules for numbers small, or catch other words with [unk]",
        )
    ]


def _missing(bigram: Bigram, network: Network) -> list[Finding]:
    """Pairs that the grammar allows and no phrase shows: they come out by back-off only."""
    missing = sorted(f"{a} {b}" for a, b in network.pairs if not bigram.lists(a, b))
    if not missing:
        return []
    return [
        Finding(
            Kind.MISSING_PAIR,
            tuple(missing),
            f"{len(missing)} word pairs are allowed that no phrase lists, such as '{missing[0]}'",
            "list them, or the recogniser hears other words instead",
        )
    ]


def _favoured(bigram: Bigram, network: Network) -> list[Finding]:
    """Allowed followers of a word that are much likelier than others which the grammar weighs as much."""
    pairs = network.pairs
    followers: dict[str, list[str]] = {}
    for first, second in sorted(pairs):
        if first in bigram.words:
            followers.setdefault(first, []).append(second)
    found: list[tuple[float, str]] = []
    for first, seconds in followers.items():
        for second in seconds:
            chance = bigram.likelihood(first, second)
            rivals = [s for s in seconds if s != second and pairs[first, s] >= pairs[first, second]]
            mean = sum(bigram.likelihood(first, rival) for rival in rivals) / max(len(rivals), 1)
            if mean and chance / mean >= FAVOURED:
                found.append((chance / mean, f"{first} {second}"))
    return [
        Finding(
            Kind.FAVOURED_PAIR,
            (pair,),
            f"the phrases make '{pair}' {ratio:.0f} times as likely as what else may follow",
            "list every pair that may be said equally often, or give weights in the grammar",
        )
        for ratio, pair in sorted(found, key=lambda item: (-item[0], item[1]))
    ]


def _alike(network: Network, where: Mapping[str, Location], pronounce: Pronounce) -> list[Finding]:
    """Words that sound alike, may be said in the same place, and mean different things there."""
    found: dict[tuple[str, str], float] = {}
    for arcs in network.arcs:
        for first, second in combinations(sorted(arcs), 2):
            outputs = [{arc.output for arc in arcs[word]} for word in (first, second)]
            silent = any(not any(output) for output in outputs[0] | outputs[1])
            if not silent and outputs[0].isdisjoint(outputs[1]):
                sounds = pronounce(first), pronounce(second)
                if alike(*sounds):
                    found[first, second] = difference(*sounds)
    return [
        Finding(
            Kind.ALIKE,
            words,
            f"'{words[0]}' and '{words[1]}' sound alike and mean different things in one place",
            "let them be told apart by length or checksum, or confirm what was heard",
            where.get(words[0]),
        )
        for words, _ in sorted(found.items(), key=lambda item: (item[1], item[0]))
    ]


def _alike_beside(
    network: Network, words: frozenset[str], where: Mapping[str, Location], pronounce: Pronounce
) -> list[Finding]:
    """Words that are answers by themselves, and words of what is listened for beside them that sound like one."""
    answers = sorted(word for word in network.words if network.read((word,), 1))
    beside = sorted(words - network.words)
    return [
        Finding(
            Kind.ALIKE,
            (answer, other),
            f"'{answer}' is an answer, and '{other}', which is listened for beside it, sounds like it",
            "leave one of them out, or let the question be confirmed",
            where.get(answer),
        )
        for answer in answers
        for other in beside
        if alike(pronounce(answer), pronounce(other))
    ]


def _said_by_prompt(network: Network, prompt_words: Sequence[str]) -> list[Finding]:
    """Stretches of the prompt that would be taken for an answer if the line carries the bot's voice back."""
    found: list[str] = []
    start = 0
    while start < len(prompt_words):
        longest = next(
            (
                length
                for length in range(min(MOST_PROMPT_WORDS, len(prompt_words) - start), 0, -1)
                if network.read(prompt_words[start : start + length], 1)
            ),
            0,
        )
        if longest:
            found.append(" ".join(prompt_words[start : start + longest]))
        start += longest or 1
    return [
        Finding(
            Kind.PROMPT,
            (words,),
            f"the prompt says '{words}', which would be an answer if the line carries it back",
            "word the prompt otherwise, or listen only when it is over",
        )
        for words in dict.fromkeys(found)
    ]
