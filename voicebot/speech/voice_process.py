"""A voice in a process of its own, so that nothing a native library does can hang or end a call.

The parent writes one JSON line a prompt and reads one header and its sound. When that takes too long, or the process
died, it is ended and the next prompt starts a new one. Run as a module, this file is that process:
`python -m voicebot.speech.voice_process NAME`. Text and sound travel through pipes only.

espeak-ng goes on with its oscillators from where the text before left them, so that one text was up to 10 ms longer or
shorter from call to call. Where there is `fork` each text is therefore spoken by a fresh copy of the process.
"""

import contextlib
import ctypes
import json
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

from voicebot.audio.sound import Sound
from voicebot.speech import pyttsx3_voice
from voicebot.speech.errors import VoiceError, VoiceFailed, VoiceMissing, VoiceUnknown
from voicebot.speech.priority import give_way
from voicebot.speech.voices import ENGINES, Synthesizer, make_synthesizer, parse_voice, sayable

TIMEOUT_S = 10.0
"""Time for one prompt, with the start of the process: a thousand times what espeak needs."""

_HEADER = struct.Struct("<BII")
"""Kind of answer (an index of `_ANSWERS`), rate in Hz, bytes that follow."""

_ANSWERS = (None, VoiceFailed, VoiceMissing, VoiceUnknown)

_PR_SET_PDEATHSIG = 1
"""Of `prctl`: the signal that this process gets when its parent ends."""

PROJECT = Path(__file__).resolve().parents[2]


class VoiceProcess:
    """A `Synthesizer` whose work is done by a long-lived process of its own. Safe to use from any thread.

    Raises:
        VoiceUnknown: the name is none.
    """

    def __init__(self, name: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self.name = str(parse_voice(name))
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def speak(self, text: str, pace: float = 1.0) -> Sound:
        """Speak `text`; see `Synthesizer.speak`. Takes `timeout_s`, or twice that, at most.

        A crash may be one of a kind: what failed at once is tried once more, by a new process.

        Raises:
            ValueError: there is nothing to say.
            VoiceMissing, VoiceUnknown: this voice cannot be had here.
            VoiceFailed: it failed twice, or took too long. The next prompt starts it anew.
        """
        request = json.dumps({"text": sayable(text), "pace": pace}).encode() + b"\n"
        began_s = time.monotonic()
        with self._lock:
            try:
                return self._ask(request)
            except VoiceFailed:
                if time.monotonic() - began_s >= self._timeout_s:
                    raise
            self._end()
            return self._ask(request)

    def close(self) -> None:
        """End the process. May be called twice; a later `speak` starts it again."""
        with self._lock:
            self._end()

    def _ask(self, request: bytes) -> Sound:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = _start(self.name)
        process = self._process
        late = threading.Event()

        def give_up() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(self._timeout_s, give_up)
        timer.start()
        try:
            kind, rate_hz, content = _exchange(process, request)
        except (OSError, EOFError):
            self._end()
            how = f"took longer than {self._timeout_s:g} s" if late.is_set() else f"ended with {process.returncode}"
            raise VoiceFailed(f"the voice {self.name} {how}; it starts anew with the next prompt") from None
        finally:
            timer.cancel()
            timer.join()
        problem = _ANSWERS[kind]
        if problem is not None:
            raise problem(content.decode())
        return Sound(content, rate_hz)

    def _end(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was not yet written is lost, as it should be
                    pipe.close()
        self._process.wait()
        self._process = None


def _start(name: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "voicebot.speech.voice_process", name]
    # The parent may have found us beside its script rather than in the working directory.
    search = os.pathsep.join((str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])))
    # What native code prints is noise; what went wrong comes through the pipe.
    return subprocess.Popen(  # noqa: S603 - our own module, and the name was checked by parse_voice
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": search},
    )


def _exchange(process: "subprocess.Popen[bytes]", request: bytes) -> tuple[int, int, bytes]:
    if process.stdin is None or process.stdout is None:
        raise EOFError
    process.stdin.write(request)
    process.stdin.flush()
    kind, rate_hz, size = _HEADER.unpack(_read_exactly(process.stdout, _HEADER.size))
    return kind, rate_hz, _read_exactly(process.stdout, size)


def _read_exactly(pipe: IO[bytes], size: int) -> bytes:
    content = pipe.read(size)
    if len(content) < size:
        raise EOFError
    return content


def _serve(name: str, requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer requests until the parent closes its end, or a copy died of one."""
    remembers = ENGINES[parse_voice(name).engine] == pyttsx3_voice.__name__ and sys.platform == "linux"
    if remembers:
        with contextlib.suppress(VoiceError):  # each copy says by itself what is missing
            pyttsx3_voice.load()
    synthesizer: Synthesizer | None = None
    for request in requests:
        if remembers:
            _answer_in_copy(name, request, answers)
        else:
            synthesizer = _answer(synthesizer, name, request, answers)


def _answer(synthesizer: Synthesizer | None, name: str, request: bytes, answers: IO[bytes]) -> Synthesizer | None:
    try:
        synthesizer = synthesizer or make_synthesizer(name)
        wanted = json.loads(request)
        sound = synthesizer.speak(wanted["text"], wanted["pace"])
        kind, rate_hz, content = 0, sound.rate_hz, sound.pcm
    except VoiceError as problem:
        kind, rate_hz, content = _ANSWERS.index(type(problem)), 0, str(problem).encode()
    answers.write(_HEADER.pack(kind, rate_hz, len(content)) + content)
    answers.flush()
    return synthesizer


def _answer_in_copy(name: str, request: bytes, answers: IO[bytes]) -> None:
    """Let a copy of this process answer. Where it dies of that, so does this one: so the parent learns of it."""
    copy = os.fork()
    if copy == 0:
        died = 1
        try:
            # Who hangs ends with the one who is ended for it.
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            _answer(None, name, request, answers)
            died = 0
        finally:
            os._exit(died)
    _, status = os.waitpid(copy, 0)
    if status != 0:
        sys.exit(os.waitstatus_to_exitcode(status))


def _main() -> None:
    """Be the voice process. Its real stdout is kept for answers; prints of libraries go nowhere."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, whose end closes our stdin
    give_way()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _serve(sys.argv[1], sys.stdin.buffer, answers)


if __name__ == "__main__":
    _main()
