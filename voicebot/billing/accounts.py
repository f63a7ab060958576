"""What a caller owes, and the one small protocol behind which an agency's own system stands.

To connect another system, write a class with `find` and `account_numbers` (see `docs/ledger.md`) and return amounts
through `checked_amount`, so that no impossible bill is ever read out.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Protocol

LARGEST_AMOUNT: Final = Decimal("9999999.99")
"""A larger bill is a mistake in somebody's data rather than something to be paid by telephone."""

CREDIT: Final = "credit"
"""Type of an item that lowers what is owed; the only one whose amount is negative."""

_AMOUNT = re.compile(r"-?\d{1,15}(\.\d{1,2})?", re.ASCII)


class BillingError(Exception):
    """What an account owes can't be said."""


class UnknownAccount(BillingError):  # noqa: N818 - named as a state of affairs, as callers handle it
    """No such account."""

    def __init__(self, account_number: str) -> None:
        super().__init__(f"there is no account {account_number!r}")
        self.account_number = account_number


class BillingUnavailable(BillingError):  # noqa: N818 - as above
    """The billing system can't be asked now; the text says what to do."""


class ImpossibleBill(BillingError):  # noqa: N818 - as above
    """A bill that nobody can owe: refused whole, as half of it may be wrong too.

    Attributes:
        where: file and line, or account and item.
        problem: what is wrong and what to do.
    """

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is owed.

    Attributes:
        id: the agency's, at least 6 characters (a rule of PaymentExpress, as the next two).
        description: as it is read out, at least 3 characters.
        amount: above zero, two decimals.
        type: the vendor's item type; empty for the one in the settings.
        fund_category: where the money goes, at least 3 characters; empty for the one in the settings.
        department: whose it is; may be empty.
        limit_tenders: the only tender types that this item may be paid with ("CreditCard", "ECheck"); empty: any.
    """

    id: str
    description: str
    amount: Decimal
    type: str = ""
    fund_category: str = ""
    department: str = ""
    limit_tenders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """An account and what is owed on it.

    Attributes:
        number: digits; leading zeros count.
        name: whose it is; may be empty.
        items: what can be paid, in the order in which it is read out; none: nothing is owed.
        credits: what the agency owes the customer. Not part of a cart: the vendor's money has no sign.
        as_of: the moment (aware) of which the bill tells the truth. What was paid by telephone since then may still be
            among the items, and is not offered again. None: it comes from a system that knows of every payment at once.
    """

    number: str
    name: str
    items: tuple[Item, ...] = ()
    credits: tuple[Item, ...] = ()
    as_of: datetime | None = None

    @property
    def owed(self) -> Decimal:
        """All items together, credits left aside."""
        return sum((item.amount for item in self.items), Decimal("0.00"))


class AccountLookup(Protocol):
    """Where bills come from."""

    async def find(self, account_number: str) -> Account:
        """What this account owes, as of now.

        Raises:
            UnknownAccount: there is none.
            BillingUnavailable: it can't be asked.
            ImpossibleBill: it answers nonsense.
        """

    def account_numbers(self) -> frozenset[str]:
        """Every account number, against which a spoken one is checked; empty if they can't be listed.

        Raises BillingUnavailable.
        """


def checked_amount(text: str, item_type: str, where: str) -> Decimal:
    """An amount of money with two decimals, or ImpossibleBill saying why it can't be one.

    Args:
        text: digits, a point and up to two decimals; a minus sign for credits only.
        item_type: `CREDIT` or any other.
        where: file and line, or account and item, for the error.
    """
    if not _AMOUNT.fullmatch(text):
        raise ImpossibleBill(
            where,
            f"the amount {text!r} is not money: write digits, a point and two decimals, such as 1257.38, without"
            " currency signs or thousands separators",
        )
    amount = Decimal(text).quantize(Decimal("0.01"))
    if item_type.lower() == CREDIT:
        if amount >= 0:
            raise ImpossibleBill(where, f"a credit of {amount} is none: write it with a minus sign")
    elif amount <= 0:
        raise ImpossibleBill(
            where,
            f"nobody can owe {amount}: leave paid items out, and give negative ones the type {CREDIT!r}",
        )
    if abs(amount) > LARGEST_AMOUNT:
        raise ImpossibleBill(where, f"{amount} is more than can be owed here ({LARGEST_AMOUNT}): check the data")
    return amount
