"""Which of the items that were read out are to be paid: some by their numbers, or all."""

from voicebot.capture.decision import Expectation
from voicebot.capture.kinds.rules import ChoiceRule, InvalidValueError
from voicebot.capture.kinds.rules import nothing as last_four

__all__ = ["last_four", "rule", "validate"]

_ALL = "all"
_ALL_KEY = "9"


def validate(text: str, expected: Expectation) -> str:
    """Either "all", or the items' numbers in order, each once, as "1,3".

    Raises:
        InvalidValueError: no_match, not_offered.
    """
    if text == _ALL:
        return text
    numbers = text.strip(",").split(",")
    if not all(number.isdecimal() for number in numbers):
        raise InvalidValueError("no_match")
    items = sorted({int(number) for number in numbers})
    if items[0] < 1 or items[-1] > expected.choices:
        raise InvalidValueError("not_offered")
    return ",".join(str(item) for item in items)


def rule(expected: Expectation) -> ChoiceRule:
    """An item's key is its number, 9 is all of them where there are fewer than nine."""
    keys = {str(item): str(item) for item in range(1, min(expected.choices, 9) + 1)}
    keys.setdefault(_ALL_KEY, _ALL)
    return ChoiceRule(keys=keys, validate=lambda text: validate(text, expected), several=expected.choices > 1)
