"""The vendor under torture comes to rest, or says what did not."""

import asyncio

import pytest

from bench.torture import vendor as vendors
from bench.torture.vendor import Vendor
from voicebot.sandbox import Fault, FaultKind, RequestKind

REQUEST = b"POST /api/v1/pay/voice/carts/none/payments/card HTTP/1.1\r\nHost: vault\r\nContent-Length: 0\r\n\r\n"


async def test_what_never_ends_is_named_and_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendors, "_LONGEST_UNREST_S", 0.3)
    async with Vendor(pays_once=True) as vendor:
        vendor.begin([Fault(kind=FaultKind.SILENT)], hold=False)
        arrival = asyncio.ensure_future(vendor.sandbox.arrival(RequestKind.CARD))
        answers, client = await asyncio.open_connection("127.0.0.1", int(vendor.sandbox.vault_url.rpartition(":")[2]))
        client.write(REQUEST)
        await arrival
        assert await vendor.calm_down() == "not at rest after 0 s: 1 connections, 1 requests"
        assert await answers.read() == b""
        client.close()
        assert await vendor.calm_down() == ""
