"""Answers that were given before they were asked for, until their question comes."""

from collections.abc import Mapping

from voicebot.capture import Answer
from voicebot.dialog.flow import State
from voicebot.dialog.memory import Memory
from voicebot.dialog.questions import QUESTIONS, Question

LISTENED = "listened"
"""Its rule of what the recogniser must know for that, beside the words of the question that is asked."""

HEARD_AT = frozenset(
    {
        State.ACCOUNT_NUMBER,
        State.TENDER,
        State.CARD_NUMBER,
        State.EXPIRATION,
        State.SECURITY_CODE,
        State.WITHDRAWAL_TYPE,
        State.ROUTING_NUMBER,
        State.BANK_ACCOUNT_NUMBER,
    }
)
"""Questions with whose answer others may be given too. Never a yes or no: that must be said to what was heard."""


class Ahead:
    """What was said for which question, in the words that it was said in."""

    def __init__(self) -> None:
        self._answers: dict[str, Answer] = {}

    def keep(self, answers: Mapping[str, Answer], memory: Memory) -> None:
        """Keep answers to questions that are still to come; what was answered already is changed otherwise."""
        for name, answer in answers.items():
            given = name in memory.answers or (name == State.TENDER.value and memory.tender)
            if QUESTIONS[name].state in HEARD_AT and not given:
                self._answers[name] = answer

    def pop(self, question: Question) -> Answer | None:
        """What was said for this question; it is used once."""
        return self._answers.pop(question.name, None)

    def forget(self) -> None:
        """The caller starts over."""
        self._answers.clear()
