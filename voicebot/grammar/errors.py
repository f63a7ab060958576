"""Where something stands in a grammar file, and the one error that a bad grammar raises."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a grammar file; lines and columns count from 1."""

    source: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}"


class GrammarError(Exception):
    """A grammar cannot be used: where, what is wrong, and what to do about it.

    Attributes:
        source: the file, as it was given.
        line: counted from 1.
        column: counted from 1.
        problem: one sentence without a full stop.
        hint: what to do; may be empty.
    """

    def __init__(self, at: Location, problem: str, hint: str = "") -> None:
        super().__init__(f"{at}: {problem}" + (f" ({hint})" if hint else ""))
        self.source = at.source
        self.line = at.line
        self.column = at.column
        self.problem = problem
        self.hint = hint
