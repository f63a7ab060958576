"""Whole calls with real parts: recogniser, voice, HTTP to the sandbox, a database file. Only the clock is virtual."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest

from voicebot.audio import ScriptedPlace, Sound, StereoRecorder
from voicebot.call import Call, CallReport, House, Watcher
from voicebot.cli.caller_script import CallerScript, Entry, read_caller
from voicebot.cli.furnish import furnished
from voicebot.dialog import TenderCost
from voicebot.ledger import CartRecord, State
from voicebot.sandbox import Books, Sandbox
from voicebot.settings import ROOT, Settings
from voicebot.speech import VoiceProcess

CALLERS = ROOT / "demo" / "callers"


@dataclass
class Line:
    """A telephone line into one house, and the books that are kept of its calls."""

    house: House
    sandbox: Sandbox
    voices: dict[str, VoiceProcess]
    spoken: dict[tuple[str, str, int], Sound] = field(default_factory=dict)

    async def call(
        self,
        script: CallerScript,
        *,
        rate_hz: int = 16_000,
        recorder: StereoRecorder | None = None,
        watcher: Watcher | None = None,
    ) -> CallReport:
        """Hold one call with this caller, as sound."""
        if script.voice not in self.voices:
            self.voices[script.voice] = VoiceProcess(script.voice)

        def speak(words: str) -> Sound:
            key = (script.voice, words, rate_hz)
            if key not in self.spoken:
                self.spoken[key] = self.voices[script.voice].speak(words).resampled(rate_hz)
            return self.spoken[key]

        place = ScriptedPlace(script.turns(CALLERS, speak), rate_hz=rate_hz)
        return await Call(self.house, place, recorder=recorder, watcher=watcher).run()

    def books(self) -> Books:
        return self.sandbox.books()

    def carts(self) -> tuple[CartRecord, ...]:
        return self.house.ledger.list()


@pytest.fixture(scope="session")
def voices() -> Iterator[dict[str, VoiceProcess]]:
    started: dict[str, VoiceProcess] = {}
    yield started
    for voice in started.values():
        voice.close()


@pytest.fixture(scope="session")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the prompts of all calls are kept, each spoken once."""
    return tmp_path_factory.mktemp("prompts")


@pytest.fixture
def house_settings(tmp_path: Path, prompts: Path) -> Settings:
    settings = Settings(database=f"sqlite:///{tmp_path}/voicebot.sqlite3")
    speech = settings.speech.model_copy(update={"prompt_cache": prompts})
    return settings.model_copy(update={"speech": speech})


@pytest.fixture
async def line(house_settings: Settings, voices: dict[str, VoiceProcess]) -> AsyncIterator[Line]:
    async with furnished(house_settings) as (house, sandbox):
        assert sandbox is not None
        yield Line(house, sandbox, voices)


def caller(name: str) -> CallerScript:
    """A caller of `demo/callers`."""
    return read_caller(CALLERS / f"{name}.yaml")


def until(script: CallerScript, question: str) -> CallerScript:
    """The same caller, who hangs up when this question is asked for the first time."""
    kept: list[Entry] = []
    for entry in script.caller:
        if entry.when == question:
            break
        kept.append(entry)
    return script.model_copy(update={"caller": (*kept, Entry(when=question, hang_up=True))})


def agree(line: Line, report: CallReport) -> None:
    """Three books of one call: the report, the ledger, and what the sandbox charged."""
    carts = line.books().carts
    charged = [attempt for cart in carts for attempt in cart.payments]
    if report.outcome == "paid":
        (payment,) = charged
        (cart,) = [each for each in line.carts() if each.state is State.PAID]
        assert payment.payment_id == report.payment_id == cart.payment_id
        assert cart.cart_id == report.cart_id
        assert payment.charged == Decimal(costs(report)[report.tender].total)
    else:
        assert not charged
        assert all(each.state is not State.PAID for each in line.carts())
    assert not line.house.ledger.unsettled()
    assert not line.sandbox.incidents()


def costs(report: CallReport) -> dict[str, TenderCost]:
    return {cost.tender: cost for cost in report.totals}
