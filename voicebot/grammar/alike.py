"""How alike two words sound, judged by their sounds: edit distance in which related sounds cost half.

The model's own pronunciations cannot be read back out of it, so the sounds come from elsewhere (eSpeak NG), one text a
sound in the International Phonetic Alphabet, such as ("f", "ˈɔːɹ"). Stress and length are left out: callers vary both.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeAlias

Pronounce: TypeAlias = Callable[[str], Sequence[str]]
"""Gives the sounds of a word."""

ALIKE = 0.4
"""At or below this difference two words are called alike ("fifteen" and "fifty")."""

ENDS_ALIKE = 0.5
"""What two words of one syllable differ by that only begin otherwise ("no" and "go"): over a telephone, which cuts
most of what tells consonants apart, their vowel is all that is left of them."""

_MARKS = dict.fromkeys(map(ord, "ˈˌː"))
_VOWELS = frozenset("aeiouyæɐɑɒɔɘəɚɛɜɝɤɨɪɯɵøœɶʉʊʌʏ")
_RELATED = tuple(map(frozenset, ("pbβ", "tdɾð", "kɡɣ", "fvβ", "szʃʒθð", "mnŋɲ", "lɹrɾ", "jʝ", "fθ")))


def difference(first: Sequence[str], second: Sequence[str]) -> float:
    """Give how far two words are apart by their sounds: 0 sound the same, 1 have nothing in common."""
    one, other = _plain(first), _plain(second)
    costs: list[float] = [float(n) for n in range(len(other) + 1)]
    for row, sound in enumerate(one, 1):
        line = [float(row)]
        for (above_left, above), beside in zip(pairwise(costs), other, strict=True):
            line.append(min(above + 1, line[-1] + 1, above_left + _change(sound, beside)))
        costs = line
    return costs[-1] / max(len(one), len(other), 1)


def alike(first: Sequence[str], second: Sequence[str]) -> bool:
    """Tell whether two words are easily taken for one another."""
    apart = difference(first, second)
    return apart <= ALIKE or (apart <= ENDS_ALIKE and _rhymes(_plain(first), _plain(second)))


def _rhymes(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether both are a vowel with at most one consonant before it, and the vowel is the same."""
    return max(len(one), len(other)) <= 2 and one[-1:] == other[-1:] and bool(one) and _is_vowel(one[-1])  # noqa: PLR2004 - a consonant and a vowel


def _plain(sounds: Sequence[str]) -> tuple[str, ...]:
    return tuple(plain for sound in sounds if (plain := sound.translate(_MARKS)))


def _is_vowel(sound: str) -> bool:
    return sound[0] in _VOWELS


def _change(one: str, other: str) -> float:
    if one == other:
        return 0.0
    if _is_vowel(one) and _is_vowel(other):
        return 0.5
    return 0.5 if any(one[0] in family and other[0] in family for family in _RELATED) else 1.0
