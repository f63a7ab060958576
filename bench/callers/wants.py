"""What a caller wants: which bill is to be paid, what of it, and with what.

Cards and bank routing numbers are published test numbers; the numbers of bank accounts are made up call by call.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

import numpy as np

from voicebot.billing import Account
from voicebot.sandbox import BANK_ACCOUNTS, CARDS, DEFAULT_FEES, TenderType

TODAY = date(2026, 11, 2)
"""The day of every call: the same seed gives the same calls whenever they are run."""

APPROVED = tuple(card.number for card in CARDS if card.outcome == "approved")
DECLINED_CARDS = ("4000000000000002", "4000000000009987", "4000000000009995")
DECLINED_ACCOUNTS = tuple(
    bank.number for bank in BANK_ACCOUNTS if bank.outcome in {"InsufficientFunds", "AccountClosed"}
)
ROUTING_NUMBERS = ("021000021", "011401533", "091000019", "110000000", "122105155", "124003116")
LONGEST_LISTED = 8
"""Items of one account that are told apart on the keypad."""


class Goal(StrEnum):
    """How a caller wants the call to end."""

    PAY = "pay"
    OPERATOR = "operator"
    LEAVE = "leave"
    HANG_UP = "hang up"


GOAL_ASKED = {"confirm_goodbye": Goal.LEAVE, "confirm_operator": Goal.OPERATOR}
"""What is asked where a word that would end the call was not clear, and who means it."""


@dataclass(frozen=True, slots=True)
class Card:
    """A payment card; `declined` ones are refused by the sandbox."""

    number: str
    expires: date
    code: str
    declined: bool = False

    tender = "card"

    @property
    def last_four(self) -> str:
        return self.number[-4:]


@dataclass(frozen=True, slots=True)
class BankAccount:
    """A bank account; `kind` is Checking or Savings."""

    kind: str
    routing: str
    number: str
    declined: bool = False

    tender = "echeck"

    @property
    def last_four(self) -> str:
        return self.number[-4:]


Tender: TypeAlias = Card | BankAccount


@dataclass(frozen=True, slots=True)
class Wants:
    """What one caller wants.

    Attributes:
        goal: how the call is to end.
        account: the account, as billing has it.
        items: numbers of the items to be paid, from 1, in the order in which billing lists them.
        tenders: what to pay with, in the order in which it is tried.
    """

    goal: Goal
    account: Account
    items: tuple[int, ...]
    tenders: tuple[Tender, ...]

    @property
    def everything(self) -> bool:
        return len(self.items) == len(self.account.items)

    @property
    def item_ids(self) -> frozenset[str]:
        return frozenset(self.account.items[number - 1].id for number in self.items)

    @property
    def primary(self) -> Decimal:
        """What the wanted items come to, in dollars, without any fee."""
        return sum((self.account.items[number - 1].amount for number in self.items), Decimal(0))

    def total(self, tender: Tender) -> Decimal:
        """With the fee of the sandbox."""
        kind = TenderType.CREDIT_CARD if isinstance(tender, Card) else TenderType.ECHECK
        return self.primary + DEFAULT_FEES[kind].fee(self.primary)


def draw_wants(
    accounts: tuple[Account, ...], goal: Goal, rng: np.random.Generator, *, declined: bool, two_tenders: bool
) -> Wants:
    """Wants of a random caller.

    Args:
        accounts: the bills of the demo.
        goal: how the call is to end.
        rng: this caller's chances.
        declined: the first tender is one that the sandbox refuses.
        two_tenders: the caller has a card and a bank account and may use either.
    """
    payable = [each for each in accounts if 0 < len(each.items) <= LONGEST_LISTED and not _limited(each)]
    account = payable[int(rng.integers(len(payable)))]
    count = len(account.items)
    items = tuple(range(1, count + 1))
    if count > 1 and rng.random() < 0.6:
        chosen = rng.choice(count, size=int(rng.integers(1, count)), replace=False)
        items = tuple(sorted(int(number) + 1 for number in chosen))
    tenders: list[Tender] = [_card(rng), _bank_account(rng)]
    if rng.random() < 0.5:
        tenders.reverse()
    if declined:
        tenders[0] = _refused(tenders[0], rng)
    elif not two_tenders:
        tenders = tenders[:1]
    return Wants(goal, account, items, tuple(tenders))


def _limited(account: Account) -> bool:
    return any(item.limit_tenders for item in account.items)


def _card(rng: np.random.Generator) -> Card:
    number = APPROVED[int(rng.integers(len(APPROVED)))]
    expires = date(TODAY.year + int(rng.integers(1, 5)), int(rng.integers(1, 13)), 1)
    return Card(number, expires, _digits(rng, 4 if number.startswith(("34", "37")) else 3))


def _bank_account(rng: np.random.Generator) -> BankAccount:
    routing = ROUTING_NUMBERS[int(rng.integers(len(ROUTING_NUMBERS)))]
    number = _digits(rng, int(rng.integers(7, 13)))
    return BankAccount("Checking" if rng.random() < 0.7 else "Savings", routing, number)


def _refused(tender: Tender, rng: np.random.Generator) -> Tender:
    if isinstance(tender, Card):
        number = DECLINED_CARDS[int(rng.integers(len(DECLINED_CARDS)))]
        return replace(tender, number=number, code=_digits(rng, 3), declined=True)
    number = DECLINED_ACCOUNTS[int(rng.integers(len(DECLINED_ACCOUNTS)))]
    return replace(tender, number=number, declined=True)


def _digits(rng: np.random.Generator, count: int) -> str:
    return "".join(str(digit) for digit in rng.integers(0, 10, count))
