"""JSGF V1.0 text read into expression trees, and written back."""

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from lark import Lark, Token, Tree, UnexpectedInput
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from voicebot.grammar.errors import GrammarError, Location
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

CATCH_OTHER_WORDS = "@other-words [unk]"
WHOLE_ANSWERS = "@whole-answers"

_RESERVED: dict[str, Expression] = {"NULL": Null(), "VOID": Void()}

_SPOKEN_OF_TERMINALS = {
    "HEADER": "the header '#JSGF V1.0;'",
    "GRAMMAR": "'grammar'",
    "IMPORT": "'import'",
    "PUBLIC": "'public'",
    "RULE_NAME": "a rule name '<...>'",
    "NAME": "a name",
    "EQUAL": "'='",
    "SEMICOLON": "';'",
    "VBAR": "'|'",
    "RPAR": "')'",
    "RSQB": "']'",
    "LPAR": "'('",
    "LSQB": "'['",
    "TOKEN": "a word",
    "TAG": "a tag '{...}'",
    "WEIGHT": "a weight '/1.0/'",
    "REPEAT": "'*' or '+'",
    "$END": "the end of the file",
}


@dataclass(frozen=True, slots=True)
class Import:
    """`import <grammar.rule>;` or `import <grammar.*>;`."""

    grammar: str
    rule: str
    at: Location = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """`[public] <name> = body;`."""

    name: str
    body: Expression
    public: bool
    at: Location = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class GrammarFile:
    """One JSGF file as written, before its names are looked up.

    Attributes:
        name: as declared; may have a package ("com.example.numbers").
        other_words: the file has the comment `// @other-words [unk]` before its declaration.
        whole_answers: the file has the comment `// @whole-answers` before its declaration.
    """

    name: str
    header: str
    other_words: bool
    whole_answers: bool
    imports: tuple[Import, ...]
    rules: tuple[Rule, ...]
    at: Location = field(compare=False, repr=False)


def parse_jsgf(text: str, source: str) -> GrammarFile:
    """Read one JSGF file.

    Args:
        text: the file's content.
        source: its path, for locations and errors.

    Raises:
        GrammarError: the text is not JSGF V1.0, or a rule is defined twice.
    """
    try:
        tree = _parser().parse(text)
    except UnexpectedInput as error:
        raise _syntax_error(error, text, source) from None
    return _Reader(source).file(tree)


def write_jsgf(grammar: GrammarFile) -> str:
    """Give the file's text, one rule a line; comments are not kept."""
    lines = [grammar.header]
    told = ((grammar.other_words, CATCH_OTHER_WORDS), (grammar.whole_answers, WHOLE_ANSWERS))
    lines += [f"// {directive}" for given, directive in told if given]
    lines.append(f"grammar {grammar.name};")
    lines.extend(f"import <{each.grammar}.{each.rule}>;" for each in grammar.imports)
    lines.extend(f"{'public ' if rule.public else ''}<{rule.name}> = {write(rule.body)};" for rule in grammar.rules)
    return "\n".join(lines) + "\n"


@functools.cache
def _parser() -> Lark:
    return Lark.open("jsgf.lark", rel_to=__file__, parser="lalr", propagate_positions=True)


class _Reader:
    """Turns lark's tree into ours."""

    def __init__(self, source: str) -> None:
        self._source = source

    def file(self, tree: Tree[Token]) -> GrammarFile:
        header, *parts = tree.children
        name, at = "", Location(self._source, 1, 1)
        directives: set[str] = set()
        imports: list[Import] = []
        rules: dict[str, Rule] = {}
        for part in _trees(parts):
            match part.data:
                case "directive":
                    directives.add(self._directive(_token(part)))
                case "declaration":
                    name, at = str(_token(part)), self._at(_token(part))
                case "import":
                    imports.append(self._import(_token(part)))
                case _:
                    rule = self._rule(part)
                    if rule.name in rules:
                        first = rules[rule.name].at
                        raise GrammarError(
                            rule.at,
                            f"rule <{rule.name}> is defined twice",
                            f"the first is on line {first.line}; rename one, or join them with '|'",
                        )
                    rules[rule.name] = rule
        head = str(header).removeprefix("\ufeff")
        catches, whole = CATCH_OTHER_WORDS in directives, WHOLE_ANSWERS in directives
        return GrammarFile(name, head, catches, whole, tuple(imports), tuple(rules.values()), at)

    def _directive(self, token: Token) -> str:
        directive = " ".join(str(token).removeprefix("//").split())
        if directive not in {CATCH_OTHER_WORDS, WHOLE_ANSWERS}:
            raise GrammarError(
                self._at(token),
                f"unknown directive '{token}'",
                f"there are '// {CATCH_OTHER_WORDS}' and '// {WHOLE_ANSWERS}'",
            )
        return directive

    def _import(self, token: Token) -> Import:
        grammar, dot, rule = token[1:-1].rpartition(".")
        if not dot:
            raise GrammarError(
                self._at(token),
                f"import {token} names no grammar",
                f"write '<grammar{'.' + rule}>' for one rule or '<{rule}.*>' for all public rules",
            )
        return Import(grammar, rule, self._at(token))

    def _rule(self, tree: Tree[Token]) -> Rule:
        public, name, body = tree.children
        assert isinstance(name, Token)  # noqa: S101 - the grammar file says so; this tells the type checker
        assert isinstance(body, Tree)  # noqa: S101 - as above
        simple = name[1:-1]
        if simple in _RESERVED:
            raise GrammarError(self._at(name), f"<{simple}> cannot be defined", "it is reserved by JSGF")
        if "." in simple:
            raise GrammarError(self._at(name), f"rule <{simple}> has a dot in its name", "define it by its simple name")
        return Rule(simple, self._choice(body), public is not None, self._at(name))

    def _choice(self, tree: Tree[Token]) -> Expression:
        options = tuple(self._option(option) for option in _trees(tree.children))
        weighted = [option.weight is not None for option in options]
        if any(weighted) and not all(weighted):
            raise GrammarError(
                Location(self._source, tree.meta.line, tree.meta.column),
                "only some of these alternatives have a weight",
                "give each one a weight, or none",
            )
        if len(options) == 1 and options[0].weight is None:
            return options[0].body
        return Choice(options)

    def _option(self, tree: Tree[Token]) -> Option:
        weight, *items = tree.children
        parts = tuple(self._item(item) for item in _trees(items))
        body = parts[0] if len(parts) == 1 else Series(parts)
        return Option(body, self._weight(weight) if isinstance(weight, Token) else None)

    def _weight(self, token: Token) -> float:
        try:
            weight = float(token[1:-1])
        except ValueError:
            weight = 0.0
        if not 0.0 < weight < float("inf"):
            raise GrammarError(self._at(token), f"weight {token} is not a number above zero", "write one like /2.5/")
        return weight

    def _item(self, tree: Tree[Token]) -> Expression:
        atom, repeat, *tags = tree.children
        expression = self._atom(atom)
        if isinstance(repeat, Token):
            expression = Repeat(expression, 1 if repeat == "+" else 0)
        if tags:
            expression = Tagged(expression, tuple(_unescaped(str(tag)[1:-1]).strip() for tag in tags))
        return expression

    def _atom(self, atom: Token | Tree[Token]) -> Expression:
        if isinstance(atom, Tree):
            (inside,) = _trees(atom.children)
            body = self._choice(inside)
            return Maybe(body) if atom.data == "optional" else body
        if atom.type == "RULE_NAME":
            name = atom[1:-1]
            if name in _RESERVED:
                return _RESERVED[name]
            return Reference(name, self._at(atom))
        text = str(atom) if atom.type == "TOKEN" else _unescaped(atom[1:-1])
        words = " ".join(text.lower().split())
        if not words:
            raise GrammarError(self._at(atom), "an empty quoted token", "write <NULL> for nothing at all")
        return Word(words, self._at(atom))

    def _at(self, token: Token) -> Location:
        return Location(self._source, token.line or 1, token.column or 1)


def _trees(children: Iterable[Token | Tree[Token]]) -> Iterable[Tree[Token]]:
    return (child for child in children if isinstance(child, Tree))


def _token(tree: Tree[Token]) -> Token:
    (token,) = tree.children
    assert isinstance(token, Token)  # noqa: S101 - the grammar file says so; this tells the type checker
    return token


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def _syntax_error(error: UnexpectedInput, text: str, source: str) -> GrammarError:
    lines = text.splitlines() or [""]
    ended = error.line < 1 or (isinstance(error, UnexpectedToken) and error.token.type == "$END")
    at = Location(source, len(lines), len(lines[-1]) + 1) if ended else Location(source, error.line, error.column)
    expected: set[str] = set()
    if isinstance(error, UnexpectedToken):
        expected = set(error.expected)
    elif isinstance(error, UnexpectedCharacters):
        expected = set(error.allowed or ())
    found = "the end of the file" if ended else f"'{_found(error, text)}'"
    if expected == {"HEADER"}:
        return GrammarError(at, "the file has no JSGF header", "begin it with '#JSGF V1.0 UTF-8 en-US;'")
    names = sorted(_SPOKEN_OF_TERMINALS[name] for name in expected if name in _SPOKEN_OF_TERMINALS)
    if "SEMICOLON" in expected and (ended or found in {"'='", "'public'"}):
        hint = "is a ';' missing at the end of the rule before?"
    else:
        hint = f"expected {', '.join(names[:-1]) + ' or ' if names[1:] else ''}{names[-1]}" if names else ""
    return GrammarError(at, f"{found} cannot stand here", hint)


def _found(error: UnexpectedInput, text: str) -> str:
    if isinstance(error, UnexpectedToken):
        return str(error.token)
    lines = text.splitlines()
    return lines[error.line - 1][error.column - 1 : error.column]
