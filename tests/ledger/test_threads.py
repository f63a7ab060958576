"""Work in threads: nobody who waited for it goes on while it still runs."""

import asyncio
import threading

import pytest

from voicebot.ledger.threads import in_thread


async def test_the_result_and_the_failure_come_through() -> None:
    assert await in_thread(int, "12", base=8) == 10
    with pytest.raises(ValueError, match="invalid literal"):
        await in_thread(int, "no number")


@pytest.mark.parametrize("fails", [False, True])
async def test_who_is_cancelled_ends_when_the_thread_has(*, fails: bool) -> None:
    begun, may_end, ended = asyncio.Event(), threading.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def work() -> None:
        loop.call_soon_threadsafe(begun.set)
        may_end.wait(30)
        ended.set()
        if fails:
            raise OSError("the disk is gone")

    waiting = asyncio.create_task(in_thread(work))
    await begun.wait()
    waiting.cancel()
    for _ in range(5):
        await asyncio.sleep(0)
    assert not waiting.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert ended.is_set()
