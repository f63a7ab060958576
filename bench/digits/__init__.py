"""Trains the network that has a second opinion on digits; see `voicebot.speech.digits`."""
