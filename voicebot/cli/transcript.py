"""The live transcript of a call on the console: both sides, the question being asked, and when."""

from rich.console import Console
from rich.text import Text

from voicebot.call import CallReport
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
RESULTS = {"accepted": "green", "unsure": "yellow"}


class Transcript:
    """A `Watcher` that prints each line as it happens. What is sensitive never reaches it."""

    def __init__(self, console: Console, *, show_caller: bool = True) -> None:
        self._console = console
        self._show_caller = show_caller

    def said(self, line: Line, at_s: float) -> None:
        self._print(at_s, "bot", line.shown, "bold cyan")

    def asked(self, question: str, at_s: float) -> None:
        self._print(at_s, "", f"listens: {question}", "dim")

    def turned(self, turn: Turn, at_s: float) -> None:
        if self._show_caller:
            heard = "(something that is not shown)" if turn.heard == MASK else turn.heard or "(silence)"
            self._print(at_s, "caller", heard, "bold magenta")
        self._print(at_s, "", f"{turn.question}: {turn.result}", RESULTS.get(turn.result, "dim"))

    def happened(self, what: str, at_s: float) -> None:
        if what in NOTES:
            self._print(at_s, "", NOTES[what], "blue")

    def ended(self, report: CallReport) -> None:
        """The call's outcome, at the bottom."""
        colour = {"paid": "bold green", "unknown": "bold red"}.get(report.outcome, "bold yellow")
        outcome = Text.assemble(("\noutcome: ", "bold"), (report.outcome, colour))
        for name, value in (
            ("confirmation number", report.payment_id),
            ("cart", report.cart_id),
            ("reference", report.reference),
            ("cut off by", report.problem),
        ):
            if value:
                outcome.append(f"\n{name}: {value}")
        outcome.append(f"\n{len(report.turns)} turns, {report.duration_s:.1f} s of call in {report.wall_s:.1f} s")
        self._console.print(outcome)

    def _print(self, at_s: float, who: str, text: str, style: str) -> None:
        clock = f"{int(at_s) // 60:02}:{at_s % 60:04.1f}"
        line = Text.assemble((f"{clock}  ", "dim"), (f"{who:>6}  ", style), (text, style if not who else ""))
        self._console.print(line, soft_wrap=True)
