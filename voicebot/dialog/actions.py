"""Actions: imperatives that the dialog gives to `call.py`, each by value."""

from dataclasses import dataclass
from math import inf
from typing import TypeAlias

from voicebot.capture import Value
from voicebot.dialog.consent import Consent
from voicebot.dialog.events import OwedItem, TenderCost
from voicebot.dialog.lines import Line


@dataclass(frozen=True, slots=True)
class Say:
    """Play a prompt behind those that still play; answered by one `PromptFinished`."""

    prompt_id: int
    line: Line


@dataclass(frozen=True, slots=True)
class StopSaying:
    """Stop every prompt that plays or waits; each still gets its `PromptFinished`."""


@dataclass(frozen=True, slots=True)
class Listen:
    """Recognise what the caller says, as an answer to this question.

    Attributes:
        question: its name, for the transcript and for callers who answer by it.
        grammar: the grammar of its answers; the words that always work apply too.
        sensitive: the answer must not be recorded, logged or shown.
        keys_only: do not listen to speech at all.
        language: the locale that is spoken; empty: the line's own.
        spelled: it was asked for digit by digit.
        over: while the question is still being asked; what is being said is told word by word (`WordsComing`).
        ahead: answers to other questions may be given with it; keep its sound until it is over.
    """

    listen_id: int
    question: str
    grammar: str
    sensitive: bool
    keys_only: bool = False
    language: str = ""
    spelled: bool = False
    over: bool = False
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class HearAgain:
    """Let a second recogniser hear what was said from `since_s` to `until_s`: answered by one `HeardAgain`.

    It hears digits, or, where `words` are given, with which of these the answer began; where `hints` are, it writes any
    words, and these are what callers may say.
    """

    listen_id: int
    hearing_id: int
    since_s: float
    words: tuple[str, ...] = ()
    until_s: float = inf
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HearOver:
    """Hear what was said since `since_s` over, with the words of another grammar: answered by one `HeardOver`."""

    listen_id: int
    hearing_id: int
    grammar: str
    since_s: float


@dataclass(frozen=True, slots=True)
class StopListening:
    """The answer is over; what is still being recognised is dropped."""

    listen_id: int


@dataclass(frozen=True, slots=True)
class FindItems:
    """Look up what the account owes: `ItemsFound` or `ItemsNotFound`."""

    request_id: int
    account_number: str


@dataclass(frozen=True, slots=True)
class RecordCart:
    """Write the cart to the ledger before anything is sent: `CartRecorded` or `CartFailed`."""

    request_id: int
    account_number: str
    items: tuple[OwedItem, ...]


@dataclass(frozen=True, slots=True)
class CreateCart:
    """Hand the recorded cart to PaymentExpress: `CartCreated` or `CartFailed`."""

    request_id: int


@dataclass(frozen=True, slots=True)
class AbandonCart:
    """The cart will not be paid in this call; the ledger says so. Nothing answers."""


@dataclass(frozen=True, slots=True)
class Pay:
    """Pay the created cart with this tender, once.

    Attributes:
        cost: the amounts that the caller said yes to.
        consent: that yes, and the sentence that it was said to; there is no payment without.
        answers: the tender's values by question name; the sensitive ones wrapped.
    """

    request_id: int
    cost: TenderCost
    consent: Consent
    answers: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class CheckCart:
    """Ask the vendor whether the cart is paid: `PaymentSettled`, `CartFoundUnpaid` or `CartNotFound`."""

    request_id: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """Connect an operator: `TransferEnded`.

    Attributes:
        summary: (name, value) of what the operator may be told; nothing sensitive.
    """

    request_id: int
    summary: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""


Action: TypeAlias = (
    Say
    | StopSaying
    | Listen
    | HearAgain
    | HearOver
    | StopListening
    | FindItems
    | RecordCart
    | CreateCart
    | AbandonCart
    | Pay
    | CheckCart
    | Transfer
    | HangUp
)
