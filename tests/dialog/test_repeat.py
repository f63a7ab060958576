"""Numbers that are said again are said so that they can be written down."""

import pytest

from tests.dialog.talk import Talk, script_in
from voicebot.dialog import actions as do

QUICK = {"en-US": "two eight nine zero, three four five", "es-US": "dos ocho nueve cero, tres cuatro cinco"}
SLOW = {
    "en-US": "two. eight. nine. zero... three. four. five",
    "es-US": "dos. ocho. nueve. cero... tres. cuatro. cinco",
}


@pytest.mark.parametrize("language", ["en-US", "es-US"])
def test_a_number_is_said_slowly_when_it_is_said_again(language: str) -> None:
    talk = Talk(used_script=script_in(language))
    talk.press("2890345#")
    assert QUICK[language] in talk.spoken[-1]
    shown = talk.said[-1]
    talk.press("*")
    talk.silence()
    assert SLOW[language] in talk.spoken[-1]
    assert talk.said[-1] == shown


def test_only_the_repetition_is_slow() -> None:
    talk = Talk()
    talk.press("2890345#")
    talk.hear("repeat")
    assert SLOW["en-US"] in talk.spoken[-1]
    talk.hear("help")
    talk.silence()
    assert not [said for said in talk.spoken[-2:] if SLOW["en-US"] in said]
    assert any(QUICK["en-US"] in said for said in talk.spoken[-2:])


def test_the_last_four_digits_and_the_telephone_number_are_slow_in_a_repeated_authorization() -> None:
    talk = Talk()
    for keys in ("2890345#", "1", "2", "1", "021000021", "000123456789#", "*"):
        talk.press(keys)
    talk.silence()
    assert talk.question == "confirm_payment"
    assert "ending in six. seven. eight. nine. For questions" in talk.spoken[-1]
    assert "call five. five. five... zero. one. zero. zero" in talk.spoken[-1]


def test_what_is_agreed_to_or_written_down_or_repeated_is_said_with_care() -> None:
    talk = Talk()
    assert careful(talk) == [False, False]
    for keys in ("2890345#", "1"):
        talk.press(keys)
    talk.hear("repeat")
    assert careful(talk)[-1]
    for keys in ("2", "1", "021000021", "000123456789#"):
        talk.press(keys)
    said = [action.line for action in talk.actions if isinstance(action, do.Say)]
    assert [line.careful for line in said[-4:]] == [False, False, False, True]
    assert said[-1].spoken.endswith("Do you agree?")
    talk.press("1")
    assert "Your confirmation number is" in talk.spoken[-1]
    assert careful(talk)[-1]
    talk.press("2")
    assert not careful(talk)[-1]


def careful(talk: Talk) -> list[bool]:
    """Of each prompt, whether it was said with care."""
    return [action.line.careful for action in talk.actions if isinstance(action, do.Say)]
