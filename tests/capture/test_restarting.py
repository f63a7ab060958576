"""Digits that are put right while the number is being said, read with the product's own grammars."""

from dataclasses import replace

import pytest
from stdnum import luhn

from tests.capture.speaking import answer, content_of, expecting, spoken
from tests.dialog.talk import grammars
from voicebot.capture import Decision, Verdict, decide

CARD = "6011000990139424"
FIRST, SECOND, THIRD, LAST = map(spoken, (CARD[:4], CARD[4:8], CARD[8:12], CARD[12:]))
WRONG = spoken("0008")


def heard(kind: str, *parts: str, language: str = "en-US") -> Decision:
    expected = replace(expecting(kind), grammar=grammars(language)[kind], commands=grammars(language)["commands"])
    return decide(answer(*parts), expected)


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param((FIRST, WRONG, "no", SECOND, THIRD, LAST), id="the group"),
        pytest.param((FIRST, WRONG, f"no {SECOND}", THIRD, LAST), id="in one breath with the no"),
        pytest.param((FIRST, WRONG, f"no wait that group is {SECOND}", THIRD, LAST), id="that group is"),
        pytest.param((f"{FIRST} {WRONG} no", f"{SECOND} {THIRD}", LAST), id="the no behind it"),
        pytest.param((f"{FIRST} {WRONG}", f"sorry it's {SECOND} {THIRD}", LAST), id="groups without pauses"),
        pytest.param((FIRST, WRONG, "no", FIRST, SECOND, THIRD, LAST), id="everything anew"),
        pytest.param((spoken("8011"), f"no {FIRST}", SECOND, THIRD, spoken("9421"), f"no {LAST}"), id="twice"),
    ],
)
def test_a_group_put_right_replaces_the_one_before_it(parts: tuple[str, ...]) -> None:
    decision = heard("card_number", *parts)
    assert (decision.verdict, content_of(decision.value)) == (Verdict.AGAIN, CARD)


def test_a_number_without_a_no_is_taken_as_ever() -> None:
    assert heard("card_number", FIRST, SECOND, THIRD, LAST).verdict is Verdict.ACCEPT


def test_what_was_put_right_and_is_read_back_whole_is_asked_about() -> None:
    parts = ("zero two one", "zero zero nine", "no", "zero zero zero", "zero two one")
    assert heard("routing_number", *parts).verdict is Verdict.CONFIRM


def test_a_number_said_anew_is_no_group_though_it_would_make_a_card_on_the_way() -> None:
    """Its beginning, twice, passes the checksum by chance."""
    begun = (spoken("4111"), spoken("1014"), WRONG, "no", spoken("4111"), spoken("1014"))
    assert luhn.is_valid("41111014" * 2)
    assert heard("card_number", *begun).verdict is Verdict.REJECT


def test_a_group_that_lost_a_digit_replaces_nothing() -> None:
    decision = heard("card_number", FIRST, SECOND, THIRD, spoken("9421"), "no", spoken("942"))
    assert decision.verdict is not Verdict.ACCEPT


def test_what_was_put_right_is_waited_for() -> None:
    """It may yet be that everything is said anew."""
    assert heard("card_number", FIRST, WRONG, "no", SECOND, THIRD, LAST).wait_s >= 2.5


@pytest.mark.parametrize("parts", [(FIRST, WRONG, "no"), (FIRST, WRONG, "no", SECOND), ("no",), (FIRST, "no", "no")])
def test_what_is_not_said_to_its_end_is_waited_for(parts: tuple[str, ...]) -> None:
    decision = heard("card_number", *parts)
    assert decision.verdict is Verdict.REJECT
    assert decision.wait_s >= 2.5


@pytest.mark.parametrize(
    ("kind", "parts", "content"),
    [
        ("account_number", ("two eight nine", "zero three four nine", "no", "zero three four five"), "2890345"),
        ("account_number", ("two eight nine zero three four nine", "no zero three four five"), "2890345"),
        ("account_number", ("two eight one", "no two eight nine", "zero three four five"), "2890345"),
        ("account_number", ("two eight nine", "zero three", "no", "two eight nine zero three four five"), "2890345"),
        ("routing_number", ("zero two one", "zero zero nine", "no", "zero zero zero", "zero two one"), "021000021"),
    ],
)
def test_numbers_of_any_length(kind: str, parts: tuple[str, ...], content: str) -> None:
    assert content_of(heard(kind, *parts).value) == content


def test_in_spanish() -> None:
    parts = ("seis cero uno uno", "cero cero cero ocho", "no espere", "cero cero cero nueve")
    decision = heard("card_number", *parts, "nueve cero uno tres", "nueve cuatro dos cuatro", language="es-US")
    assert (decision.verdict, content_of(decision.value)) == (Verdict.AGAIN, CARD)
