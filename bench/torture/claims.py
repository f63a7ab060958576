"""What a sentence of the bot's claims about money."""

import re
from functools import cache
from string import Formatter
from typing import Final

from voicebot.cli.furnish import wording_for
from voicebot.dialog import Wording
from voicebot.dialog.wording import SENTENCES
from voicebot.sandbox import REFUSALS
from voicebot.settings import Settings

SAYS_PAID: Final = frozenset(name for name, values in SENTENCES.items() if "payment_id" in values)
"""The payment was made; names the paymentId."""

SAYS_NOT_CHARGED: Final = frozenset(
    {"declined", "not_paid", "nothing_charged", "not_sent", "goodbye_uncharged", "earlier_not_paid"}
)
"""Whatever this caller tried so far has not been charged, and will not be."""

_VENDORS_WORDS: Final = frozenset(body.displayMessage for body in REFUSALS.values())


@cache
def _wording() -> Wording:
    return wording_for(Settings())


@cache
def _pattern(sentence: str) -> re.Pattern[str]:
    parts = []
    for text, name, _, _ in Formatter().parse(_wording().sentences[sentence]):
        parts.append(re.escape(text))
        if name is not None:
            parts.append(f"(?P<{name}>.+?)" if name != "payment_id" else r"(?P<payment_id>[0-9A-Za-z]+)")
    return re.compile("".join(parts))


def payment_told(said: str) -> str | None:
    """The paymentId of a payment that this sentence says was made."""
    for sentence in sorted(SAYS_PAID):
        if found := _pattern(sentence).search(said):
            return found["payment_id"]
    return None


def says_not_charged(said: str) -> bool:
    """Whether it says that nothing was charged; the vendor's own words about a refused tender count."""
    return said in _VENDORS_WORDS or any(_pattern(sentence).search(said) for sentence in SAYS_NOT_CHARGED)
