"""Conversations as text: a pure dialog, a caller who says words and presses keys, and a world that answers at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import yaml

from voicebot.dialog import Agency, Dialog, Manners, Script, Wording, read_wording
from voicebot.dialog import actions as do
from voicebot.dialog import events as on
from voicebot.grammar import Grammar, load_grammars
from voicebot.grammar.heard import Hypothesis, Segment

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 23)
ITEMS = (
    on.OwedItem("tax-2026", "property tax", Decimal("1257.38")),
    on.OwedItem("water-11", "water bill", Decimal("64.02")),
    on.OwedItem("permit-7", "garage permit", Decimal("25.00")),
)
COSTS = (
    on.TenderCost("card", "1257.38", "1.23", "1258.61"),
    on.TenderCost("echeck", "1257.38", "0.50", "1257.88"),
)


@cache
def grammars(language: str = "en-US") -> Mapping[str, Grammar]:
    return load_grammars(ROOT / "grammars" / language)


@cache
def wording(language: str = "en-US") -> Wording:
    name = f"{language}.yaml"
    return read_wording(yaml.safe_load((ROOT / "voicebot" / "wording" / name).read_text("utf-8")), name)


@cache
def script(known: frozenset[str] | None = None, manners: Manners | None = None, language: str = "en-US") -> Script:
    agency = Agency("Example County", "555 0100")
    return Script(wording(language), grammars(language), agency, known, manners or Manners())


def script_in(first: str, *others: str) -> Script:
    """The script of a line with its own language and those that callers can choose."""
    return replace(script(language=first), others=tuple(script(language=other) for other in others))


def segment(words: str, at_s: float = 0.0) -> Segment:
    return Segment((Hypothesis(tuple(words.split()), 0.0),), at_s, at_s + 1.0)


@dataclass
class World:
    """What billing, the ledger and PaymentExpress answer; lists are used up, the last entry stays."""

    items: tuple[on.OwedItem, ...] = ITEMS[:1]
    problem: on.LookupProblem | None = None
    costs: tuple[on.TenderCost, ...] = COSTS
    record: bool = True
    create: bool = True
    pays: list[str] = field(default_factory=lambda: ["paid"])
    check: str = "paid"
    transfer: bool = False
    paid: list[do.Pay] = field(default_factory=list)

    def answer(self, action: do.Action) -> on.Event | None:
        match action:
            case do.FindItems(request_id=number):
                if self.problem:
                    return on.ItemsNotFound(number, self.problem, "40017322")
                return on.ItemsFound(number, "Pat Example", self.items)
            case do.RecordCart(request_id=number):
                return on.CartRecorded(number, "97531086") if self.record else on.CartFailed(number)
            case do.CreateCart(request_id=number):
                return on.CartCreated(number, self.costs) if self.create else on.CartFailed(number)
            case do.Pay():
                self.paid.append(action)
                return self._payment(action.request_id, self.pays.pop(0) if len(self.pays) > 1 else self.pays[0])
            case do.CheckCart(request_id=number):
                return self._payment(number, self.check)
            case do.Transfer(request_id=number):
                return on.TransferEnded(number, connected=self.transfer)
            case _:
                return None

    def _payment(self, number: int, how: str) -> on.Event:
        kind, _, detail = how.partition(" ")
        match kind:
            case "paid":
                return on.PaymentSettled(number, "Z8290409311")
            case "declined":
                return on.PaymentDeclined(number, detail)
            case "wrong":
                return on.PaymentDeclined(number, "", detail)
            case "not_sent":
                return on.PaymentNotSent(number)
            case "unpaid":
                return on.CartFoundUnpaid(number)
            case "not_found":
                return on.CartNotFound(number)
            case "unknown":
                return on.PaymentUnknown(number)
            case _:
                raise ValueError(f"no such end of a payment: {how}")


class Talk:
    """One conversation; every prompt is finished at once, every piece of work too."""

    def __init__(
        self, world: World | None = None, used_script: Script | None = None, *, can_transfer: bool = False
    ) -> None:
        self.world = world or World()
        self.dialog = Dialog(used_script or script())
        self.now_s = 0.0
        self.said: list[str] = []
        self.spoken: list[str] = []
        self.voices: list[str] = []
        self.actions: list[do.Action] = []
        self.listening: do.Listen | None = None
        self.hung_up = False
        self.send(on.CallAnswered(TODAY, can_transfer))

    @property
    def question(self) -> str:
        return self.listening.question if self.listening else ""

    def send(self, event: on.Event) -> None:
        waiting = [event]
        while waiting:
            for action in self.dialog.handle(waiting.pop(0), self.now_s):
                self.actions.append(action)
                waiting += self._carry_out(action)

    def _carry_out(self, action: do.Action) -> Iterable[on.Event]:
        match action:
            case do.Say(prompt_id=number, line=line):
                self.said.append(line.shown)
                self.spoken.append(line.spoken)
                self.voices.append(line.language)
                yield on.PromptFinished(number)
            case do.Listen():
                self.listening = action
            case do.StopListening():
                self.listening = None
            case do.HangUp():
                self.hung_up = True
        if answer := self.world.answer(action):
            yield answer

    def hear(self, words: str) -> None:
        """The caller says something and then waits for the bot."""
        if self.listening is None:
            raise AssertionError(f"nobody listens; the bot said {self.said[-2:]}")
        listen_id = self.listening.listen_id
        self.send(on.SpeechStarted(listen_id))
        self.now_s += 1.0
        self.send(on.WordsHeard(listen_id, segment(words, self.now_s - 1.0)))
        if self._listen_id == listen_id:
            self.silence()

    def hear_guesses(self, guesses: Mapping[str, float]) -> None:
        """The caller says something that may have been these words, with their scores, and waits for the bot."""
        if self.listening is None:
            raise AssertionError(f"nobody listens; the bot said {self.said[-2:]}")
        hypotheses = tuple(Hypothesis(tuple(words.split()), score) for words, score in guesses.items())
        self.send(on.SpeechStarted(self.listening.listen_id))
        self.now_s += 1.0
        self.send(on.WordsHeard(self.listening.listen_id, Segment(hypotheses, self.now_s - 1.0, self.now_s)))
        self.silence()

    def hear_pieces(self, pieces: list[str]) -> None:
        """The caller says something with pauses in it, which the bot waits out."""
        for piece in pieces[:-1]:
            if self.listening is None:
                raise AssertionError(f"nobody listens; the bot said {self.said[-2:]}")
            self.send(on.SpeechStarted(self.listening.listen_id))
            self.now_s += 1.0
            self.send(on.WordsHeard(self.listening.listen_id, segment(piece, self.now_s - 1.0)))
            self.now_s += 0.1
        self.hear(pieces[-1])

    @property
    def _listen_id(self) -> int:
        return self.listening.listen_id if self.listening else 0

    def press(self, keys: str) -> None:
        for key in keys:
            self.now_s += 0.3
            self.send(on.KeyPressed(key, self.now_s))

    def silence(self) -> None:
        """Nothing happens until the bot does something by itself."""
        deadline_s = self.dialog.deadline_s
        if deadline_s is None:
            raise AssertionError("the bot waits for nothing")
        self.now_s = max(self.now_s, deadline_s)
        self.send(on.TimePassed())

    def hang_up(self) -> None:
        self.send(on.CallerHungUp())
