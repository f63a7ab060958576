"""A second wall around the log: what may be a tender is masked, should it ever get that far.

The first wall is that tender travels wrapped (`voicebot.capture.Sensitive`) and is given to no log. This one goes by
looks: names that only a tender's parts have, runs of digits as long as a routing number or longer, however grouped, and
card numbers by their check digit wherever they stand. Our own ids have letters among their digits or are shorter.
"""

import re
from collections.abc import MutableMapping
from typing import Any, Final

from stdnum import luhn

from voicebot.capture import MASK, SENSITIVE_KINDS

_NAMES: Final = SENSITIVE_KINDS | {"key", "keys", "pan", "cvv", "security", "number", "tender_number", "heard", "text"}
_LONG_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z])[0-9](?:[ .,-]?[0-9]){8,}(?![0-9A-Za-z])")
_GLUED: Final = re.compile(r"[0-9]{12,19}")
"""As long as a card number, with letters around it too: `pan4111…`."""
_OURS: Final = frozenset({"timestamp", "level"})


def mask_tender(_logger: object, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor; goes before whatever turns an entry into text."""
    for name, value in entry.items():
        if name in _NAMES:
            entry[name] = MASK
        elif name not in _OURS:
            entry[name] = _masked(value)
    return entry


def _masked(value: Any) -> Any:
    """The same value if nothing in it looks like a tender; otherwise its text with the digits masked."""
    if value is None or isinstance(value, bool | float):
        return value
    text = str(value)
    masked = _GLUED.sub(_mask_card, _LONG_NUMBER.sub(MASK, text))
    return value if masked == text else masked


def _mask_card(digits: re.Match[str]) -> str:
    return MASK if luhn.is_valid(digits[0]) else digits[0]
