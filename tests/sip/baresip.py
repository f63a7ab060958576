"""Debian's baresip as a caller: sound out of files, commands over its control socket."""

import asyncio
import contextlib
import json
import random
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE_S
from voicebot.audio import Sound, write_sound
from voicebot.audio.codec import TELEPHONE_HZ

MODULES = "/usr/lib/baresip/modules"
SILENCE_S = 300.0
"""Silence behind each clip: at the end of its file baresip hangs up."""

CONFIG = """\
module_path {modules}
sip_listen 127.0.0.1:{sip}
audio_player aubridge,none
audio_alert aubridge,none
audio_source aufile,{silence}
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
rtp_ports {rtp}-{rtp_end}
ctrl_tcp_listen 127.0.0.1:{control}
{extra}
module g711.so
module g722.so
module srtp.so
module aufile.so
module aubridge.so
module ctrl_tcp.so
module_app menu.so
module_app account.so
"""


class Baresip:
    """One running phone."""

    def __init__(self, folder: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._folder = folder
        self._reader, self._writer = reader, writer
        self._clips = 0
        self._told: set[str] = set()

    async def command(self, command: str, params: str = "") -> str:
        """Give a command as at its console.

        Returns:
            What it printed.
        """
        data = json.dumps({"command": command, "params": params}).encode()
        self._writer.write(b"%d:%b," % (len(data), data))
        async with asyncio.timeout(PATIENCE_S):
            while not (answer := await self._read()).get("response"):
                pass
        assert answer["ok"], answer
        return str(answer["data"])

    async def happened(self, what: str) -> None:
        """Wait until it has told of an event, as `CALL_ESTABLISHED`."""
        async with asyncio.timeout(PATIENCE_S):
            while what not in self._told:
                await self._read()

    async def _read(self) -> dict[str, Any]:
        """Its next message."""
        size = int((await self._reader.readuntil(b":"))[:-1])
        message: dict[str, Any] = json.loads((await self._reader.readexactly(size + 1))[:-1])
        if message.get("event"):
            self._told.add(message["type"])
        return message

    async def say(self, sound: Sound) -> None:
        """Speak, then be silent."""
        self._clips += 1
        path = _clip(self._folder / f"{self._clips}.wav", sound)
        await self.command("ausrc", f"aufile,{path}")


def _clip(path: Path, sound: Sound) -> Path:
    write_sound(path, sound.resampled(TELEPHONE_HZ) + Sound.silence(SILENCE_S, TELEPHONE_HZ))
    return path


def _free_port() -> int:
    """A port that is free for UDP and TCP, out of those that the kernel gives to nobody by itself (ip(7))."""
    while True:
        port = random.randrange(20_000, 32_000, 2)  # noqa: S311 - no secret
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                stack.enter_context(socket.socket(socket.AF_INET, kind)).bind(("127.0.0.1", port))
            return port


@contextlib.asynccontextmanager
async def baresip(
    folder: Path, number: str, *, account: str = "audio_codecs=PCMU", extra: str = ""
) -> AsyncIterator[Baresip]:
    """A phone of this number that speaks silence until told otherwise.

    Args:
        folder: for its files.
        number: who calls.
        account: parameters of its account: codecs, `mediaenc`, `;`-separated.
        extra: lines of its configuration.
    """
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - a moment
    silence = _clip(folder / "silence.wav", Sound.silence(0.02, TELEPHONE_HZ))
    (folder / "accounts").write_text(f"<sip:{number}@127.0.0.1>;regint=0;{account}\n", encoding="utf-8")
    for tries_left in (2, 1, 0):
        sip, control, rtp = _free_port(), _free_port(), _free_port()
        config = CONFIG.format(
            modules=MODULES, sip=sip, control=control, rtp=rtp, rtp_end=rtp + 400, silence=silence, extra=extra
        )
        (folder / "config").write_text(config, encoding="utf-8")
        process = await asyncio.create_subprocess_exec(
            "baresip", "-f", str(folder),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            found = await _connected(control, process)
            if found is None and tries_left:
                continue  # somebody else took one of its ports
            assert found is not None, f"baresip ended with {process.returncode}"
            reader, writer = found
            try:
                yield Baresip(folder, reader, writer)
            finally:
                writer.close()
            return
        finally:
            with contextlib.suppress(ProcessLookupError):  # it has ended by itself; what that broke is told by the test
                process.kill()
            await process.wait()


async def _connected(
    port: int, process: asyncio.subprocess.Process
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
    """Its control socket, as soon as it listens; None when it ended first."""
    async with asyncio.timeout(PATIENCE_S):
        while process.returncode is None:
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)
    return None
