"""The tables of cases.yaml, row by row, and each grammar against sentences made from it."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.grammar.conftest import GRAMMARS
from tests.grammar.sentences import sentences
from voicebot.grammar import Grammar, load_grammars

CASES = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text())


def _rows(kind: str) -> list[tuple[str, str, object]]:
    found: list[tuple[str, str, object]] = []
    for place, tables in CASES.items():
        rows = tables.get(kind, {})
        found += [(place, said, rows[said] if isinstance(rows, dict) else None) for said in rows]
    return found


def _place(grammars: Mapping[str, Grammar], place: str) -> tuple[Grammar, str | None]:
    name, _, rule = place.partition(".")
    return grammars[name], rule or None


@pytest.mark.parametrize(("place", "said", "meant"), _rows("means"))
def test_likeliest_reading(grammars: Mapping[str, Grammar], place: str, said: str, meant: str | dict[str, str]) -> None:
    grammar, rule = _place(grammars, place)
    slots = meant if isinstance(meant, dict) else {"": meant}
    assert dict(grammar.read(said.split(), rule=rule)[0].slots) == slots


@pytest.mark.parametrize(("place", "said", "meant"), _rows("also"))
def test_all_readings(grammars: Mapping[str, Grammar], place: str, said: str, meant: list[str]) -> None:
    grammar, rule = _place(grammars, place)
    assert [reading.text for reading in grammar.read(said.split(), rule=rule)] == meant


@pytest.mark.parametrize(("place", "said"), [(place, said) for place, said, _ in _rows("refused")])
def test_refused(grammars: Mapping[str, Grammar], place: str, said: str) -> None:
    grammar, rule = _place(grammars, place)
    assert grammar.read(said.split(), rule=rule) == ()


def test_every_grammar_has_cases(grammars: Mapping[str, Grammar]) -> None:
    assert {place.partition(".")[0] for place in CASES} == set(grammars)


def test_names_are_those_of_the_questions(grammars: Mapping[str, Grammar]) -> None:
    assert set(grammars) == {
        "account_number",
        "after_decline",
        "agreement",
        "bank_account_number",
        "card_number",
        "commands",
        "expiration",
        "item_choice",
        "numbers",
        "routing_number",
        "security_code",
        "tender",
        "withdrawal_type",
        "yes_no",
    }


SHIPPED = load_grammars(GRAMMARS)


@pytest.mark.parametrize(
    ("name", "rule"), [(name, rule) for name, grammar in SHIPPED.items() for rule in grammar.rules]
)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_sentence_reads_back_to_its_value(name: str, rule: str, data: st.DataObject) -> None:
    grammar = SHIPPED[name]
    said, slots = data.draw(sentences(grammar.expression(rule), most_repeats=8))
    readings = grammar.read(said, limit=100_000, rule=rule)
    assert slots in [dict(reading.slots) for reading in readings]
    assert all(grammar.begins(said[:length], rule=rule) for length in range(len(said)))
    pairs = grammar.network(rule).pairs
    assert all(pair in pairs for pair in pairwise(said))
