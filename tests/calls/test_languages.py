"""A caller chooses Spanish by word, heard by the English recogniser; from then on the Spanish voice speaks.

No Spanish model can be fetched here, so the rest of the call is keyed in; the voices are real.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from tests.calls.conftest import Line, agree
from voicebot.audio import Sound
from voicebot.call import Tongue
from voicebot.cli.caller_script import CallerScript, Entry
from voicebot.cli.furnish import grammars_for, phrases_by_grammar, wording_for
from voicebot.settings import Settings
from voicebot.speech import Voice, VoiceProcess

SPANISH = "es-US"
KEYED = {
    "account_number": "2890345#",
    "tender": "1",
    "card_number": "4111111111111111",
    "expiration": "0531",
    "security_code": "999",
    "confirm_payment": "1",
    "repeat_confirmation": "2",
}


class Noting(Voice):
    """A voice that also notes what it says."""

    def __init__(self, name: str) -> None:
        super().__init__(VoiceProcess(name))
        self.said: list[str] = []

    async def say(self, text: str, *, cacheable: bool, rate_hz: int | None = None, careful: bool = False) -> Sound:
        self.said.append(text)
        sound = await super().say(text, cacheable=cacheable, rate_hz=rate_hz, careful=careful)
        assert sound.duration_s > 0.2
        return sound


@dataclass
class Bilingual:
    """A line with both voices, each noting."""

    line: Line
    english: Noting
    spanish: Noting


@pytest.fixture
async def bilingual(line: Line, house_settings: Settings) -> AsyncIterator[Bilingual]:
    grammars = grammars_for(house_settings, SPANISH)
    script = replace(line.house.script, wording=wording_for(house_settings, SPANISH), grammars=grammars)
    both = Bilingual(line, Noting("pyttsx3"), Noting("pyttsx3:es-419"))
    line.house = replace(
        line.house,
        script=replace(line.house.script, others=(script,)),
        voice=both.english,
        others={SPANISH: Tongue(phrases_by_grammar(grammars), None, both.spanish)},
    )
    yield both
    await both.english.aclose()
    await both.spanish.aclose()


async def test_the_voice_changes_with_the_language(bilingual: Bilingual) -> None:
    keyed = tuple(Entry(when=question, keys=keys) for question, keys in KEYED.items())
    caller = CallerScript(voice="espeak:en-us+f3", caller=(Entry(when="language", say="spanish"), *keyed))
    report = await bilingual.line.call(caller)
    assert (report.outcome, report.problem) == ("paid", "")
    assert [turn.question for turn in report.turns] == ["language", *KEYED]
    assert report.turns[0].heard == "spanish"
    assert bilingual.english.said == [
        "Welcome to the Example County payment line.",
        "For English, say English, or press one.",
    ]
    assert bilingual.spanish.said[0] == "Para español, diga español, u oprima el dos."
    assert bilingual.spanish.said[-1] == "Gracias. Adiós."
    agree(bilingual.line, report)
