"""What the sandbox can be asked for afterwards: what was charged, what went wrong, what was sent.

Never a tender: the last four digits at most.
"""

from decimal import Decimal
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from voicebot.sandbox.paths import HostName, RequestKind


class Record(BaseModel):
    """A fact that has happened."""

    model_config = ConfigDict(frozen=True)


class Attempt(Record):
    """One try to pay a cart that reached the card network or the bank.

    Attributes:
        outcome: `paid`, or the `errorCode` of the payment-level failure.
        charged: dollars taken from the payer; zero if the attempt failed.
    """

    tender_type: Literal["CreditCard", "ECheck"]
    last_four: str
    outcome: str
    charged: Decimal
    payment_id: str | None
    at: str


class CartBook(Record):
    """One cart and everything tried on it, in order."""

    cart_id: str
    client_transaction_id: str
    created_at: str
    primary: Decimal
    attempts: tuple[Attempt, ...]

    @property
    def payments(self) -> tuple[Attempt, ...]:
        """The attempts that took money. More than one is a double payment."""
        return tuple(attempt for attempt in self.attempts if attempt.payment_id)

    @property
    def charged(self) -> Decimal:
        """Dollars taken for this cart, all payments together."""
        return sum((attempt.charged for attempt in self.attempts), Decimal(0))


class Books(Record):
    """Every cart, in order of creation."""

    carts: tuple[CartBook, ...]

    @property
    def charged(self) -> Decimal:
        """Dollars taken altogether."""
        return sum((cart.charged for cart in self.carts), Decimal(0))

    def cart(self, cart_id: str) -> CartBook:
        """One cart.

        Raises:
            KeyError: the sandbox has no such cart.
        """
        for cart in self.carts:
            if cart.cart_id == cart_id:
                return cart
        raise KeyError(cart_id)


class IncidentKind(StrEnum):
    """What a client must never do; tests ask that none was counted."""

    TENDER_ON_GENERAL_HOST = "tender_on_general_host"
    PAID_AGAIN = "paid_again"
    PAID_DURING_PAYMENT = "paid_during_payment"
    WRONG_AMOUNTS = "wrong_amounts"
    TENDER_NOT_OFFERED = "tender_not_offered"


class Incident(Record):
    """One thing that a client must never do, and did."""

    kind: IncidentKind
    host: HostName
    detail: str
    at: str


class SeenRequest(Record):
    """One request that arrived, without its content.

    Attributes:
        status: HTTP status answered; None while open, or if no answer went out.
        fault: the fault that struck, in words.
    """

    number: int
    request: RequestKind
    cart_id: str | None
    status: int | None = None
    fault: str | None = None
