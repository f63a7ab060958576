"""Everything in one breath (`manners.ahead`): a synthetic voice says it, the real recogniser hears it, it is paid."""

from dataclasses import replace

import pytest

from tests.calls.conftest import Line, agree
from voicebot.audio import ScriptedPlace, Sound
from voicebot.audio.scripted import Turn
from voicebot.call import Call
from voicebot.cli.furnish import phrases_by_grammar
from voicebot.speech import VoiceProcess

ACCOUNT = "two eight nine zero three four five"
CARD = "four two four two, four two four two, four two four two, four two four two"
EXPIRES, CODE = "october twenty twenty eight", "four six four"
EVERYTHING = f"{ACCOUNT}, pay with my card, card number {CARD}, expires {EXPIRES}, security code {CODE}"


@pytest.mark.parametrize("voice", ["espeak:en-us-nyc", "espeak:en-us+f2"])
async def test_a_caller_who_says_everything_at_once_pays_in_four_turns_or_fewer(
    line: Line, voices: dict[str, VoiceProcess], voice: str
) -> None:
    if voice not in voices:
        voices[voice] = VoiceProcess(voice)
    speaker = voices[voice]

    def say(words: str) -> Sound:
        return speaker.speak(words).resampled(8_000)

    turns = [
        Turn("account_number", sound=say(EVERYTHING)),
        # One of them may be asked for once more, as synthetic voices never say the same twice.
        *(Turn(name, sound=say(words)) for name, words in (("card_number", CARD), ("security_code", CODE))),
        *(Turn(f"confirm_{name}", sound=say("yes")) for name in ("card_number", "expiration", "payment")),
        Turn("repeat_confirmation", sound=say("no")),
    ]
    script = line.house.script
    script = replace(script, manners=replace(script.manners, ahead=True))
    house = replace(line.house, script=script, phrases=phrases_by_grammar(script.grammars, ahead=True))
    report = await Call(house, ScriptedPlace(turns, rate_hz=8_000)).run()
    assert (report.outcome, report.tender, report.problem) == ("paid", "card", "")
    assert report.turns[0].question == "account_number"
    assert len(report.turns) <= 4, report.turns
    agree(line, report)
