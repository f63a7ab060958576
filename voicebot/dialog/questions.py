"""The questions, one record each. Adding one means: a record here, its words in `wording/`, a grammar, a row in `flow`.

What a value may be and how keys give it is said by the question's kind (`voicebot.capture`), what is said by the
wording file under the question's name. This table says how the conversation treats it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from voicebot.capture import SENSITIVE_KINDS
from voicebot.dialog.flow import Signal, State


class Confirm(StrEnum):
    """When a heard value is asked about before it counts."""

    WHEN_UNSURE = "when unsure"
    UNLESS_KNOWN = "unless known"
    """As `WHEN_UNSURE`; and where nobody knows whether there is such a value, or it was said more than once."""

    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes:
        state: the state it is asked in; its value is the question's name.
        kind: the kind of value that is asked for.
        grammar: the grammar's name, where it is not the kind's.
        confirm: when the value is asked about in a question of its own.
        signals: the signal for each answer that leads somewhere of its own; others are `HEARD`.
        attempts: how often it may go unanswered before `failure`.
        failure: what happens then.
        no_input_s: seconds of silence after the prompt that count as no answer.
        protected: its prompt is a legal sentence, which keys do not cut short.
        twice: said, it counts only when it was heard twice the same; keyed, at once.
        spelled: asked again, it is asked for digit by digit, and the recogniser then listens for single digits only.
        doubted: the answer that is asked about once where it was said, as it gives up everything that was said before.
    """

    state: State
    kind: str
    grammar: str = ""
    confirm: Confirm = Confirm.NEVER
    signals: Mapping[str, Signal] = field(default_factory=dict)
    attempts: int = 4
    failure: Signal = Signal.GAVE_UP
    no_input_s: float = 6.0
    protected: bool = False
    twice: bool = False
    spelled: bool = False
    doubted: str = ""

    @property
    def name(self) -> str:
        return self.state.value

    @property
    def grammar_name(self) -> str:
        return self.grammar or self.kind

    @property
    def sensitive(self) -> bool:
        """Whether neither its answer may be recorded, logged or shown, nor what it asks."""
        return self.kind in SENSITIVE_KINDS or self.state is State.CONFIRM_ROUTING_NUMBER  # which says it whole

    @property
    def confirms(self) -> str:
        """The name of the question whose value this one asks about, or nothing."""
        return self.name.removeprefix("confirm_") if self.name in _CONFIRMATIONS else ""


YES_OR_NO = MappingProxyType({"yes": Signal.YES, "no": Signal.NO})
FETCH_S = 15.0
"""Silence allowed where a caller has to find a card or a check first."""

_CONFIRMED = (
    State.CONFIRM_ACCOUNT_NUMBER,
    State.CONFIRM_ITEM_CHOICE,
    State.CONFIRM_TENDER,
    State.CONFIRM_CARD_NUMBER,
    State.CONFIRM_EXPIRATION,
    State.CONFIRM_WITHDRAWAL_TYPE,
    State.CONFIRM_ROUTING_NUMBER,
)
_NUMBERS = frozenset({State.CONFIRM_ACCOUNT_NUMBER, State.CONFIRM_CARD_NUMBER, State.CONFIRM_ROUTING_NUMBER})
"""Those where the caller may also say what is wrong: "no, five not nine"."""
_CONFIRMATIONS = frozenset(state.value for state in _CONFIRMED)

_ALL = (
    # Who says nothing goes on in the language of the line.
    Question(State.LANGUAGE, "language", attempts=1, failure=Signal.HEARD, no_input_s=3.0),
    Question(State.ACCOUNT_NUMBER, "account_number", confirm=Confirm.UNLESS_KNOWN, no_input_s=8.0, spelled=True),
    Question(State.ITEM_CHOICE, "item_choice", confirm=Confirm.WHEN_UNSURE),
    Question(
        State.TENDER,
        "tender",
        confirm=Confirm.WHEN_UNSURE,
        signals={"card": Signal.CARD, "echeck": Signal.ECHECK},
    ),
    Question(
        State.CARD_NUMBER, "card_number", confirm=Confirm.WHEN_UNSURE, attempts=6, no_input_s=FETCH_S, spelled=True
    ),
    Question(State.EXPIRATION, "expiration", confirm=Confirm.WHEN_UNSURE, attempts=5, no_input_s=8.0),
    Question(State.SECURITY_CODE, "security_code", attempts=5, no_input_s=8.0, spelled=True),
    Question(State.WITHDRAWAL_TYPE, "withdrawal_type", confirm=Confirm.WHEN_UNSURE),
    Question(
        State.ROUTING_NUMBER,
        "routing_number",
        confirm=Confirm.WHEN_UNSURE,
        attempts=5,
        no_input_s=FETCH_S,
        spelled=True,
    ),
    Question(
        State.BANK_ACCOUNT_NUMBER, "bank_account_number", attempts=6, no_input_s=FETCH_S, twice=True, spelled=True
    ),
    Question(State.CONFIRM_PAYMENT, "yes_no", "agreement", signals=YES_OR_NO, protected=True, doubted="no"),
    Question(State.AFTER_DECLINE, "after_decline", signals={"other": Signal.OTHER, "stop": Signal.STOP}),
    Question(State.REPEAT_CONFIRMATION, "yes_no", signals=YES_OR_NO, attempts=1, failure=Signal.NO, no_input_s=4.0),
    # Words that were not heard for certain end no call. Who says nothing to this goes on.
    Question(
        State.CONFIRM_GOODBYE,
        "yes_no",
        signals={"yes": Signal.GOODBYE, "no": Signal.GO_ON},
        attempts=2,
        failure=Signal.GO_ON,
    ),
    Question(
        State.CONFIRM_OPERATOR,
        "yes_no",
        signals={"yes": Signal.OPERATOR, "no": Signal.GO_ON},
        attempts=2,
        failure=Signal.GO_ON,
    ),
    *(Question(state, "correction" if state in _NUMBERS else "yes_no", signals=YES_OR_NO) for state in _CONFIRMED),
)

QUESTIONS: Mapping[str, Question] = MappingProxyType({question.name: question for question in _ALL})
"""Every question by name."""

TENDER_QUESTIONS: Mapping[str, tuple[State, ...]] = MappingProxyType(
    {
        "card": (State.CARD_NUMBER, State.EXPIRATION, State.SECURITY_CODE),
        "echeck": (State.WITHDRAWAL_TYPE, State.ROUTING_NUMBER, State.BANK_ACCOUNT_NUMBER),
    }
)
"""What is asked for each way of paying, in order."""
