"""What is left of a call, and those who watch it while it lasts. Neither ever sees a sensitive value."""

from dataclasses import asdict, dataclass
from typing import Any, Protocol

from voicebot.dialog import Line, TenderCost, Turn


@dataclass(frozen=True, slots=True)
class CallReport:
    """One finished call.

    Attributes:
        outcome: paid, declined, abandoned, transferred or unknown.
        payment_id: the confirmation number, when paid.
        cart_id: the vendor's id of the last cart, when one was made.
        reference: what the caller can ask by, when a cart was recorded.
        totals: what each way of paying cost, as the API gave it.
        tender: the way of paying that was chosen last.
        turns: the questions and what came of each.
        duration_s: the call on its own clock.
        wall_s: the same on the clock on the wall.
        problem: why the call was cut off, when something of ours failed.
    """

    outcome: str
    payment_id: str
    cart_id: str
    reference: str
    totals: tuple[TenderCost, ...]
    tender: str
    turns: tuple[Turn, ...]
    duration_s: float
    wall_s: float
    problem: str = ""

    def as_json(self) -> dict[str, Any]:
        """The report as `--json` prints it."""
        data = asdict(self)
        data["totals"] = {
            cost.tender: {"primary": cost.primary, "fee": cost.fee, "total": cost.total} for cost in self.totals
        }
        data["duration_s"], data["wall_s"] = round(self.duration_s, 3), round(self.wall_s, 3)
        return data


class Watcher(Protocol):
    """Follows a call: the console's live transcript, a test."""

    def said(self, line: Line, at_s: float) -> None:
        """The bot begins to say this."""

    def asked(self, question: str, at_s: float) -> None:
        """The bot listens for an answer to this question."""

    def heard(self, until_s: float, at_s: float) -> None:
        """The caller said something, until `until_s`; what it was is not told."""

    def turned(self, turn: Turn, at_s: float) -> None:
        """An answer is over; `turn` says what came of it."""

    def happened(self, what: str, at_s: float) -> None:
        """Something else worth a line: a cart was created, the payment was sent."""


class Silent:
    """A watcher that does nothing."""

    def said(self, line: Line, at_s: float) -> None: ...

    def asked(self, question: str, at_s: float) -> None: ...

    def heard(self, until_s: float, at_s: float) -> None: ...

    def turned(self, turn: Turn, at_s: float) -> None: ...

    def happened(self, what: str, at_s: float) -> None: ...


def where(failure: BaseException) -> str:
    """The place in our code where it was raised; never its text, which may repeat what a caller said."""
    trace = failure.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
