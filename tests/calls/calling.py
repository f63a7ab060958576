"""Callers on real time: they answer when the bot listens, as `demo/callers` says."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from tests.patience import PATIENCE_S
from voicebot.call import CallReport, HeldCall, Silent
from voicebot.cli.caller_script import CallerScript, Entry

KEY_GAP_S = 0.1
"""Between two presses. The same key sooner than a finger can is taken for one press that was told twice."""


async def one_by_one(keys: str | None) -> AsyncIterator[str]:
    """Keys as a person presses them."""
    for key in keys or "":
        yield key
        await asyncio.sleep(KEY_GAP_S)


class Listening(Silent):
    """Tells which question the bot listens for."""

    def __init__(self) -> None:
        self.questions: asyncio.Queue[str] = asyncio.Queue()

    def asked(self, question: str, at_s: float) -> None:
        del at_s
        self.questions.put_nowait(question)


class OneCall:
    """One call of a switchboard: give it `watch` and `ended`."""

    def __init__(self) -> None:
        self.listening = Listening()
        self.over: asyncio.Future[CallReport | None] = asyncio.get_running_loop().create_future()

    def watch(self, held: HeldCall) -> Listening:
        del held
        return self.listening

    def ended(self, held: HeldCall) -> None:
        self.over.set_result(held.report)

    async def answered_by(self, script: CallerScript, answer: Callable[[Entry], Awaitable[None]]) -> CallReport:
        """Let the caller answer until the call is over."""
        waiting: defaultdict[str, deque[Entry]] = defaultdict(deque)
        for entry in script.caller:
            waiting[entry.when].append(entry)
        async with asyncio.timeout(PATIENCE_S):
            while not self.over.done():
                asked: asyncio.Future[str] = asyncio.ensure_future(self.listening.questions.get())
                either: set[asyncio.Future[Any]] = {asked, self.over}
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
                if not asked.done():
                    asked.cancel()
                elif waiting[asked.result()]:
                    await answer(waiting[asked.result()].popleft())
        report = self.over.result()
        assert report is not None
        return report
