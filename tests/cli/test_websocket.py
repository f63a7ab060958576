"""`run_bot.py websocket` as a process: it listens, takes a call, drains, and says what is wrong with its settings."""

import asyncio
import json
import os
import signal
import socket
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.audio.platform import Platform
from tests.cli.conftest import Run, start
from tests.patience import PATIENCE_S
from voicebot.audio import PlaceError, WebSocketOptions
from voicebot.cli import doctor
from voicebot.settings import Settings

ENVIRONMENT = {"VOICEBOT_WEBSOCKET__PORT": "0", "VOICEBOT_WEBSOCKET__SECRET": "let me in"}


async def test_takes_a_call_and_ends_after_it_when_told_to_stop() -> None:
    process = start("websocket", "--json", env=os.environ | ENVIRONMENT)
    assert process.stdout is not None
    lines = process.stdout
    try:
        ready = json.loads(await asyncio.to_thread(lines.readline))
        port = int(ready["addresses"][0].rpartition(":")[2].partition("/")[0])
        platform = await Platform.calls(port, headers={"Authorization": "Bearer let me in"}, plays_at_once=True)
        await platform.begins()
        while json.loads(line := await asyncio.to_thread(lines.readline))["event"] != "asked":
            assert line
        process.send_signal(signal.SIGTERM)
        while json.loads(line := await asyncio.to_thread(lines.readline))["event"] != "draining":
            assert line
        await platform.hangs_up()
        stdout, stderr = await asyncio.to_thread(process.communicate, timeout=PATIENCE_S)
        ended = json.loads(stdout.strip().splitlines()[-1])
        assert (ended["event"], ended["report"]["outcome"]) == ("ended", "abandoned")
        (warned,) = stderr.splitlines()
        assert (process.returncode, "nothing is charged, whatever callers are told" in warned) == (0, True)
        await platform.aclose()
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ('host = "0.0.0.0"', "set secret or signing_token"),
        ('signing_token = "a token"', "signing_token and public_url belong together"),
        ('signing_token = "a token"\npublic_url = "https://pay.example"', "public_url"),
        ('certificate = "some.pem"', "certificate and key belong together"),
        ('path = "calls"', "path"),
        ("port = 70000", "port"),
        ("max_calls = 0", "max_calls"),
    ],
)
def test_settings_that_make_no_sense_are_named(run: Run, folder: Path, settings: str, complaint: str) -> None:
    (folder / "voicebot.toml").write_text(f"[websocket]\n{settings}\n", "utf-8")
    ended = run("websocket")
    assert ended.exit_code == 2
    assert complaint in ended.complaint
    assert "a token" not in ended.complaint


def test_a_certificate_that_cannot_be_used_is_named(run: Run, folder: Path) -> None:
    (folder / "some.pem").write_text("no certificate", "utf-8")
    (folder / "voicebot.toml").write_text('[websocket]\ncertificate = "some.pem"\nkey = "some.pem"\n', "utf-8")
    ended = run("websocket")
    assert ended.exit_code == 3
    assert "websocket.certificate some.pem" in ended.complaint


def test_a_taken_port_is_named(run: Run, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        (folder / "voicebot.toml").write_text(f"[websocket]\nport = {taken.getsockname()[1]}\n", "utf-8")
        ended = run("websocket")
    assert ended.exit_code == 3
    assert "choose another address with websocket.host and websocket.port" in ended.complaint


def test_doctor_looks_at_the_port_and_the_certificate_where_they_are_set() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        options = WebSocketOptions(port=taken.getsockname()[1], secret=SecretStr("let me in"))
        with pytest.raises(PlaceError, match=r"websocket\.port"):
            options.check()
    assert options.check() == f"ws://127.0.0.1:{options.port}/calls"
    found = {finding.what: finding for finding in doctor._streams(Settings(websocket=options))}
    assert found["streamed calls"].state == "ok"
    assert list(doctor._streams(Settings())) == []
