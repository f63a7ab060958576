"""Yes or no to a number that was read back, or what is wrong with it: `5/9`, `2:45`, `=289`."""

import re

from voicebot.capture.decision import Expectation
from voicebot.capture.kinds.rules import ChoiceRule, InvalidValueError
from voicebot.capture.kinds.rules import nothing as last_four

__all__ = ["last_four", "rule", "validate"]

_EDIT = re.compile(r"yes|no|\d/\d|-?\d:\d+|=\d+", re.ASCII)


def validate(text: str, expected: Expectation) -> str:  # noqa: ARG001 - same signature in every kind
    """Either "yes", "no", or an edit for `edits.corrected`; or `InvalidValueError`: no_match."""
    if not _EDIT.fullmatch(text):
        raise InvalidValueError("no_match")
    return text


def rule(expected: Expectation) -> ChoiceRule:
    """Key 1 is yes, key 2 is no. More may follow a no, or a correction."""
    return ChoiceRule(
        keys={"1": "yes", "2": "no"}, validate=lambda text: validate(text, expected), finished=frozenset({"yes"})
    )
