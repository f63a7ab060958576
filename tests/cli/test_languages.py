"""Lines that speak Spanish, by themselves or when a caller chooses it: as text, as no Spanish model can be fetched."""

from pathlib import Path

import pytest

from tests.cli.conftest import CALLERS, Run, questions

OFFERED = """
[languages.es-US]
model = "vosk-model-small-es-0.42"
voice = "pyttsx3:es-419"
"""
OWN = """
language = "es-US"

[speech]
model = "vosk-model-small-es-0.42"
voice = "pyttsx3:es-419"
"""
TYPED = """
dos ocho nueve cero tres cuatro cinco
sí
tarjeta de crédito
cuarenta y uno once once once once once once once
mayo de dos mil treinta y uno
nueve nueve nueve
sí acepto
no
""".lstrip()


@pytest.fixture
def configured(folder: Path) -> Path:
    return folder / "voicebot.toml"


def test_a_caller_chooses_spanish_and_pays(run: Run, configured: Path) -> None:
    configured.write_text(OFFERED, "utf-8")
    ended = run("call", "--caller", CALLERS / "spanish.yaml", "--as-text", "--json")
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert (ended.json["outcome"], ended.json["tender"]) == ("paid", "echeck")
    assert questions(ended.json)[:2] == ["language", "account_number"]


def test_the_transcript_is_in_the_chosen_language(run: Run, configured: Path) -> None:
    configured.write_text(OFFERED, "utf-8")
    said = run("call", "--caller", CALLERS / "spanish.yaml", "--as-text").words
    greeting, _, after = said.partition("language: accepted")
    assert "Welcome to the Example County payment line." in greeting
    assert "Para español, diga español, u oprima el 2." in greeting
    assert "Su pago se realizó. Su número de confirmación es: Z" in after
    assert "Thank you" not in after
    assert "Welcome" not in after


def test_an_english_caller_is_not_held_up(run: Run, configured: Path) -> None:
    configured.write_text(OFFERED, "utf-8")
    ended = run("call", "--caller", CALLERS / "card.yaml", "--as-text", "--json")
    assert ended.json["outcome"] == "paid"
    assert questions(ended.json)[:2] == ["language", "account_number"]
    assert ended.json["turns"][0]["result"] == "no_input"


def test_a_line_of_one_language_offers_no_other(run: Run, configured: Path) -> None:
    configured.write_text(OWN, "utf-8")
    ended = run("text", typed=TYPED)
    assert ended.exit_code == 0
    assert "oprima el 2" not in ended.words.partition("account_number")[0]
    assert "English" not in ended.words
    assert "Su pago se realizó" in ended.words
    assert "outcome paid" in ended.words


def test_without_its_model_a_language_is_refused_before_any_call(run: Run, configured: Path) -> None:
    configured.write_text(OFFERED, "utf-8")
    ended = run("call", "--caller", CALLERS / "card.yaml")
    assert (ended.exit_code, ended.stdout) == (3, "")
    assert "models checksums vosk-model-small-es-0.42 --archive FILE" in ended.complaint


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ('language = "es-US"', "speech.model: vosk-model-small-en-us-0.15 hears en-US, and is to hear es-US"),
        (
            OFFERED.replace("small-es-0.42", "small-en-us-0.15"),
            "languages.es-US.model: vosk-model-small-en-us-0.15 hears",
        ),
        (OFFERED.replace("es-US", "en-US"), "en-US is the line's own language; `languages` names the others"),
        (OFFERED.replace("es-US", "spanish"), "languages.spanish"),
        (OFFERED.replace("voice", "vioce"), "languages.es-US.voice: Field required"),
        (OFFERED.replace("es-US", "fr-CA"), "there is no wording for fr-CA"),
    ],
)
def test_a_language_that_cannot_be_is_a_clear_error(run: Run, configured: Path, settings: str, complaint: str) -> None:
    configured.write_text(settings, "utf-8")
    ended = run("call", "--caller", CALLERS / "card.yaml")
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert complaint in ended.complaint


def test_doctor_looks_at_every_language(run: Run, configured: Path) -> None:
    configured.write_text(OFFERED, "utf-8")
    found = {each["what"]: each for each in run("doctor", "--json").json}
    assert found["wording es-US"]["state"] == "ok"
    assert found["grammars es-US"]["detail"].endswith("without the model their words are not checked")
    assert found["voice es-US"]["detail"] == "pyttsx3:es-419 speaks at 22050 Hz"
    assert found["speech model es-US"]["state"] == "bad"
    assert "models checksums" in found["speech model es-US"]["detail"]
    assert found["speech model"]["state"] == "ok"


def test_grammars_are_checked_only_of_languages_that_are_set(run: Run, configured: Path) -> None:
    ended = run("grammar", "check", "--language", "es-US")
    assert ended.exit_code == 2
    assert "languages.es-US is not set" in ended.complaint
    configured.write_text(OFFERED, "utf-8")
    ended = run("grammar", "check", "--language", "es-US")
    assert ended.exit_code == 3
    assert "models checksums" in ended.complaint
