"""What the caller owes: account lookup behind one small protocol, and an implementation on tables of our own."""

from voicebot.billing.accounts import (
    Account,
    AccountLookup,
    BillingError,
    BillingUnavailable,
    ImpossibleBill,
    Item,
    UnknownAccount,
    checked_amount,
)
from voicebot.billing.bill_file import read_accounts
from voicebot.billing.table import AccountTable

__all__ = [
    "Account",
    "AccountLookup",
    "AccountTable",
    "BillingError",
    "BillingUnavailable",
    "ImpossibleBill",
    "Item",
    "UnknownAccount",
    "checked_amount",
    "read_accounts",
]
