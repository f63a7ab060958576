from collections.abc import Mapping, Sequence

import pytest

from voicebot.grammar import Finding, Grammar, Kind, check, grammars_from_texts
from voicebot.grammar.alike import ALIKE, difference
from voicebot.grammar.bigram import Bigram

COUNTING = ("zero one two three four five six seven eight nine",)


def everything_known(word: str) -> bool:
    return word != ""


def grammar_of(body: str) -> Grammar:
    return grammars_from_texts({"g.jsgf": f"#JSGF V1.0;\ngrammar g;\npublic <g> = {body};\n"})["g"]


def findings(kind: Kind, grammar: Grammar, phrases: Sequence[str] = (), prompt: str = "") -> list[Finding]:
    said = prompt.split()
    return [each for each in check(grammar, phrases or grammar.phrases(), said, everything_known) if each.kind is kind]


def test_nothing_is_said_about_neutral_digits(grammars: Mapping[str, Grammar]) -> None:
    digits = grammars["numbers"]
    phrases = digits.phrases(rule="digits")
    assert check(digits, phrases, (), everything_known, rule="digits") == ()


def test_a_word_that_the_model_lacks_is_an_error() -> None:
    grammar = grammar_of("e check {x} | echeck {x}")
    found = check(grammar, (*grammar.phrases(), "amx"), (), {"e", "check", "amex"}.__contains__)
    unknown = [each for each in found if each.is_error]
    assert [each.words for each in unknown] == [("amx",), ("echeck",)]
    assert [str(each.at) for each in unknown] == ["None", "g.jsgf:3:28"]
    assert [each.hint for each in unknown] == ["it knows 'amex'", "it knows 'e check' and 'check'"]


def test_counting_favours_counting(grammars: Mapping[str, Grammar]) -> None:
    found = check(grammars["numbers"], COUNTING, (), everything_known, rule="digits")
    favoured = [each.words[0] for each in found if each.kind is Kind.FAVOURED_PAIR]
    assert len(favoured) == 9
    assert "one two" in favoured
    assert all(not each.is_error for each in found)


def test_pairs_that_no_phrase_lists() -> None:
    grammar = grammar_of("(a | b)+")
    (found,) = findings(Kind.MISSING_PAIR, grammar, ["a b", "b a"])
    assert found.words == ("a a", "b b")


def test_pairs_that_come_out_though_never_listed() -> None:
    (found,) = findings(Kind.UNLISTED_PAIR, grammar_of("go back | start over"))
    assert len(found.words) == 4 * 4 - 2
    assert "14 word pairs come out" in found.problem


@pytest.mark.parametrize(
    ("body", "pairs"),
    [
        ("fifteen {15} | fifty {50}", [("fifteen", "fifty")]),
        ("correct {yes} | incorrect {no}", [("correct", "incorrect")]),
        ("yes {yes} | no {no} | nope {no}", []),
        ("(fifteen | fifty) {x}", []),
        ("fifteen {15} then fifty {50}", []),
        ("[the] three {3}", []),
    ],
)
def test_words_too_alike_are_those_with_other_meanings_in_one_place(body: str, pairs: list[tuple[str, str]]) -> None:
    assert [each.words for each in findings(Kind.ALIKE, grammar_of(body))] == pairs


def test_answers_that_the_prompt_says(grammars: Mapping[str, Grammar]) -> None:
    prompt = "say card or e check or say card or help"
    found = findings(Kind.PROMPT, grammars["tender"], (), prompt)
    assert [each.words for each in found] == [("card",), ("e check",)]
    assert findings(Kind.PROMPT, grammars["yes_no"], (), prompt) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [("fifteen", "fifty"), ("forty", "fourteen"), ("four", "for"), ("right", "write"), ("checks", "check")],
)
def test_alike(first: str, second: str) -> None:
    assert difference(first, second) <= ALIKE
    assert difference(first, second) == difference(second, first)


@pytest.mark.parametrize(
    ("first", "second"), [("five", "nine"), ("yes", "no"), ("card", "check"), ("oh", "two"), ("no", "go")]
)
def test_not_alike(first: str, second: str) -> None:
    assert difference(first, second) > ALIKE


def test_bigram_weights_are_those_of_the_estimator() -> None:
    bigram = Bigram(["a b", "a c", "a b"])
    assert bigram.likelihood("a", "b") == pytest.approx(0.5 * 2 / 3)
    assert bigram.likelihood("a", "a") == pytest.approx(0.5 * 0.5 * 3 / 9)
    assert (bigram.lists("a", "b"), bigram.lists("b", "a")) == (True, False)
    assert bigram.likelihood("a", "d") == 0.0
