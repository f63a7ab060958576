"""Bad grammars, settings and bills: each ends a command before any call, with its place and what to do."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import CALLERS, Run, script, start
from tests.patience import PATIENCE_S
from voicebot.cli import furnish
from voicebot.settings import ROOT

CALL = ("call", "--caller", str(CALLERS / "card.yaml"))
TENDER = "tender.jsgf"


@pytest.fixture
def grammars(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's grammars, copied where they may be spoiled."""
    shutil.copytree(ROOT / "grammars", folder / "grammars")
    monkeypatch.setattr(furnish, "ROOT", folder)
    return folder / "grammars" / "en-US"


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ("<broken> = (card | echeck;", "tender.jsgf:{line}:"),
        ("public <broken> = card | <nowhere>;", "nowhere"),
        ("public <broken> = flibbertigibbet {card};", "flibbertigibbet"),
    ],
    ids=["a syntax error", "an undefined rule", "a word that the model does not know"],
)
def test_a_grammar_that_cannot_be_used(run: Run, grammars: Path, added: str, said: str) -> None:
    text = (grammars / TENDER).read_text("utf-8").rstrip("\n")
    (grammars / TENDER).write_text(f"{text}\n{added}\n", "utf-8")
    line = text.count("\n") + 2
    ended = run(*CALL)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.complaint.startswith("bad input: ")
    assert f"{TENDER}:{line}:" in ended.complaint
    assert said.format(line=line) in ended.complaint
    found = {each["what"]: each for each in run("doctor", "--json").json}
    assert found["grammars"]["state"] == "bad"
    assert f"{TENDER}:{line}:" in found["grammars"]["detail"]


def test_a_grammar_that_is_missing(run: Run, grammars: Path) -> None:
    (grammars / TENDER).unlink()
    ended = run(*CALL)
    assert ended.exit_code == 2
    assert "lacks the grammars tender" in ended.complaint


def test_a_package_that_was_installed_without_the_projects_folder(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(furnish, "ROOT", folder)
    ended = run(*CALL)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "install it with pip install -e and the folder of the clone" in ended.complaint


CUSTOM = "[payments]\nenvironment = 'custom'\nclient_id = 'a'\nclient_secret = 'b'\n"
SETTINGS = {
    "out of range": ("[manners]\nfailures = 1000\n", "manners.failures: Input should be less than or equal to 50"),
    "no number": ("[settling]\nquiet_s = 'long'\n", "settling.quiet_s: Input should be a valid number"),
    "unknown": ("colour = 'blue'\n", "colour: Extra inputs are not permitted"),
    "no TOML": ("[manners\n", "voicebot.toml"),
    "production without its secret": (
        "[payments]\nenvironment = 'production'\n",
        "the production environment needs client_id and client_secret",
    ),
    "one host for everything": (
        f"{CUSTOM}general_url = 'https://one.example/api/v1'\nvault_url = 'https://one.example/api/v1'\n",
        "payments: the vault must be a host of its own: the general host must never see tender",
    ),
    "no address": (
        f"{CUSTOM}general_url = 'one.example'\nvault_url = 'https://two.example/api/v1'\n",
        "payments: general: ",
    ),
    "not paid believed of a payment that is under way": (
        "[payments]\nenvironment = 'beta'\nclient_id = 'a'\nclient_secret = 'b'\n[settling]\nquiet_s = 40\n",
        "settling.quiet_s must be longer than payments.payment_budget_s",
    ),
    "a language without grammars": ("language = 'xx-XX'\n", "xx-XX"),
    "a database of no kind": ("database = 'payments'\n", "database: the ledger's URL can't be read: give sqlite:///"),
    "a database that forgets": ("database = 'sqlite://'\n", "database: a ledger in memory would forget payments"),
    "a question that there is not": ("[manners]\nkeys_only = ['shoe_size']\n", "no question shoe_size; there are"),
}


@pytest.mark.parametrize("what", SETTINGS)
def test_a_setting_that_cannot_be_used(run: Run, folder: Path, what: str) -> None:
    text, said = SETTINGS[what]
    (folder / "voicebot.toml").write_text(text, "utf-8")
    ended = run(*CALL, "--as-text")
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert said in ended.complaint


@pytest.mark.parametrize("name", ["VOICEBOT_LOGLEVEL", "VOICEBOT_PAYMENT__CLIENT_SECRET", "VOICEBOT_PAYMENTS_LOCATION"])
def test_a_variable_that_no_setting_has(run: Run, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "hush-hush")
    ended = run(*CALL, "--as-text")
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert f"{name}: there is no such setting" in ended.complaint
    assert "hush-hush" not in ended.complaint


def test_a_list_in_a_variable_that_is_no_json(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEBOT_MANNERS__KEYS_ONLY", "card_number")
    ended = run(*CALL, "--as-text")
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert '"manners"' in ended.complaint
    assert """lists and tables are JSON there: '["a","b"]'""" in ended.complaint


def test_a_settings_file_that_is_not_there(run: Run) -> None:
    ended = run(*CALL, "--config", "no.toml")
    assert ended.exit_code == 2
    assert "there is no settings file no.toml" in ended.complaint


def test_the_settings_file_may_be_named_before_the_command(run: Run, folder: Path) -> None:
    (folder / "line.toml").write_text("colour = 'blue'\n", "utf-8")
    for command in (("models", "list"), ("carts", "list"), CALL):
        ended = run("--config", "line.toml", *command)
        assert ended.exit_code == 2, command
        assert "settings (line.toml and the environment): colour" in ended.complaint
    assert run("--config", "line.toml", "carts", "list", "--config", "no.toml").exit_code == 2


def test_a_secret_in_a_bad_setting_is_not_shown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEBOT_PAYMENTS__CLIENT_SECRET", '["hush-hush"]')
    monkeypatch.setenv("VOICEBOT_PAYMENTS__PAYMENT_BUDGET_S", "hush-hush")
    ended = run(*CALL)
    assert ended.exit_code == 2
    assert "payments.payment_budget_s" in ended.complaint
    assert "hush-hush" not in ended.stderr + ended.stdout


@pytest.mark.parametrize("amount", ["12.345", "-3.00", "1e9", "a lot"])
def test_a_bill_file_with_an_impossible_amount(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, amount: str
) -> None:
    header, row, *_ = (ROOT / "demo" / "accounts.csv").read_text("utf-8").splitlines()
    (folder / "bills.csv").write_text(f"{header}\n{row.replace('1257.38', amount)}\n", "utf-8")
    monkeypatch.setenv("VOICEBOT_ACCOUNTS", str(folder / "bills.csv"))
    ended = run(*CALL)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "bills.csv:2: " in ended.complaint


@pytest.mark.parametrize("name", ["pyttsx3:zz", "piper"])
def test_a_voice_that_cannot_be_had_is_told_before_the_call(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("VOICEBOT_SPEECH__VOICE", name)
    ended = run(*CALL)
    assert (ended.exit_code, ended.stdout) == (3, "")
    assert ended.complaint.startswith("cannot go on: ")
    assert name.removeprefix("pyttsx3:") in ended.complaint


def test_a_certificate_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"TRANSPORTS": '["tls"]', "CERTIFICATE": "no.pem", "KEY": "no.key"}.items():
        monkeypatch.setenv(f"VOICEBOT_SIP__{name}", value)
    bot = start("sip")
    told, complaint = bot.communicate(timeout=PATIENCE_S)
    assert (bot.returncode, told) == (3, "")
    assert "sip.certificate no.pem and sip.key no.key do not work together: No such file" in complaint


def test_bills_without_an_account_are_told(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    header, *_ = (ROOT / "demo" / "accounts.csv").read_text("utf-8").splitlines()
    (folder / "bills.csv").write_text(f"{header}\n", "utf-8")
    monkeypatch.setenv("VOICEBOT_ACCOUNTS", str(folder / "bills.csv"))
    assert "billing knows no account" in run("call", "--caller", CALLERS / "silent.yaml", "--as-text").complaint


def test_a_bill_with_an_impossible_amount_is_not_taken(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("call", "--caller", CALLERS / "silent.yaml", "--as-text").exit_code == 0  # makes the tables
    monkeypatch.setenv("VOICEBOT_ACCOUNTS", "")
    monkeypatch.setenv("VOICEBOT_LOG_LEVEL", "error")
    database = sqlite3.connect(folder / "data" / "voicebot.sqlite3")
    with database:
        database.execute("UPDATE billing_items SET amount = '-1257.38' WHERE account_number = '2890345'")
    database.close()
    caller = script(folder, 'account_number: "2890345#"')
    ended = run("call", "--caller", caller, "--as-text")
    assert ended.exit_code == 0
    assert "I can't take payments for this account at the moment." in ended.words
    assert "impossible bill" in ended.complaint
    assert run("carts", "list", "--all").words == "no carts yet"
