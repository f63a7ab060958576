"""Grammars: what may be said, as JSGF files; words read back as values; phrase lists for the recogniser.

Pure: nothing here knows the time, a recogniser or a caller. `docs/writing-a-grammar.md` tells how to write one.
"""

from voicebot.grammar.check import Finding, Kind, check
from voicebot.grammar.errors import GrammarError, Location
from voicebot.grammar.grammar import BRIEF, Grammar, Reading, grammars_from_texts, load_grammars, phrases_for
from voicebot.grammar.heard import Hypothesis, Segment, Unpicklable
from voicebot.grammar.phrases import UNKNOWN
from voicebot.grammar.vocabulary import UnknownWord, unknown_words

__all__ = [
    "BRIEF",
    "UNKNOWN",
    "Finding",
    "Grammar",
    "GrammarError",
    "Hypothesis",
    "Kind",
    "Location",
    "Reading",
    "Segment",
    "UnknownWord",
    "Unpicklable",
    "check",
    "grammars_from_texts",
    "load_grammars",
    "phrases_for",
    "unknown_words",
]
