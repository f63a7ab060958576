"""Trains the network that tells yes and no from anything else; see `voicebot.speech.answers`."""
