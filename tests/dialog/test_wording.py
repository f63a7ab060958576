"""Wording files: both are whole, and each way of being wrong is refused at start, by file and entry."""

import copy
from typing import Any

import pytest
import yaml

from tests.dialog.talk import ROOT, Talk, World, script_in, wording
from voicebot.capture import MASK
from voicebot.dialog import WordingError, read_wording
from voicebot.dialog.formats import names_in

FOLDER = ROOT / "voicebot" / "wording"
LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


def spanish() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((FOLDER / "es-US.yaml").read_text("utf-8"))
    return copy.deepcopy(data)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_file_is_whole(language: str) -> None:
    assert wording(language).language == language


def test_each_language_is_offered_in_its_own_voice() -> None:
    talk = Talk(used_script=script_in("en-US", "es-US"))
    assert talk.voices == ["en-US", "en-US", "es-US"]
    assert talk.listening is not None
    assert talk.listening.language == "en-US"
    talk.press("2")
    assert talk.listening.language == "es-US"
    assert talk.voices[3:] == ["es-US", "es-US"]


def test_one_language_offers_no_other() -> None:
    talk = Talk(used_script=script_in("en-US"))
    assert talk.question == "account_number"
    assert talk.voices == ["en-US", "en-US"]


def test_who_says_nothing_to_the_offer_has_failed_at_nothing() -> None:
    talk = Talk(used_script=script_in("en-US", "es-US"))
    talk.silence()
    assert talk.question == "account_number"
    assert talk.dialog.memory.failures == {}


def test_the_vendors_words_are_said_in_the_voice_of_the_line() -> None:
    talk = Talk(World(pays=["declined Your card was declined."]), script_in("en-US", "es-US"))
    talk.press("2")
    for keys in ("2890345#", "1", "1", "4000000000000002", "0529", "999", "1"):
        talk.press(keys)
    at = talk.said.index("Your card was declined.")
    assert talk.said[at - 1 : at + 2] == ["Su pago no fue aceptado.", "Your card was declined.", "No se cobró nada."]
    assert talk.voices[at - 1 : at + 2] == ["es-US", "", "es-US"]


def test_a_long_number_in_any_language_is_masked_in_the_transcript() -> None:
    talk = Talk(used_script=script_in("es-US"))
    talk.hear("cuarenta y uno once once once once once once once")
    assert talk.dialog.turns[-1].heard == MASK


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_knows_the_same_reasons_and_says_the_same_values(language: str) -> None:
    english, other = wording("en-US"), wording(language)
    for name, question in english.questions.items():
        assert set(other.questions[name].reasons) == set(question.reasons), name
        assert names_in(other.questions[name].ask) == names_in(question.ask), name
        assert bool(other.questions[name].echo) == bool(question.echo), name


def changed(path: str, value: object) -> dict[str, Any]:
    """The Spanish file with one entry changed, or without it where the value is None."""
    data = part = spanish()
    *way, last = path.split("/")
    for name in way:
        part = part[name]
    if value is None:
        del part[last]
    else:
        part[last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("greeting", None, "the sentence greeting is missing"),
        ("greeting", "Hola.", r"greeting must name exactly the values \{agency\}, and names none"),
        ("paid", "{total} y {fee}", r"paid must name exactly"),
        ("salute", "Hola.", "there is no sentence called salute"),
        ("one_moment", "", "one_moment must be a text"),
        ("questions/tender", None, "the question tender is missing"),
        ("questions/tender/help", None, "questions: tender: help: Field required"),
        ("questions/tender/no_match", [], "questions: tender: no_match"),
        ("questions/tender/ask", "{owed} {options}", r"tender: ask must name \{costs\}"),
        ("questions/confirm_card_number/ask", "¿Es correcto?", r"confirm_card_number: ask must name \{value\}"),
        ("questions/confirm_payment/ask", "¿Paga {total}?", r"confirm_payment: ask must name \{authorization\}"),
        ("questions/language/ask", "Diga español.", r"language: ask must name \{key\}"),
        ("questions/tender/ask", "{owed} {costs} {options} {total}", r"no value \{total\} here"),
        ("questions/tender/hlep", "Ayuda.", "questions: tender: hlep"),
        ("language", "spanish", "must be a locale such as en-US"),
        ("language", "xx-XX", "Babel has no locale xx-XX"),
        ("formats", None, "`formats` is missing"),
        ("formats/dollars", {"one": "{number} dólar"}, "dollars must have the plural other"),
        ("formats/dollars", {"other": "dólares"}, r"dollars must name \{number\}"),
        ("formats/dollars", {"other": "{number}", "few": "{number}"}, "may have many, one, other"),
        ("formats/dollars_and_cents", "{dollars}", "dollars_and_cents must name cents and dollars"),
        ("formats/full_date", "{month} {year}", "the day or its ordinal"),
        ("formats/full_date", "{weekday} {month} {year}", "full_date has no value weekday"),
    ],
)
def test_what_is_wrong_is_refused(path: str, value: object, complaint: str) -> None:
    with pytest.raises(WordingError, match=complaint) as raised:
        read_wording(changed(path, value), "es-US.yaml")
    assert str(raised.value).startswith("es-US.yaml: ")
