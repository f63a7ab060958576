"""Whole calls: the product's own house, one simulated caller at a time, a database and a sandbox for each.

Every call is the same whenever and wherever it is run with its seed and index: what it draws from chance comes from
generators of its own, the sandbox makes its ids from the seed, and the clock is virtual.
"""

import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np

from bench.callers.caller import Caller
from bench.callers.line import LINES, MIX, SPEECH_RMS, Line, Samples, Telephone, noises
from bench.callers.manners import MANNERS, Manner
from bench.callers.place import CallerPlace, Tape, question_finder
from bench.callers.verdict import Result, Sent, compare_card, compare_echeck, judge
from bench.callers.voices import KeptVoice, Recordings, Speaker, Voices, muffled
from bench.callers.wants import TODAY, Goal, Tender, draw_wants
from bench.callers.words import Say, one_of
from voicebot.billing import Account, AccountTable, read_accounts
from voicebot.call import Call, House, Silent
from voicebot.cli.furnish import furnished, sandbox_api
from voicebot.ledger import Ledger
from voicebot.payments import Amounts, ApiSettings, CardTender, ECheckTender, Payment, PaymentExpress
from voicebot.sandbox import Sandbox
from voicebot.settings import ROOT, Settings
from voicebot.speech import Recognizer, SegmentHeard, Voice, VoiceProcess

NOON = datetime.combine(TODAY, time(12), UTC)
OPERATOR = "sip:operator@example.invalid"
HANGS_UP_S = (2.0, 110.0)
"""When those put the telephone down who do it at a random moment."""
CAREFUL_RATE = 140
"""Words a minute of somebody who was not understood."""
SLOWER, FASTER = 0.9, 1.1


@dataclass(frozen=True, slots=True)
class Options:
    """What is the same for all calls of a run.

    Attributes:
        seed: of everything.
        out: folder for what is kept: words that were synthesized, results, pictures.
        recordings: of people and noises; None: voices and noises are all made.
        manners: names of the manners that call, all if empty.
        lines: names of lines, by turns.
    """

    seed: int
    out: Path
    recordings: Path | None = None
    manners: tuple[str, ...] = ()
    lines: tuple[str, ...] = MIX

    def manner(self, index: int) -> Manner:
        """The manner of a call."""
        chosen = [manner for manner in MANNERS if not self.manners or manner.name in self.manners]
        return chosen[index % len(chosen)]

    def line(self, index: int) -> Line:
        """The line of a call: everybody comes over every line, whatever the numbers of both."""
        callers = len(self.manners or MANNERS)
        return LINES[self.lines[(index + index // callers) % len(self.lines)]]


class Pays(Protocol):
    """Somebody with a way of paying at hand."""

    @property
    def tender(self) -> Tender:
        """What is wanted to be paid with now."""


class WatchedPayments(PaymentExpress):
    """The product's client, which also notes in what a payment that leaves differs from the caller's wish."""

    def __init__(self, settings: ApiSettings, caller: "Pays") -> None:
        super().__init__(settings)
        self.sent: list[Sent] = []
        self._caller = caller

    async def pay_card(
        self, cart_id: str, amounts: Amounts, card: CardTender, *, budget_s: float | None = None
    ) -> Payment:
        self.sent.append(compare_card(card, self._wanted))
        return await super().pay_card(cart_id, amounts, card, budget_s=budget_s)

    async def pay_echeck(
        self, cart_id: str, amounts: Amounts, echeck: ECheckTender, *, budget_s: float | None = None
    ) -> Payment:
        self.sent.append(compare_echeck(echeck, self._wanted))
        return await super().pay_echeck(cart_id, amounts, echeck, budget_s=budget_s)

    @property
    def _wanted(self) -> Tender:
        return self._caller.tender


class Overheard:
    """A recogniser whose listens are noted: what it made of each stretch of speech, for finding out what went wrong."""

    def __init__(self, recognizer: Recognizer) -> None:
        self._recognizer = recognizer
        self.question = ""
        self.heard: list[tuple[str, float, float, str]] = []

    def listen(self, *phrases: Any, **how: Any) -> "Overheard._Ear":
        """As `Recognizer.listen`."""
        return Overheard._Ear(self, self._recognizer.listen(*phrases, **how))

    class _Ear:
        def __init__(self, overheard: "Overheard", ear: Any) -> None:
            self._overheard = overheard
            self._ear = ear

        def feed(self, *given: Any) -> Any:
            events = self._ear.feed(*given)
            for event in events:
                if isinstance(event, SegmentHeard):
                    best = event.segment.best
                    words = " ".join(best.words) if best else ""
                    times = round(event.segment.start_s, 2), round(event.segment.end_s, 2)
                    self._overheard.heard.append((self._overheard.question, *times, words))
            return events

        def __getattr__(self, name: str) -> Any:
            return getattr(self._ear, name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._recognizer, name)


class _Asked(Silent):
    """Tells the one who overhears which question is being answered."""

    def __init__(self, overheard: Overheard) -> None:
        self._overheard = overheard

    def asked(self, question: str, at_s: float) -> None:
        del at_s
        self._overheard.question = question


class Exchange:
    """Where the calls of one process are held; make it with `open_exchange`."""

    def __init__(self, options: Options, settings: Settings, house: House, folder: Path) -> None:
        recordings = options.recordings
        self._options = options
        self._settings = settings
        self._house = house
        self._folder = folder
        self._voices = Voices(Recordings(recordings) if recordings else None, options.out / "voices")
        self._noises = noises(recordings)
        assert settings.accounts is not None
        self._accounts: tuple[Account, ...] = read_accounts(settings.accounts)
        self._names = question_finder(house.script.wording)

    def close(self) -> None:
        """End the callers' voices."""
        self._voices.close()

    async def call(self, index: int, *, tape: Tape | None = None) -> Result:
        """Hold one call."""
        options = self._options
        rngs = [np.random.default_rng((options.seed, index, part)) for part in range(6)]
        manner, line = options.manner(index), options.line(index)
        speaker = self._voices.draw(rngs[1])
        two = manner.changes_tender or manner.declined
        wants = draw_wants(self._accounts, manner.goal, rngs[0], declined=manner.declined, two_tenders=two)
        caller = Caller(wants, manner, rngs[2], digits_only=bool(speaker.human))
        noise = one_of(rngs[3], sorted(self._noises)) if line.snr_db is not None else ""
        loudness = SPEECH_RMS * 10 ** (manner.gain_db / 20)
        place = CallerPlace(
            caller,
            self._mouth(speaker, manner, rngs[1]),
            Telephone(line, self._noises[noise or "white"], loudness, rngs[3]),
            self._names,
            rngs[4],
            hangs_up_s=float(rngs[5].uniform(*HANGS_UP_S)) if manner.goal is Goal.HANG_UP else None,
            can_transfer=bool(rngs[5].random() < 0.5),
            tape=tape,
        )
        result = Result(
            index,
            manner.name,
            line.name,
            speaker.name,
            noise,
            wants.goal.value,
            "+".join(tender.tender for tender in wants.tenders),
            len(wants.items),
        )
        await self._hold(result, place, caller)
        return result

    async def _hold(self, result: Result, place: CallerPlace, caller: Caller) -> None:
        """Run the call in a house with its own database and sandbox, and compare the books afterwards."""
        database = self._folder / f"call{result.index}.sqlite3"
        shutil.copyfile(self._folder / "template.sqlite3", database)
        url = f"sqlite:///{database}"
        assert self._house.recognizer is not None
        overheard = Overheard(self._house.recognizer)
        ledger, accounts = Ledger.open(url), AccountTable.open(url)
        sandbox = Sandbox(seed=self._options.seed * 1_000_003 + result.index, now=NOON.timestamp)
        try:
            async with sandbox:
                payments = WatchedPayments(sandbox_api(self._settings, sandbox), caller)
                try:
                    house = replace(
                        self._house,
                        ledger=ledger,
                        billing=accounts,
                        payments=payments,
                        recognizer=cast("Recognizer", overheard),
                    )
                    report = await Call(house, place, watcher=_Asked(overheard)).run()
                finally:
                    await payments.aclose()
                result.spans, result.heard = place.spans, overheard.heard
                judge(
                    result,
                    report,
                    caller,
                    carts=ledger.list(),
                    books=sandbox.books(),
                    incidents=tuple(sandbox.incidents()),
                    sent=payments.sent,
                    hung_up=place.hung_up,
                )
        finally:
            accounts.close()
            ledger.close()
            database.unlink()

    def _mouth(self, speaker: Speaker, manner: Manner, rng: np.random.Generator) -> "_Mouth":
        rate = round(manner.rate * float(rng.uniform(SLOWER, FASTER)) / 10) * 10
        return _Mouth(self._voices, speaker, manner, rate)


class _Mouth:
    """One caller's voice, with what their manner makes of it."""

    def __init__(self, voices: Voices, speaker: Speaker, manner: Manner, rate: int) -> None:
        self._voices = voices
        self._speaker = speaker
        self._manner = manner
        self._rate = rate
        self._number = 0

    def __call__(self, said: Say) -> Samples:
        self._number += 1
        rate = min(self._rate, CAREFUL_RATE) if said.careful else self._rate
        samples = self._voices.speak(self._speaker, said, rate, self._number)
        if self._manner.muffled_hz:
            samples = muffled(samples, self._manner.muffled_hz)
        return np.asarray(samples * np.float32(10 ** (self._manner.gain_db / 20)), dtype=np.float32)


@contextlib.asynccontextmanager
async def open_exchange(options: Options) -> AsyncIterator[Exchange]:
    """Furnish a house for calls, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="voicebot-callers-") as name:
        folder = Path(name)
        settings = Settings(database=f"sqlite:///{folder}/template.sqlite3", log_level="error")
        agency = settings.agency.model_copy(update={"operator": OPERATOR})
        settings = settings.model_copy(update={"agency": agency})
        assert settings.accounts == ROOT / "demo" / "accounts.csv"
        async with furnished(settings, today=lambda: NOON.replace(tzinfo=None)) as (house, _):
            voice = Voice(KeptVoice(VoiceProcess(settings.speech.voice), options.out / "voices"))
            exchange = Exchange(options, settings, replace(house, voice=voice), folder)
            try:
                yield exchange
            finally:
                exchange.close()
                await voice.aclose()
