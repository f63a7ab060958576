"""A card lacks a digit, heard by the real recogniser: only its group is asked for, and the card is paid with."""

from tests.calls.conftest import Line, agree
from voicebot.audio import ScriptedPlace, Sound
from voicebot.audio.scripted import Turn
from voicebot.call import Call
from voicebot.speech import VoiceProcess

VOICE = "espeak:en-us@140"
PAUSE_S = 0.6
"""Between groups: longer than what ends a stretch of speech, shorter than what ends an answer."""
GROUPS = ("six zero one one", "zero zero zero nine", "nine zero one three", "nine four two four")
LACKING = "nine zero three"


async def test_a_group_that_lost_a_digit_is_said_again_and_the_card_is_paid_with(
    line: Line, voices: dict[str, VoiceProcess]
) -> None:
    if VOICE not in voices:
        voices[VOICE] = VoiceProcess(VOICE)

    def say(*groups: str) -> Sound:
        whole = Sound.silence(0.0, 8_000)
        for group in groups:
            whole += voices[VOICE].speak(group).resampled(8_000) + Sound.silence(PAUSE_S, 8_000)
        return whole

    first, second, third, fourth = GROUPS
    turns = [
        Turn("account_number", keys="2890345#"),
        Turn("tender", keys="1"),
        Turn("card_number", sound=say(first, second, LACKING, fourth)),
        Turn("card_number", sound=say(third)),
        Turn("confirm_card_number", keys="1"),
        Turn("expiration", keys="1028"),
        Turn("security_code", keys="464"),
        Turn("confirm_payment", keys="1"),
        Turn("repeat_confirmation", keys="2"),
    ]
    report = await Call(line.house, ScriptedPlace(turns, rate_hz=8_000)).run()
    assert (report.outcome, report.tender, report.problem) == ("paid", "card", "")
    results = [turn.result for turn in report.turns if turn.question == "card_number"]
    assert results == ["no_match not_sure", "accepted"], results
    agree(line, report)
    ((payment,),) = [cart.payments for cart in line.books().carts]
    assert payment.last_four == "9424"
