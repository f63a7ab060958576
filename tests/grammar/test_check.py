from collections.abc import Mapping, Sequence

import pytest

from voicebot.grammar import Finding, Grammar, Kind, check, grammars_from_texts
from voicebot.grammar.alike import alike, difference
from voicebot.grammar.bigram import Bigram

SOUNDS = {
    word: tuple(sounds.split())
    for word, sounds in {
        "fifteen": "f ˈɪ f t iː n",
        "fifty": "f ˈɪ f t i",
        "forty": "f ˈɔːɹ ɾ i",
        "fourteen": "f ˈɔːɹ t iː n",
        "four": "f ˈɔːɹ",
        "for": "f ɔːɹ",
        "right": "ɹ ˈaɪ t",
        "write": "ɹ ˈaɪ t",
        "check": "tʃ ˈɛ k",
        "checks": "tʃ ˈɛ k s",
        "correct": "k ɚ ɹ ˈɛ k t",
        "incorrect": "ɪ ŋ k ɚ ɹ ˈɛ k t",
        "five": "f ˈaɪ v",
        "nine": "n ˈaɪ n",
        "yes": "j ˈɛ s",
        "no": "n ˈoʊ",
        "go": "ɡ ˈoʊ",
        "nope": "n ˈoʊ p",
        "card": "k ˈɑːɹ d",
        "oh": "ˈoʊ",
        "two": "t ˈuː",
        "three": "θ ɹ ˈiː",
    }.items()
}
"""As eSpeak NG gives them, so that these tests need no library; another word sounds like nothing else."""

COUNTING = ("zero one two three four five six seven eight nine",)


def everything_known(word: str) -> bool:
    return word != ""


def pronounce(word: str) -> Sequence[str]:
    return SOUNDS.get(word, (f"<{word}>",))


def grammar_of(body: str) -> Grammar:
    return grammars_from_texts({"g.jsgf": f"#JSGF V1.0;\ngrammar g;\npublic <g> = {body};\n"})["g"]


def findings(kind: Kind, grammar: Grammar, phrases: Sequence[str] = (), prompt: str = "") -> list[Finding]:
    said = prompt.split()
    return [
        each
        for each in check(grammar, phrases or grammar.phrases(), said, everything_known, pronounce)
        if each.kind is kind
    ]


def test_nothing_is_said_about_neutral_digits(grammars: Mapping[str, Grammar]) -> None:
    digits = grammars["numbers"]
    phrases = digits.phrases(rule="digits")
    assert check(digits, phrases, (), everything_known, pronounce, rule="digits") == ()


def test_a_word_that_the_model_lacks_is_an_error() -> None:
    grammar = grammar_of("e check {x} | echeck {x}")
    found = check(grammar, (*grammar.phrases(), "amx"), (), {"e", "check", "amex"}.__contains__, pronounce)
    unknown = [each for each in found if each.is_error]
    assert [each.words for each in unknown] == [("amx",), ("echeck",)]
    assert [str(each.at) for each in unknown] == ["None", "g.jsgf:3:28"]
    assert [each.hint for each in unknown] == ["it knows 'amex'", "it knows 'e check' and 'check'"]


def test_counting_favours_counting(grammars: Mapping[str, Grammar]) -> None:
    found = check(grammars["numbers"], COUNTING, (), everything_known, pronounce, rule="digits")
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


def test_an_answer_that_sounds_like_a_word_heard_beside_it() -> None:
    (found,) = findings(Kind.ALIKE, grammar_of("yes {yes} | no {no}"), ["yes", "no", "go back", "operator"])
    assert found.words == ("no", "go")


def test_pairs_of_what_is_heard_beside_are_no_surprise() -> None:
    (found,) = findings(Kind.UNLISTED_PAIR, grammar_of("yes | no"), ["yes", "no", "go back"])
    assert "go back" not in found.words
    assert "back go" in found.words


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("fifteen", "fifty"),
        ("forty", "fourteen"),
        ("four", "for"),
        ("right", "write"),
        ("checks", "check"),
        ("no", "go"),
        ("no", "oh"),
    ],
)
def test_alike(first: str, second: str) -> None:
    assert alike(SOUNDS[first], SOUNDS[second])
    assert difference(SOUNDS[first], SOUNDS[second]) == difference(SOUNDS[second], SOUNDS[first])


@pytest.mark.parametrize(
    ("first", "second"),
    [("five", "nine"), ("yes", "no"), ("card", "check"), ("oh", "two"), ("two", "three"), ("five", "forty")],
)
def test_not_alike(first: str, second: str) -> None:
    assert not alike(SOUNDS[first], SOUNDS[second])


def test_bigram_weights_are_those_of_the_estimator() -> None:
    bigram = Bigram(["a b", "a c", "a b"])
    assert bigram.likelihood("a", "b") == pytest.approx(0.5 * 2 / 3)
    assert bigram.likelihood("a", "a") == pytest.approx(0.5 * 0.5 * 3 / 9)
    assert (bigram.lists("a", "b"), bigram.lists("b", "a")) == (True, False)
    assert bigram.likelihood("a", "d") == 0.0
