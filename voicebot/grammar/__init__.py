"""Grammars: JSGF read into networks, words read back as values. Pure."""
