"""`python -m bench.callers.at_once`: callers who say everything in one sentence, and in how many turns they pay.

Each has a synthetic voice, an account with one bill, a card, a date and a code; the line is µ-law at 8 kHz. What is
asked for again they say again. Everything but the clock and the line is the product, with `manners.ahead` on.
"""

import argparse
import asyncio
import json
import logging
import statistics
import tempfile
from calendar import month_name
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import structlog

from bench.callers.exchange import NOON, WatchedPayments
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
TRIES = 3
"""How often each caller says an answer that is asked for again."""


@dataclass(frozen=True)
class Wanted:
    """What the caller wants to pay with."""

    tender: Card


def main() -> None:
    """Hold the calls and print one object."""
    parser = argparse.ArgumentParser(prog="python -m bench.callers.at_once", description=__doc__)
    parser.add_argument("--callers", type=int, default=12, help="how many (12), as far as there are accounts")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same sentences (1)")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    held = asyncio.run(_held(given.callers, given.seed))
    reports = [report for report, _ in held]
    paid = [len(report.turns) for report in reports if report.outcome == "paid"]
    figures = {
        "callers": len(reports),
        "paid": len(paid),
        "in_four_turns": sum(turns <= 4 for turns in paid),
        "paid_with_something_else": [list(sent.differs) for _, sent in held if sent is not None and sent.differs],
        "median_turns": statistics.median(paid) if paid else None,
        "turns": [[f"{turn.question}: {turn.result}" for turn in report.turns] for report in reports],
    }
    print(json.dumps(figures, indent=1))


async def _held(callers: int, seed: int) -> list[tuple[CallReport, Sent | None]]:
    with tempfile.TemporaryDirectory(prefix="voicebot-at-once-") as name:
        settings = Settings(database=f"sqlite:///{Path(name)}/voicebot.sqlite3", log_level="error")
        manners = settings.manners.model_copy(update={"ahead": True})
        settings = settings.model_copy(update={"manners": manners})
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


async def _call(
    house: House, api: ApiSettings, account: str, rng: np.random.Generator
) -> tuple[CallReport, Sent | None]:
    """One caller, from the sentence to the end, and in what the payment that left differs from the caller's card."""
    card = one_of(rng, APPROVED)
    code = "".join(str(digit) for digit in rng.integers(0, 10, 4 if card.startswith(("34", "37")) else 3))
    month, year = one_of(rng, MONTHS), int(rng.integers(7, 10))
    wanted = Wanted(Card(card, date(2020 + year, list(month_name).index(month.title()), 1), code))
    said = {
        "account_number": _digits(account),
        "card_number": ", ".join(_digits(card[at : at + 4]) for at in range(0, len(card), 4)),
        "expiration": f"{month} twenty twenty {NAMES[year]}",
        "security_code": _digits(code),
    }
    everything = (
        f"{said['account_number']}, pay with my card, card number {said['card_number']}, "
        f"expires {said['expiration']}, security code {said['security_code']}"
    )
    voice = VoiceProcess(f"{one_of(rng, ESPEAK_VOICES)}@160")

    def turn(question: str, words: str) -> Turn:
        heard = mulaw_decode(mulaw_encode(voice.speak(words).resampled(TELEPHONE_HZ)))
        return Turn(question, sound=Sound(heard.pcm, TELEPHONE_HZ))

    try:
        turns = [turn("account_number", everything)]
        for question, words in {**said, "tender": "card"}.items():
            turns += [turn(question, words) for _ in range(TRIES)]
        for name in ("account_number", "card_number", "expiration", "payment"):
            turns += [turn(f"confirm_{name}", "yes") for _ in range(TRIES)]
        turns += [turn("repeat_confirmation", "no")]
        payments = WatchedPayments(api, wanted)
        report = await Call(replace(house, payments=payments), ScriptedPlace(turns, rate_hz=TELEPHONE_HZ)).run()
        await payments.aclose()
        return report, payments.sent[-1] if payments.sent else None
    finally:
        voice.close()


def _digits(digits: str) -> str:
    return " ".join(NAMES[int(digit)] for digit in digits)


if __name__ == "__main__":
    main()
