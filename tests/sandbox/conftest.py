from collections.abc import AsyncIterator

import pytest

from tests.sandbox.client import Client
from voicebot.sandbox import Sandbox


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as running:
        yield running


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[Client]:
    async with Client(sandbox) as one:
        await one.log_in()
        yield one
