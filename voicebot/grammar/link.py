"""Names looked up: references of all files of a folder resolved, each rule made into one tree without references."""

from collections.abc import Iterable, Mapping
from pathlib import PurePath

from voicebot.grammar.errors import GrammarError, Location
from voicebot.grammar.expression import (
    Choice,
    Expression,
    Maybe,
    Option,
    Reference,
    Repeat,
    Series,
    Tagged,
    walk,
)
from voicebot.grammar.jsgf import GrammarFile, Import, Rule

MOST_PARTS = 50_000
"""Largest rule, counted in words, groups and the like, with every reference written out."""

_Key = tuple[str, str]
"""Full grammar name, rule name."""


class Linker:
    """Resolves the names of several grammar files among each other."""

    def __init__(self, files: Iterable[GrammarFile]) -> None:
        """Take the files, check their names and imports.

        Raises:
            GrammarError: a grammar is declared twice, is named otherwise than its file, has no public rule, or imports
                what does not exist; a rule is not defined, refers to itself, or is too large.
        """
        self._files: dict[str, GrammarFile] = {}
        for file in files:
            _check_name(file)
            if file.name in self._files:
                other = self._files[file.name].at.source
                raise GrammarError(file.at, f"grammar '{file.name}' is declared twice", f"the other is in {other}")
            self._files[file.name] = file
        self._rules: dict[_Key, Rule] = {
            (file.name, rule.name): rule for file in self._files.values() for rule in file.rules
        }
        self._expanded: dict[_Key, Expression] = {}
        self._sizes: dict[_Key, int] = {}
        self._scopes: Mapping[str, Mapping[str, _Key]] = {name: self._scope(name) for name in self._files}
        for key in self._rules:
            self._expand(key, ())

    def rule(self, grammar: str, name: str) -> Expression:
        """Give a rule's body with every reference replaced by the body of the rule that it names."""
        return self._expanded[grammar, name]

    def _scope(self, grammar: str) -> dict[str, _Key]:
        """Every name that a rule of the grammar may use: its own rules, imported ones, simple or qualified."""
        file = self._files[grammar]
        scope: dict[str, _Key] = {}
        for each in file.imports:
            for key in self._imported(each):
                simple = key[1]
                if scope.setdefault(simple, key) != key:
                    raise GrammarError(
                        each.at,
                        f"<{simple}> is imported from '{scope[simple][0]}' and from '{key[0]}'",
                        f"import one of them, or use <{key[0]}.{simple}>",
                    )
                scope[f"{key[0]}.{simple}"] = key
                scope[f"{key[0].rpartition('.')[2]}.{simple}"] = key
        for rule in file.rules:
            key = (grammar, rule.name)
            scope[rule.name] = scope[f"{grammar}.{rule.name}"] = key
        return scope

    def _imported(self, wanted: Import) -> list[_Key]:
        file = self._files.get(wanted.grammar)
        if file is None:
            known = ", ".join(sorted(self._files))
            raise GrammarError(wanted.at, f"no grammar '{wanted.grammar}' to import from", f"there are: {known}")
        public = [(file.name, rule.name) for rule in file.rules if rule.public]
        if wanted.rule == "*":
            return public
        key = (file.name, wanted.rule)
        if key in public:
            return [key]
        if key in self._rules:
            raise GrammarError(
                wanted.at,
                f"rule <{wanted.rule}> of '{wanted.grammar}' is private",
                f"write 'public' before it in {file.at.source}",
            )
        names = ", ".join(f"<{name}>" for _, name in public)
        raise GrammarError(
            wanted.at, f"grammar '{wanted.grammar}' has no rule <{wanted.rule}>", f"its public rules: {names}"
        )

    def _expand(self, key: _Key, above: tuple[_Key, ...]) -> Expression:
        if key not in self._expanded:
            rule = self._rules[key]
            self._expanded[key] = self._replaced(rule.body, key[0], (*above, key))
            self._sizes[key] = sum(self._size(part, key[0]) for part in walk(rule.body))
            if self._sizes[key] > MOST_PARTS:
                raise GrammarError(
                    rule.at, f"rule <{rule.name}> is too large when written out", "say it with '*' or '+'"
                )
        return self._expanded[key]

    def _size(self, part: Expression, grammar: str) -> int:
        return self._sizes[self._scopes[grammar][part.name]] if isinstance(part, Reference) else 1

    def _replaced(self, expression: Expression, grammar: str, above: tuple[_Key, ...]) -> Expression:
        match expression:
            case Reference(name, at):
                key = self._scopes[grammar].get(name)
                if key is None:
                    raise GrammarError(at, f"rule <{name}> is not defined", self._nearby(grammar, name))
                if key in above:
                    circle = " → ".join(f"<{rule}>" for _, rule in (*above[above.index(key) :], key))
                    raise GrammarError(
                        at, f"recursion is refused: {circle}", "say it with '*' or '+', which need no recursion"
                    )
                return self._expand(key, above)
            case Series(parts):
                return Series(tuple(self._replaced(part, grammar, above) for part in parts))
            case Choice(options):
                return Choice(tuple(Option(self._replaced(o.body, grammar, above), o.weight) for o in options))
            case Maybe(body):
                return Maybe(self._replaced(body, grammar, above))
            case Repeat(body, at_least):
                return Repeat(self._replaced(body, grammar, above), at_least)
            case Tagged(body, tags):
                return Tagged(self._replaced(body, grammar, above), tags)
            case _:
                return expression

    def _nearby(self, grammar: str, name: str) -> str:
        owners = sorted({owner for owner, rule in self._rules if rule == name.rpartition(".")[2]})
        if owners:
            return f"import it: 'import <{owners[0]}.{name.rpartition('.')[2]}>;'"
        names = ", ".join(f"<{rule}>" for rule in sorted(self._scopes[grammar]) if "." not in rule)
        return f"known here: {names}"


def _check_name(file: GrammarFile) -> None:
    stem = PurePath(file.at.source).stem
    simple = file.name.rpartition(".")[2]
    if simple != stem:
        raise GrammarError(file.at, f"grammar '{simple}' is in a file named '{stem}'", f"name the file '{simple}.jsgf'")
    if not any(rule.public for rule in file.rules):
        at = Location(file.at.source, file.at.line, file.at.column)
        raise GrammarError(at, f"grammar '{file.name}' has no public rule", "write 'public' before its main rule")
