"""Names between rules and files."""

from pathlib import Path

import pytest

from voicebot.grammar import Grammar, GrammarError, grammars_from_texts, load_grammars

NUMBERS = "#JSGF V1.0;\ngrammar numbers;\npublic <digit> = one {1} | two {2};\n<secret> = three;\n"


def text(name: str, rules: str, imports: str = "") -> str:
    return f"#JSGF V1.0;\ngrammar {name};\n{imports}\n{rules}\n"


def one(rules: str, imports: str = "") -> Grammar:
    return grammars_from_texts({"numbers.jsgf": NUMBERS, "g.jsgf": text("g", rules, imports)})["g"]


@pytest.mark.parametrize(
    ("rules", "imports"),
    [
        ("public <g> = <digit>;", "import <numbers.digit>;"),
        ("public <g> = <digit>;", "import <numbers.*>;"),
        ("public <g> = <numbers.digit>;", "import <numbers.digit>;"),
        ("public <g> = <a>; <a> = <digit>;", "import <numbers.digit>;"),
        ("public <g> = <digit>; <digit> = two {2};", "import <numbers.*>;"),
    ],
)
def test_names_are_found(rules: str, imports: str) -> None:
    assert one(rules, imports).read(["two"])[0].text == "2"


def test_a_grammar_with_a_package_is_found_by_its_full_name() -> None:
    grammars = grammars_from_texts(
        {
            "numbers.jsgf": NUMBERS.replace("grammar numbers", "grammar com.example.numbers"),
            "g.jsgf": text("g", "public <g> = <numbers.digit>;", "import <com.example.numbers.digit>;"),
        }
    )
    assert set(grammars) == {"numbers", "g"}
    assert grammars["g"].read(["one"])[0].text == "1"


def test_words_tell_where_they_stand_also_in_other_files() -> None:
    where = one("public <g> = <digit>\n | three one;", "import <numbers.digit>;").words()
    assert {word: str(at) for word, at in where.items()} == {
        "one": "g.jsgf:5:10",
        "two": "numbers.jsgf:3:28",
        "three": "g.jsgf:5:4",
    }


def test_the_first_public_rule_is_meant_and_others_have_names() -> None:
    grammar = one("<a> = x; public <first> = <a>; public <second> = y;")
    assert grammar.rules == ("first", "second")
    assert (grammar.read(["x"]) != (), grammar.read(["y"]) != ()) == (True, False)
    assert grammar.read(["y"], rule="second") != ()
    assert (grammar.phrases(), grammar.phrases(rule="second")) == (("x",), ("y",))
    assert (set(grammar.words()), set(grammar.words(rule="second"))) == ({"x", "y"}, {"y"})
    with pytest.raises(KeyError):
        grammar.begins([], rule="a")


@pytest.mark.parametrize(
    ("rules", "imports", "line", "problem", "hint"),
    [
        ("public <g> = <h>;", "", 4, "rule <h> is not defined", "known here: <g>"),
        ("public <g> = <digit>;", "", 4, "rule <digit> is not defined", "import <numbers.digit>"),
        ("public <g> = a <g>;", "", 4, "recursion is refused: <g> → <g>", "'*'"),
        ("public <g> = <a>;<a> = <b>;<b> = [<a>];", "", 4, "recursion is refused: <a> → <b> → <a>", "'*'"),
        ("public <g> = a;", "import <dates.*>;", 3, "no grammar 'dates' to import from", "g, numbers"),
        ("public <g> = a;", "import <numbers.x>;", 3, "grammar 'numbers' has no rule <x>", "<digit>"),
        ("public <g> = a;", "import <numbers.secret>;", 3, "rule <secret> of 'numbers' is private", "public"),
        ("<g> = a;", "", 2, "grammar 'g' has no public rule", "main rule"),
    ],
)
def test_link_error(rules: str, imports: str, line: int, problem: str, hint: str) -> None:
    with pytest.raises(GrammarError) as caught:
        one(rules, imports)
    error = caught.value
    assert (error.source, error.line, error.problem) == ("g.jsgf", line, problem)
    assert hint in error.hint


def test_the_same_name_from_two_grammars_is_refused() -> None:
    other = NUMBERS.replace("numbers", "others")
    main = text("g", "public <g> = <digit>;", "import <numbers.*>;import <others.*>;")
    with pytest.raises(GrammarError, match="<digit> is imported from 'numbers' and from 'others'"):
        grammars_from_texts({"numbers.jsgf": NUMBERS, "others.jsgf": other, "g.jsgf": main})


def test_a_grammar_is_named_like_its_file() -> None:
    with pytest.raises(GrammarError, match=r"a/h\.jsgf:2:9: grammar 'g' is in a file named 'h'"):
        grammars_from_texts({"a/h.jsgf": text("g", "public <g> = a;")})


def test_a_grammar_is_declared_once() -> None:
    body = text("g", "public <g> = a;")
    with pytest.raises(GrammarError, match=r"declared twice \(the other is in a/g\.jsgf\)"):
        grammars_from_texts({"a/g.jsgf": body, "b/g.jsgf": body})


def test_a_rule_that_grows_without_measure_is_refused() -> None:
    copies = "".join(f"<r{n}> = <r{n - 1}> <r{n - 1}>;\n" for n in range(1, 40))
    with pytest.raises(GrammarError, match="is too large when written out"):
        one(f"public <g> = <r39>;\n<r0> = a;\n{copies}")


def test_a_folder_without_grammars(tmp_path: Path) -> None:
    with pytest.raises(GrammarError, match="no grammar in this folder"):
        load_grammars(tmp_path)


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "g.jsgf").write_bytes(b"#JSGF V1.0;\ngrammar g;\n\npublic <g> = caf\xe9;\n")
    with pytest.raises(GrammarError, match="not UTF-8") as caught:
        load_grammars(tmp_path)
    assert caught.value.line == 4
