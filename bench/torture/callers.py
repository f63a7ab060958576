"""Callers of the torture. Each wants one bill paid, once, and keeps trying for as long as the bot lets them.

They press keys, so that a call depends on nothing but the money. What a caller was not asked is not said; a caller who
has nothing left to say keeps silent until the bot gives up.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from voicebot.audio import Turn

ONE_BILL = "2890345"
THREE_BILLS = "4111872"

_GOOD_CARDS = (
    ("4111111111111111", "5555555555554444", "6011111111111117"),
    ("4242424242424242", "5105105105105100", "6200000000000005"),
    ("4012888888881881", "4000056655665556", "3056930009020004"),
)
_BANK_ACCOUNTS = (
    ("000123456789", "000987654321", "000456789123"),
    ("000123451111", "000123452222", "000123453333"),
    ("000123454444", "000123455555", "000123456666"),
)
_NEIGHBOURS_CARDS = ("2223003122003222", "3566002020360505")
_REFUSED_CARD = "4000000000000002"
_ROUTING_NUMBER = "021000021"
_EXPIRATION = f"12{(datetime.now(UTC).year + 3) % 100:02}"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody with a bill.

    Attributes:
        account: whose bill it is.
        turns: what is said at each question, in the first call, the second and so on. No two calls use the same
            tender, so that a charge tells which call it belongs to.
        leaves_while_paying: in the first call, puts the phone down as soon as the payment is under way.
    """

    account: str
    turns: Callable[[int], tuple[Turn, ...]]
    leaves_while_paying: bool = False


def _start(account: str, tender: str) -> tuple[Turn, ...]:
    return (
        Turn("account_number", keys=f"{account}#"),
        Turn("item_choice", keys="9"),
        Turn("tender", keys=tender),
    )


def _card(number: str) -> tuple[Turn, ...]:
    return (
        Turn("card_number", keys=number),
        Turn("expiration", keys=_EXPIRATION),
        Turn("security_code", keys="123"),
        Turn("confirm_payment", keys="1"),
    )


def _bank(number: str) -> tuple[Turn, ...]:
    return (
        Turn("withdrawal_type", keys="1"),
        Turn("routing_number", keys=_ROUTING_NUMBER),
        Turn("bank_account_number", keys=f"{number}#"),
        Turn("confirm_payment", keys="1"),
    )


_AGAIN = Turn("after_decline", keys="1")
_ANOTHER_WAY = Turn("after_decline", keys="2")
_STOP = Turn("after_decline", keys="3")
_ENOUGH = (Turn("repeat_confirmation", keys="2"),)


def _persistent_card(*numbers: str) -> tuple[Turn, ...]:
    """One card after the other, until one is taken."""
    turns = list(_card(numbers[0]))
    for number in numbers[1:]:
        turns += (_AGAIN, *_card(number))
    return tuple(turns)


def _persistent_bank(*numbers: str) -> tuple[Turn, ...]:
    turns = list(_bank(numbers[0]))
    for number in numbers[1:]:
        turns += (_AGAIN, *_bank(number))
    return tuple(turns)


def _pays_by_card(call: int) -> tuple[Turn, ...]:
    return (*_start(ONE_BILL, "1"), *_persistent_card(*_GOOD_CARDS[call]), *_ENOUGH)


def _pays_by_echeck(call: int) -> tuple[Turn, ...]:
    return (*_start(ONE_BILL, "2"), *_persistent_bank(*_BANK_ACCOUNTS[call]), *_ENOUGH)


def _is_declined(call: int) -> tuple[Turn, ...]:
    start = (*_start(THREE_BILLS, "1"), *_card(_REFUSED_CARD), _ANOTHER_WAY, Turn("tender", keys="2"))
    return (*start, *_persistent_bank(*_BANK_ACCOUNTS[call]), *_ENOUGH)


def _corrects(call: int) -> tuple[Turn, ...]:
    return (*_start(ONE_BILL, "1"), *_persistent_card(_REFUSED_CARD, *_GOOD_CARDS[call]), *_ENOUGH)


def _stops(_call: int) -> tuple[Turn, ...]:
    return (*_start(ONE_BILL, "1"), *_card(_REFUSED_CARD), _STOP)


def _neighbour(_call: int) -> tuple[Turn, ...]:
    return (*_start(ONE_BILL, "1"), *_persistent_card(*_NEIGHBOURS_CARDS), *_ENOUGH)


CALLERS: Mapping[str, Caller] = MappingProxyType(
    {
        "card": Caller(ONE_BILL, _pays_by_card),
        "echeck": Caller(ONE_BILL, _pays_by_echeck),
        "declined": Caller(THREE_BILLS, _is_declined),
        "corrects": Caller(ONE_BILL, _corrects),
        "stops": Caller(ONE_BILL, _stops),
        "leaves": Caller(ONE_BILL, _pays_by_card, leaves_while_paying=True),
        "neighbour": Caller(ONE_BILL, _neighbour),
    }
)
"""By name. `card` and `echeck` are taken at once; `declined` pays in another way, `corrects` with another card.
`neighbour` wants to pay the same bill as `card`.
"""
