"""One group of a number said again: when it decides, and when the whole number must be heard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from tests.capture.speaking import answer, content_of, expecting, spoken
from voicebot.capture import Answer, Decision, Group, Verdict, decide

VISA = "4012888888881881"
SECOND = Group(4, 8, 16, 2)
UNSURE = answer(((spoken("4012888288881881"), 0.0), (spoken(VISA), -3.0)))
"""The second group is in doubt: "8882" was heard, and 8888 makes it a card."""
LACKING = answer(*map(spoken, ("6011", "0009", "901", "9424")))


def again(said: Answer, before: Answer = UNSURE, group: Group = SECOND) -> Decision:
    return decide(said, expecting("card_number", earlier=(before,), group=group))


@pytest.mark.parametrize("said", [answer(spoken("8888")), answer("keys:8888"), answer(spoken("88"), spoken("88"))])
def test_a_group_that_is_what_the_checksum_had_foretold_decides(said: Answer) -> None:
    decision = again(said)
    assert (decision.verdict, content_of(decision.value), decision.only_group) == (Verdict.ACCEPT, VISA, True)


def test_a_group_that_lost_a_digit_is_heard_anew() -> None:
    decision = again(answer(spoken("9013")), LACKING, Group(8, 12, 16, 3))
    assert (decision.verdict, content_of(decision.value)) == (Verdict.ACCEPT, "6011000990139424")


@pytest.mark.parametrize("said", [answer(spoken("8882")), answer("keys:8882")])
def test_a_group_that_is_the_same_as_before_leaves_the_mistake_elsewhere(said: Answer) -> None:
    decision = again(said)
    assert (decision.verdict, decision.group, decision.only_group) == (Verdict.AGAIN, None, True)


def test_a_group_that_only_happens_to_make_a_card_decides_nothing() -> None:
    """Of all groups one in ten does: it must be near what was heard of it before."""
    assert luhn.is_valid("4012" + "0125" + VISA[8:])
    assert again(answer(spoken("0125"))).verdict is Verdict.AGAIN


@pytest.mark.parametrize(
    ("said", "verdict"), [(answer(spoken("8877")), Verdict.AGAIN), (answer("keys:8877"), Verdict.ACCEPT)]
)
def test_keys_may_put_right_two_digits_of_a_group(said: Answer, verdict: Verdict) -> None:
    """What is keyed cannot have been misheard; but with more than two digits other it is another number."""
    card = luhn_digit_at("4012887788881880", 15)
    before = answer(spoken(card[:4] + "2277" + card[8:]))
    assert again(said, before).verdict is verdict


def test_a_group_that_was_not_heard_clearly_decides_nothing() -> None:
    """Who said another digit wrong says this group as before: what sounds like either proves nothing."""
    assert again(answer(((spoken("8888"), 0.0), (spoken("8882"), -1.0)))).verdict is Verdict.AGAIN


@pytest.mark.parametrize("said", [answer(spoken("8888")), answer("keys:8888")])
def test_a_group_does_not_tell_which_of_several_rests_was_said(said: Answer) -> None:
    """One in ten passes the checksum: a mumbling caller at 15 dB keyed the last group, and another card was taken."""
    unclear = answer(((spoken("4013888288881881"), 0.0), (spoken("4012888288881881"), -0.9)))
    assert again(said, unclear).verdict is Verdict.AGAIN


@pytest.mark.parametrize("said", [answer(spoken("888")), answer("keys:888"), answer(spoken("88888"))])
def test_a_group_of_another_length_decides_nothing(said: Answer) -> None:
    decision = again(said)
    assert (decision.verdict, decision.reason, decision.only_group) == (Verdict.REJECT, "too_short", True)


@pytest.mark.parametrize(
    "said", [answer(spoken(VISA)), answer(f"keys:{VISA}"), answer(*map(spoken, ("4012", "8888", "8888", "1881")))]
)
def test_the_whole_number_may_be_said_instead(said: Answer) -> None:
    decision = again(said)
    assert (content_of(decision.value), decision.only_group) == (VISA, False)
    assert decision.verdict in {Verdict.ACCEPT, Verdict.CONFIRM}


def test_the_beginning_of_a_whole_number_is_waited_for() -> None:
    decision = again(answer(spoken("4012")))
    assert decision.verdict is not Verdict.ACCEPT
    assert decision.wait_s >= 1.5


def luhn_digit_at(number: str, place: int) -> str:
    """The number with the digit at this place that makes it pass the checksum."""
    return next(fixed for digit in "0123456789" if luhn.is_valid(fixed := number[:place] + digit + number[place + 1 :]))


@given(
    body=st.text("0123456789", min_size=14, max_size=14),
    slip=st.integers(1, 15),
    digit=st.integers(1, 9),
    put_right=st.integers(1, 15),
    keyed=st.booleans(),
)
def test_who_says_a_digit_wrong_never_pays_with_another_card(
    body: str, slip: int, digit: int, put_right: int, keyed: bool
) -> None:
    """The checksum puts right any one digit, most of the time another than the one that was said wrong.

    The caller, asked for one group only, says it as it stands on the card.
    """
    card = luhn_digit_at(f"4{body}0", 15)
    said = card[:slip] + str((int(card[slip]) + digit) % 10) + card[slip + 1 :]
    nearest = luhn_digit_at(said, put_right)
    first = answer(((spoken(said), 0.0), (spoken(nearest), -3.0)))
    decision = decide(first, expecting("card_number"))
    if decision.verdict is Verdict.CONFIRM:  # and who says yes to the last four digits holds that card
        assert nearest == card or decision.value is None or decision.value.last_four != card[-4:]
        return
    assert decision.verdict is not Verdict.ACCEPT
    if decision.group is not None:
        group = decision.group.of(card)
        then = again(answer(f"keys:{group}") if keyed else answer(spoken(group)), first, decision.group)
        assert then.verdict is not Verdict.ACCEPT or content_of(then.value) == card


ACCOUNT = "123456789"
MIDDLE = Group(3, 6, 9, 2)


def of_two(said: Answer, first: str, second: str) -> Decision:
    before = tuple(answer(*(spoken(number[at : at + 3]) for at in (0, 3, 6))) for number in (first, second))
    return decide(said, expecting("bank_account_number", twice=True, earlier=before, group=MIDDLE))


@pytest.mark.parametrize("said", [answer(spoken("456")), answer("keys:456#")])
@pytest.mark.parametrize(("first", "second"), [(ACCOUNT, "123496789"), ("123496789", ACCOUNT)])
def test_three_hearings_of_a_group_decide_by_majority(said: Answer, first: str, second: str) -> None:
    decision = of_two(said, first, second)
    assert (decision.verdict, content_of(decision.value), decision.only_group) == (Verdict.ACCEPT, ACCOUNT, True)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param("123496789", "123446789", id="the group is other in each"),
        pytest.param(ACCOUNT, "923456789", id="the two differ elsewhere"),
    ],
)
def test_a_group_that_does_not_settle_two_hearings_is_followed_by_the_whole_number(first: str, second: str) -> None:
    decision = of_two(answer(spoken("456")), first, second)
    assert (decision.verdict, decision.group) == (Verdict.AGAIN, None)
