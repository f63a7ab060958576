"""`doctor`: each thing that a call needs, as it should be and as it should not."""

from pathlib import Path

import pytest

from tests.cli.conftest import Ended, Run
from voicebot.speech import DEFAULT_MODEL, MODELS_FOLDER, SECOND_MODEL

EVERYTHING = [
    "settings",
    "second speech model",
    "wording",
    "speech model",
    "grammars",
    "voice",
    "microphone",
    "database",
    "telephone",
    "telephone port",
    "general host",
    "vault host",
    "credentials",
]
FAR_AWAY = {
    "ENVIRONMENT": "custom",
    "GENERAL_URL": "http://127.0.0.1:1/api/v1",
    "VAULT_URL": "http://127.0.0.1:2/api/v1",
    "CLIENT_ID": "somebody",
    "CLIENT_SECRET": "hush-hush",
}


def findings(ended: Ended) -> dict[str, tuple[str, str]]:
    return {each["what"]: (each["state"], each["detail"]) for each in ended.json}


def test_all_is_well(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pjsua2")
    monkeypatch.setenv("VOICEBOT_MICROPHONE__INPUT", "a microphone that nobody has")
    monkeypatch.setenv("VOICEBOT_SIP__PORT", "0")
    ended = run("doctor", "--json")
    found = findings(ended)
    assert ended.exit_code == 0, "calls are possible without a microphone"
    assert list(found) == EVERYTHING
    assert {name for name, (state, _) in found.items() if state != "ok"} == {"microphone"}
    assert found["microphone"][0] == "warning"
    assert "calls by file, keyboard or script work without" in found["microphone"][1]


def test_the_table_is_for_people(run: Run) -> None:
    ended = run("doctor")
    assert ended.exit_code == 0
    assert "every file verified" in ended.words
    assert "every word known to the model" in ended.words


def test_what_is_missing_is_bad_and_says_what_to_do(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEBOT_SPEECH__MODELS_FOLDER", str(folder))
    monkeypatch.setenv("VOICEBOT_SPEECH__VOICE", "espeak:nobody")
    monkeypatch.setenv("VOICEBOT_DATABASE", "sqlite:////proc/nowhere/voicebot.sqlite3")
    for name, value in FAR_AWAY.items():
        monkeypatch.setenv(f"VOICEBOT_PAYMENTS__{name}", value)
    ended = run("doctor", "--json")
    found = findings(ended)
    assert ended.exit_code == 3
    for name, advice in {
        "speech model": "get it with: python run_bot.py models fetch",
        "voice": "nobody",
        "database": "/proc/nowhere",
        "general host": "check the address",
        "vault host": "check the address",
        "credentials": "",
    }.items():
        state, detail = found[name]
        assert (name, state) == (name, "bad")
        assert advice in detail
    assert "without the model their words are not checked" in found["grammars"][1]
    assert list(folder.iterdir()) == [], "a check fetches and makes nothing"
    assert "hush-hush" not in ended.stdout
    assert any(name.startswith("assumed: ") for name in found), "what the vendor has not confirmed is told"


def test_bad_settings_end_it_there(run: Run, folder: Path) -> None:
    (folder / "voicebot.toml").write_text("language = 'english'\n", "utf-8")
    ended = run("doctor", "--json")
    assert ended.exit_code == 3
    assert list(findings(ended)) == ["settings"]
    assert "language" in findings(ended)["settings"][1]


def test_without_the_second_model_calls_are_possible(run: Run, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / DEFAULT_MODEL).symlink_to(MODELS_FOLDER / DEFAULT_MODEL)
    monkeypatch.setenv("VOICEBOT_SPEECH__MODELS_FOLDER", str(folder))
    found = findings(run("doctor", "--json"))
    assert found["speech model"][0] == "ok"
    state, detail = found["second speech model"]
    assert (state, f"models fetch {SECOND_MODEL}" in detail) == ("warning", True)


def test_the_second_model_can_be_switched_off(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEBOT_SPEECH__SECOND_MODEL", "")
    assert findings(run("doctor", "--json"))["second speech model"] == (
        "ok",
        "none is set for this language; the first one decides alone",
    )
