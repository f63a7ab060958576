"""Amounts that can be owed, and amounts that cannot."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.billing import ImpossibleBill, checked_amount
from voicebot.billing.accounts import LARGEST_AMOUNT


@pytest.mark.parametrize(
    ("text", "item_type", "amount"),
    [
        ("1257.38", "", "1257.38"),
        ("0.01", "", "0.01"),
        ("12", "", "12.00"),
        ("12.5", "Tax", "12.50"),
        ("0012.00", "", "12.00"),
        ("9999999.99", "", "9999999.99"),
        ("-20.00", "credit", "-20.00"),
        ("-20", "Credit", "-20.00"),
    ],
)
def test_money_is_read(text: str, item_type: str, amount: str) -> None:
    assert str(checked_amount(text, item_type, "here")) == amount


@pytest.mark.parametrize(
    ("text", "item_type", "words"),
    [
        ("0", "", "nobody can owe"),
        ("0.00", "", "nobody can owe"),
        ("-1.00", "", "nobody can owe"),
        ("-1.00", "refund", "nobody can owe"),
        ("1.00", "credit", "a credit of 1.00 is none"),
        ("0.00", "credit", "is none"),
        ("1.234", "", "two decimals"),
        ("1.", "", "not money"),
        (".50", "", "not money"),
        ("", "", "not money"),
        ("free", "", "not money"),
        ("1,257.38", "", "thousands separators"),
        ("$12.00", "", "currency signs"),
        ("1e3", "", "not money"),
        ("NaN", "", "not money"),
        ("Infinity", "", "not money"),
        ("+1.00", "", "not money"),
        ("1 2.00", "", "not money"),
        ("\u0661\u0662.00", "", "not money"),
        ("10000000.00", "", "more than can be owed"),
        ("-10000000.00", "credit", "more than can be owed"),
        ("9" * 40, "", "not money"),
    ],
)
def test_what_is_not_money_is_refused_with_its_place(text: str, item_type: str, words: str) -> None:
    with pytest.raises(ImpossibleBill, match=words) as refusal:
        checked_amount(text, item_type, "bills.csv:7")
    assert str(refusal.value).startswith("bills.csv:7: ")


@given(st.decimals(min_value="0.01", max_value=LARGEST_AMOUNT, places=2))
def test_every_amount_comes_back_to_the_cent(amount: Decimal) -> None:
    assert checked_amount(f"{amount:.2f}", "", "here") == amount


@given(st.text(max_size=20))
def test_any_text_is_money_or_refused(text: str) -> None:
    try:
        amount = checked_amount(text, "", "here")
    except ImpossibleBill:
        return
    assert Decimal("0.01") <= amount <= LARGEST_AMOUNT
    assert amount == Decimal(text)
