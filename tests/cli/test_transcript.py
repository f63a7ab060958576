"""What the console shows of a call: columns, what is long below itself, and the picture of it in the docs."""

import io
import re
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from tests.cli.test_call import ASKED
from voicebot.call import CallReport
from voicebot.capture import MASK
from voicebot.cli.transcript import Transcript
from voicebot.dialog import Line, Turn
from voicebot.settings import ROOT

PICTURE = ROOT / "docs" / "images" / "call.svg"


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=50, color_system=None)


def shown(console: Console) -> list[str]:
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_columns_a_clock_where_it_moved_and_long_lines_below_themselves(console: Console) -> None:
    transcript = Transcript(console)
    transcript.said(Line("spoken", "Please say or key in your account number now."), 0.0)
    transcript.asked("account_number", 63.9)
    transcript.turned(Turn("account_number", "one two", "no_match too_short"), 66.0)
    transcript.happened("CartCreated", 66.2)
    transcript.happened("ItemsRenamed", 66.3)
    assert shown(console) == [
        "00:00  bot     Please say or key in your account",
        "               number now.",
        "01:03          listens: account_number",
        "01:06  caller  one two",
        "               account_number: no_match too_short",
        "               cart created; its cartId is stored",
    ]


def test_a_note_stands_behind_the_sentence_that_announces_it(console: Console) -> None:
    transcript = Transcript(console)
    transcript.turned(Turn("confirm_payment", "yes", "accepted"), 5.0)
    transcript.happened("PaymentSettled", 5.0)
    transcript.said(Line("spoken", "I'm making your payment now."), 5.0)
    transcript.said(Line("spoken", "Thank you."), 5.0)
    transcript.turned(Turn("item_choice", "all", "accepted"), 6.0)
    transcript.happened("CartRecorded", 6.0)
    transcript.said(Line("spoken", "By card …"), 6.0)
    transcript.turned(Turn("confirm_payment", "yes", "accepted"), 7.0)
    transcript.happened("PaymentDeclined", 7.0)
    transcript.ended(CallReport("declined", "", "", "", (), "card", (), 7.0, 1.0))
    lines = [line[15:] for line in shown(console)]
    assert lines[2:5] == ["I'm making your payment now.", "payment settled", "Thank you."]
    assert lines[7:9] == ["cart written to the ledger", "By card …"]
    assert lines[11] == "payment declined"


@pytest.mark.parametrize(
    ("heard", "line"), [("", "(silence)"), (MASK, "(not shown)"), ("[one] [/two]", "[one] [/two]")]
)
def test_what_was_heard(console: Console, heard: str, line: str) -> None:
    Transcript(console).turned(Turn("tender", heard, "accepted"), 1.0)
    assert shown(console) == [f"00:01  caller  {line}", "               tender: accepted"]


def test_the_end_says_what_there_is_to_say(console: Console) -> None:
    Transcript(console).ended(
        CallReport("unknown", "", "cart-1", "12345678", (), "card", (), 61.04, 1.0, "VoiceFailed")
    )
    assert shown(console) == [
        "",
        "outcome     unknown",
        "cart        cart-1",
        "reference   12345678",
        "cut off by  VoiceFailed",
        "turns       0",
        "length      61.0 s of call, in 1.0 s",
    ]


def test_the_picture_shows_a_whole_call_and_needs_nothing_from_elsewhere() -> None:
    text = PICTURE.read_text("utf-8")
    assert set(re.findall(r"https?://[^\s\"'>]+", text)) <= {"http://www.w3.org/2000/svg", "https://www.textualize.io"}
    words = "".join(ET.fromstring(text).itertext()).replace("\xa0", " ")  # noqa: S314 - our own file
    assert re.findall(r"listens: (\w+)", words) == ASKED
    assert re.search(r"outcome +paid", words)
    assert words.count("(not shown)") == 3
