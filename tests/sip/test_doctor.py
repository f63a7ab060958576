"""`doctor` on calls by SIP, and how `sip` ends when the line cannot be had."""

import asyncio
import json
import socket
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.patience import PATIENCE_S
from tests.sip.registrar import Registrar
from voicebot.audio import PlaceError
from voicebot.audio.sip import SipOptions
from voicebot.cli import sip_check
from voicebot.settings import ROOT


async def run(folder: Path, command: str, toml: str) -> tuple[int, str, str]:
    config = folder / "voicebot.toml"
    config.write_text(toml, encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(ROOT / "run_bot.py"), command, "--json", "--config", str(config),
        cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(PATIENCE_S):
        out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


def found(out: str) -> dict[str, dict[str, Any]]:
    return {each["what"]: each for each in json.loads(out)}


async def test_registrations_are_tried(tmp_path: Path) -> None:
    with Registrar({"600": "let-me-in"}) as registrar:
        port = registrar.port
        account = f'registrar = "sip:127.0.0.1:{registrar.port}"\naddress = "sip:600@127.0.0.1:{registrar.port}"\n'
        other = account.replace("sip:600@", "sip:601@")
        toml = (
            '[sip]\nlisten = "127.0.0.1"\nport = 0\n'
            f'[[sip.accounts]]\n{account}password = "let-me-in"\n[[sip.accounts]]\n{other}password = "no"\n'
        )
        code, out, err = await run(tmp_path, "doctor", toml)
        assert registrar.accepted >= 2, "registered, and given back"
        assert registrar.contacts == {}
    findings = found(out)
    assert code == 3, err
    assert findings[f"registration sip:600@127.0.0.1:{port}"]["state"] == "ok"
    assert findings[f"registration sip:601@127.0.0.1:{port}"]["state"] == "bad"
    assert "let-me-in" not in out + err


async def test_a_port_in_use_ends_the_command_with_advice(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        toml = f'[sip]\nlisten = "127.0.0.1"\nport = {taken.getsockname()[1]}\n'
        code, _, err = await run(tmp_path, "sip", toml)
    assert code == 3
    assert "in use" in err
    assert "sip.port" in err
    assert "Traceback" not in err


async def test_an_operator_that_nobody_can_call_is_bad_input(tmp_path: Path) -> None:
    code, _, err = await run(tmp_path, "sip", '[agency]\noperator = "the desk"\n')
    assert code == 2
    assert "agency.operator" in err


def test_a_port_in_use_is_found() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        options = SipOptions(listen="127.0.0.1", port=taken.getsockname()[1], transports=("udp", "tcp"))
        with pytest.raises(PlaceError, match=r"tcp.*in use.*set sip\.listen and sip\.port"):
            sip_check.ports(options)
    assert sip_check.ports(options) == "udp, tcp at 127.0.0.1: free"


def with_certificate(folder: Path, *, days: int, key: bytes | None = None) -> SipOptions:
    made = trustme.CA().issue_cert("bot.test", not_after=datetime.now(UTC) + timedelta(days=days, hours=1))
    (folder / "chain.pem").write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
    (folder / "key.pem").write_bytes(key or made.private_key_pem.bytes())
    return SipOptions(transports=("tls",), certificate=folder / "chain.pem", key=folder / "key.pem")


def test_a_certificate_is_looked_at(tmp_path: Path) -> None:
    assert "good for 90 days" in sip_check.certificate(with_certificate(tmp_path, days=90))
    with pytest.raises(PlaceError, match="ends in 5 days"):
        sip_check.certificate(with_certificate(tmp_path, days=5))
    with pytest.raises(PlaceError, match="has ended"):
        sip_check.certificate(with_certificate(tmp_path, days=-2))
    another = trustme.CA().issue_cert("bot.test").private_key_pem.bytes()
    with pytest.raises(PlaceError, match="do not work together"):
        sip_check.certificate(with_certificate(tmp_path, days=90, key=another))
    with pytest.raises(PlaceError, match="do not work together"):
        sip_check.certificate(SipOptions(transports=("tls",), certificate=tmp_path / "none", key=tmp_path / "none"))
