"""What is done about the words that always work: "go back", "hold on", "change the card", "operator"."""

from abc import abstractmethod

from voicebot.capture import Value
from voicebot.dialog.asking import Asking
from voicebot.dialog.flow import ASIDES, Signal, State
from voicebot.dialog.questions import QUESTIONS as QUESTION_RECORDS
from voicebot.dialog.questions import TENDER_QUESTIONS, Question


class Commanded(Asking):
    """A conversation that takes commands at every question; see `Dialog` for the attributes."""

    @abstractmethod
    def _signal(self, signal: Signal, now_s: float) -> None:
        """Go where the table says."""

    @abstractmethod
    def _enter(self, now_s: float) -> None:
        """Do what the state wants that was just entered."""

    @abstractmethod
    def _answered(self, question: Question, value: Value, now_s: float, *, sure: bool) -> None:
        """A question has its answer."""

    def _command(self, command: str, now_s: float) -> None:
        match command:
            case "repeat" | "resume" if group := self._retries.group(self._question):
                self._ask_group(group, now_s)
            case "repeat" | "resume":
                self.memory.slowly = command == "repeat"
                self._ask(now_s, whole=True)
                self.memory.slowly = False
            case "hold":
                self._hold(self._script.manners.holds, "holding")
            case "help":
                self._ask_with(self._script.wording.questions[self._question.name].help, now_s)
                self._say(self.memory.line("always"))
            case "go_back":
                self._go_back(now_s)
            case "start_over" if not self.memory.uncertain:
                self.memory.start_over()
                self._ahead.forget()
                self._signal(Signal.START_OVER, now_s)
            case "operator":
                self._signal(Signal.OPERATOR, now_s)
            case _ if command.startswith(("change_", "pay_")):
                self._change(command, now_s)
            case _:
                self._signal(Signal.GOODBYE, now_s)

    def _go_on(self, now_s: float) -> None:
        """With the question that was being asked, in few words. That counts as a failure: it was not answered."""
        self.state = self._interrupted
        question = self._question
        if question.attempts > 1 and not self._retries.count(self.memory, self._script.manners, question):
            self._give_up(now_s)
            return
        self._say(self.memory.line("stopped"))
        wording = self._script.wording.questions[question.name]
        self._ask_with(wording.shorter or wording.no_input[0], now_s)

    def _change(self, command: str, now_s: float) -> None:
        """Something said before was not meant: forget that only, and go where it is asked for. Else ask on."""
        memory = self.memory
        what, _, name = command.partition("_")
        if command == "change_account" and self._question.confirms:
            self._answered(self._question, Value(self._question.kind, "no"), now_s, sure=True)
            return
        if command == "change_account":  # the one that was given last
            name = State.BANK_ACCOUNT_NUMBER.value
            if name not in memory.answers and memory.account_number and not memory.uncertain and not memory.payment_id:
                self._other_account(now_s)
                return
        if memory.uncertain or memory.payment_id:
            self._ask(now_s)
        elif what == "pay" and name != memory.tender and any(cost.tender == name for cost in memory.costs):
            memory.pending = None
            memory.back_before(State.TENDER)
            self.state = State.TENDER
            self._answered(self._question, Value("tender", name), now_s, sure=True)
        elif what == "change" and name in memory.answers:
            memory.pending = None
            first = QUESTION_RECORDS[name].state is TENDER_QUESTIONS["card"][0]
            memory.forget_answers(*(() if first else (name,)))
            memory.back_before(State(name))
            self.state = State(name)
            self._enter(now_s)
        else:
            self._ask(now_s)

    def _other_account(self, now_s: float) -> None:
        """What was found is not the caller's: its number was misheard, whatever the recogniser thought."""
        memory, name = self.memory, State.ACCOUNT_NUMBER.value
        wrong = Value(name, memory.account_number)
        memory.start_over()
        memory.refused[name] = (wrong,)
        self._signal(Signal.START_OVER, now_s)

    def _hold(self, holds: int, sentence: str) -> None:
        """Wait for a caller who fetches something; an answer, or "I'm back", goes on."""
        self._holds = holds
        self._say(self.memory.line(sentence))
        self._speaking.then(self._listen)

    def _go_back(self, now_s: float) -> None:
        """To the question of a value being confirmed, else to the last one answered; a paid cart stays paid."""
        if self.state in ASIDES:
            self._go_on(now_s)
            return
        self.memory.pending = None
        if self._question.confirms:
            self.state = State(self._question.confirms)
        elif state := self.memory.last_question():
            self.state = state
        self._enter(now_s)
