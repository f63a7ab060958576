from collections import Counter
from collections.abc import Mapping
from itertools import pairwise, product

import pytest

from voicebot.grammar import UNKNOWN, Grammar, Kind, check, grammars_from_texts, phrases_for
from voicebot.grammar.phrases import LIKELIEST_REPEATS, MOST_REPEATS

DIGITS = "zero oh one two three four five six seven eight nine".split()  # noqa: SIM905 - reads better


def phrases_of(body: str, directive: str = "") -> tuple[str, ...]:
    text = f"#JSGF V1.0;\n{directive}\ngrammar g;\npublic <g> = {body};\n"
    return grammars_from_texts({"g.jsgf": text})["g"].phrases()


def test_digits_are_all_pairs_and_oh_is_expected_less(grammars: Mapping[str, Grammar]) -> None:
    counts = Counter(grammars["card_number"].phrases(rule="digits"))
    ((likeliest, repeats),) = [(phrase, count) for phrase, count in counts.items() if len(phrase.split()) > 2]
    pairs = {pair: 4 >> pair.count("oh") for pair in product(DIGITS, repeat=2)}
    assert {tuple(phrase.split()): count for phrase, count in counts.items() if phrase != likeliest} == pairs
    assert repeats == LIKELIEST_REPEATS
    assert sorted(pairwise(likeliest.split())) == sorted(pair for pair in pairs if "oh" not in pair)


@pytest.mark.parametrize(
    ("body", "phrases"),
    [
        ("yes | no", ("no", "yes")),
        ("[oh] yes", ("oh yes", "yes")),
        ("a {1} | a {2}", ("a",)),
        ("a+", ("a a",)),
        ("a+ | b", ("a a", "b")),
        ("a* b", ("a a", "a b")),
        ('"new york"', ("new york",)),
    ],
)
def test_small_grammars_are_sentences_and_loops_are_pairs(body: str, phrases: tuple[str, ...]) -> None:
    assert phrases_of(body) == phrases


def test_a_large_finite_grammar_is_pairs() -> None:
    many = " ".join(f"[w{n}]" for n in range(12))
    assert phrases_of(f"w {many}")[:3] == ("w w0", "w w1", "w w10")


def test_weights_become_counts() -> None:
    assert phrases_of("/3/ a | /1/ b") == ("a", "a", "a", "b")
    assert phrases_of("/5/ a | /5/ b") == ("a", "b")
    assert phrases_of("(/2/ a | /1/ b)+") == ("a a", "a a", "a a", "a a", "a b", "a b", "b a", "b a", "b b")
    assert len(phrases_of("/1000/ a | /1/ b")) == MOST_REPEATS + 1


def test_other_words_are_caught_where_the_file_says_so() -> None:
    assert phrases_of("a", "// @other-words [unk]") == ("a", UNKNOWN)
    assert phrases_of("a | b | c | d | e", "// @other-words [unk]")[4:] == ("e", UNKNOWN, UNKNOWN)
    assert phrases_of("a") == ("a",)


def test_a_menu_lists_its_likeliest_answers_whole() -> None:
    body = "(/8/ <NULL> | /1/ um+) [my] (/4/ card | /2/ e check)"
    pairs = ("e check", "my card", "my e", "um card", "um e", "um my", "um um")
    counts = Counter(phrases_of(body, "// @whole-answers"))
    assert counts["card"] > counts["e check"] > counts["um card"] >= 1
    assert min(counts[pair] for pair in pairs) == 1
    assert sum(count for phrase, count in counts.items() if phrase not in pairs) > len(pairs)
    assert "card" not in phrases_of(body), "half of a pair only"


def test_the_plain_answer_is_the_likeliest_one(grammars: Mapping[str, Grammar]) -> None:
    for name, plain in {"tender": "card", "withdrawal_type": "checking"}.items():
        answers = Counter(phrase for phrase in grammars[name].phrases() if phrase != UNKNOWN)
        assert answers.most_common(1)[0][0] == plain


def test_numbers_catch_no_other_words_and_menus_do(grammars: Mapping[str, Grammar]) -> None:
    catching = {name for name, grammar in grammars.items() if UNKNOWN in grammar.phrases()}
    menus = {"yes_no", "agreement", "tender", "withdrawal_type", "item_choice", "after_decline", "commands", "language"}
    menus |= {"correction"}
    assert catching == menus


def test_phrases_say_every_word(grammars: Mapping[str, Grammar]) -> None:
    for grammar in grammars.values():
        for rule in grammar.rules:
            said = {word for phrase in grammar.phrases(rule=rule) for word in phrase.split()} - {UNKNOWN}
            assert said == set(grammar.words(rule=rule))


def test_a_menu_hears_the_short_commands_and_a_number_the_brief_ones(grammars: Mapping[str, Grammar]) -> None:
    commands = grammars["commands"]
    menu = phrases_for(grammars["yes_no"], commands)
    beside = tuple(phrase for phrase in commands.phrases(rule="short") if phrase != UNKNOWN)
    assert menu == grammars["yes_no"].phrases() + beside
    digits = phrases_for(grammars["card_number"], commands, rule="digits")
    assert set(digits) - set(grammars["card_number"].phrases(rule="digits")) == {
        "repeat",
        "help",
        "go back",
        "start over",
        "operator",
        "goodbye",
    }
    assert phrases_for(grammars["card_number"], None) == grammars["card_number"].phrases()


def test_the_last_question_hears_what_can_still_be_put_right(grammars: Mapping[str, Grammar]) -> None:
    commands = grammars["commands"]
    beside = set(phrases_for(grammars["agreement"], commands)) - set(grammars["agreement"].phrases())
    assert {"change the card", "change the date", "change the security code", "hang up"} <= beside
    for question in ("yes_no", "tender", "card_number"):
        assert "change the card" not in phrases_for(grammars[question], commands)


def test_our_phrases_list_every_pair_and_favour_none(grammars: Mapping[str, Grammar]) -> None:
    for grammar in grammars.values():
        for rule in grammar.rules:
            kinds = {each.kind for each in check(grammar, grammar.phrases(rule=rule), (), bool, tuple, rule=rule)}
            assert kinds <= {Kind.UNLISTED_PAIR, Kind.ALIKE}, (grammar, rule)
