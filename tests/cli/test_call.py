"""`call --caller`: whole calls, as sound and as text, and scripts that make no sense."""

import re
from pathlib import Path

import pytest
import soundfile

from tests.cli.conftest import CALLERS, Run, questions, script
from voicebot.settings import ROOT

DEMO = ROOT / "demo" / "card.yaml"
ASKED = [
    "account_number",
    "tender",
    "card_number",
    "expiration",
    "security_code",
    "confirm_payment",
    "repeat_confirmation",
]


def test_the_demo_as_sound_for_programs_and_recorded(run: Run, folder: Path) -> None:
    ended = run("call", "--caller", DEMO, "--json", "--record", "call.wav")
    assert (ended.exit_code, ended.stderr) == (0, "")
    report = ended.json
    assert list(report) == [
        "outcome",
        "payment_id",
        "cart_id",
        "reference",
        "totals",
        "tender",
        "turns",
        "duration_s",
        "wall_s",
        "problem",
    ]
    assert (report["outcome"], report["tender"], report["problem"]) == ("paid", "card", "")
    assert re.fullmatch(r"Z[0-9]{10}", report["payment_id"])
    assert report["totals"] == {
        "card": {"primary": "1257.38", "fee": "29.55", "total": "1286.93"},
        "echeck": {"primary": "1257.38", "fee": "0.50", "total": "1257.88"},
    }
    assert questions(report) == ASKED
    assert all(list(turn) == ["question", "heard", "result"] for turn in report["turns"])
    heard = {turn["question"]: turn["heard"] for turn in report["turns"]}
    assert heard["account_number"] == "two eight nine zero three four five"
    assert {heard[name] for name in ("card_number", "expiration", "security_code")} == {"********"}
    assert report["wall_s"] < report["duration_s"]
    sound = soundfile.info(folder / "call.wav")
    assert (sound.channels, sound.samplerate) == (2, 16_000)
    assert sound.duration == pytest.approx(report["duration_s"], abs=0.1)


def test_the_transcript_shows_both_sides_and_nothing_sensitive(run: Run) -> None:
    ended = run("call", "--caller", CALLERS / "card.yaml", "--as-text")
    assert ended.exit_code == 0
    for line in (
        "00:00 bot Welcome to the Example County payment line.",
        "listens: account_number",
        "caller two eight nine zero three four five account_number: accepted",
        "cart created; its cartId is stored",
        "caller (not shown) card_number: accepted",
        "bot You will pay $1,286.93, including a fee of $29.55, with your card ending in 1111.",
        "payment settled",
        "outcome paid",
    ):
        assert line in ended.words
    assert "one one one one" not in ended.stdout


def test_an_echeck_as_text(run: Run) -> None:
    report = run("call", "--caller", CALLERS / "echeck.yaml", "--as-text", "--json").json
    assert (report["outcome"], report["tender"]) == ("paid", "echeck")


def test_a_telephones_rate(run: Run, folder: Path) -> None:
    caller = script(folder, 'account_number: "2890345#"', "tender: hangs up")
    report = run("call", "--caller", caller, "--rate", "8000", "--record", "call.wav", "--json").json
    assert report["outcome"] == "abandoned"
    assert soundfile.info(folder / "call.wav").samplerate == 8_000


@pytest.mark.parametrize(
    ("account", "said"),
    [
        ("7100200", "Alex Nobody, nothing is owed on this account."),
        ("9998887", "I can't find that number."),
    ],
)
def test_an_account_without_a_bill(run: Run, folder: Path, account: str, said: str) -> None:
    caller = script(folder, f'account_number: "{account}#"')
    ended = run("call", "--caller", caller, "--as-text")
    assert ended.exit_code == 0
    assert said in ended.words
    assert "outcome abandoned" in ended.words


SCRIPTS = {
    "no file": (None, "no.yaml cannot be read: No such file"),
    "no YAML": ("caller: [", "is not YAML"),
    "nothing": ("", "give it a list `caller:` of what the caller does"),
    "another form": ("- hello", "give it a list `caller:`"),
    "no caller": ("voice: espeak:en-us", "give it a list `caller:`"),
    "unknown question": ("caller: [{when: shoe_size, say: forty}]", "no question is called 'shoe_size'; there are"),
    "nothing said": ("caller: [{when: tender, say: '...'}]", "caller.0: `say` needs at least one letter or digit"),
    "nothing done": (
        "caller: [{when: tender}]",
        "caller.0: an entry needs exactly one of say, wav, keys, silence_s, hang_up",
    ),
    "two things at once": ("caller: [{when: tender, say: card, keys: '1'}]", "exactly one of"),
    "an unknown key": ("caller: [{when: tender, keys: 12a}]", "caller.0.keys"),
    "a word of its own": ("caller: [{when: tender, shout: card}]", "Extra inputs are not permitted"),
    "a recording that is missing": ("caller: [{when: tender, wav: no.wav}]", "there is no file"),
}


@pytest.mark.parametrize("what", SCRIPTS)
def test_a_script_that_makes_no_sense(run: Run, folder: Path, what: str) -> None:
    text, said = SCRIPTS[what]
    if text is not None:
        (folder / "no.yaml").write_text(text, "utf-8")
    ended = run("call", "--caller", "no.yaml")
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.complaint.startswith("bad input: ")
    assert said in ended.complaint


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--rate", "44100"), "a line has 8000 or 16000 Hz, not 44100"),
        (("--as-text", "--record", "call.wav"), "--as-text has no sound to --record"),
        (("--as-text",), "the entry for account_number is a recording; leave --as-text out, or use `say`"),
    ],
)
def test_options_that_make_no_sense(run: Run, arguments: tuple[str, ...], said: str) -> None:
    ended = run("call", "--caller", DEMO, *arguments)
    assert ended.exit_code == 2
    assert said in ended.complaint
