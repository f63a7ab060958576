"""Answers that were given before they were asked for, until their question comes."""

from collections.abc import Mapping

from voicebot.capture import Answer, has_digits_only
from voicebot.dialog.events import HeardAgain
from voicebot.dialog.flow import State
from voicebot.dialog.memory import Memory
from voicebot.dialog.questions import QUESTIONS, Question
from voicebot.grammar import Grammar, Segment

AHEAD = "ahead"
"""The grammar of the words that name a question."""

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


class LaterAnswers:
    """Asks a second recogniser about the digits among them: whether they are sure is known at their question only.

    What it has been asked about an answer that has grown since is no longer of use.

    Args:
        grammars: of the language that is spoken.
    """

    def __init__(self, grammars: Mapping[str, Grammar]) -> None:
        self._grammars = grammars
        self._asked: dict[int, tuple[str, Answer]] = {}
        self._open: set[int] = set()

    @property
    def is_done(self) -> bool:
        """Whether everything that was asked is answered."""
        return not self._open

    def asked(self, answers: Mapping[str, Answer]) -> Mapping[int, Segment]:
        """What is to be asked now, by a number for each; only what was said in one stretch."""
        new: dict[int, Segment] = {}
        for name, answer in answers.items():
            question, part = QUESTIONS[name], answer.parts[0]
            worth = len(answer.parts) == 1 and (name, answer) not in self._asked.values()
            spelled = has_digits_only(answer, question.kind, self._grammars[question.grammar_name])
            if worth and spelled and isinstance(part, Segment):
                number = -1 - len(self._asked)
                self._asked[number] = (name, answer)
                new[number] = part
        self._open = set(new) if new else self._open
        return new

    def heard_again(self, event: HeardAgain, answers: dict[str, Answer]) -> bool:
        """Take what it made of one of them; False where that is another answer by now."""
        name, answer = self._asked.get(event.hearing_id, ("", Answer()))
        self._open.discard(event.hearing_id)
        if answers.get(name) != answer:
            return False
        answers[name] = answer.heard_again(event.segment)
        self._asked[event.hearing_id] = (name, answers[name])
        return True


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
