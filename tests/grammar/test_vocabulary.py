from collections.abc import Callable, Mapping

import pytest

from voicebot.grammar import Grammar, UnknownWord, grammars_from_texts, unknown_words


def test_the_model_knows_every_word_of_our_grammars(
    grammars: Mapping[str, Grammar], knows: Callable[[str], bool]
) -> None:
    assert [str(word) for word in unknown_words(grammars.values(), knows)] == []


def test_unknown_words_are_told_with_their_place(knows: Callable[[str], bool]) -> None:
    text = '#JSGF V1.0;\ngrammar g;\npublic <g> = card\n | echeck\n | "my echeck"\n | mastercrad;\n'
    found = unknown_words(grammars_from_texts({"g.jsgf": text}).values(), knows)
    assert [(each.word, each.file, each.line) for each in found] == [
        ("echeck", "g.jsgf", 4),
        ("mastercrad", "g.jsgf", 6),
    ]
    assert "'e check'" in found[0].hint
    assert "'mastercard'" in found[1].hint


def test_a_shared_word_is_told_once() -> None:
    texts = {
        "n.jsgf": "#JSGF V1.0;\ngrammar n;\npublic <n> = xyz;\n",
        "g.jsgf": "#JSGF V1.0;\ngrammar g;\nimport <n.*>;\npublic <g> = <n>;\n",
    }
    found = unknown_words(grammars_from_texts(texts).values(), lambda _: False)
    assert [str(each) for each in found] == [
        "n.jsgf:3: the model does not know 'xyz' (say it with other words, or use a model that has it)"
    ]


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("e-check", {"e", "check"}, "it knows 'e check'"),
        ("echeck", {"e", "check"}, "it knows 'e check' and 'check'"),
        ("cvv", {"c", "v"}, "it knows 'c v v'"),
        ("thats", {"that's"}, "it knows 'that's'"),
        ("chekcing", {"checking"}, "it knows 'checking'"),
        ("doublezero", {"double", "zero"}, "it knows 'double zero'"),
        ("ab", {"aa", "ac", "ad", "ae"}, "it knows 'aa', 'ac' and 'ad'"),
        ("q", set(), "say it with other words, or use a model that has it"),
    ],
)
def test_hints(word: str, known: set[str], hint: str) -> None:
    text = f"#JSGF V1.0;\ngrammar g;\npublic <g> = {word};\n"
    found = unknown_words(grammars_from_texts({"g.jsgf": text}).values(), known.__contains__)
    assert found == (UnknownWord(word, "g.jsgf", 3, hint),)
