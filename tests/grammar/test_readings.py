"""The tables of cases, row by row and language by language, and each grammar against sentences made from it."""

from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.grammar.conftest import ROOT
from tests.grammar.sentences import sentences
from voicebot.grammar import Grammar, load_grammars
from voicebot.grammar.expression import Tagged, walk

FOLDER = Path(__file__).parent
CASES = {
    "en-US": yaml.safe_load((FOLDER / "cases.yaml").read_text("utf-8")),
    "es-US": yaml.safe_load((FOLDER / "cases.es-US.yaml").read_text("utf-8")),
}
SHIPPED = {language: load_grammars(ROOT / "grammars" / language) for language in CASES}
ALL = [(language, name) for language, grammars in SHIPPED.items() for name in grammars]


def _rows(kind: str) -> list[tuple[str, str, str, object]]:
    found: list[tuple[str, str, str, object]] = []
    for language, places in CASES.items():
        for place, tables in places.items():
            rows = tables.get(kind, {})
            found += [(language, place, said, rows[said] if isinstance(rows, dict) else None) for said in rows]
    return found


def _place(language: str, place: str) -> tuple[Grammar, str | None]:
    name, _, rule = place.partition(".")
    return SHIPPED[language][name], rule or None


@pytest.mark.parametrize(("language", "place", "said", "meant"), _rows("means"))
def test_likeliest_reading(language: str, place: str, said: str, meant: str | dict[str, str]) -> None:
    grammar, rule = _place(language, place)
    slots = meant if isinstance(meant, dict) else {"": meant}
    assert dict(grammar.read(said.split(), rule=rule)[0].slots) == slots


@pytest.mark.parametrize(("language", "place", "said", "meant"), _rows("also"))
def test_all_readings(language: str, place: str, said: str, meant: list[str]) -> None:
    grammar, rule = _place(language, place)
    assert [reading.text for reading in grammar.read(said.split(), rule=rule)] == meant


@pytest.mark.parametrize(("language", "place", "said"), [row[:3] for row in _rows("refused")])
def test_refused(language: str, place: str, said: str) -> None:
    grammar, rule = _place(language, place)
    assert grammar.read(said.split(), rule=rule) == ()


@pytest.mark.parametrize("language", CASES)
def test_every_grammar_has_cases(language: str) -> None:
    assert {place.partition(".")[0] for place in CASES[language]} == set(SHIPPED[language])


def test_every_folder_of_grammars_has_cases() -> None:
    assert {path.name for path in (ROOT / "grammars").iterdir()} == set(CASES)


@pytest.mark.parametrize("language", CASES)
def test_names_are_those_of_the_questions(language: str) -> None:
    assert set(SHIPPED[language]) == {
        "account_number",
        "after_decline",
        "agreement",
        "ahead",
        "bank_account_number",
        "card_number",
        "commands",
        "correction",
        "expiration",
        "item_choice",
        "language",
        "numbers",
        "routing_number",
        "security_code",
        "tender",
        "withdrawal_type",
        "yes_no",
    }


@pytest.mark.parametrize("language", CASES)
def test_every_grammar_means_what_the_english_one_means(language: str) -> None:
    """The tags are what the rest of the program knows, so they are the same in every language, choices above all."""
    for name, grammar in SHIPPED[language].items():
        english = SHIPPED["en-US"][name]
        assert [rule for rule in grammar.rules if rule in {"digits", "brief", "short"}] == [
            rule for rule in english.rules if rule in {"digits", "brief", "short"}
        ]
        assert (grammar.other_words, grammar.whole_answers) == (english.other_words, english.whole_answers)
        if grammar.other_words and name not in {"item_choice", "correction"}:  # numbers are said otherwise
            assert _meanings(grammar) == _meanings(english), name


def _meanings(grammar: Grammar) -> set[str]:
    tags = (part.tags for part in walk(grammar.expression()) if isinstance(part, Tagged))
    return {tag for each in tags for tag in each}


@pytest.mark.parametrize(
    ("language", "name", "rule"),
    [(language, name, rule) for language, name in ALL for rule in SHIPPED[language][name].rules],
)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_sentence_reads_back_to_its_value(language: str, name: str, rule: str, data: st.DataObject) -> None:
    grammar = SHIPPED[language][name]
    said, slots = data.draw(sentences(grammar.expression(rule), most_repeats=8))
    readings = grammar.read(said, limit=100_000, rule=rule)
    assert slots in [dict(reading.slots) for reading in readings]
    assert all(grammar.begins(said[:length], rule=rule) for length in range(len(said)))
    pairs = grammar.network(rule).pairs
    assert all(pair in pairs for pair in pairwise(said))
