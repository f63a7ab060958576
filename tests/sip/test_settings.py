"""Settings of `[sip]`: what is wrong is told by name, before a port is opened; secrets are shown nowhere."""

import json
from pathlib import Path

import pytest

from voicebot.audio.sip.options import SipAccount, SipOptions, allowed, transfer_address
from voicebot.audio.sip.place import BUSY, UNAVAILABLE
from voicebot.settings import Settings, SettingsError, read_settings


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("[sip]\nport = 70000", "sip.port"),
        ("[sip]\ntransports = []", "sip needs a transport"),
        ('[sip]\ntransports = ["tls"]', "tls needs certificate and key"),
        ('[sip]\ncodecs = ["opus"]', "sip.codecs"),
        ('[sip]\nallow = ["the neighbours"]', "sip.allow"),
        ('[[sip.accounts]]\naddress = "600"\nregistrar = "sip:pbx.example"', "a SIP address looks like"),
        ('[[sip.accounts]]\naddress = "sip:600@pbx.example"', "registrar"),
        ("[sip]\nanswer = true", "sip.answer"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, toml: str, told: str) -> None:
    path = tmp_path / "voicebot.toml"
    path.write_text(toml, encoding="utf-8")
    with pytest.raises(SettingsError, match=told):
        read_settings(path)


def test_accounts_come_from_the_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    account = {"address": "sip:600@pbx.example", "registrar": "sip:pbx.example", "password": "hush-hush"}
    monkeypatch.setenv("VOICEBOT_SIP__ACCOUNTS", json.dumps([account]))
    settings = read_settings()
    assert settings.sip.accounts[0].password.get_secret_value() == "hush-hush"
    assert "hush-hush" not in repr(settings)
    assert "hush-hush" not in settings.model_dump_json()


def test_defaults_only_listen() -> None:
    assert Settings().sip == SipOptions()
    assert SipOptions().accounts == ()
    assert (BUSY, UNAVAILABLE) == (486, 503)


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ("sip:desk@pbx.example", "sip:desk@pbx.example"),
        ("sips:desk@pbx.example:5061", "sips:desk@pbx.example:5061"),
        ("0", "sip:0@pbx.test:5060"),
        ("+1 (555) 0100", "sip:+15550100@pbx.test:5060"),
        ("*7#", None),
        ("7#", "sip:7%23@pbx.test:5060"),
        ("desk", None),
        ("sip:desk@pbx.example\r\nX: y", None),
        ("0\r\n", None),
    ],
)
def test_where_a_call_is_transferred(target: str, address: str | None) -> None:
    if address is None:
        with pytest.raises(ValueError, match="an operator is"):
            transfer_address(target, "pbx.test:5060")
    else:
        assert transfer_address(target, "pbx.test:5060") == address


@pytest.mark.parametrize(
    ("source", "let_in"),
    [
        ("192.0.2.9:5060", True),
        ("192.0.3.9:5060", False),
        ("[2001:db8::1]:5060", True),
        ("[2001:db9::1]:5060", False),
        ("", False),
        ("nowhere:5060", False),
    ],
)
def test_who_may_call(source: str, *, let_in: bool) -> None:
    options = SipOptions.model_validate({"allow": ["192.0.2.0/24", "2001:db8::/32"]})
    assert allowed(source, options) is let_in
    assert allowed(source, SipOptions())


def test_a_header_cannot_hide_in_an_address() -> None:
    with pytest.raises(ValueError, match="a SIP address looks like"):
        SipAccount(address="sip:600@pbx.example\r\nX: y", registrar="sip:pbx.example")
