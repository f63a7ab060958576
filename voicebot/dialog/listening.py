"""One answer while it is being given: what came so far, what it comes to, and until when to wait."""

from collections.abc import Mapping, Sequence

from voicebot.capture import (
    MASK,
    MENUS,
    Answer,
    Decision,
    Expectation,
    Group,
    Verdict,
    asked_since_s,
    command_hints,
    decide,
    digits_since_s,
    is_no_number,
    is_noise,
    to_write,
    words_for_second,
    worth_hearing_again,
    worth_writing,
)
from voicebot.dialog.at_once import HearMore, SaidAtOnce
from voicebot.dialog.events import HeardAgain, HeardOver, KeyPressed, SpeechStarted, WordsComing, WordsHeard
from voicebot.dialog.flow import State
from voicebot.dialog.memory import Memory
from voicebot.dialog.questions import Question
from voicebot.dialog.script import COMMANDS, Script
from voicebot.grammar import UNKNOWN, Segment

GOES_ON_S = 0.9
"""Silence after which nothing more is expected of somebody who answers other questions too."""

MAY_GO_ON_S = 0.5
"""The same behind an account number, with which people begin who say everything at once."""

ECHO = 0.25
"""How much like the bot's own voice a sound may be that interrupts it. Measured over 0.8 s: echoes of 10 to 24 dB on
a telephone line have 0.92 and more, a loud one out of a room 0.27 and more; other voices 0.28 at most, mostly 0.1."""

MAYBE_ECHO = 0.5
"""The same of a sound so short that nothing was understood of it yet: it may be the beginning of an answer."""

OWN_WORDS_ECHO = 0.15
"""The same where some of the words are among those being said."""

NUMBER_WORDS = 2
"""Words of a number that interrupt: a cough is heard as one digit."""

SECOND_AFTER_S = 0.9
"""Silence after which a second recogniser is asked about a number that is not certain; about what is none yet, at the
end of the wait. About a yes or no it is asked at once: that takes a tenth of a second."""

SECOND_TAKES_S = 2.0
"""How long what it makes of it is waited for: several times what it takes."""

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
        over: the question is still being asked, and what is heard is no answer yet.
        interrupted: the caller spoke over the question, which was stopped.
        speaking: somebody is speaking.
        spoke: somebody spoke, or made a sound like it.
        state: counts what changed the answer: what a second recogniser says of an earlier state is stale.
    """

    def __init__(
        self,
        listen_id: int,
        question: Question,
        expectation: Expectation,
        now_s: float,
        no_input_s: float,
        *,
        over: bool = False,
        second: bool = False,
        at_once: SaidAtOnce | None = None,
        missed: bool = False,
    ) -> None:
        self.listen_id = listen_id
        self.question = question
        self.answer = Answer()
        self.decision: Decision | None = None
        self._expectation = expectation
        self._no_input_s = no_input_s
        self._no_input_at_s = now_s + no_input_s
        self.deadline_s = self._no_input_at_s
        self.over = over
        self.interrupted = False
        self.speaking = False
        self.spoke = False
        self._second = second
        self._at_once = at_once
        self._missed = missed
        self._second_at_s: float | None = None
        self._writes = False
        self._ended_s = now_s
        self._only_noise = False
        self._sound: Segment | None = None
        self.state = 0

    @property
    def wake_s(self) -> float:
        """When something is to be done if nothing comes."""
        if self._second_at_s is None or self.speaking:
            return self.deadline_s
        return min(self.deadline_s, self._second_at_s)

    @property
    def to_hear_again(self) -> tuple[float, tuple[str, ...], tuple[str, ...]]:
        """Since when a second recogniser should hear what was said, which words it is to tell from others, and hints.

        A number is heard from its beginning, a yes or no from the last one. What may be a command is written down.
        """
        if self._writes and (segment := to_write(self.answer, self._expectation)) is not None:
            return segment.start_s, (), command_hints(self._expectation)
        words = words_for_second(self._expectation)
        if words:
            return asked_since_s(self.answer, self._expectation), words, ()
        return digits_since_s(self.answer, self._sound), (), ()

    def asks_second(self, now_s: float) -> bool:
        """Whether it is time for a second recogniser to be asked; once for each state of the answer."""
        if self._second_at_s is None or self.speaking or now_s < self._second_at_s:
            return False
        self._second_at_s = None
        self.deadline_s = max(self.deadline_s, now_s + SECOND_TAKES_S)
        return True

    @property
    def ahead(self) -> Mapping[str, Answer]:
        """What was said for other questions meanwhile."""
        return self._at_once.others if self._at_once is not None else {}

    def asks_more(self, now_s: float) -> Sequence[HearMore]:
        """What is to be heard over before this answer is over, as it may have answers to other questions in it."""
        asked = self._at_once.due(self.answer, self.decision) if self._at_once is not None else ()
        if asked:
            self.deadline_s = now_s + SECOND_TAKES_S
        return asked

    def heard_more(self, event: HeardAgain | HeardOver, now_s: float) -> bool:
        """What was heard of it meanwhile; False if the answer has changed since."""
        at_once = self._at_once
        if at_once is None or self.speaking or not at_once.heard(event, self.answer):
            return False
        if at_once.own is not None and at_once.own != self.answer:
            self.answer = at_once.own
            self.decision = None if self.answer.is_empty else decide(self.answer, self._expectation)
            self.state += 1
        if at_once.is_done:
            self.deadline_s = now_s
        return True

    def heard_again(self, event: HeardAgain, now_s: float) -> bool:
        """What the second recogniser made of it; False if the answer has changed since."""
        if event.hearing_id < 0:
            return self.heard_more(event, now_s)
        if event.hearing_id != self.state or self.speaking:
            return False
        again = self.answer.written_down if self._writes else self.answer.heard_again
        self._decide(again(event.segment), self._ended_s, now_s)
        if self._only_noise and not self._found and self._second_at_s is None:
            self.answer, self.decision, self._only_noise = Answer(), None, False
            self.deadline_s = max(now_s, self._no_input_at_s)
        return True

    def speech_started(self, now_s: float) -> None:
        """The caller speaks: nothing is decided before the words are there."""
        self.speaking = self.spoke = True
        self.deadline_s = now_s + LONGEST_SPEECH_S

    def overheard(self, event: SpeechStarted | WordsComing | WordsHeard) -> None:
        """Something was heard while the question is being asked that does not interrupt it."""
        limit = MAYBE_ECHO if isinstance(event, SpeechStarted) else ECHO
        self.speaking = not isinstance(event, WordsHeard) and event.echo < limit

    def goes_on(self, now_s: float, *, interrupted: bool) -> None:
        """The question is no longer being asked: what is being said is the answer, from its beginning."""
        self.over, self.interrupted = False, interrupted
        self.speech_started(now_s)

    def interrupts(self, event: WordsComing | WordsHeard, said: frozenset[str]) -> bool:
        """Whether these are words for the bot, and neither its own echo nor a sound that is heard as some word.

        Args:
            event: what is heard while the question is being asked.
            said: the words of the prompts being played.
        """
        words = (
            event.words if isinstance(event, WordsComing) else event.segment.best.words if event.segment.best else ()
        )
        known = tuple(word for word in words if word != UNKNOWN)
        if not known or event.echo >= (ECHO if said.isdisjoint(known) else OWN_WORDS_ECHO):
            return False
        commands, grammar = self._expectation.commands, self._expectation.grammar
        if commands is not None and commands.read(known):
            return True
        enough = NUMBER_WORDS if self.question.spelled else 1
        return len(known) >= enough and bool(grammar.read(known))

    def heard(self, event: WordsHeard, now_s: float) -> None:
        """Words came, or sound that was none (a cough), after which the wait goes on as before."""
        self.speaking = False
        segment = self._at_once.own_part(event.segment) if self._at_once is not None else event.segment
        if segment is None:
            self.deadline_s = now_s + GOES_ON_S
            return
        before = Answer() if self._only_noise else self.answer
        if before.is_empty and self.question.twice and self._sound is not None and not is_noise(segment):
            before = before.heard(self._sound)  # may be the first digit, which nothing else would show
        answer = before.heard(segment)
        if before.is_empty and is_noise(segment):
            self._sound = segment
        only_noise = before.is_empty and is_noise(segment) and not self._means(answer)
        if answer == before or (only_noise and not self._may_mean(answer)):
            waited = self.decision.wait_s if self.decision else 0.0
            self.deadline_s = max(now_s + waited, self._no_input_at_s if self.decision is None else 0.0)
            return
        self._only_noise = only_noise
        self._decide(answer, event.segment.end_s, now_s)

    def _may_mean(self, answer: Answer) -> bool:
        """Whether a second recogniser may find a yes, a no or a command in what was most likely no word at all."""
        decision = decide(answer, self._expectation)
        known = decision.value is not None and worth_hearing_again(answer, decision, self._expectation)
        return self._second and (known or worth_writing(answer, decision, self._expectation))

    def _means(self, answer: Answer) -> bool:
        """Whether a sound that was most likely no word at all is an answer to a menu, as nothing else comes near it.

        Where the question was not answered the time before it may be one that is asked about.
        """
        decision = decide(answer, self._expectation)
        proposed = self._missed and self._proposes(decision)
        return self._expectation.kind in MENUS and (proposed or decision.verdict is Verdict.ACCEPT)

    def _proposes(self, decision: Decision) -> bool:
        """Whether it comes to an answer to a menu that is to be asked about."""
        return self._expectation.kind in MENUS and decision.verdict is Verdict.CONFIRM and decision.command is None

    @property
    def _found(self) -> bool:
        """Whether a second recogniser made anything of what was most likely no word at all."""
        decision = self.decision
        return decision is not None and decision.verdict is not Verdict.REJECT and not self._proposes(decision)

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
            self.deadline_s = max(now_s, ended_s + self._wait_s(answer, self.decision))
        self.state += 1
        self._ended_s = ended_s
        self._second_at_s = self._when_second(now_s)

    def _wait_s(self, answer: Answer, decision: Decision) -> float:
        """How long to wait for more: whoever says everything at once begins with an account number."""
        if self._at_once is None or decision.command or not isinstance(answer.parts[-1], Segment):
            return decision.wait_s
        if decision.reason == "too_long":  # more of the same does not mend it
            return min(decision.wait_s, GOES_ON_S)
        begins = self.question.state is State.ACCOUNT_NUMBER
        return max(decision.wait_s, GOES_ON_S if self.ahead else MAY_GO_ON_S if begins else 0.0)

    def _when_second(self, now_s: float) -> float | None:
        decision = self.decision
        if not self._second or decision is None:
            return None
        self._writes = worth_writing(self.answer, decision, self._expectation)
        again = worth_hearing_again(self.answer, decision, self._expectation)
        if words_for_second(self._expectation) and again:
            self._writes = False
            return now_s
        if self._writes:
            return self.deadline_s if self.question.spelled else now_s
        if not again or (self._at_once is not None and decision.reason == "too_long"):  # several answers, if anything
            return None
        soon_s = max(now_s, self._ended_s + SECOND_AFTER_S)
        return self.deadline_s if decision.value is None else min(soon_s, self.deadline_s)

    @property
    def no_number(self) -> bool:
        """Whether a number was asked for and something else was said, or made a sound."""
        return self.spoke and is_no_number(self.answer, self._expectation)

    def is_over(self, now_s: float) -> bool:
        return now_s >= self.deadline_s

    @property
    def said(self) -> str:
        """The words and keys that were taken for the answer. Only for answers that are not sensitive."""
        return (self.decision.said if self.decision else "") or self.answer.text

    def shown(self, number_words: frozenset[str], *, understood: bool) -> str:
        """What was said and pressed, for the transcript; masked where it may be something sensitive."""
        text = self.said
        digits = sum(token.isdigit() or token in number_words for token in text.split())
        hidden = self.question.sensitive or digits > MOST_DIGITS_SHOWN[understood]
        return MASK if hidden and text else text


def expected(
    script: Script, memory: Memory, question: Question, earlier: tuple[Answer, ...] = (), group: Group | None = None
) -> Expectation:
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
        group=group,
        keys_only=question.name in script.manners.keys_only,
        twice=question.twice,
        refused=memory.refused.get(question.name, ()),
    )
