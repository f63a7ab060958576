"""`python -m bench.callers.at_once`: callers who say everything in one sentence, and in how many turns they pay.

Each has a synthetic voice, an account with one bill, a card, a date and a code; the line is µ-law at 8 kHz. What is
asked for again they say again. They hear what is read back, and agree to it only where it is theirs. Everything but the
clock and the line is the product.
"""

import argparse
import asyncio
import json
import logging
import re
import statistics
import tempfile
from calendar import month_name
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import structlog

from bench.callers.exchange import NOON, WatchedPayments
from bench.callers.heard import FOUR, LONG, reads
from bench.callers.verdict import Sent
from bench.callers.voices import ESPEAK_VOICES
from bench.callers.wants import APPROVED, Card
from bench.callers.words import NAMES, one_of
from voicebot.audio import ScriptedPlace, Sound, Turn
from voicebot.audio.codec import TELEPHONE_HZ, mulaw_decode, mulaw_encode
from voicebot.billing import read_accounts
from voicebot.call import Call, CallReport, House
from voicebot.cli.furnish import furnished, sandbox_api
from voicebot.payments import ApiSettings
from voicebot.settings import Settings
from voicebot.speech import VoiceProcess

MONTHS = ("january", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
DATE = re.compile(r"\b[A-Z][a-z]+ 20\d\d\b")
_PLAIN = {"repeat_confirmation": "no", "after_decline": "try again"}
TRIES = 3
"""How often each caller says an answer that is asked for again."""


@dataclass(frozen=True)
class Wanted:
    """What the caller wants to pay with."""

    tender: Card


@dataclass(frozen=True)
class _Held:
    """What came of a call: the report, what differs in the payment that left, and what was read back and was wrong."""

    report: CallReport
    sent: Sent | None
    corrected: list[str]


def main() -> None:
    """Hold the calls and print one object."""
    parser = argparse.ArgumentParser(prog="python -m bench.callers.at_once", description=__doc__)
    parser.add_argument("--callers", type=int, default=12, help="how many (12), as far as there are accounts")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same sentences (1)")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    held = asyncio.run(_held(given.callers, given.seed))
    paid = [len(each.report.turns) for each in held if each.report.outcome == "paid"]
    figures = {
        "callers": len(held),
        "paid": len(paid),
        "in_four_turns": sum(turns <= 4 for turns in paid),
        "paid_with_something_else": [list(each.sent.differs) for each in held if each.sent and each.sent.differs],
        "read_back_wrong": [each.corrected for each in held if each.corrected],
        "median_turns": statistics.median(paid) if paid else None,
        "turns": [[f"{turn.question}: {turn.result}" for turn in each.report.turns] for each in held],
    }
    print(json.dumps(figures, indent=1))


async def _held(callers: int, seed: int) -> list[_Held]:
    with tempfile.TemporaryDirectory(prefix="voicebot-at-once-") as name:
        settings = Settings(database=f"sqlite:///{Path(name)}/voicebot.sqlite3", log_level="error")
        assert settings.accounts is not None
        bills = [each for each in read_accounts(settings.accounts) if len(each.items) == 1]
        payable = [each.number for each in bills if not each.items[0].limit_tenders]
        accounts = np.random.default_rng(seed).permutation(payable)  # what was paid once is owed no more
        async with furnished(settings, today=lambda: NOON.replace(tzinfo=None)) as (house, sandbox):
            assert sandbox is not None
            api = sandbox_api(settings, sandbox)
            return [
                await _call(house, api, str(account), np.random.default_rng((seed, index)))
                for index, account in enumerate(accounts[:callers])
            ]


async def _call(house: House, api: ApiSettings, account: str, rng: np.random.Generator) -> _Held:
    """One caller, from the sentence to the end."""
    card = one_of(rng, APPROVED)
    code = "".join(str(digit) for digit in rng.integers(0, 10, 4 if card.startswith(("34", "37")) else 3))
    month, year = one_of(rng, MONTHS), int(rng.integers(7, 10))
    wanted = Wanted(Card(card, date(2020 + year, list(month_name).index(month.title()), 1), code))
    said = {
        "account_number": _digits(account),
        "card_number": ", ".join(_digits(card[at : at + 4]) for at in range(0, len(card), 4)),
        "expiration": f"{month} twenty twenty {NAMES[year]}",
        "security_code": _digits(code),
        "tender": "card",
    }
    everything = (
        f"{said['account_number']}, pay with my card, card number {said['card_number']}, "
        f"expires {said['expiration']}, security code {said['security_code']}"
    )
    voice = VoiceProcess(f"{one_of(rng, ESPEAK_VOICES)}@160")

    def speak(words: str) -> Sound:
        heard = mulaw_decode(mulaw_encode(voice.speak(words).resampled(TELEPHONE_HZ)))
        return Sound(heard.pcm, TELEPHONE_HZ)

    try:
        caller = _Caller(wanted.tender, account, everything, said, speak)
        payments = WatchedPayments(api, wanted)
        report = await Call(replace(house, payments=payments), caller).run()
        await payments.aclose()
        return _Held(report, payments.sent[-1] if payments.sent else None, caller.corrected)
    finally:
        voice.close()


class _Caller(ScriptedPlace):
    """Says everything first, then what is asked for, and hears what is read back.

    Attributes:
        corrected: what was read back and was not the caller's, in the order in which it was.
    """

    def __init__(
        self, card: Card, account: str, everything: str, said: dict[str, str], speak: Callable[[str], Sound]
    ) -> None:
        first = Turn("account_number", sound=speak(everything))
        again = [Turn(name, sound=speak(words)) for name, words in said.items() for _ in range(TRIES)]
        super().__init__([first, *again], rate_hz=TELEPHONE_HZ)
        self.corrected: list[str] = []
        self._card, self._account = card, account
        self._speak = speak
        self._told = ""

    def play(self, prompt_id: int, sound: Sound | None, text: str) -> None:
        super().play(prompt_id, sound, text)
        self._told = f"{self._told} {text}"

    def expect(self, question: str | None) -> None:
        words = "" if question is None else self._reaction(question)
        if words and question is not None:
            self._turns.append(Turn(question, sound=self._speak(words)))
        if question is not None:
            self._told = ""
        super().expect(question)

    def _reaction(self, question: str) -> str:
        """What is said to a question that reads something back; nothing to others."""
        theirs = {
            "confirm_account_number": reads(LONG, self._told, self._account),
            "confirm_tender": "pay by card" in self._told,
            "confirm_card_number": reads(FOUR, self._told, self._card.last_four),
            "confirm_expiration": f"{self._card.expires:%B %Y}" in self._told,
        }
        if question in _PLAIN:
            return _PLAIN[question]
        if question == "confirm_payment":
            return self._agreement()
        if question not in theirs:
            return ""
        if not theirs[question]:
            self.corrected.append(question.removeprefix("confirm_"))
        return "yes" if theirs[question] else "no"

    def _agreement(self) -> str:
        dates = DATE.findall(self._told)
        wrong = {
            "expiration": bool(dates) and dates[-1] != f"{self._card.expires:%B %Y}",
            "card_number": reads(FOUR, DATE.sub("", self._told), self._card.last_four) is False,
        }
        self.corrected += [name for name, is_wrong in wrong.items() if is_wrong]
        return "no" if any(wrong.values()) else "yes"


def _digits(digits: str) -> str:
    return " ".join(NAMES[int(digit)] for digit in digits)


if __name__ == "__main__":
    main()
