"""What is said to and by PaymentExpress about carts and payments, tender aside (see `tender.py`).

Names and limits are the vendor's ("Taking Payments by Voice", "Creating a Cart Handoff", reference "createcart"). What
no public page says is marked "assumed".
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AliasChoices, Field, JsonValue, StringConstraints, model_validator

from voicebot.payments.money import Amounts, Money, WireMoney
from voicebot.payments.wire import AnswerMessage, RequestMessage

Name = Annotated[str, StringConstraints(min_length=1)]
ApiId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$")]
"""A cartId or paymentId; what could change a URL's path is not one."""


class TenderType(StrEnum):
    """The ways of paying that a voice line can take."""

    CARD = "CreditCard"
    ECHECK = "ECheck"


# --- the cart --------------------------------------------------------------------------------------------------------


class CartDetails(RequestMessage):
    """The part of a cart that is about the transaction.

    Attributes:
        client_transaction_id: ours, unique: the thread from our ledger to their reports.
        location: configured by PaymentExpress for this line.
        meta: kept by PaymentExpress for reports.
    """

    client_transaction_id: Name
    location: Name
    meta: dict[str, str] | None = None


class CartItem(RequestMessage):
    """One thing to be paid for."""

    client_item_id: Annotated[str, StringConstraints(min_length=6)]
    description: Annotated[str, StringConstraints(min_length=3)]
    amount: Money
    type: Name
    fund_category: Annotated[str, StringConstraints(min_length=3)]
    department: Name | None = None
    limit_tenders: tuple[TenderType, ...] | None = None
    meta: dict[str, str] | None = None
    billing_info: dict[str, JsonValue] | None = None


class CartRequest(RequestMessage):
    """`POST …/carts`: what the caller will pay for, at least one item."""

    request: CartDetails
    items: Annotated[tuple[CartItem, ...], Field(min_length=1)]


class TenderFees(AnswerMessage):
    """What paying in one way costs. Note the vendor's spelling: `fee` here, `fees` in the payment's request."""

    primary: WireMoney
    fee: WireMoney
    total: WireMoney

    def amounts(self) -> Amounts:
        """The same three strings, as a payment's request wants them."""
        return Amounts(primary=self.primary, fees=self.fee, total=self.total)


class Cart(AnswerMessage):
    """A cart that PaymentExpress has made. Keep `cart_id` until it is exchanged for a payment id.

    Attributes:
        cart_id: unique identifier of the cart.
        fees: what each way of paying costs; one that is not here is not offered.
        other_fees: ways of paying that this client does not know, as they came.
    """

    cart_id: ApiId
    fees: Mapping[TenderType, TenderFees]
    other_fees: Mapping[str, JsonValue] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _part_fees(cls, answer: Any) -> Any:
        """Take what we know out of `fees`, so that a new tender type with other fields breaks nothing."""
        if not isinstance(answer, dict) or not isinstance(answer.get("fees"), dict):
            return answer
        known = {TenderType(name): fees for name, fees in answer["fees"].items() if name in set(TenderType)}
        other = {name: fees for name, fees in answer["fees"].items() if name not in set(TenderType)}
        return {**answer, "fees": known, "otherFees": other}


# --- the payment -----------------------------------------------------------------------------------------------------


class Payment(AnswerMessage):
    """The tender was charged. `payment_id` is what the caller is told."""

    payment_id: ApiId


class ErrorBody(AnswerMessage):
    """Every error of the API, also a payment-level failure that comes with HTTP 200."""

    error_code: Name
    error_message: str = ""
    display_message: str | None = None


# --- asking afterwards -----------------------------------------------------------------------------------------------


class CartState(StrEnum):
    """How a cart stands, as far as its status says so beyond doubt."""

    PAID = "paid"
    NOT_PAID = "not_paid"
    UNSETTLED = "unsettled"


_NOT_PAID_WORDS = frozenset(
    {"open", "created", "new", "unpaid", "notpaid", "declined", "failed", "cancelled", "expired"}
)
_PAID_WORDS = frozenset({"paid", "completed", "complete", "succeeded"})


class CartStatus(AnswerMessage):
    """`GET …/carts/{cartId}`. The shape is assumed: at least whether the cart is paid, and with which payment.

    It is read with suspicion: "not paid" takes a clear word and no payment id; contradictions and unknown words are
    `UNSETTLED`; an answer that says nothing at all is refused.
    """

    cart_id: ApiId | None = None
    payment_id: ApiId | None = None
    said_paid: bool | None = Field(default=None, alias="paid")
    status: Name | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.payment_id is None and self.said_paid is None and self.status is None:
            raise ValueError("a cart's status must say whether it is paid")
        return self

    @property
    def state(self) -> CartState:
        """Paid, not paid, or not to be told yet."""
        word = "".join(letter for letter in (self.status or "").lower() if letter.isalpha())
        paid = self.payment_id is not None or self.said_paid is True or word in _PAID_WORDS
        not_paid = self.said_paid is False or word in _NOT_PAID_WORDS
        if paid:
            return CartState.UNSETTLED if not_paid else CartState.PAID
        return CartState.NOT_PAID if not_paid and word in {"", *_NOT_PAID_WORDS} else CartState.UNSETTLED

    @property
    def paid(self) -> bool | None:
        """The same as a truth value; None while it is unsettled."""
        return {CartState.PAID: True, CartState.NOT_PAID: False, CartState.UNSETTLED: None}[self.state]


class PaymentItemRecord(AnswerMessage):
    """One item of a payment. Field names are assumed, so none is required."""

    client_item_id: str | None = None
    description: str | None = None
    amount: WireMoney | None = Field(default=None, validation_alias=AliasChoices("originalAmount", "amount"))
    balance: WireMoney | None = Field(default=None, validation_alias=AliasChoices("remainingBalance", "balance"))


class PaymentRecord(AnswerMessage):
    """`GET …/payments/{paymentId}`. The page says what it tells, not by which names: those are assumed.

    Attributes:
        made_at: when it was made, as the API writes it.
        amount: what it was for originally.
        balance: what remains after reversals.
    """

    payment_id: ApiId | None = None
    status: Name
    made_at: str | None = Field(default=None, validation_alias=AliasChoices("createdAt", "paymentDate", "madeAt"))
    amount: WireMoney | None = Field(default=None, validation_alias=AliasChoices("originalAmount", "amount"))
    balance: WireMoney | None = Field(default=None, validation_alias=AliasChoices("remainingBalance", "balance"))
    items: tuple[PaymentItemRecord, ...] = ()
