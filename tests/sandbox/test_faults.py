"""Which fault strikes next, decided without a wire."""

import pytest
from pydantic import ValidationError

from voicebot.sandbox import Fault, FaultKind, RequestKind
from voicebot.sandbox.faults import MEANING, FaultBox

CARD, CART, STATUS = RequestKind.CARD, RequestKind.CART, RequestKind.STATUS


def struck(box: FaultBox, *requests: RequestKind) -> list[FaultKind | None]:
    return [fault.kind if (fault := box.strike(request)) else None for request in requests]


def test_a_fault_strikes_once_at_its_request() -> None:
    box = FaultBox([Fault(kind=FaultKind.CLOSE, request=CARD)])
    assert struck(box, CART, CARD, CARD) == [None, FaultKind.CLOSE, None]
    assert box.armed() == ()


def test_a_fault_strikes_as_often_as_it_says() -> None:
    box = FaultBox([Fault(kind=FaultKind.RESET, times=2)])
    assert struck(box, CART, CARD, CARD) == [FaultKind.RESET, FaultKind.RESET, None]


def test_times_zero_means_always() -> None:
    box = FaultBox([Fault(kind=FaultKind.RESET, times=0)])
    assert struck(box, *[CARD] * 20) == [FaultKind.RESET] * 20
    assert box.armed()[0].struck == 20


def test_the_first_that_matches_strikes() -> None:
    box = FaultBox([Fault(kind=FaultKind.CLOSE, request=CARD), Fault(kind=FaultKind.RESET)])
    assert struck(box, CARD, CARD, CARD) == [FaultKind.CLOSE, FaultKind.RESET, None]


def test_skipped_requests_pass() -> None:
    box = FaultBox([Fault(kind=FaultKind.CLOSE, request=STATUS, skip=2)])
    assert struck(box, STATUS, CARD, STATUS, STATUS, STATUS) == [None, None, None, FaultKind.CLOSE, None]


def test_a_sleeping_fault_wakes_after_its_request() -> None:
    box = FaultBox([Fault(kind=FaultKind.CLOSE, request=STATUS, wakes_after=CARD)])
    assert struck(box, STATUS) == [None]
    assert not box.answered(CART)
    assert box.answered(CARD)
    assert struck(box, STATUS) == [FaultKind.CLOSE]


def test_chance_is_repeatable_by_seed() -> None:
    def run(seed: int) -> list[FaultKind | None]:
        box = FaultBox([Fault(kind=FaultKind.CLOSE, times=0, chance=0.5)], seed=seed)
        return struck(box, *[CARD] * 100)

    assert run(1) == run(1) != run(2)
    assert 30 < run(1).count(FaultKind.CLOSE) < 70


def test_faults_can_be_taken_away() -> None:
    box = FaultBox()
    first, second = box.add(Fault(kind=FaultKind.CLOSE)), box.add(Fault(kind=FaultKind.RESET))
    assert box.remove(first.id)
    assert not box.remove(first.id)
    assert [armed.id for armed in box.armed()] == [second.id]
    box.clear()
    assert struck(box, CARD) == [None]


def test_refusal_is_not_struck_at_a_request() -> None:
    box = FaultBox([Fault(kind=FaultKind.REFUSE)])
    assert struck(box, CARD) == [None]
    assert len(box.refusing()) == 1


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("card:close", Fault(kind=FaultKind.CLOSE, request=CARD)),
        ("any:silent:times=0", Fault(kind=FaultKind.SILENT, times=0)),
        ("card:close:carried_out=yes", Fault(kind=FaultKind.CLOSE, request=CARD, carried_out=True)),
        ("card:half_body", Fault(kind=FaultKind.HALF_BODY, request=CARD, carried_out=True)),
        (
            "cart:429:retry_after_s=2",
            Fault(kind=FaultKind.STATUS, request=CART, status=429, retry_after_s=2),
        ),
        (
            "status:late:for_s=0.5, wakes_after=card",
            Fault(kind=FaultKind.LATE, request=STATUS, for_s=0.5, wakes_after=CARD),
        ),
    ],
)
def test_a_fault_is_read_from_a_setting(text: str, fault: Fault) -> None:
    assert Fault.parse(text) == fault


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "kind"),
        ("card", "kind"),
        ("card:vanish", "half_body"),
        ("teller:close", "echeck"),
        ("card:close:often=2", "often"),
        ("card:close:times=-1", "times"),
        ("card:200", "status"),
        ("card:499", "HTTP has no status 499"),
        ("card:half_body:carried_out=no", "always carried out"),
        ("card:refuse:carried_out=yes", "cannot be carried out"),
    ],
)
def test_a_setting_that_is_no_fault_says_what_to_write(text: str, hint: str) -> None:
    with pytest.raises(ValueError, match="is not a fault") as error:
        Fault.parse(text)
    assert hint in str(error.value)
    assert "REQUEST:KIND" in str(error.value)


def test_damage_to_an_answer_needs_an_answer() -> None:
    with pytest.raises(ValidationError):
        Fault(kind=FaultKind.NO_ID, carried_out=False)


def test_every_kind_is_explained() -> None:
    assert set(MEANING) == set(FaultKind)
