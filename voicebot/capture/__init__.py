"""One answer: what was heard and pressed becomes one checked value. Pure.

`decide(answer, expected)` is all that the dialog needs: it is called after every segment and key and says what the
answer comes to so far, and after how much silence that stands. Kinds of values are in `kinds/`, one a file; everything
that was tuned is in `thresholds.py`.
"""

from voicebot.capture.ahead import divided
from voicebot.capture.answer import Answer, Key, begins_s
from voicebot.capture.decide import decide
from voicebot.capture.decision import (
    GROUPED_KINDS,
    MENUS,
    REASONS,
    SENSITIVE_KINDS,
    Decision,
    Expectation,
    Value,
    Verdict,
)
from voicebot.capture.edits import corrected, with_digit, with_group
from voicebot.capture.first_word import asked_since_s, words_for_second
from voicebot.capture.groups import Group, read_in_groups
from voicebot.capture.hearing import is_noise
from voicebot.capture.kinds import KINDS
from voicebot.capture.kinds.card_number import security_code_lengths
from voicebot.capture.numbers import is_no_number
from voicebot.capture.second import digits_since_s, has_digits_only, is_seconded, opinion_on, worth_hearing_again
from voicebot.capture.sensitive import MASK, Sensitive
from voicebot.capture.written import command_hints, to_write, worth_writing

__all__ = [
    "GROUPED_KINDS",
    "KINDS",
    "MASK",
    "MENUS",
    "REASONS",
    "SENSITIVE_KINDS",
    "Answer",
    "Decision",
    "Expectation",
    "Group",
    "Key",
    "Sensitive",
    "Value",
    "Verdict",
    "asked_since_s",
    "begins_s",
    "command_hints",
    "corrected",
    "decide",
    "digits_since_s",
    "divided",
    "has_digits_only",
    "is_no_number",
    "is_noise",
    "is_seconded",
    "opinion_on",
    "read_in_groups",
    "security_code_lengths",
    "to_write",
    "with_digit",
    "with_group",
    "words_for_second",
    "worth_hearing_again",
    "worth_writing",
]
