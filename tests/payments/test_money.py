"""Decimal in, exactly two decimals out, never a float."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from voicebot.payments import Amounts, wire_money


@pytest.mark.parametrize(
    ("amount", "on_the_wire"),
    [
        (Decimal("0.01"), "0.01"),
        (Decimal("1.2"), "1.20"),
        (Decimal("1.200"), "1.20"),
        (Decimal("1234.01"), "1234.01"),
        (Decimal(5), "5.00"),
        (Decimal("1E+3"), "1000.00"),
        (Decimal("999999999999.99"), "999999999999.99"),
    ],
)
def test_written_exactly(amount: Decimal, on_the_wire: str) -> None:
    assert wire_money(amount) == on_the_wire


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (1.2, "must be a Decimal"),
        ("1.20", "must be a Decimal"),
        (120, "must be a Decimal"),
        (True, "must be a Decimal"),
        (Decimal("1.005"), "whole number of cents"),
        (Decimal("0.001"), "whole number of cents"),
        (Decimal(0), "more than zero"),
        (Decimal("-1.00"), "more than zero"),
        (Decimal("NaN"), "finite"),
        (Decimal("sNaN"), "finite"),
        (Decimal("Infinity"), "finite"),
        (Decimal("1E+40"), "too large"),
    ],
)
def test_refused_with_what_to_do(amount: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        wire_money(amount)  # type: ignore[arg-type]  # wrong types are what is refused here


@given(st.integers(min_value=1, max_value=10**14 - 1))
def test_cents_survive(cents: int) -> None:
    written = wire_money(Decimal(cents) / 100)
    assert int(written.replace(".", "")) == cents
    assert written[-3] == "."


@pytest.mark.parametrize(
    "total", ["1", "1.2", "1.234", ".50", "$1.20", "1,234.01", "-1.00", "1.20\n", " 1.20", "\u0661.\u0662\u0660", ""]
)
def test_amounts_of_the_api_must_look_like_money(total: str) -> None:
    with pytest.raises(ValidationError):
        Amounts(primary="1.00", fees="0.20", total=total)


def test_amounts_are_never_numbers() -> None:
    with pytest.raises(ValidationError):
        Amounts.model_validate_json('{"primary": "1.00", "fees": "0.20", "total": 1.20}')
