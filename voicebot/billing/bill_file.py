"""Bills as a CSV file, read strictly: the whole file is good, or it is refused with file and line.

One row an item, UTF-8, with the columns of `COLUMNS` in any order. An account that owes nothing has one row whose item
columns are empty. `limit_tenders` holds vendor names separated by spaces.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from voicebot.billing.accounts import CREDIT, Account, ImpossibleBill, Item, checked_amount

COLUMNS: Final = (
    "account_number",
    "name",
    "item_id",
    "description",
    "amount",
    "type",
    "fund_category",
    "department",
    "limit_tenders",
)
TENDERS: Final = ("CreditCard", "ECheck")

_ACCOUNT_NUMBER = re.compile(r"\d{4,20}", re.ASCII)
_SHORTEST = {"item_id": 6, "description": 3, "fund_category": 3}


def read_accounts(path: Path) -> tuple[Account, ...]:
    """Every account of the file, in its order.

    Raises:
        ImpossibleBill: anything in it is wrong; nothing of it should be used.
        OSError: it can't be opened.
    """
    accounts: dict[str, Account] = {}
    seen: set[tuple[str, str]] = set()
    for where, row in _rows(path):
        number = row["account_number"]
        if not _ACCOUNT_NUMBER.fullmatch(number):
            raise ImpossibleBill(where, f"the account number {number!r} must be 4 to 20 digits")
        account = accounts.setdefault(number, Account(number, row["name"]))
        if account.name != row["name"]:
            raise ImpossibleBill(where, f"account {number} has two names: {account.name!r} and {row['name']!r}")
        item = _item(where, row)
        if item is None:
            continue
        if (number, item.id) in seen:
            raise ImpossibleBill(where, f"account {number} has item {item.id!r} twice: give each item its own id")
        seen.add((number, item.id))
        accounts[number] = with_item(account, item)
    return tuple(accounts.values())


def with_item(account: Account, item: Item) -> Account:
    """The account with one item more, among its items or its credits."""
    items, credits_ = account.items, account.credits
    if item.type.lower() == CREDIT:
        credits_ = (*credits_, item)
    else:
        items = (*items, item)
    return replace(account, items=items, credits=credits_)


def _rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        try:
            missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
            if missing:
                raise ImpossibleBill(f"{path}:1", f"the first line must name these columns too: {', '.join(missing)}")
            for row in reader:
                where = f"{path}:{reader.line_num}"
                if None in row or None in row.values():
                    raise ImpossibleBill(where, "more or fewer fields than columns: quote texts that hold commas")
                yield where, {column: row[column].strip() for column in COLUMNS}
        except UnicodeDecodeError as error:
            raise ImpossibleBill(str(path), "it is not UTF-8: save it as CSV UTF-8") from error
        except csv.Error as error:
            raise ImpossibleBill(f"{path}:{reader.line_num + 1}", f"it is not CSV: {error}") from error


def _item(where: str, row: dict[str, str]) -> Item | None:
    if not any(row[column] for column in COLUMNS[2:]):
        return None
    for column, shortest in _SHORTEST.items():
        if len(row[column]) < shortest and (row[column] or column != "fund_category"):
            raise ImpossibleBill(where, f"{column} {row[column]!r} must have at least {shortest} characters")
    limit_tenders = tuple(row["limit_tenders"].split())
    for tender in limit_tenders:
        if tender not in TENDERS:
            raise ImpossibleBill(where, f"limit_tenders knows {' and '.join(TENDERS)}, not {tender!r}")
    return Item(
        id=row["item_id"],
        description=row["description"],
        amount=checked_amount(row["amount"], row["type"], where),
        type=row["type"],
        fund_category=row["fund_category"],
        department=row["department"],
        limit_tenders=limit_tenders,
    )
