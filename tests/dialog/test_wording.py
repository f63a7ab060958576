"""Wording files: both are whole, and each way of being wrong is refused at start, by file and entry."""

import copy
from typing import Any

import pytest
import yaml

from tests.dialog.talk import ROOT, wording
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
