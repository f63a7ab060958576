"""A sound card without hardware: a PulseAudio server of the tests' own, with two sinks.

Sound played into the sink `caller` arrives at the microphone; what goes to the loudspeaker can be read from `speaker`.
"""

import asyncio
import os
import shutil
import subprocess
import time
from pathlib import Path

from tests.patience import PATIENCE_S
from voicebot.audio import Sound

RATE_HZ = 16_000
NEEDED = ("pulseaudio", "pactl", "pacat", "parec")
INSTALL = "apt-get install libportaudio2 pulseaudio pulseaudio-utils libasound2-plugins"
_FORM = (f"--rate={RATE_HZ}", "--channels=1", "--format=s16le", "--latency-msec=200")


class PulseError(Exception):
    """The server cannot run here; the text says why."""


class Pulse:
    """Start, stop, speak, listen. Everything it writes is in `folder`; it ends no process but its own."""

    def __init__(self, folder: Path) -> None:
        missing = [program for program in NEEDED if shutil.which(program) is None]
        if missing:
            raise PulseError(f"{', '.join(missing)} not installed: {INSTALL}")
        folder.chmod(0o700)
        self.socket = folder / "native"
        self._log = folder / "log"
        self._server: subprocess.Popen[bytes] | None = None
        self._awake: list[subprocess.Popen[bytes]] = []
        self.client_env = {"PULSE_SERVER": f"unix:{self.socket}", "PULSE_LATENCY_MSEC": "100"}
        homes = ("HOME", "XDG_RUNTIME_DIR", "PULSE_RUNTIME_PATH", "PULSE_STATE_PATH")
        self._env = os.environ | dict.fromkeys(homes, str(folder)) | self.client_env

    @property
    def runs(self) -> bool:
        return self._server is not None

    def start(self) -> None:
        if self.runs:
            return
        sinks = [f"module-null-sink sink_name={name} rate={RATE_HZ} channels=1" for name in ("caller", "speaker")]
        protocol = f"module-native-protocol-unix auth-anonymous=1 socket={self.socket}"
        options = ["--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"]
        loads = [part for module in (*sinks, protocol) for part in ("-L", module)]
        with self._log.open("ab") as log:
            self._server = subprocess.Popen(
                ["pulseaudio", "-n", *options, *loads],
                env={name: value for name, value in self._env.items() if name != "PULSE_SERVER"},
                stdout=log,
                stderr=log,
            )
        give_up_s = time.monotonic() + PATIENCE_S
        while not (
            self._control("set-default-source", "caller.monitor") and self._control("set-default-sink", "speaker")
        ):
            if self._server.poll() is not None or time.monotonic() > give_up_s:
                self.stop()
                raise PulseError(f"pulseaudio does not start here: {self._log.read_text()[-300:]}")
        # A sink that nobody plays to goes to sleep, and takes two seconds to wake.
        self._awake = [
            subprocess.Popen(["pacat", "/dev/zero", f"--device={sink}", *_FORM], env=self._env)
            for sink in ("caller", "speaker")
        ]

    def stop(self) -> None:
        for process in (*self._awake, self._server):
            if process is not None:
                process.kill()
                process.wait()
        self._awake, self._server = [], None
        self.socket.unlink(missing_ok=True)

    async def speak(self, sound: Sound) -> None:
        """The caller says something into the microphone; returns when it is said."""
        speaker = await self._client("pacat", "--playback", "--device=caller", stdin=asyncio.subprocess.PIPE)
        await speaker.communicate(sound.pcm)

    async def listen(self) -> asyncio.subprocess.Process:
        """A process that writes what the loudspeaker plays, as raw PCM, until it is terminated."""
        return await self._client("parec", "--device=speaker.monitor", stdout=asyncio.subprocess.PIPE)

    async def _client(
        self, *command: str, stdin: int | None = None, stdout: int | None = None
    ) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(*command, *_FORM, env=self._env, stdin=stdin, stdout=stdout)

    def _control(self, *command: str) -> bool:
        done = subprocess.run(["pactl", *command], env=self._env, capture_output=True, check=False)
        return done.returncode == 0
