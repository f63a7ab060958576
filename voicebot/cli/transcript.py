"""The live transcript of a call on the console: both sides, the question being asked, and when.

    00:06          listens: account_number
    00:09  caller  two eight nine zero three four five
                   account_number: accepted
           bot     I heard account number 2890345. Is that right?

Colour is on the labels and results only, in shades that read on dark and on light; what is said has the terminal's own.
"""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from voicebot.call import CallReport, Silent
from voicebot.capture import MASK
from voicebot.dialog import Line, Turn

NOTES = {
    "ItemsFound": "account found",
    "ItemsNotFound": "nothing to pay was found",
    "CartRecorded": "cart written to the ledger",
    "CartCreated": "cart created; its cartId is stored",
    "CartFailed": "no cart could be made",
    "PaymentSettled": "payment settled",
    "PaymentDeclined": "payment declined",
    "PaymentNotSent": "payment not made",
    "PaymentUnknown": "no answer to be trusted; the cart's status decides",
    "CartFoundUnpaid": "the cart is not paid",
    "CartNotFound": "the cart's status is not known yet",
}
ANNOUNCED = frozenset(
    {"ItemsFound", "ItemsNotFound", "PaymentSettled", "PaymentDeclined", "PaymentNotSent", "PaymentUnknown"}
)
"""Work that the bot announces before it begins, which may be done before its sentence was synthesized."""
BOT, CALLER, NOTE = "bold green", "bold magenta", "dim"
RESULTS = {"accepted": "green", "unsure": "magenta"}
FAILED = "red"
OUTCOMES = {"paid": "bold green", "unknown": "bold red", "declined": "bold red"}
CLOCK_WIDTH, NAME_WIDTH = 5, 6


class Transcript(Silent):
    """A `Watcher` that prints each line as it happens. What is sensitive never reaches it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._clock = ""
        self._bot_spoke = False
        self._notes: list[str] = []

    def said(self, line: Line, at_s: float) -> None:
        self._print(at_s, "bot", Text(line.shown), BOT)
        self._bot_spoke = True
        self._print_notes(at_s)

    def asked(self, question: str, at_s: float) -> None:
        self._print_notes(at_s)
        self._print(at_s, "", Text(f"listens: {question}", NOTE))

    def turned(self, turn: Turn, at_s: float) -> None:
        self._print_notes(at_s)
        heard = Text("(not shown)", NOTE) if turn.heard == MASK else Text(turn.heard)
        self._print(at_s, "caller", heard if turn.heard else Text("(silence)", NOTE), CALLER)
        failed = NOTE if turn.result.startswith("command") else FAILED
        self._print(at_s, "", Text(f"{turn.question}: {turn.result}", RESULTS.get(turn.result, failed)))
        self._bot_spoke = False

    def happened(self, what: str, at_s: float) -> None:
        """A line about it, behind the sentence that announces it."""
        if what not in NOTES:
            return
        waits = bool(self._notes) or (what in ANNOUNCED and not self._bot_spoke)
        self._notes.append(NOTES[what])
        if not waits:
            self._print_notes(at_s)

    def ended(self, report: CallReport) -> None:
        """The call's outcome, at the bottom."""
        self._print_notes(report.duration_s)
        summary = Table.grid(padding=(0, 2))
        summary.add_row("outcome", Text(report.outcome, OUTCOMES.get(report.outcome, "bold")))
        for name, value in (
            ("confirmation number", report.payment_id),
            ("cart", report.cart_id),
            ("reference", report.reference),
            ("cut off by", report.problem),
        ):
            if value:
                summary.add_row(name, value)
        summary.add_row("turns", str(len(report.turns)))
        summary.add_row("length", f"{report.duration_s:.1f} s of call, in {report.wall_s:.1f} s")
        self._console.print()
        self._console.print(summary)

    def _print_notes(self, at_s: float) -> None:
        for note in self._notes:
            self._print(at_s, "", Text(note, NOTE))
        self._notes.clear()

    def _print(self, at_s: float, who: str, text: Text, style: str = "") -> None:
        """One line, the clock only where it has moved; what is long goes on below itself."""
        clock = f"{int(at_s) // 60:02}:{int(at_s) % 60:02}"
        shown, self._clock = "" if clock == self._clock else clock, clock
        row = Table.grid(padding=(0, 2))
        row.add_column(width=CLOCK_WIDTH)
        row.add_column(width=NAME_WIDTH)
        row.add_column(overflow="fold")
        row.add_row(Text(shown, NOTE), Text(who, style), text)
        self._console.print(row)
