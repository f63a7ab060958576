"""In which group of a number all that is in doubt lies."""

import pytest

from tests.capture.speaking import answer, expecting, spoken
from voicebot.capture import Group, Verdict, decide
from voicebot.capture.groups import edge_with, group_with, misshapen, places_in_doubt

CARD = (4, 4, 4, 4)
AMEX = (4, 6, 5)
VISA = "4012888888881881"


@pytest.mark.parametrize(
    ("places", "sizes", "ordinal"),
    [
        pytest.param(range(4), CARD, 1, id="all of the first"),
        pytest.param(range(9, 11), CARD, 3, id="two digits of the third"),
        pytest.param(range(9, 10), AMEX, 2, id="the last of six"),
        pytest.param(range(10, 11), AMEX, 3, id="the first of the last five"),
        pytest.param(range(3, 5), CARD, None, id="two groups"),
        pytest.param(range(3), (9,), None, id="said in one"),
        pytest.param(range(3, 4), (2, 1, 1, 3), None, id="said digit by digit"),
    ],
)
def test_the_group_that_has_all_places(places: range, sizes: tuple[int, ...], ordinal: int | None) -> None:
    group = group_with(places, sizes)
    assert (group.ordinal if group else None) == ordinal


@pytest.mark.parametrize(
    ("places", "start", "end"),
    [(range(2, 3), 0, 4), (range(3, 4), 0, 4), (range(7, 8), 5, 9), (range(4, 5), None, None), (range(9), None, None)],
)
def test_the_edge_of_a_number_without_groups(places: range, start: int | None, end: int | None) -> None:
    group = edge_with(places, 9)
    assert ((group.start, group.end) if group else (None, None)) == (start, end)


@pytest.mark.parametrize(
    ("lengths", "sizes", "ordinal"),
    [
        pytest.param((4, 4, 3, 4), CARD, 3, id="one lost"),
        pytest.param((8, 2, 4), CARD, 3, id="two lost, two groups in one breath"),
        pytest.param((2, 2, 4, 5, 4), CARD, 3, id="one too many, a pause within a group"),
        pytest.param((3, 6, 5), AMEX, 1, id="American Express"),
        pytest.param((15,), CARD, None, id="in one breath"),
        pytest.param((4, 4, 4), CARD, None, id="a whole group, which may be any"),
        pytest.param((4, 4, 4, 4), CARD, None, id="nothing amiss"),
        pytest.param((4, 3, 3, 4), CARD, None, id="two groups"),
        pytest.param((5, 6, 4), CARD, None, id="other groups"),
        pytest.param((), CARD, None, id="nothing heard"),
    ],
)
def test_the_group_that_lost_digits_is_found_by_the_pauses(
    lengths: tuple[int, ...], sizes: tuple[int, ...], ordinal: int | None
) -> None:
    group = misshapen(lengths, sizes)
    assert (group.ordinal if group else None) == ordinal


@pytest.mark.parametrize(
    ("contents", "heard", "places"),
    [
        pytest.param(("4121",), "4111", range(2, 3), id="another digit"),
        pytest.param(("4111",), "411", range(1, 4), id="one of a run was lost"),
        pytest.param(("4121",), "412", range(3, 4), id="the last was lost"),
        pytest.param(("4121", "4191"), "4121", range(2, 3), id="a rival"),
        pytest.param(("4121", "5121"), "4122", range(4), id="a rival and what was heard"),
        pytest.param(("4121",), "4121", None, id="nothing"),
        pytest.param(("4121", "412"), "4121", None, id="of different length"),
    ],
)
def test_where_values_differ(contents: tuple[str, ...], heard: str, places: range | None) -> None:
    assert places_in_doubt(contents, heard) == places


def test_a_number_whose_doubt_is_in_one_group_is_heard_again_there() -> None:
    said = answer(((spoken("4012888288881881"), 0.0), (spoken(VISA), -3.0)))
    decision = decide(said, expecting("card_number"))
    assert (decision.verdict, decision.group) == (Verdict.AGAIN, Group(4, 8, 16, 2))


def test_a_group_that_lost_a_digit_is_asked_for() -> None:
    decision = decide(answer(*map(spoken, ("4012", "8888", "888", "1881"))), expecting("card_number"))
    assert (decision.verdict is Verdict.ACCEPT, decision.group) == (False, Group(8, 12, 16, 3))


def test_a_number_that_may_be_wrong_anywhere_is_asked_for_whole() -> None:
    decision = decide(answer(spoken("4012888288881881")), expecting("card_number"))
    assert decision.verdict is not Verdict.ACCEPT
    assert decision.group is None


@pytest.mark.parametrize(
    ("first", "second", "group"),
    [
        pytest.param(("123", "456", "789"), ("123", "496", "789"), Group(3, 6, 9, 2), id="as the caller said it"),
        pytest.param(("123456789",), ("123496789",), None, id="the middle, in one breath"),
        pytest.param(("123456789",), ("129456789",), Group(0, 4, 9), id="near the beginning"),
        pytest.param(("123", "456", "789"), ("923", "456", "799"), None, id="two groups"),
        pytest.param(("1234", "5678"), ("1234", "567"), None, id="of different length"),
    ],
)
def test_two_hearings_that_differ_in_one_group(
    first: tuple[str, ...], second: tuple[str, ...], group: Group | None
) -> None:
    before = answer(*map(spoken, first))
    decision = decide(answer(*map(spoken, second)), expecting("bank_account_number", twice=True, earlier=(before,)))
    assert (decision.verdict, decision.group) == (Verdict.AGAIN, group)
