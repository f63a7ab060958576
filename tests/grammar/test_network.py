from collections.abc import Mapping
from itertools import pairwise

import pytest
from hypothesis import given, settings

from tests.grammar.sentences import HERE, everything, expressions, slots_of
from voicebot.grammar import Grammar, GrammarError, grammars_from_texts
from voicebot.grammar.expression import Expression
from voicebot.grammar.network import Network

LONGEST = 4


def grammar_of(body: str) -> Grammar:
    return grammars_from_texts({"g.jsgf": f"#JSGF V1.0;\ngrammar g;\npublic <g> = {body};\n"})["g"]


def texts(grammar: Grammar, said: str, limit: int = 256) -> list[str]:
    return [reading.text for reading in grammar.read(said.split(), limit=limit)]


@settings(max_examples=300, deadline=None)
@given(expressions())
def test_the_network_reads_what_the_tree_says(expression: Expression) -> None:
    meant: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for words, tags in everything(expression, LONGEST):
        meant.setdefault(words, []).append(slots_of(tags))
    network = Network(expression, HERE)
    for words, values in meant.items():
        read = [
            {slot: text for slot, text in zip(network.slots, output, strict=True) if text}
            for _, output in network.read(words, 10_000)
        ]
        assert all(value in read for value in values)
        assert all(value in values for value in read)
        assert all(network.begins(words[:length]) for length in range(len(words)))
    singles = {(word,) for word in ("one", "two", "it's", "e-check", "two", "words", "public")}
    assert all((network.read(words, 1) != []) == (words in meant) for words in singles)


@settings(max_examples=200, deadline=None)
@given(expressions())
def test_pairs_starts_and_ends_are_those_of_the_sentences(expression: Expression) -> None:
    network = Network(expression, HERE)
    sentences = {words for words, _ in everything(expression, LONGEST)}
    assert {pair for words in sentences for pair in pairwise(words)} <= network.pairs.keys()
    assert {words[0] for words in sentences if words} <= network.starts
    assert {words[-1] for words in sentences if words} <= network.ends
    listed = network.sentences(10_000)
    if listed is not None:
        assert set(listed) >= sentences - {()}
    assert {word for words in sentences for word in words} <= network.words


def test_an_utterance_of_25_words_has_all_its_readings(grammars: Mapping[str, Grammar]) -> None:
    said = "twenty one " * 3 + "two " * 19
    assert len(said.split()) == 25
    assert len(grammars["numbers"].read(said.split())) == 2**3


def test_readings_are_bounded_and_the_likeliest_are_kept(grammars: Mapping[str, Grammar]) -> None:
    said = "twenty one " * 12
    assert len(grammars["numbers"].read(said.split())) == 256
    first, *rest = grammars["numbers"].read(said.split(), limit=13)
    assert first.text == "21" * 12
    assert {reading.text.count("20") for reading in rest} == {1}


def test_our_networks_are_small(grammars: Mapping[str, Grammar]) -> None:
    sizes = {name: len(grammar.network().arcs) for name, grammar in grammars.items()}
    largest = max(sizes, key=lambda name: sizes[name])
    assert largest == "commands"  # with every change of mind in it
    assert sizes[largest] < 100, sizes


def test_weights_order_readings() -> None:
    grammar = grammar_of("(/1/ a {x} | /3/ a {y} | /2/ a {z})")
    assert texts(grammar, "a") == ["y", "z", "x"]
    costs = [reading.cost for reading in grammar.read(["a"])]
    assert costs == pytest.approx([0.0, 0.4055, 1.0986], abs=1e-4)


def test_the_same_value_in_two_ways_is_one_reading() -> None:
    assert texts(grammar_of("(/1/ a {x} | /2/ a {x}) [b {y}]"), "a b") == ["xy"]


def test_tags_are_said_in_their_order_and_slot() -> None:
    (reading,) = grammar_of("a {1} (b {s:2} c {s:3}) {4} {t: 5}").read(["a", "b", "c"])
    assert reading.slots == (("", "14"), ("s", "23"), ("t", "5"))
    assert (reading.text, reading.slot("s"), reading.slot("none")) == ("14", "23", "")


def test_a_tag_on_what_is_left_out_counts() -> None:
    grammar = grammar_of("a {1} ([and] {,} a {2})*")
    assert texts(grammar, "a a and a") == ["1,2,2"]


@pytest.mark.parametrize(
    ("body", "said", "goes_on"),
    [
        ("a b", "", True),
        ("a b", "a", True),
        ("a b", "a b", False),
        ("a b", "b", False),
        ("a [b]", "a", True),
        ("a+", "a a", True),
        ("a (b | <VOID>) | c <VOID>", "c", False),
    ],
)
def test_begins(body: str, said: str, goes_on: bool) -> None:
    assert grammar_of(body).begins(said.split()) is goes_on


def test_void_switches_an_alternative_off() -> None:
    grammar = grammar_of("a | b <VOID> | c")
    assert grammar.read(["b"]) == ()
    assert grammar.network().words == {"a", "c"}


def test_a_circle_that_says_nothing_ends() -> None:
    grammar = grammar_of("([a] [b])* ([c] {x})+")
    assert "x" in texts(grammar, "b a c")


def test_nothing_to_accept_is_an_error() -> None:
    with pytest.raises(GrammarError, match="accepts nothing at all") as caught:
        grammar_of("a <VOID>").read(["a"])
    assert (caught.value.source, caught.value.line) == ("g.jsgf", 3)


def test_readings_and_grammars_show_no_values(grammars: Mapping[str, Grammar]) -> None:
    (reading,) = grammars["card_number"].read(["four", "one", "one", "one"])
    assert "4111" not in repr(reading)
    assert repr(grammars["card_number"]) == "Grammar('card_number')"
