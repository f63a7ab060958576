"""Numbers, money, dates and digits as they are spoken and as they are shown, language by language."""

from datetime import date
from decimal import Decimal

import pytest

from tests.dialog.talk import wording
from voicebot.capture import MASK
from voicebot.dialog.lines import (
    Count,
    Day,
    Description,
    Digits,
    Enumeration,
    Filling,
    Money,
    Month,
    Telephone,
    Text,
    fill,
)

FORMATS = wording().formats
SPOKEN = [
    # English
    ("en-US", Money(Decimal("1257.38")), "one thousand two hundred fifty seven dollars and thirty eight cents"),
    ("en-US", Money(Decimal("1.01")), "one dollar and one cent"),
    ("en-US", Money(Decimal("0.50")), "fifty cents"),
    ("en-US", Money(Decimal("25.00")), "twenty five dollars"),
    ("en-US", Money(Decimal("0.00")), "zero dollars"),
    ("en-US", Day(date(2026, 11, 23)), "November twenty third, twenty twenty six"),
    ("en-US", Day(date(2026, 5, 1)), "May first, twenty twenty six"),
    ("en-US", Month(date(2029, 5, 1)), "May twenty twenty nine"),
    ("en-US", Digits("2890345"), "two eight nine zero, three four five"),
    ("en-US", Digits("Z829", slow=True), "Z. eight. two. nine"),
    ("en-US", Digits("021000021"), "zero two one, zero zero zero, zero two one"),
    ("en-US", Telephone("555 0100"), "five five five, zero one zero zero"),
    ("en-US", Telephone("+1 (555) 010-0199"), "one, five five five, zero one zero, zero one nine nine"),
    ("en-US", Telephone("1-800-PAY-BILL"), "one, eight zero zero, pay, bill"),
    ("en-US", Description("Permit 20417, phase 2"), "Permit two zero four one, seven, phase 2"),
    ("en-US", Description("Property Taxes for Account #2890345", "2890345"), "Property Taxes"),
    ("en-US", Description("Water (account no. 0012345)", "12345"), "Water"),
    ("en-US", Description("Water #2890345", "2890345"), "Water"),
    ("en-US", Description("Permit for North Lot", "0000000"), "Permit for North Lot"),
    ("en-US", Description("Refuse, 28903451", "2890345"), "Refuse, two eight nine zero, three four five one"),
    ("en-US", Description("Account #2890345", "2890345"), "Account two eight nine zero, three four five"),
    ("en-US", Count(3), "three"),
    ("en-US", Enumeration((Text("a"), Text("b"), Text("c"))), "a, b, and c"),
    ("es-US", Description("Impuesto predial para la cuenta número 2890345", "2890345"), "Impuesto predial"),
    # Spanish: uno, un and veintiún as the noun wants it
    ("es-US", Money(Decimal("1257.38")), "mil doscientos cincuenta y siete dólares con treinta y ocho centavos"),
    ("es-US", Money(Decimal("1.01")), "un dólar con un centavo"),
    ("es-US", Money(Decimal("21.21")), "veintiún dólares con veintiún centavos"),
    ("es-US", Money(Decimal("31.16")), "treinta y un dólares con dieciséis centavos"),
    ("es-US", Money(Decimal("21001.00")), "veintiún mil un dólares"),
    ("es-US", Money(Decimal("31000.00")), "treinta y un mil dólares"),
    ("es-US", Money(Decimal("1000000.00")), "un millón de dólares"),
    ("es-US", Money(Decimal("1000001.00")), "un millón un dólares"),
    ("es-US", Money(Decimal("100.00")), "cien dólares"),
    ("es-US", Money(Decimal("0.50")), "cincuenta centavos"),
    ("es-US", Money(Decimal("0.00")), "cero dólares"),
    ("es-US", Day(date(2026, 11, 23)), "veintitrés de noviembre de dos mil veintiséis"),
    ("es-US", Day(date(2026, 5, 1)), "primero de mayo de dos mil veintiséis"),
    ("es-US", Day(date(2026, 5, 31)), "treinta y uno de mayo de dos mil veintiséis"),
    ("es-US", Month(date(2029, 5, 1)), "mayo de dos mil veintinueve"),
    ("es-US", Digits("2890145"), "dos ocho nueve cero, uno cuatro cinco"),
    ("es-US", Telephone("555 0100"), "cinco cinco cinco, cero uno cero cero"),
    ("es-US", Count(21), "veintiuno"),
    ("es-US", Enumeration((Text("a"), Text("b"), Text("c"))), "a, b y c"),
]
SHOWN = [
    ("en-US", Money(Decimal("1257.38")), "$1,257.38"),
    ("en-US", Day(date(2026, 11, 23)), "November 23, 2026"),
    ("en-US", Month(date(2029, 5, 1)), "May 2029"),
    ("es-US", Money(Decimal("1257.38")), "$1,257.38"),
    ("es-US", Day(date(2026, 11, 23)), "23 de noviembre de 2026"),
    ("es-US", Digits("2890145"), "2890145"),
]


@pytest.mark.parametrize(("language", "value", "spoken"), SPOKEN)
def test_spoken(language: str, value: Filling, spoken: str) -> None:
    assert fill("= {value}", wording(language).formats, {"value": value}).spoken == f"= {spoken}"


@pytest.mark.parametrize(("language", "value", "shown"), SHOWN)
def test_shown(language: str, value: Filling, shown: str) -> None:
    assert fill("{value}", wording(language).formats, {"value": value}).shown == shown


@pytest.mark.parametrize("language", ["en-US", "es-US"])
def test_a_line_knows_whose_voice_says_it(language: str) -> None:
    line = wording(language).line("goodbye_paid", {})
    assert line.language == language
    assert (line + line).language == language


def test_what_no_record_may_have_is_said_and_not_noted() -> None:
    """Neither in the line's repr, nor where it is joined to another."""
    values = {"value": Digits("021000021", private=True)}
    line = fill("Hello.", FORMATS, {}) + fill("Routing number {value}.", FORMATS, values)
    assert line.shown == "Hello. Routing number 021000021."
    assert line.for_the_record.shown == line.for_the_record.spoken == f"Hello. Routing number {MASK}."
    assert not [text for text in (repr(line), repr(values)) if "021" in text or "zero" in text]


def test_what_any_record_may_have_is_noted_as_it_is_shown() -> None:
    line = fill("Account {value}.", FORMATS, {"value": Digits("2890345")})
    assert line.for_the_record == line
