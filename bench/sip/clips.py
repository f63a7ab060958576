"""What a caller says, recorded: the demo's clips by the question that each answers."""

from functools import cache

from voicebot.audio import Sound, read_sound
from voicebot.settings import ROOT

FOLDER = ROOT / "demo" / "clips"
YES = "confirm_payment"
"""Said to every other question that a bot which is not sure asks, too."""


@cache
def clip_for(question: str) -> Sound:
    """The answer to a question, at the recording's own rate."""
    name = YES if question.startswith("confirm_") else question
    return read_sound(FOLDER / f"{name}.flac")


def questions() -> list[str]:
    """Those that have a clip of their own: one whole call."""
    return sorted(path.stem for path in FOLDER.glob("*.flac"))
