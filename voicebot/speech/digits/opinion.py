"""When the network is asked about a segment, and what it says.

It knows single digits only, so it is asked about segments whose likeliest guess is nothing but those; and it costs
time, so only where the recogniser itself has a guess that is nearly as likely.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from voicebot.grammar.heard import Hypothesis
from voicebot.speech.activity import Samples
from voicebot.speech.digits.ctc import likeliest, likelihoods
from voicebot.speech.digits.features import log_mel
from voicebot.speech.digits.network import WEIGHTS, DigitNetwork

NAMES: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_DIGITS: Final = {name: str(digit) for digit, name in enumerate(NAMES)} | {"oh": "0", "the": ""}
"""What each word says. "The" says nothing; the recogniser makes it of a soft "six" at a group's beginning."""

UNSURE_NATS: Final = 6.0
"""A runner-up that is closer makes a segment unsure: a third of the speech of careful callers, nearly all of some."""


class DigitOpinion:
    """The network and what it is asked about. Safe to use from any thread.

    Args:
        weights: the network's; the project's own when not given.

    Attributes:
        network: the network itself, on whose lower layers others may stand.
    """

    def __init__(self, weights: Path = WEIGHTS) -> None:
        self.network = DigitNetwork(weights)

    def of(self, hypotheses: Sequence[Hypothesis], sound: Samples) -> tuple[Hypothesis, ...]:
        """What the network thinks of the guesses, and its own, best first; nothing where it is not asked.

        Args:
            hypotheses: the recogniser's, best first.
            sound: the segment as the recogniser heard it.

        Returns:
            Guesses with the logarithm of the probability that just those digits were said: each of the
            recogniser's that are nothing but digits, each of the network's own, and that nothing was said.
        """
        if not is_unsure(hypotheses):
            return ()
        frames = self.network.log_probabilities(log_mel(sound))
        guesses = {(): ""} | {guess.words: text for guess in hypotheses if (text := spelled(guess.words)) is not None}
        known = set(guesses.values())
        guesses |= {tuple(NAMES[int(digit)] for digit in text): text for text in likeliest(frames) if text not in known}
        scores = likelihoods(frames, list(guesses.values()))
        found = [Hypothesis(words, float(score)) for words, score in zip(guesses, scores, strict=True)]
        return tuple(sorted(found, key=lambda guess: -guess.score))


def is_unsure(hypotheses: Sequence[Hypothesis]) -> bool:
    """Whether digits were heard, and others nearly as likely."""
    if len(hypotheses) < 2 or not hypotheses[0].words or spelled(hypotheses[0].words) is None:  # noqa: PLR2004 - two
        return False
    best = spelled(hypotheses[0].words)
    rivals = (guess for guess in hypotheses[1:] if spelled(guess.words) != best)
    return any(hypotheses[0].score - guess.score < UNSURE_NATS for guess in rivals)


def spelled(words: Sequence[str]) -> str | None:
    """The digits that the words are, or None where there are others among them."""
    digits = [_DIGITS.get(word) for word in words]
    return "".join(digit for digit in digits if digit is not None) if None not in digits else None
