"""Debian's sipp as a caller who presses keys (`keys.xml`)."""

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path

from tests.patience import PATIENCE_S

SCENARIO = Path(__file__).with_name("keys.xml")


class Sipp:
    """One running caller."""

    def __init__(
        self, process: asyncio.subprocess.Process, address: tuple[str, int], call_id: str, folder: Path
    ) -> None:
        self._process, self._address, self._call_id, self._folder = process, address, call_id, folder
        self._count = 0

    async def press(self, keys: str) -> None:
        """Press keys; returns at once."""
        self._count += 1
        host, port = self._address
        lines = [
            f"MESSAGE sip:sipp@{host}:{port} SIP/2.0",
            f"Via: SIP/2.0/UDP {host}:9;branch=z9hG4bKkeys{self._count}",
            f"From: <sip:test@{host}>;tag=test",
            f"To: <sip:sipp@{host}>",
            f"Call-ID: {self._call_id}",
            f"CSeq: {self._count} MESSAGE",
            f"Keys: {keys}",
            "Content-Length: 0",
        ]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto("\r\n".join([*lines, "", ""]).encode(), self._address)

    def referred(self) -> tuple[str, str]:
        """Where a REFER sent it, once the call is over, and the `User-to-User` that came with it; empty: none came."""
        log = (self._folder / "heard.log").read_text(encoding="ascii")
        found = re.search(r"referred to (\S+) with (\S*)\.$", log, re.MULTILINE)
        return (found[1], found[2]) if found else ("", "")

    async def ended(self) -> int:
        """Its exit code, when the bot has hung up; 0 is a scenario that went as it is written."""
        async with asyncio.timeout(PATIENCE_S):
            return await self._process.wait()


@contextlib.asynccontextmanager
async def sipp(folder: Path, bot: tuple[str, int], number: str) -> AsyncIterator[Sipp]:
    """A caller of this number who rings at once.

    Args:
        folder: for what it writes.
        bot: host and port.
        number: who calls.
    """
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - a moment
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        host, port = free.getsockname()
    call_id = f"keys-{port}@{host}"
    process = await asyncio.create_subprocess_exec(
        "sipp", f"{bot[0]}:{bot[1]}", "-sf", str(SCENARIO), "-i", host, "-p", str(port), "-s", number, "-m", "1",
        "-cid_str", call_id, "-nostdin", "-trace_err", "-trace_logs", "-log_file", "heard.log",
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        cwd=folder,
    )  # fmt: skip
    try:
        yield Sipp(process, (host, port), call_id, folder)
    finally:
        with contextlib.suppress(ProcessLookupError):  # it ends by itself after a call that went well
            process.kill()
        await process.wait()
