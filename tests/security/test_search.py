"""The search itself: a short code is found where it stands alone, and is not taken out of a longer number."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.security import canary as canaries
from tests.security.canary import FIRST_CODE, Canary
from tests.security.searching import Find, search

CODE = Canary("security code", "8123")
NUMBER = Canary("number", "4111118123812312")


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("code 8123,", ["digits"]),
        ("code=8-1-2-3,", ["digits"]),
        ("it is eight one two three", ["words"]),
        ("Eight, One, Two, Three.", ["words"]),
        ("'key': '8' 'key': '1' 'key': '2' 'key': '3'", ["key by key"]),
        ("Your confirmation number is: Z four eight one two three five", []),
        ("confirmation number Z48123599", []),
        ("reference oh eight one two three", []),
        ("at 12:18:12.3", []),
    ],
)
def test_a_short_code_is_found_where_it_stands_alone(text: str, forms: list[str]) -> None:
    assert CODE.forms_in(text.encode()) == forms


def test_a_long_number_is_found_anywhere() -> None:
    spoken = "nine four one one one one one eight one two three eight one two three one two nine"
    assert NUMBER.forms_in(spoken.encode()) == ["words"]
    assert NUMBER.forms_in(b"x94111118123812312x") == ["digits"]


def test_last_four_digits_are_never_taken_for_a_code() -> None:
    for _ in range(300):
        amex, others = canaries.new_american_express(), (canaries.new_visa(), canaries.new_bank_account())
        assert int(amex.code) >= FIRST_CODE
        assert all(int(tender.number[-4:]) < FIRST_CODE for tender in (amex, *others))
        assert len(amex.number) == 15
        assert [len(tender.number) for tender in others] == [16, 12]


def test_soft_samples_are_not_taken_for_a_code(tmp_path: Path) -> None:
    """Sixteen-bit samples of 0x38, 0x31, ... read as a code in wide characters; never as a whole number."""
    samples = np.array([ord(digit) for digit in f"x{CODE.digits}x{NUMBER.digits}x"], dtype=np.int16)
    soundfile.write(tmp_path / "soft.wav", samples, 8000, subtype="PCM_16")
    assert {find.secret for find in search(tmp_path, [CODE, NUMBER])} == {"number"}
    (tmp_path / "soft.txt").write_bytes(samples.tobytes())
    assert Find("soft.txt", "security code", "wide characters") in search(tmp_path, [CODE, NUMBER])
