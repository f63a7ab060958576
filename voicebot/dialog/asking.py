"""Asking one question: saying it, listening for its answer, by voice or key, until it is over.

What an answer leads to is said by `Dialog`, which builds on this.
"""

from abc import ABC, abstractmethod
from dataclasses import replace

from voicebot.capture import Group
from voicebot.dialog import actions as do
from voicebot.dialog import events as on
from voicebot.dialog.ahead import HEARD_AT, Ahead
from voicebot.dialog.at_once import SaidAtOnce
from voicebot.dialog.flow import QUESTIONS, State
from voicebot.dialog.lines import Line
from voicebot.dialog.listening import Listening, expected
from voicebot.dialog.memory import Memory
from voicebot.dialog.questions import QUESTIONS as QUESTION_RECORDS
from voicebot.dialog.questions import Question
from voicebot.dialog.retries import Retries
from voicebot.dialog.script import AHEAD, Script, Turn, spelled
from voicebot.dialog.speaking import Speaking

KEYS_FROM = 2
"""The failure from which on keys are asked for outright; so they are after a no, as what was refused was misheard."""


class Asking(ABC):
    """One conversation's questions, one at a time; see `Dialog` for the attributes."""

    def __init__(self, script: Script) -> None:
        self.state = State.WAITING
        self.memory = Memory(script.agency, script.wording)
        self.turns: list[Turn] = []
        self.stale = 0
        self._script = script
        self._speaking = Speaking()
        self._protected = False
        self._listening: Listening | None = None
        self._request_id = 0
        self._work_deadline_s: float | None = None
        self._retries = Retries()
        self._ahead = Ahead()
        self._asked: set[str] = set()
        self._false_starts: set[str] = set()
        self._doubted: set[str] = set()
        self._misheard = ""
        self._holds = 0
        self._held: set[str] = set()
        self._interrupted = State.WAITING
        self._agreed = ""

    @property
    def deadline_s(self) -> float | None:
        """When `TimePassed` is wanted, on the call's clock; None: not at all."""
        if self._listening is not None:
            return None if self._listening.over else self._listening.wake_s
        return self._work_deadline_s

    @property
    def sensitive(self) -> bool:
        """Whether a sensitive answer may be given now, by key even while the question is still being asked."""
        return self.state in QUESTIONS and (self._question.sensitive or self._hears_ahead)

    @property
    def _hears_ahead(self) -> bool:
        return self._script.manners.ahead and self.state in HEARD_AT

    @abstractmethod
    def _give_up(self, now_s: float) -> None:
        """Ask no more."""

    @abstractmethod
    def _conclude(self, listening: Listening, now_s: float) -> None:
        """An answer is over."""

    @property
    def _question(self) -> Question:
        return QUESTION_RECORDS[self.state.value]

    def _ask(self, now_s: float, *, whole: bool = False) -> None:
        """The question; in fewer words where it was asked before in this call, unless it is wanted whole."""
        question = self._question
        wording = self._script.wording.questions[question.name]
        known = question.name in self._asked and not whole
        self._asked.add(question.name)
        self._doubted.discard(question.name)
        self._held.discard(question.name)
        if self.state in {State.ACCOUNT_NUMBER, State.ITEM_CHOICE}:
            self._asked.discard(State.TENDER.value)  # what is owed may be something else from here on
        if question.name in self._script.manners.keys_only:
            self._say(self.memory.line("keypad_only"))
        self._retries.want(question, None)
        misheard, self._misheard = self._misheard == question.name and not whole, ""
        text = (
            wording.retry(wording.no_match, KEYS_FROM)
            if misheard
            else (wording.shorter if known else "") or wording.ask
        )
        self._ask_with(text, now_s)
        self._protected, self.memory.news = question.protected or self.memory.news, False

    def _ask_with(self, text: str, now_s: float) -> None:
        values = self.memory.ask_values(self._question)
        group = self._retries.group(self._question)
        if group:
            values = {**values, "group": self.memory.group_named(group)}
        line = self._script.wording.text(text, values)
        self._say(replace(line, careful=line.careful or self.memory.slowly))
        if self.state is State.LANGUAGE:
            for offer in self._script.offers():
                self._say(offer)
        self._protected = False
        if len(self.turns) >= self._script.manners.turns:
            self._give_up(now_s)
        else:
            self._speaking.then(self._listen)

    def _ask_group(self, group: Group, now_s: float) -> None:
        """For nothing but the digits of an answer that are in doubt."""
        self._retries.want(self._question, group)
        self._ask_with(self._script.wording.questions[self._question.name].group, now_s)

    def _listen_over(self, now_s: float) -> None:
        """Listen while the question is still being asked, where callers may speak over it."""
        if self._listening is None and self._may_be_interrupted and self._speaking.leads_to(self._listen):
            self._listen(now_s, over=True)
            self._speaking.then(self._asked_to_the_end)

    @property
    def _may_be_interrupted(self) -> bool:
        manners, name = self._script.manners, self.state.value
        never = {*manners.keys_only, *self._false_starts}
        return manners.barge_in and self.state in QUESTIONS and not self._protected and name not in never

    def _asked_to_the_end(self, now_s: float) -> None:
        """Nobody spoke over the question, or somebody just began: then that is the answer."""
        listening = self._listening
        if listening is not None and listening.speaking:
            listening.goes_on(now_s, interrupted=False)
        else:
            self._listen(now_s)

    def _listen(self, now_s: float, *, over: bool = False) -> None:
        if self._listening is not None:  # what was overheard was nothing
            self._add(do.StopListening(self._listening.listen_id))
        question = self._question
        earlier, group = self._retries.heard(question), self._retries.group(question)
        expectation = expected(self._script, self.memory, question, earlier, group)
        no_input_s = self._script.manners.hold_s if self._holds else question.no_input_s
        one_by_one = question.spelled and bool(earlier)
        number, second = self._speaking.next_id(), self._script.second
        # Asked digit by digit it is about this answer only.
        at_once = self._at_once(number, question) if self._hears_ahead and not one_by_one else None
        self._listening = Listening(
            number,
            question,
            expectation,
            now_s,
            no_input_s,
            over=over,
            second=second,
            at_once=at_once,
            missed=bool(self.memory.failures.get(question.name)),
        )
        self._speaking.then(None)
        grammar = spelled(question.grammar_name) if one_by_one else question.grammar_name
        who, keys_only = self._listening.listen_id, expectation.keys_only
        self._add(
            do.Listen(
                who,
                question.name,
                grammar,
                self.sensitive,
                keys_only,
                self._script.language,
                one_by_one,
                over,
                at_once is not None,
            )
        )

    def _at_once(self, listen_id: int, question: Question) -> SaidAtOnce:
        grammars, script = self._script.grammars, self._script
        return SaidAtOnce(listen_id, question, grammars, grammars[AHEAD], sound=script.sound, second=script.second)

    def _words(self, event: on.SpeechStarted | on.WordsComing | on.WordsHeard, now_s: float) -> None:
        listening = self._listening
        if listening is None or event.listen_id != listening.listen_id:
            self.stale += 1
            return
        if listening.over:
            if isinstance(event, on.SpeechStarted) or not listening.interrupts(event, self._speaking.words):
                listening.overheard(event)
                return
            self._add(do.StopSaying())
            self._speaking.then(None)
            listening.goes_on(now_s, interrupted=True)
        if isinstance(event, on.WordsHeard):
            listening.heard(event, now_s)
        else:
            listening.speech_started(now_s)
        self._conclude_if_over(now_s)

    def _heard_again(self, event: on.HeardAgain, now_s: float) -> None:
        listening = self._listening
        if listening is None or event.listen_id != listening.listen_id or not listening.heard_again(event, now_s):
            self.stale += 1
            return
        self._conclude_if_over(now_s)

    def _heard_over(self, event: on.HeardOver, now_s: float) -> None:
        listening = self._listening
        if listening is None or event.listen_id != listening.listen_id or not listening.heard_more(event, now_s):
            self.stale += 1
            return
        self._conclude_if_over(now_s)

    def _key(self, event: on.KeyPressed, now_s: float) -> None:
        if self._listening is None or self._listening.over:
            # The # behind a number that was complete without it must not cut the next question short.
            if self.state not in QUESTIONS or event.key == "#" or (self._protected and self._speaking.is_heard):
                self.stale += 1
                return
            self._add(do.StopSaying())
            self._listen(now_s)
        if self._listening is not None:
            self._listening.pressed(event, now_s)
            self._conclude_if_over(now_s)

    def _time_passed(self, now_s: float) -> None:
        if self._listening is not None:
            self._conclude_if_over(now_s)
        elif self._work_deadline_s is not None and now_s >= self._work_deadline_s:
            self._work_deadline_s = now_s + 2 * self._script.manners.patience_s
            self._say(self.memory.line("still_working"))

    def _conclude_if_over(self, now_s: float) -> None:
        listening = self._listening
        if listening is None or listening.over:
            return
        if listening.asks_second(now_s):
            since_s, words, hints = listening.to_hear_again
            self._add(do.HearAgain(listening.listen_id, listening.state, since_s, words, hints=hints))
        if not listening.is_over(now_s):
            return
        if more := listening.asks_more(now_s):
            for action in more:
                self._add(action)
            return
        self._listening = None
        self._add(do.StopListening(listening.listen_id))
        self._conclude(listening, now_s)

    def _say(self, line: Line) -> None:
        self._speaking.say(line)

    def _add(self, action: do.Action) -> None:
        self._speaking.add(action)
