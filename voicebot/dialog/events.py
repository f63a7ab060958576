"""Events: facts in the past tense that the dialog is told, each by value.

An event that answers something the dialog asked for carries the `request_id` or `listen_id` of that action. One whose
id is no longer waited for is stale: it is dropped and counted, never acted on.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from voicebot.grammar.heard import Segment


@dataclass(frozen=True, slots=True)
class CallAnswered:
    """The line is open. `can_transfer` tells whether an operator can be connected from this place."""

    today: date
    can_transfer: bool = False


@dataclass(frozen=True, slots=True)
class PromptFinished:
    """A prompt was played to its end, or was stopped."""

    prompt_id: int


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The caller began to speak; words follow. `echo` is as in `WordsComing`."""

    listen_id: int
    echo: float = 0.0


@dataclass(frozen=True, slots=True)
class WordsComing:
    """What is being said so far, while the question is still being asked.

    Attributes:
        words: the likeliest ones; they may yet change.
        echo: how much the sound is like what the bot itself is playing, from 0 to 1.
    """

    listen_id: int
    words: tuple[str, ...] = field(repr=False)
    echo: float


@dataclass(frozen=True, slots=True)
class WordsHeard:
    """A stretch of speech ended and was recognised. `echo` is as in `WordsComing`, 0 where nothing was played."""

    listen_id: int
    segment: Segment
    echo: float = 0.0


@dataclass(frozen=True, slots=True)
class HeardAgain:
    """What a second recogniser made of what was said, to `HearAgain`; no hypotheses: nothing."""

    listen_id: int
    hearing_id: int
    segment: Segment


@dataclass(frozen=True, slots=True)
class HeardOver:
    """What was said, heard once more with other words, to `HearOver`; no segments: nothing."""

    listen_id: int
    hearing_id: int
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A keypad key, 0 to 9, `*` or `#`, and when it was pressed; without a repr, as it may be a digit of a card."""

    key: str = field(repr=False)
    at_s: float


@dataclass(frozen=True, slots=True)
class TimePassed:
    """The clock reached `Dialog.deadline_s`."""


@dataclass(frozen=True, slots=True)
class CallerHungUp:
    """The caller is gone."""


@dataclass(frozen=True, slots=True)
class OwedItem:
    """One thing that is owed, as billing gave it."""

    item_id: str
    description: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class EarlierPayment:
    """How a payment ended of which an earlier caller was told that it is being verified; no id: it was not made."""

    reference: str
    payment_id: str = ""


@dataclass(frozen=True, slots=True)
class ItemsFound:
    """What the account owes; no items: nothing. `earlier` payments are told first."""

    request_id: int
    name: str
    items: tuple[OwedItem, ...]
    earlier: tuple[EarlierPayment, ...] = ()


class LookupProblem(StrEnum):
    """Why nothing can be said about what an account owes."""

    UNKNOWN_ACCOUNT = "unknown_account"
    UNAVAILABLE = "unavailable"
    IMPOSSIBLE_BILL = "impossible_bill"
    PAYMENT_PENDING = "payment_pending"


@dataclass(frozen=True, slots=True)
class ItemsNotFound:
    """The lookup gave nothing to pay. `reference` names the payment still being verified, where that is the reason."""

    request_id: int
    problem: LookupProblem
    reference: str = ""


@dataclass(frozen=True, slots=True)
class CartRecorded:
    """Our own record of the cart is on disk; `reference` is what a caller is told to ask by."""

    request_id: int
    reference: str


@dataclass(frozen=True, slots=True)
class TenderCost:
    """What one way of paying costs, each amount a string exactly as the API gave it."""

    tender: str
    primary: str
    fee: str
    total: str


@dataclass(frozen=True, slots=True)
class CartCreated:
    """The vendor made the cart and its cartId is on disk. `costs` hold the tenders that we can take, in order."""

    request_id: int
    costs: tuple[TenderCost, ...]


@dataclass(frozen=True, slots=True)
class CartFailed:
    """No cart can be had: nothing was charged and nothing will be."""

    request_id: int


@dataclass(frozen=True, slots=True)
class PaymentSettled:
    """The cart is paid, now or already."""

    request_id: int
    payment_id: str


@dataclass(frozen=True, slots=True)
class PaymentDeclined:
    """The tender was refused and nothing was charged.

    Attributes:
        display_message: the vendor's words for the caller, where it gave any.
        field: the question whose answer is at fault, where the vendor named one.
    """

    request_id: int
    display_message: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class PaymentNotSent:
    """The request never left: nothing was charged."""

    request_id: int


@dataclass(frozen=True, slots=True)
class PaymentUnknown:
    """The request left and no answer can be trusted: the payment may have been made."""

    request_id: int


@dataclass(frozen=True, slots=True)
class CartFoundUnpaid:
    """The vendor says that the cart is not paid at this moment."""

    request_id: int


@dataclass(frozen=True, slots=True)
class CartNotFound:
    """The cart's status can't be had now; it will be asked again after the call."""

    request_id: int


@dataclass(frozen=True, slots=True)
class TransferEnded:
    """An operator took the call, or did not."""

    request_id: int
    connected: bool


Event: TypeAlias = (
    CallAnswered
    | PromptFinished
    | SpeechStarted
    | WordsComing
    | WordsHeard
    | HeardAgain
    | HeardOver
    | KeyPressed
    | TimePassed
    | CallerHungUp
    | ItemsFound
    | ItemsNotFound
    | CartRecorded
    | CartCreated
    | CartFailed
    | PaymentSettled
    | PaymentDeclined
    | PaymentNotSent
    | PaymentUnknown
    | CartFoundUnpaid
    | CartNotFound
    | TransferEnded
)
