"""Who is not understood is asked for keys outright, in time to use them: speech may fail for the whole call."""

import re

import pytest

from tests.dialog.talk import Talk, World, script_in, wording
from voicebot.dialog import ASIDES, QUESTIONS

OUTRIGHT = {
    "en-US": re.compile(r"\bplease (press|key in)\b", re.IGNORECASE),
    "es-US": re.compile(r"\bpor favor, (oprima|marque)\b", re.IGNORECASE),
}
ASKED_AGAIN = sorted(
    name for name, question in QUESTIONS.items() if question.attempts > 1 and question.state not in ASIDES
)
"""Questions that are asked again when they are not answered, but for those after which the one before just goes on."""


@pytest.mark.parametrize("language", sorted(OUTRIGHT))
@pytest.mark.parametrize("name", ASKED_AGAIN)
def test_the_second_failure_asks_for_keys_and_is_not_the_last(name: str, language: str) -> None:
    texts, question = wording(language).questions[name], QUESTIONS[name]
    named = texts.retry(texts.no_match, 2).format_map(_Keys(language))
    assert OUTRIGHT[language].search(named), named
    after_silence = texts.retry(texts.no_input, 2).format_map(_Keys(language))
    assert OUTRIGHT[language].search(after_silence), after_silence
    assert question.attempts >= 4, "keys are asked for and are then waited for twice"


class _Keys(dict[str, str]):
    """What `{keys}` stands for; other values are of no matter."""

    def __init__(self, language: str) -> None:
        sentences = wording(language).sentences
        super().__init__(keys=f"{sentences['press_card']} {sentences['press_echeck']}")

    def __missing__(self, name: str) -> str:
        return ""


@pytest.mark.parametrize("unheard", ["[unk] number", "e", ""])
def test_the_way_of_paying_is_asked_for_by_key(unheard: str) -> None:
    talk = Talk(World(), script_in("en-US"))
    talk.press("2890345#1")
    for _ in range(2):
        assert talk.question == "tender"
        talk.hear(unheard) if unheard else talk.silence()
    assert talk.said[-1] == "To pay by card, please press 1. To pay by e-check, please press 2."
    talk.press("2")
    assert talk.question == "withdrawal_type"
