"""What a caller pays with, and the two messages that carry it to the vault.

The parts of a tender stay wrapped from the caller's lips to here. The only place that unwraps them is the JSON of
`CardPayment` and `ECheckPayment`, and only for one who shows `FOR_THE_VAULT`; anyone else gets stars, from
`model_dump`, `repr` and logs alike.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import PlainSerializer, SecretStr, SerializationInfo

from voicebot.payments.money import Amounts
from voicebot.payments.wire import RequestMessage

TenderField: TypeAlias = Literal["account_number", "expiration", "security_code", "routing_number", "withdrawal_type"]

MASK: Final = "********"
FOR_THE_VAULT: Final = object()


def _require(name: str, value: object, shape: str, what: str) -> None:
    """Check one part without ever putting it into an error's text."""
    if not isinstance(value, SecretStr):
        raise TypeError(f"{name} must be wrapped in pydantic's SecretStr, so that nothing can print it")
    if not re.fullmatch(shape, value.get_secret_value(), re.ASCII):
        raise ValueError(f"{name} must be {what}")


@dataclass(frozen=True, slots=True)
class CardTender:
    """A credit or debit card. Raises ValueError, without the value, when a part does not have the shape it must have.

    Attributes:
        account_number: the card's number, 12 to 19 digits.
        expiration: "YYYY-MM".
        security_code: 3 or 4 digits; a leading zero counts.
    """

    account_number: SecretStr
    expiration: SecretStr
    security_code: SecretStr

    def __post_init__(self) -> None:
        _require("account_number", self.account_number, r"[0-9]{12,19}", "12 to 19 digits, without spaces")
        _require("expiration", self.expiration, r"[0-9]{4}-(0[1-9]|1[0-2])", "written YYYY-MM, as in 2027-05")
        _require("security_code", self.security_code, r"[0-9]{3,4}", "3 or 4 digits")

    def secrets(self) -> tuple[SecretStr, ...]:
        """Its parts, to look for where they must not be."""
        return (self.account_number, self.security_code)


@dataclass(frozen=True, slots=True)
class ECheckTender:
    """A bank account. Raises ValueError, without the value, when a part does not have the shape it must have.

    Attributes:
        withdrawal_type: "Checking" or "Savings".
        routing_number: nine digits; ten pass too, as the vendor's own example has ten.
        account_number: 1 to 17 digits.
    """

    withdrawal_type: str
    routing_number: SecretStr
    account_number: SecretStr

    def __post_init__(self) -> None:
        if self.withdrawal_type not in {"Checking", "Savings"}:
            raise ValueError('withdrawal_type must be "Checking" or "Savings"')
        _require("routing_number", self.routing_number, r"[0-9]{9,10}", "nine digits")
        _require("account_number", self.account_number, r"[0-9]{1,17}", "1 to 17 digits, without spaces")

    def secrets(self) -> tuple[SecretStr, ...]:
        """Its parts, to look for where they must not be."""
        return (self.account_number, self.routing_number)


Tender: TypeAlias = CardTender | ECheckTender


def echoes(tender: Tender, text: str) -> bool:
    """Whether a text from elsewhere repeats a part of the tender, also in groups as "4111 1111 1111 1111"."""
    joined = re.sub(r"(?<=[0-9])[ .-](?=[0-9])", "", text)
    return any(
        re.search(rf"(?<![0-9]){secret.get_secret_value()}(?![0-9])", joined) is not None for secret in tender.secrets()
    )


def _text(value: SecretStr, info: SerializationInfo) -> str:
    return value.get_secret_value() if info.context is FOR_THE_VAULT else MASK


def _security_code(value: SecretStr, info: SerializationInfo) -> int | str:
    """A number, as in the vendor's example, unless that would lose a leading zero: then a string."""
    code = _text(value, info)
    return code if code.startswith("0") or not code.isdigit() else int(code)


def _year(value: SecretStr, info: SerializationInfo) -> int | str:
    text = _text(value, info)
    return text if text == MASK else int(text[:4])


def _month(value: SecretStr, info: SerializationInfo) -> int | str:
    text = _text(value, info)
    return text if text == MASK else int(text[5:])


class CardPayment(RequestMessage):
    """`POST …/carts/{cartId}/payments/card`, as the vendor's page writes it."""

    amounts: Amounts
    expiration_year: Annotated[SecretStr, PlainSerializer(_year)]
    expiration_month: Annotated[SecretStr, PlainSerializer(_month)]
    security_code: Annotated[SecretStr, PlainSerializer(_security_code)]
    account_number: Annotated[SecretStr, PlainSerializer(_text)]

    @classmethod
    def of(cls, amounts: Amounts, card: CardTender) -> "CardPayment":
        """The message for this card; the amounts as the cart's answer gave them."""
        return cls(
            amounts=amounts,
            expiration_year=card.expiration,
            expiration_month=card.expiration,
            security_code=card.security_code,
            account_number=card.account_number,
        )


class ECheckPayment(RequestMessage):
    """`POST …/carts/{cartId}/payments/echeck`, as the vendor's page writes it."""

    amounts: Amounts
    withdrawal_type: Literal["Checking", "Savings"]
    account_number: Annotated[SecretStr, PlainSerializer(_text)]
    routing_number: Annotated[SecretStr, PlainSerializer(_text)]

    @classmethod
    def of(cls, amounts: Amounts, echeck: ECheckTender) -> "ECheckPayment":
        """The message for this bank account; the amounts as the cart's answer gave them."""
        return cls(
            amounts=amounts,
            withdrawal_type="Checking" if echeck.withdrawal_type == "Checking" else "Savings",
            account_number=echeck.account_number,
            routing_number=echeck.routing_number,
        )


TenderMessage: TypeAlias = CardPayment | ECheckPayment
