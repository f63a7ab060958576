"""Real TLS on loopback, with certificate authorities made for the test: who is spoken to, and who is not."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
from pydantic import SecretStr

from tests.payments.conftest import FakeClock
from tests.payments.fake_api import CART_ID, FakeApi
from voicebot.payments import Amounts, ApiSettings, CardTender, Environment, PaymentExpress, Unreachable


@asynccontextmanager
async def tls_api(context: ssl.SSLContext, ca_file: Path) -> AsyncIterator[FakeApi]:
    """Both hosts behind this server's context; the client trusts the certificates in `ca_file` only."""
    api: FakeApi

    async def general(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await api.serve("general", reader, writer)

    async def vault(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await api.serve("vault", reader, writer)

    servers = [await asyncio.start_server(host, "127.0.0.1", 0, ssl=context) for host in (general, vault)]
    urls = [f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/v1" for server in servers]
    api = FakeApi(
        ApiSettings(
            environment=Environment.custom(general=urls[0], vault=urls[1]),
            client_id="ivr-test",
            client_secret=SecretStr("sandbox-secret"),
            ca_file=ca_file,
        )
    )
    try:
        yield api
    finally:
        for server in servers:
            server.close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def server_context(authority: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


async def test_a_trusted_host_is_paid(authority: trustme.CA, ca_file: Path, amounts: Amounts, card: CardTender) -> None:
    async with tls_api(server_context(authority), ca_file) as api, PaymentExpress(api.settings) as client:
        await client.pay_card(CART_ID, amounts, card)
        assert [seen.host for seen in api.seen] == ["general", "vault"]


@pytest.mark.parametrize("wrong", ["authority", "name", "version"])
async def test_any_other_host_hears_nothing(
    *, authority: trustme.CA, ca_file: Path, amounts: Amounts, card: CardTender, clock: FakeClock, wrong: str
) -> None:
    context = server_context(
        trustme.CA() if wrong == "authority" else authority, "elsewhere.example" if wrong == "name" else "127.0.0.1"
    )
    if wrong == "version":
        context = old_tls(context)
    async with (
        tls_api(context, ca_file) as api,
        PaymentExpress(api.settings, clock=clock, sleep=clock.sleep) as client,
    ):
        with pytest.raises(Unreachable, match="nothing was sent"):
            await client.pay_card(CART_ID, amounts, card)
        general, _, _ = await client.health()
        assert "certificates" in general.advice
        assert api.seen == []


def old_tls(context: ssl.SSLContext) -> ssl.SSLContext:
    """A server that speaks nothing newer than TLS 1.1, as its OpenSSL still lets it."""
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context
