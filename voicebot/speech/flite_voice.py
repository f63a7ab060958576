"""flite's voices (kal, awb, rms, slt), for scripted callers: a small program that speaks into a file.

It is a system package (`flite`); nothing of the bot needs it.
"""

import shutil
import subprocess
import wave

from voicebot.audio.sound import Sound
from voicebot.speech.errors import VoiceFailed, VoiceMissing, VoiceUnknown
from voicebot.speech.memory_file import memory_file
from voicebot.speech.voices import VoiceName, sayable

DEFAULT_VOICE = "slt"
NATURAL_WORDS_A_MINUTE = 160
"""What flite's own rate is taken for; others stretch it."""

TIMEOUT_S = 20.0


class FliteVoice:
    """One flite voice; each prompt is a run of the program."""

    def __init__(self, name: VoiceName) -> None:
        program = shutil.which("flite")
        if program is None:
            raise VoiceMissing("flite is not installed; install the system package flite or choose another voice")
        self.name = str(name)
        self._program = program
        self._voice = name.voice or DEFAULT_VOICE
        installed = self._run("-lv").partition(":")[2].split()
        if self._voice not in installed:
            raise VoiceUnknown(f"flite has no voice {self._voice!r}; it has: {', '.join(installed)}")
        self._stretch = NATURAL_WORDS_A_MINUTE / (name.words_a_minute or NATURAL_WORDS_A_MINUTE)

    def speak(self, text: str, pace: float = 1.0) -> Sound:
        """Speak `text`; see `Synthesizer.speak`."""
        said = sayable(text)
        stretch = f"duration_stretch={self._stretch / pace:.3f}"
        with memory_file() as memory:
            self._run(
                "-voice", self._voice, "--setf", stretch, "-t", said, "-o", str(memory.path), keep=memory.descriptors
            )
            try:
                with wave.open(str(memory.path), "rb") as file:
                    return Sound(file.readframes(file.getnframes()), file.getframerate())
            except (OSError, EOFError, wave.Error) as problem:
                raise VoiceFailed(f"flite wrote no sound ({type(problem).__name__})") from problem

    def _run(self, *arguments: str, keep: tuple[int, ...] = ()) -> str:
        try:
            done = subprocess.run(  # noqa: S603 - a fixed program; the text is one argument, no shell reads it
                [self._program, *arguments],
                capture_output=True,
                text=True,
                timeout=TIMEOUT_S,
                check=True,
                pass_fds=keep,
            )
        except (subprocess.SubprocessError, OSError) as problem:
            raise VoiceFailed(f"flite did not speak ({type(problem).__name__})") from None
        return done.stdout


def make(name: VoiceName) -> FliteVoice:
    """Make the voice of this name."""
    return FliteVoice(name)
