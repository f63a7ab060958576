"""The conversation's pure core: `handle(event, now_s)` gives actions, `deadline_s` says when it wants to be woken.

It knows no clock, no sound and no network: `call.py` feeds it and carries out what it asks for. The order of the
conversation is the table in `flow`; this file says what is done on entering each state and what an event means there.
"""

from collections.abc import Callable

from voicebot.capture import MENUS, Answer, Sensitive, Value, Verdict, corrected, decide, is_seconded
from voicebot.dialog import actions as do
from voicebot.dialog import events as on
from voicebot.dialog.commands import Commanded
from voicebot.dialog.flow import ASIDES, MONEY_MAY_HAVE_MOVED, Signal, State, next_state
from voicebot.dialog.lines import Digits
from voicebot.dialog.listening import Listening, expected
from voicebot.dialog.questions import QUESTIONS as QUESTION_RECORDS
from voicebot.dialog.questions import Confirm, Question
from voicebot.dialog.results import take
from voicebot.dialog.script import Turn
from voicebot.dialog.wording import ONCE_MORE


class Dialog(Commanded):
    """One conversation, from `CallAnswered` to `HangUp`.

    Attributes:
        state: where the conversation is.
        memory: what it knows.
        turns: the questions so far, for the transcript.
        stale: events that came too late to mean anything.
    """

    @property
    def asks_consent(self) -> bool:
        """Whether the sentence is being said, or the answer awaited, by which the caller agrees to pay."""
        state = self._interrupted if self.state in ASIDES else self.state
        return state is State.CONFIRM_PAYMENT

    @property
    def ended(self) -> bool:
        return self.state is State.ENDED

    def handle(self, event: on.Event, now_s: float) -> tuple[do.Action, ...]:
        """Take one event and say what is to be done about it, in order.

        Args:
            event: what happened.
            now_s: when it happened, on the call's clock, in seconds; never earlier than before.
        """
        match event:
            case _ if self.ended:
                self.stale += not isinstance(event, on.PromptFinished | on.TimePassed)
            case on.CallAnswered():
                self.memory.today, self.memory.can_transfer = event.today, event.can_transfer
                self._say(self.memory.line("greeting"))
                self._signal(Signal.CHOOSE_LANGUAGE if self._script.others else Signal.BEGIN, now_s)
            case on.CallerHungUp():
                self._hung_up(now_s)
            case on.PromptFinished():
                self._speaking.finished(event.prompt_id, now_s)
            case on.SpeechStarted() | on.WordsComing() | on.WordsHeard():
                self._words(event, now_s)
            case on.HeardAgain():
                self._heard_again(event, now_s)
            case on.HeardOver():
                self._heard_over(event, now_s)
            case on.KeyPressed():
                self._key(event, now_s)
            case on.TimePassed():
                self._time_passed(now_s)
            case _ if event.request_id != self._request_id:
                self.stale += 1
            case _:
                self._request_id = 0
                self._work_deadline_s = None
                result = take(self.memory, event)
                for line in result.lines:
                    self._say(line)
                self._signal(result.signal, now_s)
        self._listen_over(now_s)
        return self._speaking.taken()

    # Moving through the table --------------------------------------------------------------------------------------

    def _signal(self, signal: Signal, now_s: float) -> None:
        if signal is Signal.GO_ON:
            self._go_on(now_s)
            return
        self.state = next_state(self.state, signal)
        if self._speaking.silent and self.state not in MONEY_MAY_HAVE_MOVED:
            self.state = State.ENDED
        self._enter(now_s)

    def _enter(self, now_s: float) -> None:
        memory = self.memory
        if self.state in {State.ACCOUNT_NUMBER, State.ITEM_CHOICE, State.TRANSFERRING, State.CLOSING, State.ENDED}:
            self._abandon_cart()
        match self.state:
            case State.FINDING_ITEMS:
                if not self._speaking.is_heard:  # the number, said in passing, is sign of life enough
                    self._say(memory.line("one_moment"))
                self._work(lambda number: do.FindItems(number, memory.account_number), now_s)
            case State.RECORDING_CART:
                memory.cart_open = True
                self._work(lambda number: do.RecordCart(number, memory.account_number, memory.chosen), now_s)
            case State.CREATING_CART:
                self._work(do.CreateCart, now_s)
            case State.PAYING:
                self._say(memory.line("paying"))
                answers, consent = tuple(memory.answers.items()), memory.consent(self._agreed)
                memory.forget_answers("security_code")
                self._work(lambda number: do.Pay(number, memory.cost, consent, answers), now_s)
            case State.CHECKING_CART:
                self._say(memory.line("checking"))
                self._work(do.CheckCart, now_s)
            case State.TRANSFERRING:
                self._transfer(now_s)
            case State.CLOSING:
                self._close()
            case State.ENDED:
                self._add(do.HangUp())
            case state if state.value in memory.answers:
                self._signal(Signal.HEARD, now_s)
            case _ if not self._answered_ahead(now_s):
                self._ask(now_s)

    def _work(self, action: Callable[[int], do.Action], now_s: float) -> None:
        self._request_id = self._speaking.next_id()
        self._work_deadline_s = now_s + self._script.manners.patience_s
        self._add(action(self._request_id))

    def _abandon_cart(self) -> None:
        """An uncertain cart stays as it is, for settling; a paid one is done."""
        if self.memory.cart_open and not self.memory.uncertain and not self.memory.payment_id:
            self.memory.cart_open = False
            self._add(do.AbandonCart())

    def _transfer(self, now_s: float) -> None:
        if self.memory.can_transfer:
            for line in (*self.memory.so_far(), self.memory.line("transferring")):
                self._say(line)
            summary = self.memory.summary(self.turns[-1].question if self.turns else "")
            self._speaking.then(lambda at_s: self._work(lambda number: do.Transfer(number, summary), at_s))
        else:
            self._say(self.memory.line("no_transfer"))
            self._signal(Signal.REFUSED, now_s)

    def _close(self) -> None:
        self._say(self.memory.goodbye())
        self._speaking.then(lambda at_s: self._signal(Signal.SAID, at_s))

    # Answers -------------------------------------------------------------------------------------------------------

    def _conclude(self, listening: Listening, now_s: float) -> None:
        question, decision = listening.question, listening.decision
        if decision is None and self._holds:
            self._hold(self._holds - 1, "still_holding")
            return
        holding, self._holds = self._holds > 0, 0
        doubtful = decision is not None and bool(decision.command) and decision.verdict is Verdict.CONFIRM
        if listening.interrupted and (doubtful or decision is None or decision.reason in {"no_match", "too_short"}):
            self._turn(listening, "false_start")
            self._false_starts.add(question.name)
            self._ask(now_s, whole=True)
            return
        self._ahead.keep(listening.ahead, self.memory)
        if decision is None and listening.ahead:
            self._turn(listening, "ahead")
            self._ask(now_s)
        elif decision is None:
            self._failed(listening, "no_input", "", now_s)
        elif doubtful:
            self._doubtful(listening, decision.command or "", now_s)
        elif decision.command == "hold" and self._holds_again(question, holding=holding):
            self._failed(listening, "no_match", "", now_s)
        elif decision.command:
            self._turn(listening, f"command {decision.command}")
            self._command(decision.command, now_s)
        elif decision.verdict is Verdict.AGAIN and decision.reason == ONCE_MORE:
            self._once_more(listening, now_s)
        elif decision.value is None or decision.verdict in {Verdict.REJECT, Verdict.AGAIN}:
            self._failed(listening, "no_match", decision.reason, now_s)
        elif decision.verdict is Verdict.CONFIRM and question.confirm is Confirm.NEVER:
            self._failed(listening, "no_match", "not_sure", now_s)
        elif self._doubts(listening, decision.value):
            self._turn(listening, f"maybe {question.doubted}", understood=True)
            self._ask_with(self._script.wording.questions[question.name].reasons[question.doubted], now_s)
        else:
            sure = decision.verdict is Verdict.ACCEPT
            self._agreed = listening.said if question.state is State.CONFIRM_PAYMENT else ""
            self._turn(listening, "accepted" if sure else "unsure", understood=True)
            self._answered(question, decision.value, now_s, sure=sure, keyed=listening.answer.keyed)

    def _holds_again(self, question: Question, *, holding: bool) -> bool:
        """Whether to hold is asked for again, where nothing has to be fetched: an answer is heard so, most likely.

        A soft "savings" was "hold on" six times in a row, and each time the bot waited.
        """
        out_of_few = question.kind in MENUS or bool(question.signals)
        if not out_of_few or not (holding or question.name in self._held):
            return False
        self._held.add(question.name)
        return True

    def _doubts(self, listening: Listening, value: Value) -> bool:
        """Whether an answer that gives everything up is to be asked about first: once, and where it was said.

        That counts as a failure, so that there is an end to it.
        """
        question = listening.question
        doubted = (
            value.content == question.doubted and not listening.answer.keyed and question.name not in self._doubted
        )
        if not doubted or not self._retries.count(self.memory, self._script.manners, question):
            return False
        self._doubted.add(question.name)
        return True

    def _answered_ahead(self, now_s: float) -> bool:
        """Take the answer to this question that was given before, without asking; False where there is none to take."""
        question = self._question
        answer = self._ahead.pop(question)
        if answer is None:
            return False
        decision = decide(answer, expected(self._script, self.memory, question, ()))
        if decision.verdict is Verdict.CONFIRM and question.confirm is not Confirm.NEVER:
            sure = False
        elif decision.verdict is Verdict.ACCEPT:
            sure = True
        else:
            self._retries.keep(question, answer)
            if decision.reason == ONCE_MORE:
                self._ask_with(self._script.wording.questions[question.name].reasons[ONCE_MORE], now_s)
            return decision.reason == ONCE_MORE
        if decision.value is None:
            return False
        if not self._may_be_taken_ahead(question, answer, decision.value):
            self._retries.keep(question, answer)
            return False
        if question.state is State.EXPIRATION and sure:
            self._say(self.memory.expires(decision.value))
        if question.state is State.TENDER:  # what each way costs is said all the same
            values = self.memory.ask_values(question)
            for name in ("owed", "costs"):
                self._say(self._script.wording.text(f"{{{name}}}", values))
        self._answered(question, decision.value, now_s, sure=sure)
        return True

    def _may_be_taken_ahead(self, question: Question, answer: Answer, value: Value) -> bool:
        """Whether it need not be asked for: what nothing checks and nobody reads back must be heard alike by two."""
        unseen = question.sensitive and question.confirm is Confirm.NEVER and not question.twice
        grammar = self._script.grammars[question.grammar_name]
        return not (self._script.sound and unseen) or is_seconded(answer, value, grammar)

    def _turn(self, listening: Listening, result: str, *, understood: bool = False) -> None:
        self.turns.append(
            Turn(listening.question.name, listening.shown(self._script.number_words, understood=understood), result)
        )

    def _answered(self, question: Question, value: Value, now_s: float, *, sure: bool, keyed: bool = False) -> None:
        memory = self.memory
        asked_about = not sure or self._unknown(question, keyed=keyed) or (self._left(question, value) and not keyed)
        self._retries.forget(question)
        if question.confirms:
            pending, memory.pending = memory.pending, None
            if pending is not None and value.content not in question.signals and self._put_right(pending, value, now_s):
                return
            if value.content == "yes" and pending is not None:
                question, value = QUESTION_RECORDS[question.confirms], pending
                self._keep(question, value)
            elif pending is not None:
                memory.refused[question.confirms] = (*memory.refused.get(question.confirms, ()), pending)
                self._misheard = question.confirms
        elif asked_about:
            memory.pending = value
            self._signal(Signal.UNSURE, now_s)
            return
        else:
            self._keep(question, value)
            self._echo(question, value)
        self._signal(self._leads_to(question, value), now_s)

    def _unknown(self, question: Question, *, keyed: bool) -> bool:
        """Whether a value has to be asked about though it is sure: nothing shows that there is such a thing.

        Nor is what it took several tries to hear as sure as it seems; keys cannot be misheard.
        """
        tried = bool(self._retries.heard(question) or self.memory.refused.get(question.name))
        return question.confirm is Confirm.UNLESS_KNOWN and (
            self._script.known_accounts is None or (tried and not keyed)
        )

    def _left(self, question: Question, value: Value) -> bool:
        """Whether the caller chose these items, as they were heard, and went back from what came of that."""
        left = self.memory.left
        return question.state is State.ITEM_CHOICE and bool(left) and self.memory.picked(str(value.content)) == left

    def _put_right(self, pending: Value, edit: Value, now_s: float) -> bool:
        """Ask about a value anew after the caller said what is wrong with it; False where that cannot be."""
        question = QUESTION_RECORDS[self._question.confirms]
        value = corrected(pending, str(edit.content), expected(self._script, self.memory, question, ()))
        if value is None:
            return False
        self.memory.pending = value
        self._ask(now_s)
        return True

    def _leads_to(self, question: Question, value: Value) -> Signal:
        """The signal of an answer that counts; one that was asked about first leads on as a yes, or on its own way."""
        if question.state is State.AFTER_DECLINE and value.content == "correct":
            return Signal.CORRECT_CARD if self.memory.tender == "card" else Signal.CORRECT_ECHECK
        known = Signal.YES if self._question.confirms else Signal.HEARD
        signal = (
            known
            if isinstance(value.content, Sensitive)
            else question.signals.get(value.content, Signal.NO if question.confirms else known)
        )
        if question.state is State.CONFIRM_PAYMENT and signal is Signal.NO:
            self.memory.forget_answers()
            for line in (self.memory.line("stopped"), *self.memory.nothing_charged()):
                self._say(line)
        return signal

    def _keep(self, question: Question, value: Value) -> None:
        self.memory.take(question, value)
        if question.state is State.LANGUAGE:
            self._script = self._script.speaking(str(value.content))
            self.memory.wording, self.memory.chosen_language = self._script.wording, not self._script.others

    def _echo(self, question: Question, value: Value) -> None:
        """Say in passing what was understood, where nobody was asked about it."""
        if echo := self._script.wording.questions[question.name].echo:
            said = {} if isinstance(value.content, Sensitive) else {"value": Digits(value.content, self.memory.slowly)}
            self._say(self._script.wording.text(echo, said))

    def _once_more(self, listening: Listening, now_s: float) -> None:
        """Understood, and nothing checks it: hear it twice. That is no failure of the caller's."""
        question = listening.question
        self._turn(listening, ONCE_MORE)
        self._retries.keep(question, listening.answer)
        self._ask_with(self._script.wording.questions[question.name].reasons[ONCE_MORE], now_s)

    def _failed(self, listening: Listening, result: str, reason: str, now_s: float) -> None:
        """Not answered: ask again, with the words for this many failures, or give up.

        Whoever says something else than a number twice in a row is asked whether a person is wanted.
        """
        question = listening.question
        self._turn(listening, f"{result} {reason}".strip())
        if self._retries.offers_person(question, no_number=listening.no_number):
            self._aside(Signal.MAYBE_OPERATOR, now_s)
            return
        group = self._retries.learn(question, listening.answer, listening.decision)
        wording = self._script.wording.questions[question.name]
        if failures := self._retries.count(self.memory, self._script.manners, question):
            self._ask_with(wording.group if group else self._retries.text(wording, failures, result, reason), now_s)
        else:
            self._give_up(now_s)

    def _give_up(self, now_s: float) -> None:
        failure = self._question.failure
        if failure is Signal.GAVE_UP:
            self._say(self.memory.line("gave_up"))
            if self.memory.can_transfer:
                failure = Signal.OPERATOR
            else:
                self._say(self.memory.line("call_us"))
        self._signal(failure, now_s)

    def _doubtful(self, listening: Listening, command: str, now_s: float) -> None:
        """A word that would end the call was heard, and not for certain: ask about it, and about nothing else."""
        if self.state in ASIDES:
            self._failed(listening, "no_match", "not_sure", now_s)
            return
        self._turn(listening, f"maybe {command}")
        self._aside(Signal.MAYBE_OPERATOR if command == "operator" else Signal.MAYBE_GOODBYE, now_s)

    def _aside(self, signal: Signal, now_s: float) -> None:
        """Ask about something else first; a no leads back to the question, and counts as a failure of it."""
        self._interrupted = self.state
        self._signal(signal, now_s)

    def _hung_up(self, now_s: float) -> None:
        self._speaking.hushed()
        if self._listening is not None:
            self._add(do.StopListening(self._listening.listen_id))
            self._listening = None
        if self.state not in MONEY_MAY_HAVE_MOVED:
            self._request_id = 0
            self._signal(Signal.HUNG_UP, now_s)
