"""What a recogniser typically does to digits: it loses one, hears one twice, takes one for another.

Each of the likeliest texts of a segment is offered with one such change as well, at a price in nats. The prices are
so high that a change only wins where the checksum refuses everything that was heard as such; and a value with a
change in it is never accepted without a question.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from voicebot.capture.hearing import Alternative, best_of_each
from voicebot.capture.joining import KEPT_UNCHECKED, Candidate, join
from voicebot.capture.kinds.rules import NumberRule
from voicebot.capture.thresholds import REPAIRED_TEXTS, REPAIRS

_DIGITS = "0123456789"


def with_repairs(alternatives: Sequence[Alternative]) -> tuple[Alternative, ...]:
    """The alternatives and, behind them, the likeliest ones with one digit dropped, supplied or exchanged."""
    repaired = (
        Alternative(text, alternative.score - price, repairs=1)
        for alternative in alternatives[:REPAIRED_TEXTS]
        for text, price in _changed(alternative.text)
    )
    return best_of_each((*alternatives, *repaired))


def _changed(text: str) -> Iterator[tuple[str, float]]:
    for place in range(len(text) + 1):
        before, after = text[:place], text[place:]
        for digit in _DIGITS:
            yield before + digit + after, REPAIRS.supply
        if not after:
            continue
        twice = before.endswith(after[0])
        yield before + after[1:], REPAIRS.drop_double if twice else REPAIRS.drop
        for digit in _DIGITS:
            if digit != after[0]:
                yield before + digit + after[1:], REPAIRS.exchange


def valid_values(heard: Sequence[Sequence[Alternative]], rule: NumberRule) -> tuple[Candidate, ...]:
    """Valid values: as heard, and with what the recogniser usually gets wrong put right.

    Where no checksum leads to them and the likeliest texts have none, many more texts are looked at. What stands so far
    down the list counts as repaired, and is asked about.
    """
    if not rule.repairable:
        return join(heard, rule)
    parts = [part if part[0].certain else with_repairs(part) for part in heard]
    found = join(parts, rule)
    if found or rule.checksum:
        return found
    return tuple(replace(each, repairs=max(1, each.repairs)) for each in join(parts, rule, kept=KEPT_UNCHECKED))
