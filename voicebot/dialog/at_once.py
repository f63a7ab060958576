"""One answer with several in it: whose words are whose, and what is heard over before the question is over.

While a question is asked only its own words are listened for, as each word more is heard in place of another. Where
that comes to nothing, or what was said is too long for one answer, its sound is heard over with the words that name
other questions too, and the digits that are found then by a second recogniser. Nobody else waits for that, and nobody
is heard worse.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import inf
from typing import TypeAlias

from voicebot.capture import MENUS, Answer, Decision, Verdict, divided, has_digits_only
from voicebot.dialog import actions as do
from voicebot.dialog.events import HeardAgain, HeardOver
from voicebot.dialog.flow import State
from voicebot.dialog.questions import QUESTIONS, Question
from voicebot.dialog.script import with_others
from voicebot.grammar import Grammar, Segment

LONG_S = 8.0
"""Speech from which on an answer may be several, though it is taken for one: of a sentence that only begins with an
account number the rest is no number, and is left out. Everything takes a hasty caller as long as that."""

SHORT = frozenset({State.ACCOUNT_NUMBER, State.TENDER, State.WITHDRAWAL_TYPE})
"""Questions whose answers are shorter than that."""

HearMore: TypeAlias = do.HearOver | do.HearAgain


class SaidAtOnce:
    """What was said for which question, in one answer.

    Attributes:
        own: what of it is for the question that was asked, once it was divided; None where that is nothing.
        others: what was said for other questions.

    Args:
        listen_id: of the answer.
        question: that was asked.
        grammars: of the language that is spoken.
        naming: the one of them with the words that name questions.
        sound: whether callers are heard, so that their sound may be heard over.
        second: whether a second recogniser may be asked.
    """

    def __init__(
        self,
        listen_id: int,
        question: Question,
        grammars: Mapping[str, Grammar],
        naming: Grammar,
        *,
        sound: bool,
        second: bool,
    ) -> None:
        self.own: Answer | None = None
        self.others: dict[str, Answer] = {}
        self._listen_id = listen_id
        self._question = question
        self._grammars = grammars
        self._naming = naming
        self._sound = sound
        self._second = second
        self._meant = question.name
        self._whole: Answer | None = None
        self._since_s = inf
        self._again: list[tuple[str, Answer]] = []
        self._asked: dict[int, tuple[str, Answer]] = {}
        self._open: set[int] = set()

    @property
    def is_done(self) -> bool:
        """Whether everything that was asked is answered."""
        return not self._open

    def own_part(self, segment: Segment) -> Segment | None:
        """What of a segment is meant for the question that was asked; what is for others is put aside."""
        parts = dict(divided(segment, self._naming, self._meant))
        own = parts.pop(self._question.name, None)
        for name, part in parts.items():
            self.others[name] = self.others.get(name, Answer()).heard(part)
            self._meant = name
        return own

    def due(self, answer: Answer, decision: Decision | None) -> Sequence[HearMore]:
        """What is to be heard over before the answer is over, step by step; nothing where all is done.

        Args:
            answer: what was said for the question that was asked.
            decision: what that comes to.
        """
        steps: tuple[Iterator[HearMore], ...] = (
            self._answer_over(answer, decision),
            self._digits_again(decision),
        )
        asked: tuple[HearMore, ...] = next((more for step in steps if (more := tuple(step))), ())
        self._open = {each.hearing_id for each in asked}
        return asked

    def heard(self, event: HeardOver | HeardAgain, answer: Answer) -> bool:
        """Take what was made of it; False where that is another answer by now.

        Args:
            event: what was made of it.
            answer: what was said for the question that was asked.
        """
        self._open.discard(event.hearing_id)
        name, asked = self._asked.get(event.hearing_id, ("", None))
        if asked is None or asked != (self._parts().get(name) if name else answer):
            return False
        if isinstance(event, HeardAgain):
            self._put(name, asked.heard_again(event.segment))
        else:
            self._divide(event.segments)
        return True

    def _answer_over(self, answer: Answer, decision: Decision | None) -> Iterator[do.HearOver]:
        """The whole answer with the words that name other questions, once for each state of it."""
        if not self._sound or answer in (self._whole, self.own) or not self._may_be_more(answer, decision):
            return
        self._whole = answer
        self._since_s = min(self._since_s, _span(answer)[0])
        grammar = with_others(self._question.grammar_name)
        yield do.HearOver(self._listen_id, self._number("", answer), grammar, self._since_s)

    def _may_be_more(self, answer: Answer, decision: Decision | None) -> bool:
        """Whether an answer that was said may have others in it: it comes to nothing, or is too long for one."""
        spoken = [part for part in answer.parts if isinstance(part, Segment)]
        if decision is None or decision.command or not spoken or len(spoken) < len(answer.parts):
            return False
        long = self._question.state in SHORT and sum(part.end_s - part.start_s for part in spoken) > LONG_S
        proposed = decision.verdict is Verdict.CONFIRM and self._question.kind in MENUS
        return long or proposed or decision.verdict in {Verdict.REJECT, Verdict.AGAIN}

    def _digits_again(self, decision: Decision | None) -> Iterator[do.HearAgain]:
        """What was said in digits for other questions, and for this one where it is not certain; each once."""
        sure = decision is not None and decision.verdict is Verdict.ACCEPT
        for name, part in self._parts().items():
            question, known = QUESTIONS[name], name == self._question.name and sure
            worth = self._second and not known and (name, part) not in self._again and part.second is None
            if worth and has_digits_only(part, question.kind, self._grammars[question.grammar_name]):
                self._again.append((name, part))
                since_s, until_s = _span(part)
                yield do.HearAgain(self._listen_id, self._number(name, part), since_s, until_s=until_s)

    def _divide(self, segments: Sequence[Segment]) -> None:
        """Take the whole answer as it was heard over. Where no question is named in it nothing changes."""
        self._meant, before = self._question.name, self.others
        self.others, own = {}, Answer()
        for segment in segments:
            part = self.own_part(segment)
            own = own if part is None else own.heard(part)
        if not self.others:
            self.others = before
            return
        self.own = own

    def _parts(self) -> Mapping[str, Answer]:
        own = {} if self.own is None or self.own.is_empty else {self._question.name: self.own}
        return own | self.others

    def _put(self, name: str, answer: Answer) -> None:
        if name == self._question.name:
            self.own = answer
        else:
            self.others[name] = answer

    def _number(self, name: str, answer: Answer) -> int:
        """A number for what is asked about an answer; those of the listening itself count from 0 up."""
        number = -1 - len(self._asked)
        self._asked[number] = (name, answer)
        return number


def _span(answer: Answer) -> tuple[float, float]:
    """From when to when it was said."""
    spoken = [part for part in answer.parts if isinstance(part, Segment)]
    return spoken[0].start_s, spoken[-1].end_s
