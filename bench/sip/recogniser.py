"""What the recogniser alone costs: callers' clips decoded by themselves, with no line, no conversation, no sandbox."""

import time
from collections.abc import Mapping, Sequence

from voicebot.audio import FRAME_S, Sound
from voicebot.cli.furnish import grammars_for, phrases_by_grammar, recognizer_for
from voicebot.dialog import QUESTIONS
from voicebot.settings import Settings
from voicebot.speech import Recognizer


def recogniser_cpu_s(clips: Mapping[str, Sound]) -> float:
    """CPU seconds for each second of a caller's sound, each clip as an answer to the question of its name."""
    settings = Settings()
    grammars = grammars_for(settings)
    phrases, recogniser = phrases_by_grammar(grammars), recognizer_for(settings, grammars)
    answers = [(phrases[QUESTIONS[name].grammar_name], clip) for name, clip in clips.items()]
    _decode(recogniser, answers)  # grammars are compiled when they are first used
    began_s = time.process_time()
    _decode(recogniser, answers)
    return (time.process_time() - began_s) / sum(clip.duration_s for clip in clips.values())


def _decode(recogniser: Recognizer, answers: Sequence[tuple[Sequence[str], Sound]]) -> None:
    for phrases, clip in answers:
        ear = recogniser.listen(phrases, rate_hz=clip.rate_hz, start_s=0.0)
        for frame in clip.frames(FRAME_S):
            ear.feed(frame)
        ear.finish()
