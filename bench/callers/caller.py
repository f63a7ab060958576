"""The caller's mind: hears the bot's sentences, knows what it wants, and says what a person with its manner would say.

A caller is honest: what the bot reads back is compared with what was wanted, and agreed to only where it is the same.
"""

import re
from collections import Counter
from datetime import date
from typing import Final

import numpy as np

from bench.callers.heard import ACCOUNT, DATE, FOUR, LONG, asked_digits, chosen, reads, sums_of
from bench.callers.manners import Manner
from bench.callers.wants import GOAL_ASKED, BankAccount, Card, Goal, Tender, Wants
from bench.callers.words import (
    ALL,
    BACK,
    CARD,
    CHECKING,
    ECHECK,
    GOODBYE,
    HELP,
    HOLD,
    HUMS,
    NAMES,
    NO,
    NOT_MINE,
    OPERATOR,
    OTHER_WAY,
    REPEAT,
    SAVINGS,
    TRY_AGAIN,
    YES,
    HangUp,
    NumberStyle,
    Piece,
    Press,
    Say,
    Wait,
    draw_style,
    groups_of,
    one_of,
    say_digits,
    say_items,
    say_month,
)

PATIENCE = 6
"""How often a caller answers one question, without getting anywhere, before putting the telephone down."""
LONGEST = 60
"""Answers after which anybody has had enough."""

TAKES_HINT = 0.7
"""Share of callers who use the keypad once they were not understood and were told that they could."""
TAKES_REQUEST = 0.95
"""Share of callers who use it when they are asked to ("please key in ...", "please press ...")."""

NUMBERS = frozenset({"account_number", "card_number", "security_code", "routing_number", "bank_account_number"})
READ_WHOLE = frozenset({"confirm_account_number", "confirm_routing_number"})
"""Questions by which a number is read back whole, so that it can be put right."""
FETCHED = frozenset({"card_number", "routing_number"})
"""Questions for which somebody may have to get up first."""
TENDER_QUESTIONS = {
    "card": ("card_number", "expiration", "security_code"),
    "echeck": ("withdrawal_type", "routing_number", "bank_account_number"),
}
BEFORE_PAYING = ("account_number", "confirm_account_number", "tender", "card_number", "withdrawal_type", "expiration")
"""Questions at which somebody may want out."""

Act = tuple[Piece, ...]


class Caller:
    """One caller.

    Attributes:
        wants: what the caller wants.
        manner: how the caller behaves.
        tender: what is being paid with.
        agreed: the caller has said yes to the payment as it was read out.
        asked_out: the caller asked for an operator, or said goodbye.
        gave_up: the caller lost patience.
    """

    def __init__(self, wants: Wants, manner: Manner, rng: np.random.Generator, *, digits_only: bool) -> None:
        self.wants = wants
        self.manner = manner
        self.agreed = False
        self.asked_out = False
        self.gave_up = False
        self._rng = rng
        self._style = NumberStyle("zero", pairs=False, doubles=False, whole=False) if digits_only else draw_style(rng)
        self._digits_only = digits_only
        self._tender = 0
        self._heard: list[str] = []
        self._answers: Counter[str] = Counter()
        self._tries: Counter[str] = Counter()
        self._done: set[str] = set()
        self._truth: dict[str, bool] = {}
        self._wrong_sum = False
        drawn = rng.random()
        self._takes_hint, self._takes_request = bool(drawn < TAKES_HINT), bool(drawn < TAKES_REQUEST)
        self._leaves_at: Final = one_of(rng, BEFORE_PAYING)
        self._change_wanted = manner.changes_tender
        self._hears_again = bool(rng.random() < 0.2)

    @property
    def tender(self) -> Tender:
        return self.wants.tenders[self._tender]

    def tried(self, question: str) -> bool:
        """Whether this question was answered before, so that the caller now knows to listen."""
        return bool(self._tries[question])

    def hear(self, text: str) -> None:
        """A sentence of the bot was heard to its end."""
        self._heard.append(text)

    def answer(self, question: str) -> Act:
        """What the caller does now that it is asked this."""
        heard, self._heard = " ".join(self._heard), []
        self._answers[question] += 1
        if self._answers[question] > PATIENCE or self._answers.total() > LONGEST:
            self.gave_up = True
            return (HangUp(),)
        if question in GOAL_ASKED:
            self._tries[question] += 1
            return self._yes_or_no(question, heard, yes=self.wants.goal is GOAL_ASKED[question])
        for special in (self._wanting_out, self._asking_first, self._holding, self._changing_mind):
            act = special(question)
            if act:
                return act
        self._tries[question] += 1
        return self._reply(question, heard)

    # What comes instead of an answer ---------------------------------------------------------------------------------

    def _wanting_out(self, question: str) -> Act:
        if self.wants.goal not in {Goal.OPERATOR, Goal.LEAVE}:
            return ()
        if question != self._leaves_at and not (self.asked_out or question == "confirm_payment"):
            return ()
        self.asked_out = True
        if self.wants.goal is Goal.OPERATOR:
            return self._say(OPERATOR) if self._speaks() else (Press("0"),)
        return self._say(GOODBYE)

    def _asking_first(self, question: str) -> Act:
        if not self.manner.asks or question in self._done or self._rng.random() >= self.manner.asks_share:
            self._done.add(question)
            return ()
        self._done.add(question)
        asked = one_of(self._rng, self.manner.asks)
        return self._say(HELP if asked == "help" else REPEAT)

    def _holding(self, question: str) -> Act:
        if not self.manner.holds or question not in FETCHED or f"hold {question}" in self._done:
            return ()
        self._done.add(f"hold {question}")
        away = Wait(float(self._rng.uniform(8.0, 30.0)), away=True)
        if self._rng.random() < 0.5:
            return (*self._say(HOLD), away, *self._say(BACK))
        self._tries[question] += 1
        return (*self._say(HOLD), away, *self._reply(question, ""))

    def _changing_mind(self, question: str) -> Act:
        if not self._change_wanted or question != TENDER_QUESTIONS[self.tender.tender][0]:
            return ()
        self._change_wanted = False
        self._tender = 1 - self._tender
        return (Say("go back"),)

    # Answers ---------------------------------------------------------------------------------------------------------

    def _reply(self, question: str, heard: str) -> Act:
        if question.startswith("confirm_"):
            return self._confirm(question, heard)
        if question in TENDER_QUESTIONS["card"] or question in TENDER_QUESTIONS["echeck"]:
            return self._tender_detail(question, self.tender, heard)
        match question:
            case "account_number":
                return self._number(question, self.wants.account.number, heard, ends="#")
            case "item_choice":
                return self._items(heard)
            case "tender":
                return self._choose_tender(heard)
            case "after_decline":
                return self._after_decline(heard)
            case "repeat_confirmation" if self._hears_again:
                self._hears_again = False
                return self._menu(question, YES, "1", heard)
            case _:
                return self._menu(question, NO, "2", heard)

    def _tender_detail(self, question: str, tender: Tender, heard: str) -> Act:
        match question, tender:
            case "card_number", Card(number=number):
                return self._number(question, number, heard, ends=one_of(self._rng, ("", "#")))
            case "expiration", Card(expires=expires):
                return self._expiration(expires, heard)
            case "security_code", Card(code=code):
                return self._number(question, code, heard)
            case "withdrawal_type", BankAccount(kind=kind):
                phrases, key = (CHECKING, "1") if kind == "Checking" else (SAVINGS, "2")
                return self._menu(question, phrases, key, heard)
            case "routing_number", BankAccount(routing=routing):
                return self._number(question, routing, heard)
            case "bank_account_number", BankAccount(number=number):
                return self._number(question, number, heard, ends="#")
            case _:
                return (Say("go back"),)  # the bot took the one way of paying for the other

    def _number(self, question: str, value: str, heard: str, *, ends: str = "") -> Act:
        if self._wrong_now(question):
            value = self._mistaken(value)
        value = asked_digits(value, groups_of(value, self._style), heard)
        if self._uses_keys(question, heard):
            return (Press(value + ends),)
        careful = self._tries[question] > 1
        groups = groups_of(value, self._style)
        if not careful and len(groups) > 1 and self._rng.random() < self.manner.switches:
            return (*self._spoken(groups[:1], careful=careful), Wait(0.6), Press(value[len(groups[0]) :] + ends))
        if not careful and len(groups) > 1 and self._rng.random() < self.manner.slips:
            return self._slip(groups)
        return self._spoken(groups, careful=careful)

    def _spoken(self, groups: list[str], *, careful: bool) -> Act:
        pieces: list[Piece] = []
        for number, group in enumerate(groups):
            if number:
                pieces.append(self._pause())
            if self._rng.random() < self.manner.hums:
                pieces += [Say(one_of(self._rng, HUMS)), self._pause()]
            pieces.append(say_digits(group, self._style, careful=careful))
        return tuple(pieces)

    def _slip(self, groups: list[str]) -> Act:
        """One group is said wrong, and put right at once: the group, or the whole number."""
        at = int(self._rng.integers(len(groups)))
        wrong, right = self._mistaken(groups[at]), groups[at:] if self._rng.random() < 0.6 else groups
        before = self._spoken([*groups[:at], wrong], careful=False)
        return (*before, Wait(0.3), Say("no"), Wait(0.2), *self._spoken(list(right), careful=False))

    def _expiration(self, expires: date, heard: str) -> Act:
        if self._wrong_now("expiration"):
            expires = expires.replace(year=expires.year + 1)
        if self._uses_keys("expiration", heard):
            return (Press(f"{expires:%m%y}"),)
        pieces: list[Piece] = []
        for said in say_month(expires, self._style, self._rng, digits_only=self._digits_only):
            pieces += [self._pause(), said] if pieces else [said]
        return tuple(pieces)

    def _items(self, heard: str) -> Act:
        if act := self._refuses_account(heard):
            return act
        items = self.wants.items
        if self._wrong_now("item_choice"):
            items = tuple(range(1, len(self.wants.account.items) + 1))[:1]
        everything = len(items) == len(self.wants.account.items)
        if self._uses_keys("item_choice", heard):
            keys = "".join(str(number) for number in items)
            return (Press("9" if everything else keys + "#" * (len(keys) > 1)),)
        return self._say(ALL) if everything else (say_items(items, self._rng),)

    def _refuses_account(self, heard: str) -> Act:
        """Nothing where the account number that was said in passing is the caller's, or none was."""
        numbers = ACCOUNT.findall(heard)
        if not numbers or numbers[-1] == self.wants.account.number:
            return ()
        return self._say(NOT_MINE) if self._speaks() else (Say("not my account"),)

    def _choose_tender(self, heard: str) -> Act:
        """Choose, unless the bot reads out another sum than what the wanted items come to."""
        if act := self._refuses_account(heard):
            return act
        if sums := sums_of(heard):
            mine = (self.wants.primary, self.wants.total(self.tender))  # asked again, only the ways of paying are told
            self._wrong_sum = not sums.intersection(f"{amount:,}" for amount in mine)
        if self._wrong_sum:
            return (Say("go back" if self._tries["tender"] % 2 else "start over"),)
        tender = self.tender.tender
        if self._wrong_now("tender"):
            tender = "echeck" if tender == "card" else "card"
        return self._menu("tender", CARD if tender == "card" else ECHECK, "1" if tender == "card" else "2", heard)

    def _after_decline(self, heard: str) -> Act:
        """The next way of paying, if there is one and this one was refused; else the same again."""
        if self._wrong_sum:
            return (Say("start over"),)
        if self.tender.declined and self._tender + 1 < len(self.wants.tenders):
            self._tender += 1
            return self._menu("after_decline", OTHER_WAY, "2", heard)
        return self._menu("after_decline", TRY_AGAIN, "1", heard)

    def _confirm(self, question: str, heard: str) -> Act:
        if (said := self._reads_back(question, heard)) is not None:
            self._truth[question] = said
        true = self._truth.get(question, False)
        if question == "confirm_payment":
            self.agreed = true
        if not true and question in READ_WHOLE and self._rng.random() < self.manner.slips:
            return self._corrected(question, heard)
        return self._yes_or_no(question, heard, yes=true)

    def _corrected(self, question: str, heard: str) -> Act:
        """Say "no, five not nine" where one digit was read back wrong; else "no, it's ..." and the whole number."""
        value = self.wants.account.number
        if isinstance(self.tender, BankAccount) and question == "confirm_routing_number":
            value = self.tender.routing
        read = (LONG.findall(heard) or [""])[-1]
        differ = [at for at, (right, wrong) in enumerate(zip(value, read, strict=False)) if right != wrong]
        if len(read) == len(value) and len(differ) == 1:
            right, wrong = NAMES[int(value[differ[0]])], NAMES[int(read[differ[0]])]
            return (Say(f"no {right} not {wrong}"),)
        return (Say("no it's"), Wait(0.1), *self._spoken(groups_of(value, self._style), careful=True))

    def _reads_back(self, question: str, heard: str) -> bool | None:
        """Whether what was read back is what is wanted; None where nothing was read back this time."""
        match question:
            case "confirm_account_number":
                return reads(LONG, heard, self.wants.account.number)
            case "confirm_item_choice":
                return self._right_items(heard)
            case "confirm_expiration":
                return self._right_month(heard)
            case "confirm_tender" | "confirm_withdrawal_type" if said := chosen(heard):
                return said in {self.tender.tender, getattr(self.tender, "kind", "").lower()} and not self._wrong_sum
            case "confirm_payment":
                return self._right_payment(heard)
            case "confirm_routing_number" if isinstance(self.tender, BankAccount):
                return reads(LONG, heard, self.tender.routing)
            case _:
                return reads(FOUR, heard, self.tender.number[-4:])

    def _right_items(self, heard: str) -> bool | None:
        items = self.wants.account.items
        named = {number for number, item in enumerate(items, 1) if item.description in heard}
        return named == set(self.wants.items) if named else None

    def _right_month(self, heard: str) -> bool | None:
        if not isinstance(self.tender, Card):
            return False
        return f"{self.tender.expires:%B %Y}" in heard if re.search(r"\b20\d\d\b", heard) else None

    def _right_payment(self, heard: str) -> bool | None:
        sums = sums_of(heard)
        if not sums:
            return None
        fours = FOUR.findall(DATE.sub("", heard))
        last_four = self.tender.last_four in fours if fours else self._truth.get("confirm_payment", True)
        return f"{self.wants.total(self.tender):,}" in sums and last_four and self._right_kind(heard)

    def _right_kind(self, heard: str) -> bool:
        """Whether no other kind of bank account was read out."""
        kinds = {kind for kind in ("checking", "savings") if f"{kind} account" in heard}
        return not kinds or (isinstance(self.tender, BankAccount) and kinds == {self.tender.kind.lower()})

    def _yes_or_no(self, question: str, heard: str, *, yes: bool) -> Act:
        return self._menu(question, YES if yes else NO, "1" if yes else "2", heard)

    def _menu(self, question: str, phrases: tuple[str, ...], key: str, heard: str) -> Act:
        if self._uses_keys(question, heard):
            return (Press(key),)
        if self._tries[question] > 1:
            return (Say(phrases[0]),)
        return self._say(phrases)

    def _say(self, phrases: tuple[str, ...]) -> Act:
        said = Say(one_of(self._rng, phrases))
        if self._digits_only and phrases in {YES, NO}:
            said = Say(phrases[0])
        if self._rng.random() < self.manner.hums:
            return Say(one_of(self._rng, HUMS)), self._pause(), said
        return (said,)

    def _speaks(self) -> bool:
        return bool(self._rng.random() >= self.manner.keys)

    def _pause(self) -> Wait:
        return Wait(float(self._rng.uniform(*self.manner.pause_s)))

    def _uses_keys(self, question: str, heard: str) -> bool:
        told = re.search(r"\b(press|key)", heard, re.IGNORECASE) is not None
        asked = re.search(r"\bplease (key in|press)", heard, re.IGNORECASE) is not None
        takes = (told and self._takes_hint) or (asked and self._takes_request)
        return not self._speaks() or (takes and self._tries[question] > 1)

    def _wrong_now(self, question: str) -> bool:
        """Whether this first try goes wrong."""
        first = self._tries[question] == 1 and f"wrong {question}" not in self._done
        self._done.add(f"wrong {question}")
        return first and bool(self._rng.random() < self.manner.wrong_first)

    def _mistaken(self, digits: str) -> str:
        """The digits with one of them wrong."""
        at = int(self._rng.integers(len(digits)))
        wrong = str((int(digits[at]) + int(self._rng.integers(1, 10))) % 10)
        return digits[:at] + wrong + digits[at + 1 :]
