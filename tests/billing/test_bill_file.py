"""Bills in CSV: the whole file is good, or it is refused with file and line."""

from decimal import Decimal
from pathlib import Path

import pytest

from voicebot.billing import ImpossibleBill, read_accounts

HEADER = "account_number,name,item_id,description,amount,type,fund_category,department,limit_tenders"
GOOD = "2890345,Pat Example,100001,Property Taxes,1257.38,Tax,General,Treasurer,"
DEMO = Path(__file__).parents[2] / "demo" / "accounts.csv"


def bills(tmp_path: Path, *rows: str, header: str = HEADER) -> Path:
    file = tmp_path / "bills.csv"
    file.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return file


def test_rows_become_accounts_with_items_in_order(tmp_path: Path) -> None:
    pat, alex = read_accounts(
        bills(
            tmp_path,
            GOOD,
            "7100200,Alex Nobody,,,,,,,",
            '2890345,Pat Example,100002,"Water, Sewer",20.5,,,,CreditCard ECheck',
            "2890345,Pat Example,100003,Overpaid,-3.00,Credit,,,",
        )
    )
    assert (alex.items, alex.owed) == ((), Decimal("0.00"))
    assert [(item.id, item.description, str(item.amount)) for item in pat.items] == [
        ("100001", "Property Taxes", "1257.38"),
        ("100002", "Water, Sewer", "20.50"),
    ]
    assert (pat.items[0].type, pat.items[0].fund_category, pat.items[0].department) == ("Tax", "General", "Treasurer")
    assert (pat.items[0].limit_tenders, pat.items[1].limit_tenders) == ((), ("CreditCard", "ECheck"))
    assert [str(credit.amount) for credit in pat.credits] == ["-3.00"]
    assert pat.owed == Decimal("1277.88")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("289,Pat,100001,Tax,1.00,,,,", "4 to 20 digits"),
        ("28-90345,Pat,100001,Tax,1.00,,,,", "4 to 20 digits"),
        (",Pat,100001,Tax,1.00,,,,", "4 to 20 digits"),
        ("2890345,Pat Other,100002,Tax,1.00,,,,", "two names"),
        ("2890345,Pat Example,100001,Tax,1.00,,,,", "twice"),
        ("2890345,Pat Example,10002,Tax,1.00,,,,", "at least 6"),
        ("2890345,Pat Example,,Tax,1.00,,,,", "at least 6"),
        ("2890345,Pat Example,100002,Ta,1.00,,,,", "at least 3"),
        ("2890345,Pat Example,100002,Tax,1.00,,GF,,", "at least 3"),
        ("2890345,Pat Example,100002,Tax,0.00,,,,", "nobody can owe"),
        ("2890345,Pat Example,100002,Tax,1.001,,,,", "two decimals"),
        ("2890345,Pat Example,100002,Tax,much,,,,", "not money"),
        ("2890345,Pat Example,100002,Tax,,,,,", "not money"),
        ("2890345,Pat Example,100002,Tax,1.00,,,,Cash", "not 'Cash'"),
        ("2890345,Pat Example,100002,Tax,1,257.38,,,,", "quote texts"),
        ("2890345,Pat Example,100002", "quote texts"),
        ('2890345,Pat Example,100002,"Tax,1.00,,,,', "not CSV"),
    ],
)
def test_one_bad_row_refuses_the_file_and_is_named(tmp_path: Path, row: str, words: str) -> None:
    with pytest.raises(ImpossibleBill, match=words) as refusal:
        read_accounts(bills(tmp_path, GOOD, row))
    assert "bills.csv:3: " in str(refusal.value)


def test_missing_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(ImpossibleBill, match=r"bills.csv:1: .*name these columns too: name, limit_tenders"):
        read_accounts(bills(tmp_path, header=HEADER.replace("name,", "").replace(",limit_tenders", "")))


def test_an_empty_file_is_no_bill_file(tmp_path: Path) -> None:
    file = tmp_path / "bills.csv"
    file.touch()
    with pytest.raises(ImpossibleBill, match="the first line must name"):
        read_accounts(file)


def test_another_encoding_is_named(tmp_path: Path) -> None:
    file = bills(tmp_path)
    file.write_bytes(file.read_bytes() + GOOD.replace("Pat", "P\xe4t").encode("latin-1"))
    with pytest.raises(ImpossibleBill, match="not UTF-8"):
        read_accounts(file)


def test_columns_may_stand_in_any_order_after_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "bills.csv"
    header = ",".join(reversed(HEADER.split(",")))
    file.write_text(f"\ufeff{header}\n" + ",".join(reversed(GOOD.split(","))), encoding="utf-8")
    assert read_accounts(file)[0].name == "Pat Example"


def test_the_demo_has_what_the_demo_needs() -> None:
    accounts = {account.number: account for account in read_accounts(DEMO)}
    assert len(accounts) >= 25
    assert [str(item.amount) for item in accounts["2890345"].items] == ["1257.38"]
    assert accounts["2890345"].items[0].description == "Property Taxes for Account #2890345"
    assert {len(number) for number in accounts} == {7, 10}
    assert any(not account.items for account in accounts.values())
    assert any(len(account.items) > 2 for account in accounts.values())
    assert any(account.credits for account in accounts.values())
    assert any([item.limit_tenders for item in account.items] == [("CreditCard",)] for account in accounts.values())
