"""The bot on the phone as a process of its own, as a user starts it: `run_bot.py sip --json`, and what it tells."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.sip.vendor import Vendor
from voicebot.settings import ROOT

START_WITHIN_S = 300.0
"""A busy machine may need a while for the model, the voice and PJSIP."""
END_WITHIN_S = 60.0
NEWS_WITHIN_S = 180.0
"""What a call tells next, on a busy machine: beyond any prompt, silence and answer."""


class Bot:
    """A running bot: its events, its address, its end."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self.process, self.folder = process, folder
        self.events: list[dict[str, Any]] = []
        self.log: list[str] = []
        self._news = asyncio.Condition()
        self._readers = [asyncio.create_task(self._read_events()), asyncio.create_task(self._read_log())]

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of UDP."""
        return self.at("udp")

    def at(self, transport: str) -> tuple[str, int]:
        """Host and port of a transport."""
        (ready,) = [event for event in self.events if event["event"] == "ready"]
        (found,) = [each for each in ready["addresses"] if each.startswith(f"{transport}:")]
        host, _, port = found.removeprefix(f"{transport}:").rpartition(":")
        return host, int(port)

    @property
    def lines(self) -> tuple[tuple[str, int], ...]:
        """Host and port of UDP of each worker, the latest where one was started again."""
        ready = {event.get("worker", 0): event for event in self.events if event["event"] == "ready"}
        addresses = [ready[worker]["addresses"][0].removeprefix("udp:").rpartition(":") for worker in sorted(ready)]
        return tuple((host, int(port)) for host, _, port in addresses)

    async def event(
        self, fits: Callable[[dict[str, Any]], bool], *, within_s: float = NEWS_WITHIN_S, since: int = 0
    ) -> dict[str, Any]:
        """The first event that fits, told already or within a time; `since` skips that many of the first.

        Raises:
            TimeoutError: it did not come.
            EOFError: the bot ended first.
        """
        async with asyncio.timeout(within_s), self._news:
            while True:
                for event in self.events[since:]:
                    if fits(event):
                        return event
                if self._readers[0].done():
                    raise EOFError("the bot ended:\n" + "\n".join(self.log[-20:]))
                await self._news.wait()

    async def ready(self, worker: int | None = None, *, since: int = 0) -> dict[str, Any]:
        """Calls can come in; of several workers, at this one."""
        return await self.event(
            lambda event: event["event"] == "ready" and event.get("worker") == worker,
            within_s=START_WITHIN_S,
            since=since,
        )

    async def news(self, caller: str, *, within_s: float = NEWS_WITHIN_S) -> AsyncIterator[dict[str, Any]]:
        """Every event of one caller's call, as it comes, until the call has ended.

        Args:
            caller: the last two digits of the number.
            within_s: to wait for each.
        """
        event = await self.event(
            lambda event: event["event"] == "began" and event["caller"].endswith(caller), within_s=within_s
        )
        call, seen = _of(event), 0
        while event["event"] != "ended":
            yield event
            seen = self.events.index(event, seen) + 1
            event = await self.event(lambda event: _of(event) == call, within_s=within_s, since=seen)

    async def questions(self, caller: str, *, within_s: float = NEWS_WITHIN_S) -> AsyncIterator[str]:
        """The questions that one caller is asked, each when the bot begins to listen for its answer.

        Args:
            caller: the last two digits of the number.
            within_s: to wait for each.
        """
        async for event in self.news(caller, within_s=within_s):
            if event["event"] == "asked":
                yield event["what"]

    async def report(self, caller: str, *, within_s: float = NEWS_WITHIN_S) -> dict[str, Any]:
        """The end of the call of the caller with these last two digits: its `ended` event."""
        began = await self.event(
            lambda event: event["event"] == "began" and event["caller"].endswith(caller), within_s=within_s
        )
        return await self.event(
            lambda event: event["event"] == "ended" and _of(event) == _of(began),
            within_s=within_s,
        )

    async def stop(self, *, signals: int = 1) -> int:
        """SIGTERM, once to drain or twice to hang up, and its exit code."""
        for _ in range(signals):
            with contextlib.suppress(ProcessLookupError):
                self.process.terminate()
            with contextlib.suppress(EOFError):
                await self.event(lambda event: event["event"] == "draining")
        async with asyncio.timeout(END_WITHIN_S):
            await asyncio.wait(self._readers)
            return await self.process.wait()

    async def _read_events(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            async with self._news:
                self.events.append(json.loads(line))
                self._news.notify_all()
        async with self._news:
            asyncio.get_running_loop().call_soon(self._wake)

    def _wake(self) -> None:
        """Let those who wait see that no more will come."""
        self._waker = asyncio.create_task(self._notify())

    async def _notify(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def _read_log(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.log.append(line.decode("utf-8", "replace").rstrip())


@contextlib.asynccontextmanager
async def running_bot(
    folder: Path,
    sandbox: Vendor,
    sip: Mapping[str, Any],
    workers: int = 1,
    within: Sequence[str] = (),
    /,
    **settings: Any,
) -> AsyncIterator[Bot]:
    """A bot that takes calls on loopback and pays into this sandbox; ended by force if it is not stopped.

    Args:
        folder: for its settings and its database (`voicebot.sqlite3`).
        sandbox: already running.
        sip: settings of `[sip]` beside the address and free ports.
        workers: processes that hold calls; with several, each is waited for.
        within: a command that runs another one, as `ip netns exec NAME`.
        settings: others, by the name of their section.
    """
    settings = {
        "database": f"sqlite:///{folder}/voicebot.sqlite3",
        "payments": {
            "environment": "custom",
            "general_url": f"{sandbox.general_url}/api/v1",
            "vault_url": f"{sandbox.vault_url}/api/v1",
            "client_id": sandbox.client_id,
            "client_secret": sandbox.client_secret,
            "scopes": list(sandbox.scopes),
        },
        "sip": {"listen": "127.0.0.1", "port": 0, "tls_port": 0, **sip},
        **settings,
    }
    config = folder / "voicebot.toml"
    config.write_text("".join(_toml(settings)), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *within, sys.executable, str(ROOT / "run_bot.py"), "sip", "--json",
        "--config", str(config), "--workers", str(workers),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=folder, limit=1 << 20,
    )  # fmt: skip
    bot = Bot(process, folder)
    try:
        for worker in range(1, workers + 1):
            await bot.ready(worker if workers > 1 else None)
        yield bot
    finally:
        if process.returncode is None:
            process.kill()
        await asyncio.wait(bot._readers)  # noqa: SLF001 - its own module
        await process.wait()


def _of(event: Mapping[str, Any]) -> tuple[object, object]:
    """Which call an event is about; each worker counts its own."""
    return event.get("worker"), event.get("call")


def _toml(settings: Mapping[str, Any]) -> list[str]:
    """Settings as TOML: JSON's texts, numbers, booleans and lists are TOML's too."""
    plain = {name: value for name, value in settings.items() if not isinstance(value, Mapping)}
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in plain.items()]
    for section, values in settings.items():
        if isinstance(values, Mapping):
            tables = {name: value for name, value in values.items() if name == "accounts"}
            lines.append(f"[{section}]\n")
            lines += [f"{name} = {json.dumps(value)}\n" for name, value in values.items() if name not in tables]
            for account in tables.get("accounts", ()):
                lines.append(f"[[{section}.accounts]]\n")
                lines += [f"{name} = {json.dumps(value)}\n" for name, value in account.items()]
    return lines
