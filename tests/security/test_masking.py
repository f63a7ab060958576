"""The second wall: a log entry that holds a tender after all comes out without it."""

import pytest
import structlog

from tests.security import canary as canaries
from voicebot.capture import MASK
from voicebot.cli.masking import mask_tender
from voicebot.cli.options import begin


def _logged(**entry: object) -> dict[str, object]:
    return dict(mask_tender(None, "info", dict(entry)))


@pytest.mark.parametrize("form", ["{}", "pan={};", "card {} declined", "['{}']"])
@pytest.mark.parametrize("between", ["", " ", "-", "."])
def test_a_number_is_masked_wherever_it_stands(form: str, between: str) -> None:
    number = canaries.new_visa().number
    grouped = between.join(number[at : at + 4] for at in range(0, 16, 4))
    for name in ("event", "problem"):
        assert _logged(**{name: form.format(grouped)}) == {name: form.format(MASK)}
    assert _logged(event="paid", code=int(number)) == {"event": "paid", "code": MASK}


@pytest.mark.parametrize("form", ["pan{}", "{}x", "card_{}_declined"])
def test_a_card_number_is_masked_though_letters_touch_it(form: str) -> None:
    assert _logged(event=form.format(canaries.new_visa().number)) == {"event": form.format(MASK)}


@pytest.mark.parametrize("name", ["card_number", "security_code", "expiration", "routing_number", "key", "heard"])
def test_what_has_a_tenders_name_is_masked(name: str) -> None:
    assert _logged(event="answered", **{name: "7"}) == {"event": "answered", name: MASK}


def test_what_is_no_tender_stays() -> None:
    entry = {
        "timestamp": "2026-11-23T07:00:00.123456Z",
        "event": "payment_api_called",
        "cart": "F4BEF9CACEECE599",
        "cart_id": "4ed4137c-3d89-44ad-92a1-c9f3e916f51e",
        "reference": "40017322",
        "duration_s": 0.031,
        "status": 200,
        "failure": None,
    }
    assert _logged(**entry) == entry


def test_every_command_logs_through_it(capsys: pytest.CaptureFixture[str]) -> None:
    begin(None)
    try:
        structlog.get_logger("careless").error("card", pan_of_caller=canaries.new_visa().number)
    finally:
        structlog.reset_defaults()
    assert MASK in capsys.readouterr().err
