"""Values that must be heard once more: what may be read back of them proves nothing."""

import pytest

from tests.capture.speaking import answer, content_of, expecting, segment, spoken
from voicebot.capture import Answer, Verdict, decide
from voicebot.grammar import Segment

ACCOUNT = "123456789"


def test_a_spoken_number_that_must_be_heard_twice_is_not_taken_at_once() -> None:
    decision = decide(answer(spoken(ACCOUNT)), expecting("bank_account_number", twice=True))
    assert (decision.verdict, decision.reason) == (Verdict.AGAIN, "once_more")


def test_heard_twice_the_same_it_is_taken() -> None:
    first, second = answer(spoken(ACCOUNT)), answer(spoken(ACCOUNT))
    decision = decide(second, expecting("bank_account_number", twice=True, earlier=(first,)))
    assert (decision.verdict, content_of(decision.value)) == (Verdict.ACCEPT, ACCOUNT)


@pytest.mark.parametrize("other", ["129456789", "1234567899", "12345678", "923456789"])
def test_two_hearings_that_differ_take_nothing(other: str) -> None:
    first, second = answer(spoken(other)), answer(spoken(ACCOUNT))
    decision = decide(second, expecting("bank_account_number", twice=True, earlier=(first,)))
    assert (decision.verdict, decision.reason) == (Verdict.AGAIN, "not_sure")


def test_the_beginning_of_a_number_that_nothing_checks_is_waited_for_longer_than_what_may_be_whole() -> None:
    """A slow caller's first group was all that was heard, six times in a row."""
    expected = expecting("bank_account_number", twice=True)
    assert decide(answer("four eight nine"), expected).wait_s == 2.5
    assert decide(answer("four eight nine five"), expected).wait_s == 1.5


@pytest.mark.parametrize(("pause_s", "wait_s"), [(0.3, 1.5), (1.0, 1.5), (1.4, 2.1), (2.0, 2.5), (9.0, 2.5)])
def test_who_paused_within_a_number_may_pause_so_again(pause_s: float, wait_s: float) -> None:
    groups = Answer().heard(segment("four eight nine", at_s=1.0)).heard(segment("five four seven", at_s=1.5 + pause_s))
    assert decide(groups, expecting("bank_account_number", twice=True)).wait_s == pytest.approx(wait_s)


def test_two_hearings_with_the_same_doubt_take_nothing() -> None:
    """Both prefer the same number by little: a speaker whose sevens sound like ones is misheard twice the same."""
    doubtful = answer(((spoken("129456789"), 0.0), (spoken(ACCOUNT), -2.0)))
    decision = decide(doubtful, expecting("bank_account_number", twice=True, earlier=(doubtful,)))
    assert (decision.verdict, decision.reason) == (Verdict.AGAIN, "not_sure")


def test_a_hearing_that_was_cut_short_does_not_spoil_two_whole_ones() -> None:
    earlier = (answer(spoken("1234")), answer(spoken(ACCOUNT)))
    decision = decide(answer(spoken(ACCOUNT)), expecting("bank_account_number", twice=True, earlier=earlier))
    assert (decision.verdict, content_of(decision.value)) == (Verdict.ACCEPT, ACCOUNT)


def test_a_rare_card_that_is_left_of_a_usual_one_is_not_taken_for_it() -> None:
    """Two lost digits of an Amex may leave a valid Diners card, on which several hearings can agree."""
    diners = spoken("30569309025904")
    first, second = answer(((spoken("378282246310005"), 0.0), (diners, -0.6))), answer(diners)
    assert decide(second, expecting("card_number", earlier=(first,))).verdict is Verdict.AGAIN
    assert decide(second, expecting("card_number")).verdict is Verdict.AGAIN


def test_keys_count_at_once() -> None:
    keyed = Answer()
    for number, key in enumerate(f"{ACCOUNT}#"):
        keyed = keyed.pressed(key, float(number))
    decision = decide(keyed, expecting("bank_account_number", twice=True))
    assert (decision.verdict, content_of(decision.value)) == (Verdict.ACCEPT, ACCOUNT)


def test_a_rival_with_the_same_last_four_is_not_settled_by_them() -> None:
    """Both are valid cards that end in 0004: a yes to the four digits would be a yes to either."""
    rivals = ("3056930009020004", "6011000000000004")
    said = answer(tuple((spoken(rival), -2.0 * place) for place, rival in enumerate(rivals)))
    assert decide(said, expecting("card_number")).verdict is Verdict.AGAIN


def test_a_rival_with_other_last_four_is_settled_by_them() -> None:
    rivals = ("4111111111111111", "4012888888881881")
    said = answer(tuple((spoken(rival), -2.0 * place) for place, rival in enumerate(rivals)))
    assert decide(said, expecting("card_number")).verdict is Verdict.CONFIRM


def test_a_number_that_the_checksum_chose_against_what_was_heard_is_heard_again() -> None:
    """Who says one digit wrong says no card at all; another card near it may end like the caller's own."""
    said = answer(((spoken("4111111811111111"), 0.0), (spoken("4111111111111111"), -3.0)))
    decision = decide(said, expecting("card_number"))
    assert (decision.verdict, content_of(decision.value)) == (Verdict.AGAIN, "4111111111111111")


def test_a_number_that_the_checksum_changed_among_its_last_four_only_is_settled_by_a_yes_to_them() -> None:
    """Had the caller said another digit wrong, the last four would have been heard right, and are other ones."""
    said = answer(((spoken("4111111111111118"), 0.0), (spoken("4111111111111111"), -3.0)))
    decision = decide(said, expecting("card_number"))
    assert (decision.verdict, content_of(decision.value)) == (Verdict.CONFIRM, "4111111111111111")


@pytest.mark.parametrize(
    ("nats", "verdict"),
    [
        pytest.param(-3.0, Verdict.AGAIN, id="the same slip twice"),
        pytest.param(-1.0, Verdict.CONFIRM, id="nearly heard as such the second time"),
        pytest.param(0.5, Verdict.ACCEPT, id="heard as such the second time"),
    ],
)
def test_after_a_slip_of_the_tongue_another_hearing_must_bear_the_number_out(nats: float, verdict: Verdict) -> None:
    slip = answer(((spoken("4111111811111111"), 0.0), (spoken("4111111111111111"), -3.0)))
    second = answer(((spoken("4111111811111111"), 0.0), (spoken("4111111111111111"), nats)))
    decision = decide(second, expecting("card_number", earlier=(slip,)))
    assert (decision.verdict, content_of(decision.value)) == (verdict, "4111111111111111")


def test_a_number_that_the_checksum_chose_is_heard_again_when_another_is_near() -> None:
    rivals = ("4111111111111111", "4012888888881881")
    said = answer(((spoken("4111111111111118"), 0.0), *((spoken(each), -3.0 - n) for n, each in enumerate(rivals))))
    assert decide(said, expecting("card_number")).verdict is Verdict.AGAIN


def test_a_number_with_oh_is_not_lost_unasked_to_one_without() -> None:
    """Each "oh" costs what it is heard too easily; the number that was said stays a rival at its own price."""
    other, ours = f"{spoken('2223')} {spoken('18')} ", f"{spoken('2223')} oh oh "
    rest = spoken("3122003222")
    said = answer(((other + rest, 0.0), (ours + rest, -1.0)))
    assert decide(said, expecting("card_number")).verdict is Verdict.AGAIN


def test_two_hearings_do_not_agree_on_a_number_that_only_the_price_of_oh_puts_first() -> None:
    said = answer(((spoken("1288456"), 0.0), ("one two oh oh four five six", -1.0)))
    decision = decide(said, expecting("bank_account_number", twice=True, earlier=(said,)))
    assert decision.verdict is Verdict.AGAIN


def lost(digits: str, *, lasting_s: float = 0.5) -> Answer:
    """An answer whose first digit left nothing but a sound."""
    sound = Segment(segment(("", 0.0), ("eight", -6.0)).hypotheses, 1.0, 1.0 + lasting_s)
    return Answer().heard(sound).heard(segment(spoken(digits), at_s=2.0))


def test_two_hearings_that_lost_the_same_digit_do_not_agree() -> None:
    """A "six" left a sound of a second each time; the number without it was taken, and was another account."""
    whole, said = answer(spoken("231937")), lost("231937")
    for now, before in ((said, whole), (whole, said), (said, said)):
        decision = decide(now, expecting("bank_account_number", twice=True, earlier=(before,)))
        assert (decision.verdict, decision.reason) == (Verdict.AGAIN, "not_sure")


def test_a_knock_is_no_lost_digit() -> None:
    said = lost("231937", lasting_s=0.2)
    decision = decide(said, expecting("bank_account_number", twice=True, earlier=(said,)))
    assert (decision.verdict, content_of(decision.value)) == (Verdict.ACCEPT, "231937")


def test_a_repaired_card_number_is_heard_again() -> None:
    """One "one" too many: dropping one gives a valid card, and its last four would sound right in any case."""
    said = answer(spoken("4111"), spoken("1111"), spoken("1111"), spoken("1111" + "1"))
    decision = decide(said, expecting("card_number"))
    assert (decision.verdict, decision.reason) == (Verdict.AGAIN, "repaired")


def test_a_routing_number_in_doubt_is_read_back_whole_and_not_heard_again() -> None:
    """Every bank publishes its own, and a yes to all nine digits is proof, whatever was changed."""
    said = answer(((spoken("021000029"), 0.0), (spoken("021000021"), -3.0)))
    decision = decide(said, expecting("routing_number"))
    assert (decision.verdict, content_of(decision.value)) == (Verdict.CONFIRM, "021000021")


def test_what_was_refused_is_not_proposed_again() -> None:
    rivals = ("4111111111111111", "4012888888881881")
    said = answer(tuple((spoken(rival), -2.0 * place) for place, rival in enumerate(rivals)))
    proposed = decide(said, expecting("card_number"))
    assert proposed.value is not None
    again = decide(said, expecting("card_number", refused=(proposed.value,)))
    assert content_of(again.value) == "4012888888881881"


def test_what_was_refused_counts_when_it_is_heard_for_certain() -> None:
    """A "no" may have been misheard: the same number, said clearly, is not refused for ever."""
    said = answer(spoken("4111111111111111"))
    first = decide(said, expecting("card_number"))
    assert first.value is not None
    again = decide(said, expecting("card_number", refused=(first.value,)))
    assert (again.verdict, content_of(again.value)) == (Verdict.ACCEPT, "4111111111111111")


@pytest.mark.parametrize("kind", ["account_number", "bank_account_number"])
def test_somebody_who_reads_out_far_too_many_digits_ends_no_call(kind: str) -> None:
    """Such a hearing gives no text at all; the other one stands alone, whichever came first."""
    endless, whole, twice = answer(spoken("12345678" * 6)), answer(spoken(ACCOUNT)), kind == "bank_account_number"
    for said, before in ((endless, whole), (whole, endless), (endless, endless)):
        decision = decide(said, expecting(kind, twice=twice, earlier=(before,)))
        assert decision.verdict is not Verdict.ACCEPT or content_of(decision.value) == ACCOUNT
