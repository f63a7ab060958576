"""Schemathesis reads each OpenAPI page and tries to catch the host at breaking it: it must find nothing."""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.sandbox.client import Client

EXAMPLES = 6  # for each operation; the coverage phase adds some two hundred requests of its own


@pytest.mark.parametrize("host", ["general", "vault"])
async def test_schemathesis_finds_nothing(client: Client, tmp_path: Path, host: str) -> None:
    sandbox = client.sandbox
    cart = await client.new_cart()
    paid = await client.new_cart()
    payment_id = (await client.pay_by_card(paid)).json()["paymentId"]
    settings = tmp_path / "schemathesis.toml"
    settings.write_text(f'[parameters]\n"path.cartId" = "{cart["cartId"]}"\n"path.paymentId" = "{payment_id}"\n')
    origin = {"general": sandbox.general_url, "vault": sandbox.vault_url}[host]
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("schemathesis"),
        f"--config-file={settings}",
        "run",
        f"{origin}/openapi.json",
        f"--header=Authorization: {client.headers['Authorization']}",
        f"--max-examples={EXAMPLES}",
        "--phases=examples,coverage,fuzzing",
        "--generation-deterministic",
        "--no-color",
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    assert len(sandbox.requests()) > 50, "schemathesis must have reached the host"
