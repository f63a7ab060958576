# ruff: noqa: N815 - fields are spelled as the vendor spells them, so that this file reads like the vendor's page
"""Wire messages, written from the vendor's page "Taking Payments by Voice" and nothing else of ours.

Every request is strict: an unknown field, a number where a string belongs or an amount in another form is refused.
No message repeats a refused value: an error names the field and the rule only.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, StringConstraints

MONEY_PATTERN = r"^[0-9]{1,12}\.[0-9]{2}$"
Money = Annotated[
    str,
    StringConstraints(pattern=MONEY_PATTERN),
    Field(
        description="At least one digit before the point, exactly two after; no separator, no sign.",
        examples=["1257.38"],
    ),
]


def _whole(value: object) -> object:
    # JSON knows one kind of number: 2027.0 is the integer 2027.
    return int(value) if isinstance(value, float) and value.is_integer() else value


Text = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Meta = dict[str, str]


class TenderType(StrEnum):
    """The tender types of the cart's answer."""

    CREDIT_CARD = "CreditCard"
    ECHECK = "ECheck"


class Message(BaseModel):
    """What every wire message has in common."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


# --- errors ----------------------------------------------------------------------------------------------------------


class ErrorBody(Message):
    """The standard error reply. `displayMessage` is there only if there is something to tell the payer."""

    errorCode: str
    errorMessage: str
    displayMessage: str | None = None


class TokenErrorBody(Message):
    """The token request's error: the standard reply and, beside it, the fields of RFC 6749 section 5.2."""

    errorCode: str
    errorMessage: str
    error: Literal["invalid_request", "invalid_client", "invalid_scope", "unsupported_grant_type"]
    error_description: str


# --- token -----------------------------------------------------------------------------------------------------------


class TokenForm(Message):
    """The form of the token request. The client may name itself here or by HTTP Basic."""

    grant_type: Literal["client_credentials"]
    scope: Annotated[str, Field(description="Scopes asked for, separated by spaces.")]
    client_id: str | None = None
    client_secret: Annotated[str | None, Field(repr=False)] = None


class TokenAnswer(Message):
    """RFC 6749 section 5.1; `access_token` is a JWT, `expires_in` is in seconds."""

    access_token: Annotated[str, Field(repr=False)]
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - RFC 6750's name of the scheme, not a secret
    expires_in: int
    scope: str


# --- cart ------------------------------------------------------------------------------------------------------------


class RequestInfo(Message):
    """`request` of a cart handoff."""

    clientTransactionId: Text
    location: Text
    meta: Meta | None = None


class CartItem(Message):
    """One thing to be paid for."""

    clientItemId: Annotated[str, StringConstraints(min_length=6, max_length=255)]
    description: Annotated[str, StringConstraints(min_length=3, max_length=255)]
    amount: Money
    type: Text
    fundCategory: Annotated[str, StringConstraints(min_length=3, max_length=255)]
    department: Text | None = None
    limitTenders: list[Literal["CreditCard", "ECheck"]] | None = None
    meta: Meta | None = None
    billingInfo: dict[str, JsonValue] | None = None


class CartHandoff(Message):
    """The request that creates a cart."""

    request: RequestInfo
    items: Annotated[list[CartItem], Field(min_length=1, max_length=100)]


class Fees(Message):
    """What the cart costs with one tender type. The vendor writes `fee` here and `fees` in the payment."""

    primary: Money
    fee: Money
    total: Money


class FeesByTender(Message):
    """`fees` of the cart's answer. A tender type that is not there is not offered."""

    CreditCard: Fees | None = None
    ECheck: Fees | None = None

    def of(self, tender_type: TenderType) -> Fees | None:
        """The fees for one tender type, None if it is not offered."""
        return self.CreditCard if tender_type is TenderType.CREDIT_CARD else self.ECheck


class CartAnswer(Message):
    """The answer to a cart handoff."""

    cartId: str
    fees: FeesByTender


class CartStatusAnswer(Message):
    """How a cart stands (an assumption: the vendor's page names the request but not its answer).

    `Processing` means that a charge is being made at this moment: neither paid nor unpaid.
    """

    cartId: str
    clientTransactionId: str
    status: Literal["Open", "Processing", "Paid"]
    paid: bool
    paymentId: str | None = None


# --- payment ---------------------------------------------------------------------------------------------------------


class PaymentAmounts(Message):
    """`amounts` of a payment: exactly those of the cart's answer for the tender type."""

    primary: Money
    fees: Money
    total: Money


SecurityCode = (
    Annotated[int, Field(ge=100, le=9999), BeforeValidator(_whole)]
    | Annotated[str, StringConstraints(pattern=r"^[0-9]{3,4}$")]
)


class CardPayment(Message):
    """The request that pays with a card. The code may come as a number where no leading zero is lost."""

    amounts: PaymentAmounts
    expirationYear: Annotated[int, Field(ge=2000, le=2099), BeforeValidator(_whole)]
    expirationMonth: Annotated[int, Field(ge=1, le=12), BeforeValidator(_whole)]
    securityCode: Annotated[SecurityCode, Field(repr=False)]
    accountNumber: Annotated[str, StringConstraints(pattern=r"^[0-9]{12,19}$"), Field(repr=False)]


class ECheckPayment(Message):
    """The request that pays from a bank account. A wrong routing number is a payment-level failure, not a refusal."""

    amounts: PaymentAmounts
    withdrawalType: Literal["Checking", "Savings"]
    accountNumber: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$"), Field(repr=False)]
    routingNumber: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$"), Field(repr=False)]


class PaymentMade(Message):
    """A payment that went through."""

    paymentId: str


# --- lookup ----------------------------------------------------------------------------------------------------------


class PaidItem(Message):
    """One item of a payment."""

    clientItemId: str
    description: str
    originalAmount: Money
    remainingBalance: Money


class PaymentRecord(Message):
    """A payment looked up (field names are an assumption; their content is what the vendor's pages name)."""

    paymentId: str
    cartId: str
    clientTransactionId: str
    paidAt: Annotated[str, Field(description="When it was made, ISO 8601, UTC.")]
    status: Literal["Completed"] = "Completed"
    tenderType: Literal["CreditCard", "ECheck"]
    lastFour: str
    primary: Money
    fees: Money
    originalAmount: Money
    remainingBalance: Money
    items: list[PaidItem]
