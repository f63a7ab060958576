"""What the ledger's tests share: a clock that is set by hand, a vendor that answers as told, a cart to begin with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from voicebot.ledger import Amounts, CartItem, CartRecord, Ledger

ACCOUNT = "2890345"
ITEMS = (CartItem("1029347859728", "Property Taxes for Account #2890345", Decimal("1257.38"), "Tax", "General"),)
CARD = Amounts("1257.38", "1.23", "1258.61")
ECHECK = Amounts("1257.38", "0.50", "1257.88")
FEES = {"CreditCard": CARD, "ECheck": ECHECK}


class Clock:
    """A wall clock and one that never jumps, both moved by hand."""

    def __init__(self) -> None:
        self.wall = datetime(2027, 5, 3, 14, 0, tzinfo=UTC)
        self.seconds = 1000.0

    def __call__(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.seconds

    def pass_s(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.seconds += seconds

    def jump_s(self, seconds: float) -> None:
        """Somebody sets the wall clock."""
        self.wall += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Status:
    paid: bool | None
    payment_id: str | None = None


@dataclass
class Vendor:
    """Knows which carts are paid; counts how often it was asked, and fails while it is told to."""

    payments: dict[str, str] = field(default_factory=dict)
    failure: Exception | None = None
    asked: list[str] = field(default_factory=list)
    when_asked: Callable[[], None] = lambda: None
    answer: Status | None = None

    async def cart_status(self, cart_id: str) -> Status:
        self.asked.append(cart_id)
        self.when_asked()
        if self.failure is not None:
            raise self.failure
        if self.answer is not None:
            return self.answer
        return Status(cart_id in self.payments, self.payments.get(cart_id))


def open_ledger(url: str, clock: Clock) -> Ledger:
    return Ledger.open(url, clock=clock, monotonic=clock.monotonic)


def created(ledger: Ledger, cart_id: str = "cart-1", account: str = ACCOUNT) -> CartRecord:
    cart = ledger.record_cart(account, ITEMS)
    return ledger.cart_created(cart.id, cart_id, FEES)


def paying(ledger: Ledger, cart_id: str = "cart-1", account: str = ACCOUNT) -> CartRecord:
    return ledger.paying(created(ledger, cart_id, account).id, "card", CARD, "1111")


def unknown(ledger: Ledger, cart_id: str = "cart-1", account: str = ACCOUNT) -> CartRecord:
    """A cart in doubt whose call is over."""
    cart = ledger.unknown(paying(ledger, cart_id, account).id, "ReadTimeout")
    return ledger.call_ended(cart.id, "the caller was told")
