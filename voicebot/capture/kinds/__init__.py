"""Kinds of values, one a file with the same functions in each: `rule`, `validate`, `last_four`."""

from collections.abc import Callable, Mapping
from types import ModuleType

from voicebot.capture.decision import Expectation
from voicebot.capture.kinds import (
    account_number,
    after_decline,
    bank_account_number,
    card_number,
    correction,
    expiration,
    item_choice,
    language,
    routing_number,
    security_code,
    tender,
    withdrawal_type,
    yes_no,
)
from voicebot.capture.kinds.rules import ChoiceRule, InvalidValueError, NumberRule

__all__ = ["KINDS", "ChoiceRule", "InvalidValueError", "NumberRule", "last_four_of", "rule_of"]

_MODULES: tuple[ModuleType, ...] = (
    account_number,
    after_decline,
    bank_account_number,
    card_number,
    correction,
    expiration,
    item_choice,
    language,
    routing_number,
    security_code,
    tender,
    withdrawal_type,
    yes_no,
)
KINDS: Mapping[str, ModuleType] = {module.__name__.rpartition(".")[2]: module for module in _MODULES}
"""Every kind by its name, which is also its grammar's."""


def rule_of(expected: Expectation) -> NumberRule | ChoiceRule:
    """The rule of the expected kind. Raises ValueError for a kind that there is not."""
    module = KINDS.get(expected.kind)
    if module is None:
        raise ValueError(
            f"no kind {expected.kind!r}; add a file to voicebot/capture/kinds or use one of {sorted(KINDS)}"
        )
    rule: Callable[[Expectation], NumberRule | ChoiceRule] = module.rule
    return rule(expected)


def last_four_of(kind: str, content: str) -> str:
    """What may be spoken of a value of this kind."""
    speakable: Callable[[str], str] = KINDS[kind].last_four
    return speakable(content)
