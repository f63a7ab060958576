"""A network as the phrase list that Vosk takes for a grammar.

Vosk makes a bigram model of the list: it learns from each phrase which word follows which, and how often. So a small
finite grammar is given as its sentences, and anything larger, loops above all, as all pairs of words that may follow
each other, each equally often: that favours no order ("zero one two …" as one phrase favours counting).

Weights of the grammar become counts: what weighs most is listed up to `MOST_REPEATS` times, what weighs least once.
On spliced human digits, natural numbers weighing 1 beside digits weighing 16 brought word errors from 14 % down to
10.5 %; noisy synthetic natural numbers were heard as well as before.

Where the likeliest words may follow each other in any order, as digits do in a number, they are given once more as one
phrase that holds each of their pairs once, `LIKELIEST_REPEATS` times: the recogniser then expects other words less
still. Of one accented speaker's cards on a telephone line, 11 of 16 could then be used instead of 7; the others' lost
nothing.

In a menu a word by itself may be the usual answer: of pairs alone "my" and "an american" would be likelier than "card",
which is half of a pair only. So where the grammar asks for it (`// @whole-answers`) its likeliest answers are listed
whole as well, as often as they weigh, and together `WHOLE_TIMES` as often as its pairs, which then serve what is rarely
said. Of 128 answers to menus, three of four at 15 dB, 84 were taken instead of 71, and 1 of 80 other words as before.

`[unk]` is listed a quarter as often as the phrases together. Beside the weights of `yes_no.jsgf` and the commands, that
took other single words of some hundred people for "yes" or "no" in 0.7 % instead of 1.9 %, and lost no "yes" or "no".
"""

import math
from collections.abc import Mapping, Sequence
from itertools import product

from voicebot.grammar.likeliest import likeliest
from voicebot.grammar.network import Network

UNKNOWN = "[unk]"
"""Vosk's word for anything else that is said."""

MOST_SENTENCES = 300
WHOLE_TIMES = 3
WORD_COST = 0.3
"""How much rarer an answer is for each word, in nats: of several ways to say a thing people take the shortest."""
MOST_REPEATS = 16
UNKNOWN_SHARE = 0.25
LIKELIEST_REPEATS = 100
FEWEST_LIKELIEST = 5


def phrase_list(network: Network, *, other_words: bool, whole_answers: bool = False) -> tuple[str, ...]:
    """Give the phrases, sorted, repeated by their weight.

    Args:
        network: what may be said.
        other_words: let Vosk catch other words as `[unk]`, so that they are not taken for an answer.
        whole_answers: list the likeliest sentences whole beside the pairs, where there are too many for all.
    """
    sentences = network.sentences(MOST_SENTENCES)
    if sentences is not None:
        phrases = _repeated({" ".join(words): math.exp(-network.read(words, 1)[0][0]) for words in sentences})
    else:
        pairs = network.pairs
        paired = {word for pair in pairs for word in pair}
        weights = {f"{first} {second}": weight for (first, second), weight in pairs.items()}
        weights |= dict.fromkeys(network.words - paired, 1.0)
        phrases = _with_whole_answers(network, sorted(weights)) if whole_answers else _repeated(weights)
    phrases += _likeliest(network)
    return phrases + (UNKNOWN,) * math.ceil(len(phrases) * UNKNOWN_SHARE) if other_words else phrases


def _with_whole_answers(network: Network, pairs: Sequence[str]) -> tuple[str, ...]:
    """The pairs once each, and the likeliest answers as often as they weigh."""
    whole = likeliest(network, MOST_SENTENCES, word_cost=WORD_COST, at_most=math.log(MOST_REPEATS))
    weights = {" ".join(words): math.exp(-cost) for words, cost in whole.items()}
    scale = WHOLE_TIMES * len(pairs) / sum(weights.values())
    counts = {phrase: max(1, round(weight * scale)) for phrase, weight in weights.items()}
    return (*pairs, *(phrase for phrase in sorted(counts) for _ in range(counts[phrase])))


def _repeated(weights: Mapping[str, float]) -> tuple[str, ...]:
    heaviest, lightest = max(weights.values()), min(weights.values())
    scale = min(MOST_REPEATS, round(heaviest / lightest)) / heaviest
    return tuple(phrase for phrase in sorted(weights) for _ in range(max(1, round(weights[phrase] * scale))))


def _likeliest(network: Network) -> tuple[str, ...]:
    """The words of the heaviest pairs as one phrase, if each of them may follow each; repeated."""
    heaviest = max(network.pairs.values(), default=0.0)
    pairs = {pair for pair, weight in network.pairs.items() if math.isclose(weight, heaviest)}
    words = sorted({word for pair in pairs for word in pair})
    if len(words) < FEWEST_LIKELIEST or any(pair not in pairs for pair in product(words, repeat=2)):
        return ()
    # A de Bruijn sequence of order 2, its first word again at the end: every pair once.
    cycle = [word for at, first in enumerate(words) for word in (first, *_each_with(first, words[at + 1 :]))]
    return (" ".join((*cycle, cycle[0])),) * LIKELIEST_REPEATS


def _each_with(first: str, others: Sequence[str]) -> list[str]:
    return [word for other in others for word in (first, other)]
