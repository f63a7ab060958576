"""A second opinion on spoken digits: a small network of our own, whose mistakes are not those of Vosk's model.

`DigitOpinion` says how likely each guess of an unsure segment is by the sound, and what it would have guessed.
"""

from voicebot.speech.digits.opinion import NAMES, DigitOpinion

__all__ = ["NAMES", "DigitOpinion"]
