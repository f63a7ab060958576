"""Answers that were not taken: what was heard of them, and in which words the question is asked again."""

from voicebot.capture import Answer, Decision, Group
from voicebot.dialog.memory import Memory
from voicebot.dialog.questions import Question
from voicebot.dialog.script import Manners
from voicebot.dialog.wording import QuestionWording

OFFERS_FROM = 2
"""How often in a row something else than a number was said to a question for one, before a person is offered."""


class Retries:
    """What was heard at each question since its last answer: further evidence for the next try."""

    def __init__(self) -> None:
        self._heard: dict[str, tuple[Answer, ...]] = {}
        self._groups: dict[str, Group] = {}
        self._no_numbers: dict[str, int] = {}
        self._offered: set[str] = set()

    def heard(self, question: Question) -> tuple[Answer, ...]:
        """The tries that were not taken, oldest first."""
        return self._heard.get(question.name, ())

    def keep(self, question: Question, answer: Answer) -> None:
        """Keep one more try, unless nothing was said."""
        if not answer.is_empty:
            self._heard[question.name] = (*self.heard(question), answer)

    def forget(self, question: Question) -> None:
        """The question was answered."""
        self._heard.pop(question.name, None)
        self._no_numbers.pop(question.name, None)
        self.want(question, None)

    def learn(self, question: Question, answer: Answer, decision: Decision | None) -> Group | None:
        """Keep one more try, and say which digits alone are in doubt after it; those themselves are no whole answer."""
        if decision is None or not decision.only_group:
            self.keep(question, answer)
        self.want(question, decision.group if decision else None)
        return self.group(question)

    def offers_person(self, question: Question, *, no_number: bool) -> bool:
        """Whether no number was said again to a question for one: something else seems to be wanted. Once for each."""
        name = question.name
        self._no_numbers[name] = self._no_numbers.get(name, 0) + 1 if no_number else 0
        if not question.spelled or self._no_numbers[name] < OFFERS_FROM or name in self._offered:
            return False
        self._offered.add(name)
        return True

    def group(self, question: Question) -> Group | None:
        """The only digits of the earlier tries that are asked for; None: the whole answer is."""
        return self._groups.get(question.name)

    def want(self, question: Question, group: Group | None) -> None:
        """From now on only this group is asked for, or the whole answer."""
        self._groups.pop(question.name, None)
        if group is not None:
            self._groups[question.name] = group

    @staticmethod
    def count(memory: Memory, manners: Manners, question: Question) -> int:
        """Count one more failure; 0 when it is one too many, at this question or in the whole call."""
        too_often = memory.failed(question.name)
        if too_often or sum(memory.failures.values()) >= manners.failures:
            return 0
        return memory.failures[question.name]

    @staticmethod
    def text(wording: QuestionWording, failures: int, result: str, reason: str) -> str:
        """The words for this many failures: another text each time, the first time with the reason."""
        if result == "no_match" and failures == 1 and reason in wording.reasons:
            return wording.reasons[reason]
        return wording.retry(wording.no_input if result == "no_input" else wording.no_match, failures)
