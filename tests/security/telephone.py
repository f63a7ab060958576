"""Plays the callers of a victim: starts it, answers its questions key by key, and keeps what it let out."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.patience import PATIENCE_S
from tests.security.canary import Canary, Tender, expiration
from voicebot.sandbox import API_ROOT, Sandbox

ROOT = Path(__file__).parents[2]
ACCOUNT = "2890345"

"""For whatever the victim does next, on a machine that has much else to do."""


@dataclass
class Victim:
    """A running bot.

    Attributes:
        folder: everything that it writes is below.
        given: every tender that it was given.
    """

    folder: Path
    process: Process
    given: list[Tender] = field(default_factory=list)

    async def call(self, kind: str, *tenders: Tender, answers: Mapping[str, str] | None = None) -> dict[str, int]:
        """Hold one call; the second tender is given when the first one is refused.

        Args:
            kind: "text", "sound", or "fails STEP".
            tenders: what the caller has.
            answers: keys for questions, before the usual ones.

        Returns:
            How many more instances of types that carry a tender live after it than after the first call.
        """
        self.given += tenders
        left = list(tenders)
        await self.order(kind)
        while True:
            what, _, about = (await self._line()).partition(" ")
            if what == "over":
                living: dict[str, int] = json.loads(about)
                return living
            if about == "after_decline" and len(left) > 1:
                left.pop(0)
            keys = {**_usual(left[0]), **(answers or {})}.get(about, "")
            await self._write(keys)

    async def order(self, words: str) -> None:
        await self._write(words)

    async def _write(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text.encode() + b"\n")
        await self.process.stdin.drain()

    async def _line(self) -> str:
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            line = (await self.process.stdout.readline()).decode().strip()
        assert line, f"the victim has died: {(self.folder / 'stderr.txt').read_text()[-2000:]}"
        return line

    @property
    def canaries(self) -> set[Canary]:
        return {canary for tender in self.given for canary in tender.canaries}


def _usual(tender: Tender) -> dict[str, str]:
    echeck = bool(tender.routing)
    return {
        "account_number": f"{ACCOUNT}#",
        "tender": "2" if echeck else "1",
        "card_number": tender.number,
        "expiration": expiration(),
        "security_code": tender.code,
        "withdrawal_type": "1",
        "routing_number": tender.routing,
        "bank_account_number": f"{tender.number}#",
        "confirm_payment": "1",
        "after_decline": "2" if echeck else "1",
        "repeat_confirmation": "1",
    }


@asynccontextmanager
async def watched_victim(sandbox: Sandbox, folder: Path) -> AsyncIterator[Victim]:
    """A victim with a sandbox to pay at; it has ended, and written its last, afterwards."""
    (folder / "tmp").mkdir()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.security.victim",
        str(folder),
        json.dumps(
            {
                "environment": "custom",
                "general_url": sandbox.general_url + API_ROOT,
                "vault_url": sandbox.vault_url + API_ROOT,
                "client_id": sandbox.client_id,
                "client_secret": sandbox.client_secret,
                "scopes": sandbox.scopes,
                "payment_budget_s": 5,
            }
        ),
        stdin=PIPE,
        stdout=PIPE,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder / "tmp"), "PYTHONASYNCIODEBUG": "1", "PYTHONPATH": str(ROOT)},
    )
    victim = Victim(folder, process)
    try:
        yield victim
        await victim.order("end")
        async with asyncio.timeout(PATIENCE_S):
            assert await process.wait() == 0, (folder / "stderr.txt").read_text()[-2000:]
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
