"""JSGF text to trees and back, and every way in which a text can be wrong."""

from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.grammar.conftest import GRAMMARS
from tests.grammar.sentences import HERE, expressions
from voicebot.grammar import GrammarError
from voicebot.grammar.expression import (
    Choice,
    Expression,
    Maybe,
    Null,
    Option,
    Reference,
    Repeat,
    Series,
    Tagged,
    Void,
    Word,
    write,
)
from voicebot.grammar.jsgf import Import, parse_jsgf, write_jsgf

HEAD = "#JSGF V1.0 UTF-8 en-US;\ngrammar g;\n"


def word(text: str) -> Word:
    return Word(text, HERE)


A, B, C = word("a"), word("b"), word("c")


def body_of(text: str) -> Expression:
    (rule,) = parse_jsgf(f"{HEAD}public <g> = {text};", "g.jsgf").rules
    return rule.body


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a", A),
        ("A", A),
        ("a b", Series((A, B))),
        ("a | b", Choice((Option(A), Option(B)))),
        ("a b | c", Choice((Option(Series((A, B))), Option(C)))),
        ("/2.5/ a | / 1e-1 / b", Choice((Option(A, 2.5), Option(B, 0.1)))),
        ("/3/ a", Choice((Option(A, 3.0),))),
        ("[a]", Maybe(A)),
        ("[a | b]", Maybe(Choice((Option(A), Option(B))))),
        ("((a))", A),
        ("a (b c)", Series((A, Series((B, C))))),
        ("a*", Repeat(A, 0)),
        ("a b+", Series((A, Repeat(B, 1)))),
        ("(a b)*", Repeat(Series((A, B)), 0)),
        ("a {x}", Tagged(A, ("x",))),
        ("a {x} { y }", Tagged(A, ("x", "y"))),
        ("a* {x}", Tagged(Repeat(A, 0), ("x",))),
        ("(a {x})*", Repeat(Tagged(A, ("x",)), 0)),
        ("a b {x}", Series((A, Tagged(B, ("x",))))),
        (r"a {1 \} \\ 2}", Tagged(A, (r"1 } \ 2",))),
        ("a {}", Tagged(A, ("",))),
        ('"new  York"', word("new york")),
        (r'"say \"a\""', word('say "a"')),
        ('"a|b"', word("a|b")),
        ("<other>", Reference("other", HERE)),
        ("<a.b.other>", Reference("a.b.other", HERE)),
        ("<NULL> | <VOID>", Choice((Option(Null()), Option(Void())))),
        ("it's e-check 7", Series((word("it's"), word("e-check"), word("7")))),
        ("public import grammar", Series((word("public"), word("import"), word("grammar")))),
        ("a // to the end of the line ; |\n b", Series((A, B))),
        ("a /* over\n two lines */ b", Series((A, B))),
    ],
)
def test_expression(text: str, tree: Expression) -> None:
    assert body_of(text) == tree


def test_file() -> None:
    file = parse_jsgf(
        "\ufeff#JSGF V1.0;\n/** About it. */\n// @other-words [unk]\ngrammar com.example.g;\n"
        "import <numbers.digit>;\nimport <com.example.dates.*>;\n<a> = b;\npublic <g> = <a>;\n",
        "g.jsgf",
    )
    assert (file.name, file.header, file.other_words) == ("com.example.g", "#JSGF V1.0;", True)
    assert file.imports == (Import("numbers", "digit", HERE), Import("com.example.dates", "*", HERE))
    assert [(rule.name, rule.public) for rule in file.rules] == [("a", False), ("g", True)]
    assert [(rule.at.line, rule.at.column) for rule in file.rules] == [(7, 1), (8, 8)]
    assert parse_jsgf(write_jsgf(file), "g.jsgf") == file


@settings(max_examples=300)
@given(expressions(references=True))
def test_what_is_written_reads_the_same(expression: Expression) -> None:
    assert body_of(write(expression)) == expression


@pytest.mark.parametrize("path", sorted(GRAMMARS.glob("*.jsgf")), ids=lambda path: path.stem)
def test_our_grammars_read_the_same_when_written(path: Path) -> None:
    file = parse_jsgf(path.read_text(), str(path))
    assert parse_jsgf(write_jsgf(file), str(path)) == file


@pytest.mark.parametrize(
    ("text", "line", "column", "problem", "hint"),
    [
        ("", 1, 1, "the file has no JSGF header", "begin it with"),
        ("grammar g;", 1, 1, "the file has no JSGF header", "begin it with"),
        ("#JSGF V2.0;\ngrammar g;", 1, 1, "the file has no JSGF header", "V1.0"),
        ("#JSGF V1.0;\n", 1, 12, "the end of the file cannot stand here", "'grammar'"),
        (f"{HEAD}public <g> = a", 3, 15, "the end of the file cannot stand here", "is a ';' missing"),
        (f"{HEAD}public <g> = a\n<b> = c;", 4, 5, "'=' cannot stand here", "is a ';' missing"),
        (f"{HEAD}<g> = a\npublic <b> = c;", 4, 12, "'=' cannot stand here", "is a ';' missing"),
        (f"{HEAD}public <g> = ;", 3, 14, "';' cannot stand here", "a word"),
        (f"{HEAD}public <g> = a | ;", 3, 18, "';' cannot stand here", "a word"),
        (f"{HEAD}public <g> = (a | b;", 3, 20, "';' cannot stand here", "')'"),
        (f"{HEAD}public <g> = a ] b;", 3, 16, "']' cannot stand here", "';'"),
        (f"{HEAD}public <g> = a {{x;", 3, 16, "'{' cannot stand here", "a tag"),
        (f'{HEAD}public <g> = "a;', 3, 14, "'\"' cannot stand here", ""),
        (f"{HEAD}public <g> = a**;", 3, 16, "'*' cannot stand here", ""),
        (f"{HEAD}public g = a;", 3, 8, "'g' cannot stand here", "a rule name"),
        (f"{HEAD}public <g> = /0/ a;", 3, 14, "weight /0/ is not a number above zero", "/2.5/"),
        (f"{HEAD}public <g> = /1.2.3/ a;", 3, 14, "weight /1.2.3/ is not a number above zero", "/2.5/"),
        (f"{HEAD}public <g> = /2/ a | b;", 3, 14, "only some of these alternatives have a weight", "or none"),
        (f'{HEAD}public <g> = " ";', 3, 14, "an empty quoted token", "<NULL>"),
        (f"{HEAD}<g> = a;\n\n  <g> = b;", 5, 3, "rule <g> is defined twice", "line 3"),
        (f"{HEAD}<NULL> = a;", 3, 1, "<NULL> cannot be defined", "reserved"),
        (f"{HEAD}<a.b> = a;", 3, 1, "rule <a.b> has a dot in its name", "simple name"),
        (f"{HEAD}import <digits>;", 3, 8, "import <digits> names no grammar", "'<digits.*>'"),
        ("#JSGF V1.0;\n// @unk\ngrammar g;", 2, 1, "unknown directive '// @unk'", "@other-words [unk]"),
        ("#JSGF V1.0;\n// @whole\ngrammar g;", 2, 1, "unknown directive '// @whole'", "@whole-answers"),
    ],
)
def test_syntax_error(text: str, line: int, column: int, problem: str, hint: str) -> None:
    with pytest.raises(GrammarError) as caught:
        parse_jsgf(text, "g.jsgf")
    error = caught.value
    assert (error.source, error.line, error.column, error.problem) == ("g.jsgf", line, column, problem)
    assert hint in error.hint
    assert str(error).startswith(f"g.jsgf:{line}:{column}: {problem}")
