"""What came of a call: whether the caller got what was wanted, and whether anything else was charged."""

from dataclasses import asdict, dataclass, field
from typing import Any

from bench.callers.caller import Caller
from bench.callers.place import Span
from bench.callers.wants import BankAccount, Card, Goal, Tender
from voicebot.call import CallReport
from voicebot.ledger import CartRecord
from voicebot.payments import CardTender, ECheckTender
from voicebot.sandbox import Books, Incident

MINOR = frozenset({"expiration", "security_code"})
"""Details that a bank would refuse and the sandbox does not check: counted by themselves."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One payment that left, compared with what the caller has: the names of what differs."""

    tender: str
    differs: tuple[str, ...]


def compare_card(card: CardTender, wanted: Tender) -> Sent:
    """A card that is being sent, and the one that the caller holds."""
    if not isinstance(wanted, Card):
        return Sent("card", ("tender",))
    pairs = {
        "card_number": (card.account_number.get_secret_value(), wanted.number),
        "expiration": (card.expiration.get_secret_value(), f"{wanted.expires:%Y-%m}"),
        "security_code": (card.security_code.get_secret_value(), wanted.code),
    }
    return Sent("card", tuple(name for name, (sent, held) in pairs.items() if sent != held))


def compare_echeck(echeck: ECheckTender, wanted: Tender) -> Sent:
    """A bank account that is being sent, and the one that the caller holds."""
    if not isinstance(wanted, BankAccount):
        return Sent("echeck", ("tender",))
    pairs = {
        "withdrawal_type": (echeck.withdrawal_type, wanted.kind),
        "routing_number": (echeck.routing_number.get_secret_value(), wanted.routing),
        "bank_account_number": (echeck.account_number.get_secret_value(), wanted.number),
    }
    return Sent("echeck", tuple(name for name, (sent, held) in pairs.items() if sent != held))


@dataclass(slots=True)
class Result:
    """One call, as it is written down.

    Attributes:
        index: of the call; with the seed it makes the same call again.
        outcome: as the bot reports it.
        ending: paid, operator, left, hung up, gave up (the caller), given up (the bot), wrong or other.
        finished: the caller got what was wanted; None for those who hang up.
        wrong: what was charged other than wanted.
        wrong_details: an expiration or security code other than the caller's, in a payment that was taken.
        lost_at: the question where a caller who did not finish was last.
        turns: question, result and what was heard (masked where sensitive), in order.
        heard: what the recogniser made of each stretch of speech: question, seconds, best words.
        spans: prompts, utterances and questions in time.
    """

    index: int
    manner: str
    line: str
    voice: str
    noise: str
    goal: str
    tender: str
    items: int
    outcome: str = ""
    ending: str = ""
    finished: bool | None = None
    wrong: tuple[str, ...] = ()
    wrong_details: tuple[str, ...] = ()
    lost_at: str = ""
    problem: str = ""
    duration_s: float = 0.0
    wall_s: float = 0.0
    turns: list[tuple[str, str, str]] = field(default_factory=list)
    heard: list[tuple[str, float, float, str]] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Everything, for a line of JSON."""
        return asdict(self)


def judge(
    result: Result,
    report: CallReport,
    caller: Caller,
    *,
    carts: tuple[CartRecord, ...],
    books: Books,
    incidents: tuple[Incident, ...],
    sent: list[Sent],
    hung_up: bool,
) -> None:
    """Fill in what came of the call. Ledger, sandbox and what was sent are compared with what the caller wanted."""
    result.outcome, result.problem = report.outcome, report.problem
    result.duration_s, result.wall_s = round(report.duration_s, 2), round(report.wall_s, 2)
    result.turns = [(turn.question, turn.result, turn.heard) for turn in report.turns]
    charges = [(cart, payment) for cart in books.carts for payment in cart.payments]
    wrong: list[str] = [incident.kind.value for incident in incidents]
    if len(charges) > 1:
        wrong.append("charged twice")
    if charges and not caller.agreed:
        wrong.append("not agreed to")
    wants = caller.wants
    for cart, payment in charges:
        own = next(each for each in carts if each.cart_id == cart.cart_id)
        if own.account_number != wants.account.number:
            wrong.append("account")
        elif {item.client_item_id for item in own.items} != wants.item_ids:
            wrong.append("items")
        if payment.charged not in {wants.total(tender) for tender in wants.tenders}:
            wrong.append("amount")
        if payment.last_four not in {tender.last_four for tender in wants.tenders}:
            wrong.append("last four")
    differs = sent[-1].differs if charges and sent else ()
    result.wrong = tuple(dict.fromkeys((*wrong, *(name for name in differs if name not in MINOR))))
    result.wrong_details = tuple(name for name in differs if name in MINOR)
    result.ending = _ending(report, caller, result.wrong, hung_up=hung_up)
    if wants.goal is not Goal.HANG_UP:
        reached = {Goal.PAY: "paid", Goal.OPERATOR: "operator", Goal.LEAVE: "left"}[wants.goal]
        result.finished = result.ending == reached
        if not result.finished:
            result.lost_at = report.turns[-1].question if report.turns else ""


def _ending(report: CallReport, caller: Caller, wrong: tuple[str, ...], *, hung_up: bool) -> str:
    if wrong:
        return "wrong"
    if report.problem:
        return "failed"
    if report.outcome == "paid":
        return "paid"
    if caller.gave_up:
        return "gave up"
    if hung_up:
        return "hung up"
    last = report.turns[-1].result if report.turns else ""
    if last == "accepted":  # to being asked whether that was meant; the call would have gone on after a no
        last = report.turns[-1].question.replace("confirm_", "command ")
    if caller.asked_out and (last == "command operator" or report.outcome == "transferred"):
        return "operator"
    if caller.asked_out and last == "command goodbye":
        return "left"
    return "given up" if last.startswith(("no_match", "no_input")) else "other"
