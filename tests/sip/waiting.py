"""Waiting for a fact that nobody announces."""

import asyncio
from collections.abc import Callable

from tests.patience import PATIENCE_S


async def becomes_true(fact: Callable[[], bool], within_s: float = PATIENCE_S) -> None:
    """Look until it is so. Raises TimeoutError when it never is."""
    async with asyncio.timeout(within_s):
        while True:
            if fact():
                return
            await asyncio.sleep(0.01)
