"""A network as the phrase list that Vosk takes for a grammar.

Vosk makes a bigram model of the list: it learns from each phrase which word follows which, and how often. So a small
finite grammar is given as its sentences, and anything larger, loops above all, as all pairs of words that may follow
each other, each once: that favours no order ("zero one two …" as one phrase favours counting).
"""

from voicebot.grammar.network import Network

UNKNOWN = "[unk]"
"""Vosk's word for anything else that is said."""

MOST_SENTENCES = 300


def phrase_list(network: Network, *, other_words: bool) -> tuple[str, ...]:
    """Give the phrases, sorted.

    Args:
        network: what may be said.
        other_words: let Vosk catch other words as `[unk]`, so that they are not taken for an answer.
    """
    sentences = network.sentences(MOST_SENTENCES)
    if sentences is not None:
        phrases = [" ".join(words) for words in sentences]
    else:
        paired = {word for pair in network.pairs for word in pair}
        phrases = sorted({f"{first} {second}" for first, second in network.pairs} | (network.words - paired))
    return (*phrases, UNKNOWN) if other_words else tuple(phrases)
