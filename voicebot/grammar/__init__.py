"""Grammars: what may be said, as JSGF files; words read back as values; phrase lists for the recogniser.

Pure: nothing here knows the time, a recogniser or a caller. `docs/writing-a-grammar.md` tells how to write one.
"""

from voicebot.grammar.errors import GrammarError, Location
from voicebot.grammar.grammar import Grammar, Reading, grammars_from_texts, load_grammars
from voicebot.grammar.heard import Hypothesis, Segment, Unpicklable

__all__ = [
    "Grammar",
    "GrammarError",
    "Hypothesis",
    "Location",
    "Reading",
    "Segment",
    "Unpicklable",
    "grammars_from_texts",
    "load_grammars",
]
