"""What must survive a crash: carts, attempts, outcomes; and settling what is unknown.

Start with `Ledger`; the life of a cart is the one table of `states.py`; `docs/ledger.md` tells how to use both.
"""

from voicebot.ledger.consents import Broken, ConsentGiven, ConsentRecord
from voicebot.ledger.errors import (
    AccountInDoubt,
    AlreadyPaid,
    IllegalTransition,
    LedgerError,
    LedgerTooNew,
    LedgerUnavailable,
    NoSuchCart,
    NotHeld,
)
from voicebot.ledger.ledger import Ledger
from voicebot.ledger.reader import LedgerCounts
from voicebot.ledger.records import Amounts, AttemptRecord, CartItem, CartRecord, HistoryRecord, Tender
from voicebot.ledger.settle import (
    CartStatus,
    SettleReport,
    SettleRules,
    StatusSource,
    keep_settling,
    settle_cart,
    settle_once,
)
from voicebot.ledger.states import Fact, State
from voicebot.ledger.store import checked_url

__all__ = [
    "AccountInDoubt",
    "AlreadyPaid",
    "Amounts",
    "AttemptRecord",
    "Broken",
    "CartItem",
    "CartRecord",
    "CartStatus",
    "ConsentGiven",
    "ConsentRecord",
    "Fact",
    "HistoryRecord",
    "IllegalTransition",
    "Ledger",
    "LedgerCounts",
    "LedgerError",
    "LedgerTooNew",
    "LedgerUnavailable",
    "NoSuchCart",
    "NotHeld",
    "SettleReport",
    "SettleRules",
    "State",
    "StatusSource",
    "Tender",
    "checked_url",
    "keep_settling",
    "settle_cart",
    "settle_once",
]
