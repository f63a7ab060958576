"""Everything in one breath (`manners.ahead`): a synthetic voice says it, the real recogniser hears it, it is paid."""

import pytest

from tests.calls.conftest import Line, agree
from voicebot.audio import ScriptedPlace, Sound
from voicebot.audio.scripted import Turn
from voicebot.call import Call
from voicebot.speech import VoiceProcess

ACCOUNT = "two eight nine zero three four five"
CARD = "four two four two, four two four two, four two four two, four two four two"
EXPIRES, CODE = "may twenty twenty nine", "one two three"
ASKED_AGAIN = {"card_number": CARD, "expiration": EXPIRES, "security_code": CODE}
EVERYTHING = f"{ACCOUNT}, pay with my card, card number {CARD}, expires {EXPIRES}, security code {CODE}"


@pytest.mark.parametrize("voice", ["espeak:en-us@140", "espeak:en-us+f2@140"])
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
        # At this speed each value is heard with all the margin that counts; one may be asked for again all the same.
        *(Turn(name, sound=say(words)) for name, words in ASKED_AGAIN.items()),
        *(Turn(f"confirm_{name}", sound=say("yes")) for name in ("card_number", "expiration", "payment")),
        Turn("repeat_confirmation", sound=say("no")),
    ]
    report = await Call(line.house, ScriptedPlace(turns, rate_hz=8_000)).run()
    assert (report.outcome, report.tender, report.problem) == ("paid", "card", ""), report.turns
    assert report.turns[0].question == "account_number"
    assert len(report.turns) <= 4, report.turns
    agree(line, report)
