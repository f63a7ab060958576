"""A segment of which two ears have an opinion: what both think of each text, added up.

The recogniser and the second opinion (see `voicebot.speech.digits`) make different mistakes: where one of them loses a
digit the other rarely loses the same one. A text that one of them did not think of is as likely to it as the nearest
one that it did think of, less the price of each digit of difference: as with two hearings of one number (`attempts`).
"""

from collections.abc import Iterator, Sequence

from voicebot.capture.attempts import fits
from voicebot.capture.hearing import Alternative, best_of_each, known_words, texts, unlikely
from voicebot.capture.thresholds import NETWORK_LEAST, NETWORK_WEIGHT
from voicebot.grammar import Grammar
from voicebot.grammar.heard import Segment


def weighed(segment: Segment, grammar: Grammar, *, priced: bool = True) -> tuple[Alternative, ...]:
    """What a segment may be by all that is known of it, best first; arguments and result as `hearing.texts`."""
    first = texts(segment, grammar, priced=priced)
    second = _second(segment, grammar)
    if not first or not second:
        return first
    contents = list(dict.fromkeys(alternative.text for alternative in (*first, *second)))
    heard, other = _thought_of(contents, first), _thought_of(contents, second)
    if not priced:
        other |= dict.fromkeys(_said_with_unlikely_words(segment, grammar), 0.0)
    return best_of_each(
        Alternative(text, heard[text] + NETWORK_WEIGHT * max(other[text], NETWORK_LEAST)) for text in contents
    )


def _thought_of(contents: Sequence[str], opinion: Sequence[Alternative]) -> dict[str, float]:
    """How likely each content is by one opinion, in nats; 0 is the best that it thought of."""
    known = {alternative.text: alternative.score - opinion[0].score for alternative in opinion}
    missing = [text for text in contents if text not in known]
    return known | (dict(zip(missing, map(float, fits(missing, opinion)), strict=True)) if missing else {})


def _said_with_unlikely_words(segment: Segment, grammar: Grammar) -> Iterator[str]:
    """Texts of guesses with words such as "oh".

    No recording of a person taught the network those. It may prefer them; but where their price is not held against
    them, its doubt is not either.
    """
    for hypothesis in segment.hypotheses:
        words = known_words(hypothesis)
        if unlikely(words):
            yield from (reading.text for reading in grammar.read(words))


def _second(segment: Segment, grammar: Grammar) -> tuple[Alternative, ...]:
    said = [(known_words(guess), guess.score) for guess in segment.network]
    return best_of_each(
        [Alternative(reading.text, score) for words, score in said if words for reading in grammar.read(words)]
        + [Alternative("", score) for words, score in said if not words]
    )
