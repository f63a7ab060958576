"""Money on the wire: `Decimal` in, a string with exactly two decimals out, and never a float.

The vendor's rule: at least one digit before the point, exactly two after it, no thousands separator and no currency
sign ("0.01", "1.20", "1234.01"). Amounts that the API tells are kept as the strings they came as, and
sent back unchanged.
"""

from decimal import Decimal
from typing import Annotated, Final, TypeAlias

from pydantic import BeforeValidator, PlainSerializer, StringConstraints

from voicebot.payments.wire import RequestMessage

_CENT: Final = Decimal("0.01")
_TOO_MUCH: Final = Decimal("1E+12")


def _exact_cents(amount: object) -> Decimal:
    """Refuse, in words that say what to do, whatever is not a payable number of whole cents."""
    if not isinstance(amount, Decimal):
        raise ValueError(  # noqa: TRY004 - pydantic collects ValueErrors into one report; a TypeError would escape it
            f"an amount must be a Decimal, such as Decimal('1257.38'); {type(amount).__name__} may not be exact"
        )
    if not amount.is_finite():
        raise ValueError("an amount must be a finite number of dollars")
    if amount <= 0:
        raise ValueError("an amount must be more than zero: leave items out that need no payment")
    if amount >= _TOO_MUCH:
        raise ValueError("an amount of a trillion dollars or more is too large to be meant: check where it comes from")
    if amount % _CENT:
        raise ValueError("an amount must be a whole number of cents: round it where it is billed, not here")
    return amount


def wire_money(amount: Decimal) -> str:
    """An amount as the API wants it: `Decimal("1257.4")` gives "1257.40". Raises ValueError when it can't be exact."""
    return f"{_exact_cents(amount):.2f}"


Money: TypeAlias = Annotated[Decimal, BeforeValidator(_exact_cents), PlainSerializer(wire_money, return_type=str)]
"""An amount of ours, on its way out."""

WireMoney: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9]+\.[0-9]{2}$")]
"""An amount of theirs, kept as it came."""


class Amounts(RequestMessage):
    """What a payment charges: copied from the cart's answer, never computed.

    Attributes:
        primary: the items' sum.
        fees: called `fee` in the cart's answer.
        total: what the tender is charged.
    """

    primary: WireMoney
    fees: WireMoney
    total: WireMoney
