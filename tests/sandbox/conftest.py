from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.client import Client
from voicebot.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as running:
        yield running


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[Client]:
    async with Client(sandbox) as one:
        await one.log_in()
        yield one
