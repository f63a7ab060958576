"""One answer while it is being given: what came so far, what it comes to, and until when to wait."""

from voicebot.capture import MASK, Answer, Decision, Expectation, decide, divided
from voicebot.dialog.events import KeyPressed, WordsHeard
from voicebot.dialog.flow import State
from voicebot.dialog.memory import Memory
from voicebot.dialog.questions import Question
from voicebot.dialog.script import COMMANDS, Script
from voicebot.grammar import UNKNOWN, Grammar, Segment

GOES_ON_S = 0.9
"""Silence after which nothing more is expected of somebody who answers other questions too."""

LONGEST_SPEECH_S = 30.0
"""Who speaks longer than this without a pause is not answering; what was understood by then decides."""

MOST_DIGITS_SHOWN = {True: 10, False: 2}
"""How many digits of an answer that is not sensitive may be shown, if it was understood, and if it was not.

People give their card where an account number is asked for; such an answer is never understood, or is too long.
"""


class Listening:
    """The answer to one question, from the end of its prompt to a decision.

    Attributes:
        listen_id: of the `Listen` action; words for another are stale.
        deadline_s: when silence decides.
        decision: what was said and pressed so far comes to; None while nothing was.
        ahead: what was said for other questions meanwhile.
    """

    def __init__(
        self,
        listen_id: int,
        question: Question,
        expectation: Expectation,
        now_s: float,
        no_input_s: float,
        *,
        naming: Grammar | None = None,
    ) -> None:
        self.listen_id = listen_id
        self.question = question
        self.answer = Answer()
        self.decision: Decision | None = None
        self.ahead: dict[str, Answer] = {}
        self._naming = naming
        self._meant = question.name
        self._expectation = expectation
        self._no_input_s = no_input_s
        self._no_input_at_s = now_s + no_input_s
        self.deadline_s = self._no_input_at_s

    def speech_started(self, now_s: float) -> None:
        """The caller speaks: nothing is decided before the words are there."""
        self.deadline_s = now_s + LONGEST_SPEECH_S

    def heard(self, event: WordsHeard, now_s: float) -> None:
        """Words came, or sound that was none (a cough), after which the wait goes on as before."""
        segment = self._own_part(event.segment)
        if segment is None:
            self.deadline_s = now_s + GOES_ON_S
            return
        answer = self.answer.heard(segment)
        if answer == self.answer or (self.answer.is_empty and _is_noise(segment)):
            waited = self.decision.wait_s if self.decision else 0.0
            self.deadline_s = max(now_s + waited, self._no_input_at_s if self.decision is None else 0.0)
            return
        self._decide(answer, event.segment.end_s, now_s)

    def _own_part(self, segment: Segment) -> Segment | None:
        """What of the segment is meant for this question; what is for others is put aside."""
        if self._naming is None:
            return segment
        parts = dict(divided(segment, self._naming, self._meant))
        own = parts.pop(self.question.name, None)
        for name, part in parts.items():
            self.ahead[name] = self.ahead.get(name, Answer()).heard(part)
            self._meant = name
        return own

    def pressed(self, event: KeyPressed, now_s: float) -> None:
        """A key came. A # that ends nothing means nothing."""
        if event.key != "#" or not self.answer.is_empty:
            self._decide(self.answer.pressed(event.key, event.at_s), event.at_s, now_s)

    def _decide(self, answer: Answer, ended_s: float, now_s: float) -> None:
        self.answer = answer
        self.decision = decide(answer, self._expectation)
        if self.decision.reason == "cleared":
            self.answer, self.decision = Answer(), None
            self._no_input_at_s = self.deadline_s = now_s + self._no_input_s
        else:
            self.deadline_s = max(now_s, ended_s + self.decision.wait_s)

    def is_over(self, now_s: float) -> bool:
        return now_s >= self.deadline_s

    def shown(self, number_words: frozenset[str], *, understood: bool) -> str:
        """What was said and pressed, for the transcript; masked where it may be something sensitive."""
        text = self.answer.text
        digits = sum(token.isdigit() or token in number_words for token in text.split())
        hidden = self.question.sensitive or digits > MOST_DIGITS_SHOWN[understood]
        return MASK if hidden and text else text


def expected(script: Script, memory: Memory, question: Question, earlier: tuple[Answer, ...]) -> Expectation:
    """What may be answered to a question, given what the call knows by now and what was tried already."""
    return Expectation(
        kind=question.kind,
        grammar=script.grammars[question.grammar_name],
        commands=script.grammars[COMMANDS],
        today=memory.today,
        known_accounts=script.known_accounts,
        choices=len(memory.items),
        options=script.languages if question.state is State.LANGUAGE else tuple(cost.tender for cost in memory.costs),
        lengths=memory.lengths_of(question),
        earlier=earlier,
        keys_only=question.name in script.manners.keys_only,
        twice=question.twice,
        refused=memory.refused.get(question.name, ()),
    )


def _is_noise(segment: Segment) -> bool:
    """Whether nothing of it was a word that can be said here: a cough, a door, somebody else in the room."""
    return segment.best is None or set(segment.best.words) <= {UNKNOWN}
