"""The table of test tenders, and the check digits, beside those of python-stdnum."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.us import rtn

from voicebot.sandbox import BANK_ACCOUNTS, CARDS, REFUSALS, UNKNOWN_ROUTING
from voicebot.sandbox.tenders import (
    judge_bank_account,
    judge_card,
    luhn_is_right,
    names_a_published_tender,
    routing_is_right,
)

TODAY = date(2027, 5, 31)
DIGITS = st.text("0123456789", min_size=1, max_size=19)


@given(DIGITS)
def test_card_check_digits_are_those_of_the_standard(number: str) -> None:
    assert luhn_is_right(number) == luhn.is_valid(number)


@given(st.text("0123456789", max_size=10) | st.from_regex(r"(0[0-9]|1[0-2])[0-9]{7}", fullmatch=True))
def test_routing_checksums_are_those_of_the_standard(number: str) -> None:
    # stdnum knows which first digits are in use as well; the checksum alone is judged here.
    if rtn.is_valid(number):
        assert routing_is_right(number)
    elif len(number) == 9:
        assert routing_is_right(number) == (rtn.calc_check_digit(number[:8]) == number[8])
    else:
        assert not routing_is_right(number)


def test_published_cards_have_right_check_digits_but_for_the_one_that_must_not() -> None:
    assert [card.outcome for card in CARDS if not luhn.is_valid(card.number)] == ["InvalidAccountNumber"]


def test_no_number_stands_in_the_table_twice() -> None:
    numbers = [tender.number for tender in CARDS + BANK_ACCOUNTS]
    assert len(numbers) == len(set(numbers))


def test_every_outcome_is_one_that_is_answered() -> None:
    outcomes = {tender.outcome for tender in CARDS + BANK_ACCOUNTS} - {"approved", "fault"}
    assert outcomes <= set(REFUSALS)
    assert all(bool(tender.fault) == (tender.outcome == "fault") for tender in CARDS + BANK_ACCOUNTS)


@pytest.mark.parametrize(
    ("expires", "approved"),
    [((2027, 5), True), ((2027, 4), False), ((2026, 12), False), ((2028, 1), True)],
)
def test_a_card_is_good_to_the_end_of_its_month(expires: tuple[int, int], *, approved: bool) -> None:
    assert (judge_card("4111111111111111", expires, "999", TODAY) is None) == approved


def test_the_unknown_bank_passes_the_checksum_and_fails_all_the_same() -> None:
    assert routing_is_right(UNKNOWN_ROUTING)
    assert judge_bank_account(UNKNOWN_ROUTING, "000123456789") == REFUSALS["InvalidRouting"]


def test_published_numbers_are_found_in_any_text() -> None:
    assert names_a_published_tender("paid with 4111111111111111, thanks")
    assert not names_a_published_tender("Property Taxes for Account #2890345")
