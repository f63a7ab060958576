"""The language of the call, by its locale, as far as it was offered."""

from voicebot.capture.decision import Expectation
from voicebot.capture.kinds.rules import ChoiceRule, InvalidValueError
from voicebot.capture.kinds.rules import nothing as last_four

__all__ = ["last_four", "rule", "validate"]


def validate(text: str, expected: Expectation) -> str:
    """The locale as it is, or `InvalidValueError`: not_offered."""
    if text not in expected.options:
        raise InvalidValueError("not_offered")
    return text


def rule(expected: Expectation) -> ChoiceRule:
    """Key 1 is the language of the line, the others follow in their order."""
    keys = {str(key): language for key, language in enumerate(expected.options, 1)}
    return ChoiceRule(keys=keys, validate=lambda text: validate(text, expected))
