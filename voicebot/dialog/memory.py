"""What one call knows so far, and the values that its sentences are filled with."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from voicebot.capture import Group, Sensitive, Value, security_code_lengths
from voicebot.dialog.consent import CONSENTS, Consent
from voicebot.dialog.events import EarlierPayment, OwedItem, TenderCost
from voicebot.dialog.flow import State
from voicebot.dialog.lines import (
    Count,
    Day,
    Description,
    Digits,
    Enumeration,
    Filling,
    Line,
    Money,
    Month,
    Ordinal,
    Several,
    Telephone,
    Text,
)
from voicebot.dialog.questions import QUESTIONS, TENDER_QUESTIONS, Question
from voicebot.dialog.wording import Wording


@dataclass(frozen=True, slots=True)
class Agency:
    """Who is being paid, as callers know them."""

    name: str
    phone: str


@dataclass(slots=True)
class Memory:
    """The facts of one call.

    Attributes:
        answers: the tender's checked values by question name.
        pending: a value that the caller is being asked about.
        refused: what the caller said no to, by question; it is not proposed again.
        left: the items that were chosen before the caller went back to that question.
        history: the questions answered so far, for `go back`.
        failures: how often each question went unanswered since its last answer.
        cart_open: a cart was recorded, and is neither paid nor abandoned.
        earlier: the caller was told of an earlier payment of this account; from then on only what they try
            themselves is said to be uncharged.
        news: how an earlier payment ended is being said, and is heard to its end: who misses it might pay twice.
        slowly: what is being said is said again, so its numbers are spoken to be written down.
        chosen_language: the caller has chosen another language than the line's own, which is the vendor's too.
        uncertain: a payment request got no answer that can be trusted; from then on nothing is said to be uncharged.
    """

    agency: Agency
    wording: Wording
    today: date = date.min
    can_transfer: bool = False
    account_number: str = ""
    name: str = ""
    items: tuple[OwedItem, ...] = ()
    chosen: tuple[OwedItem, ...] = ()
    left: tuple[OwedItem, ...] = ()
    reference: str = ""
    costs: tuple[TenderCost, ...] = ()
    tender: str = ""
    answers: dict[str, Value] = field(default_factory=dict)
    pending: Value | None = None
    refused: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    history: list[State] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=dict)
    cart_open: bool = False
    earlier: bool = False
    news: bool = False
    slowly: bool = False
    chosen_language: bool = False
    uncertain: bool = False
    declined: bool = False
    transferred: bool = False
    payment_id: str = ""

    @property
    def cost(self) -> TenderCost:
        """What the chosen way of paying costs."""
        return next(cost for cost in self.costs if cost.tender == self.tender)

    @property
    def outcome(self) -> str:
        """How the call ended, were it over now."""
        if self.payment_id:
            return "paid"
        if self.uncertain:
            return "unknown"
        if self.transferred:
            return "transferred"
        return "declined" if self.declined else "abandoned"

    def forget_answers(self, *names: str) -> None:
        """Drop these answers, or all of them; a security code is dropped either way (PCI DSS 3.3.1)."""
        for name in (*(names or tuple(self.answers)), "security_code"):
            self.answers.pop(name, None)

    def choose(self, choice: str) -> None:
        """Keep the items that the caller picked: "all", or their numbers such as "1,3"."""
        self.chosen = self.picked(choice)

    def picked(self, choice: str) -> tuple[OwedItem, ...]:
        """The items of "all", or of numbers such as "1,3"."""
        numbers = range(1, len(self.items) + 1) if choice == "all" else map(int, choice.split(","))
        return tuple(self.items[number - 1] for number in numbers)

    def take(self, question: Question, value: Value) -> None:
        """Keep a value that counts. An account number has yet to be found before its failures are forgotten."""
        if question.state is not State.ACCOUNT_NUMBER:
            self.failures.pop(question.name, None)
        match question.state:
            case State.ACCOUNT_NUMBER:
                self.account_number = str(value.content)
            case State.ITEM_CHOICE:
                self.choose(str(value.content))
            case State.TENDER:
                self.forget_answers()
                self.tender = str(value.content)
            case state if state in TENDER_QUESTIONS.get(self.tender, ()):
                self.answers[question.name] = value
            case _:
                return
        self.history.append(question.state)

    def lengths_of(self, question: Question) -> tuple[int, ...]:
        """How long the answer must be: a security code as the card's brand has it; empty where the kind decides."""
        card = self.answers.get("card_number")
        return security_code_lengths(card) if question.state is State.SECURITY_CODE and card is not None else ()

    def failed(self, name: str) -> bool:
        """Count one more failure at a question; True when it has failed as often as it may.

        Where a question is asked only once, silence is an answer like any other, and no failure.
        """
        if QUESTIONS[name].attempts == 1:
            return True
        self.failures[name] = self.failures.get(name, 0) + 1
        return self.failures[name] >= QUESTIONS[name].attempts

    def last_question(self) -> State | None:
        """The question to go back to, its answer forgotten; None where there is none to go back to."""
        if not self.history or (self.uncertain and self.history[-1] is State.ITEM_CHOICE):
            return None
        state = self.history.pop()
        self.answers.pop(state.value, None)
        if state is State.ITEM_CHOICE:
            self.left, self.chosen = self.chosen, ()
        return state

    def back_to(self, state: State) -> None:
        """Forget the way that led on from a question, so that `go back` leads to it."""
        if state in self.history:
            del self.history[self.history.index(state) + 1 :]

    def back_before(self, state: State) -> None:
        """Forget that a question was answered, and the way on from it."""
        if state in self.history:
            del self.history[self.history.index(state) :]

    def start_over(self) -> None:
        """Forget everything about this account and its cart, and nothing about the call."""
        self.forget_answers()
        self.refused.clear()
        self.items = self.chosen = self.left = ()
        self.costs = ()
        self.account_number = self.name = self.tender = ""
        self.history.clear()

    # What is said -----------------------------------------------------------------------------------------------

    def line(self, sentence: str, **values: Filling) -> Line:
        """A sentence of the wording file, with the values that every sentence may name."""
        return self.wording.line(sentence, self._always() | values)

    def _always(self) -> dict[str, Filling]:
        return {
            "agency": Text(self.agency.name),
            "phone": Telephone(self.agency.phone, self.slowly),
            "to_name": Text(f"{self.name}, " if self.name else ""),
            "reference": Digits(self.reference, self.slowly),
            "reference_slow": Digits(self.reference, slow=True),
            "payment_id": Digits(self.payment_id, slow=True),
            "today": Day(self.today),
        }

    def expires(self, expiration: Value) -> Line:
        """When the card expires, said in passing: nothing checks a date."""
        return self.line("expires", value=_month(expiration))

    def so_far(self) -> tuple[Line, ...]:
        """What a caller who is handed over must know: the reference of a payment in doubt, or that there was none."""
        if self.payment_id:
            return ()
        if self.uncertain:
            return (self.line("reference_is"),)
        return () if self.earlier else self.nothing_charged()

    def summary(self, last_question: str) -> tuple[tuple[str, str], ...]:
        """What an operator may be told of the call; nothing of any tender but its kind."""
        known = {
            "account": self.account_number,
            "owed": str(sum((item.amount for item in self.chosen or self.items), Decimal(0)) or ""),
            "tender": self.tender,
            "reference": self.reference,
            "confirmation": self.payment_id,
            "outcome": self.outcome,
            "last question": last_question,
        }
        return tuple((name, value) for name, value in known.items() if value)

    def goodbye(self) -> Line:
        """How the call ends: with a reference where one is needed, or that nothing was charged."""
        if self.uncertain and not self.payment_id:
            return self.line("goodbye_unknown")
        # After news of an earlier payment, "nothing was charged" might be taken for that one.
        return self.line("goodbye_paid" if self.payment_id or self.earlier else "goodbye_uncharged")

    def nothing_charged(self) -> tuple[Line, ...]:
        """That nothing was charged; nothing at all once that is uncertain."""
        return () if self.uncertain else (self.line("nothing_charged"),)

    def pending_line(self, reference: str) -> Line:
        """That an earlier payment of this account is still being verified."""
        return self.line("payment_pending", reference=Digits(reference))

    def earlier_line(self, payment: EarlierPayment) -> Line:
        """How an earlier payment ended that was being verified."""
        sentence = "earlier_paid" if payment.payment_id else "earlier_not_paid"
        said: dict[str, Filling] = {"reference": Digits(payment.reference)}
        if payment.payment_id:
            said["payment_id"] = Digits(payment.payment_id, slow=True)
        return self.line(sentence, **said)

    def ask_values(self, question: Question) -> Mapping[str, Filling]:
        """The values that the texts of this question may name."""
        match question.name:
            case "language":
                return {"key": Count(1)}
            case "item_choice":
                return {"owed": Several((self.owed(),))}
            case "tender":
                return {
                    "owed": Several((self.owed(),)),
                    "costs": Several(tuple(self._cost_line(cost) for cost in self.costs)),
                    "options": Several(tuple(self.line(f"say_{cost.tender}") for cost in self.costs)),
                    "keys": Several(tuple(self.line(f"press_{cost.tender}") for cost in self.costs)),
                }
            case "confirm_payment":
                return {"authorization": Several((self.authorization(),)), "total": _money(self.cost.total)}
            case "repeat_confirmation":
                return {"paid": Several((self.line("paid"),))}
            case _:
                return {"value": self._pending_value()} if question.confirms else {}

    def group_named(self, group: Group) -> Filling:
        """Some digits of a number by their place in it."""
        which = "first" if group.is_first else "last" if group.is_last else "middle"
        values: dict[str, Filling] = {"count": Count(group.size)}
        if which == "middle":
            values["ordinal"] = Ordinal(group.ordinal)
        return Several((self.line(f"{which}_digits", **values),))

    def owed(self) -> Line:
        """What is owed, in one sentence or item by item; of what was chosen out of several only what it comes to."""
        items = self.chosen or self.items
        if self.chosen and len(self.items) > 1:
            total = sum((item.amount for item in items), Decimal(0))
            return self.line("chosen", total=Money(total), items=self._chosen_items())
        if len(items) == 1:
            return self.line("one_item", amount=Money(items[0].amount), description=self._described(items[0]))
        listed = tuple(
            self.line("item", number=Count(number), description=self._described(item), amount=Money(item.amount))
            for number, item in enumerate(items, 1)
        )
        return self.line("several_items", count=Count(len(items)), items=Several(listed))

    def _chosen_items(self) -> Filling:
        """What was chosen, by name; all of it needs no names."""
        if len(self.chosen) == len(self.items):
            return Several((self.line("everything"),))
        return Enumeration(tuple(self._described(item) for item in self.chosen))

    def _described(self, item: OwedItem) -> Description:
        return Description(item.description, self.account_number)

    def authorization(self) -> Line:
        """The sentence that the caller agrees to; for an eCheck with what Nacha's TEL rules want in it."""
        return replace(self.wording.line(CONSENTS[self.tender].sentence, self._authorized()), careful=True)

    def consent(self, answer: str) -> Consent:
        """The record of a yes to that sentence."""
        language, values = self.wording.language, self._authorized()
        shown = {
            name: values[name].line(self.wording.formats).shown.strip(" ,")
            for name in sorted(CONSENTS[self.tender].facts)
        }
        return Consent(self.tender, language, self.authorization().shown, tuple(shown.items()), answer)

    def _authorized(self) -> dict[str, Filling]:
        amounts: dict[str, Filling] = {"fee": _money(self.cost.fee), "total": _money(self.cost.total)}
        if self.tender == "card":
            return self._always() | amounts | {"last_four": Digits(self.answers["card_number"].last_four, self.slowly)}
        withdrawal = str(self.answers["withdrawal_type"].content).lower()
        return (
            self._always()
            | amounts
            | {
                "withdrawal_type": Several((self.line(f"withdrawal_{withdrawal}"),)),
                "last_four": Digits(self.answers["bank_account_number"].last_four, self.slowly),
            }
        )

    def _cost_line(self, cost: TenderCost) -> Line:
        return self.line(
            "cost",
            tender=Several((self.line(f"tender_{cost.tender}"),)),
            fee=_money(cost.fee),
            total=_money(cost.total),
        )

    def _pending_value(self) -> Filling:
        value = self.pending
        if value is None:
            raise RuntimeError("a confirmation is asked for and nothing waits to be confirmed")
        if value.kind == "item_choice":
            numbers = range(1, len(self.items) + 1) if value.content == "all" else str(value.content).split(",")
            return Enumeration(tuple(self._described(self.items[int(number) - 1]) for number in numbers))
        if value.kind == "expiration":
            return _month(value)
        if value.kind in {"tender", "withdrawal_type"}:
            return Several((self.line(f"chosen_{value.content}".lower()),))
        if isinstance(value.content, Sensitive):
            return Digits(value.last_four, self.slowly, private=value.read_whole)
        return Digits(value.content, self.slowly)


def _month(expiration: Value) -> Month:
    return Month(date.fromisoformat(f"{expiration.last_four}-01"))


def _money(amount: str) -> Money:
    return Money(Decimal(amount))
