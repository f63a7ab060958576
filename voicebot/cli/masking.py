"""A second wall around the log: what may be a tender is masked, should it ever get that far.

The first wall is that tender travels wrapped (`voicebot.capture.Sensitive`) and is given to no log. This one goes by
looks: names that only a tender's parts have, and runs of digits as long as a routing number or longer, however grouped.
Our own ids have letters among their digits or are shorter.
"""

import re
from collections.abc import MutableMapping
from typing import Any, Final

from voicebot.capture import MASK, SENSITIVE_KINDS

_NAMES: Final = SENSITIVE_KINDS | {"key", "keys", "pan", "cvv", "security", "number", "tender_number", "heard", "text"}
_LONG_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z])[0-9](?:[ .,-]?[0-9]){8,}(?![0-9A-Za-z])")
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
    masked = _LONG_NUMBER.sub(MASK, text)
    return value if masked == text else masked
