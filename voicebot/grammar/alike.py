"""How alike two English words sound, judged by their spelling alone.

A rough measure for warnings: the model's own pronunciations cannot be read back out of it. Spelling is turned into a
coarse sound string, and strings are compared by edit distance in which related sounds cost half.
"""

import re
from itertools import pairwise

ALIKE = 0.3
"""At or below this difference two words are called alike ("fifteen" and "fifty")."""

_RULES = (
    (r"^kn|^gn", "n"),
    (r"^wr", "r"),
    (r"^one$", "wun"),
    (r"^two$", "tu"),
    (r"^eight", "et"),
    (r"ph", "f"),
    (r"igh", "i"),
    (r"gh", ""),
    (r"tion|sion", "Sn"),
    (r"sh", "S"),
    (r"ch", "C"),
    (r"th", "T"),
    (r"ck", "k"),
    (r"c(?=[eiy])", "s"),
    (r"c", "k"),
    (r"qu", "kw"),
    (r"x", "ks"),
    (r"(?<=[a-zA-Z]{2})e$", ""),
    (r"ee|ea|ie|ey|y$", "i"),
    (r"oo|ou|ew", "u"),
    (r"oa|ow|oh", "o"),
    (r"ai|ay|ei", "e"),
    (r"(.)\1", r"\1"),
    (r"[^a-zA-Z]", ""),
)
_VOWELS = frozenset("aeiouy")
_RELATED = frozenset(frozenset(pair) for pair in ("pb", "td", "kg", "fv", "sz", "mn", "SC", "Tf", "rl"))


def difference(first: str, second: str) -> float:
    """Give how far two words are apart: 0 sound the same, 1 have nothing in common."""
    one, other = _sounds(first), _sounds(second)
    costs: list[float] = [float(n) for n in range(len(other) + 1)]
    for row, sound in enumerate(one, 1):
        line = [float(row)]
        for (above_left, above), beside in zip(pairwise(costs), other, strict=True):
            line.append(min(above + 1, line[-1] + 1, above_left + _change(sound, beside)))
        costs = line
    return costs[-1] / max(len(one), len(other), 1)


def _sounds(word: str) -> str:
    for pattern, sound in _RULES:
        word = re.sub(pattern, sound, word)
    return word


def _change(one: str, other: str) -> float:
    if one == other:
        return 0.0
    if {one, other} <= _VOWELS or frozenset((one, other)) in _RELATED:
        return 0.5
    return 1.0
