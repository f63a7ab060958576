"""A sandbox in a process of its own: in that of the phones its work would make them speak late."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from voicebot.sandbox import API_ROOT
from voicebot.settings import ROOT

START_WITHIN_S = 60.0


class Vendor(Protocol):
    """What a bot must know of a sandbox."""

    @property
    def general_url(self) -> str:
        """Without the path of the API, as the next."""

    @property
    def vault_url(self) -> str: ...

    @property
    def client_id(self) -> str: ...

    @property
    def client_secret(self) -> str: ...

    @property
    def scopes(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class OtherProcess:
    """A sandbox that runs elsewhere."""

    general_url: str
    vault_url: str
    client_id: str
    client_secret: str
    scopes: Sequence[str]


@contextlib.asynccontextmanager
async def running_sandbox() -> AsyncIterator[OtherProcess]:
    """`run_bot.py sandbox`, ended afterwards."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(ROOT / "run_bot.py"), "sandbox", "--general-port", "0", "--vault-port", "0", "--json",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_WITHIN_S):
            told = json.loads(await process.stdout.readuntil(b"\n}"))
        urls = {name: told.pop(name).removesuffix(API_ROOT) for name in ("general_url", "vault_url")}
        yield OtherProcess(**urls, **told)
    finally:
        process.terminate()
        await process.wait()
