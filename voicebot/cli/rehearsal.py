"""Before the first caller: everything is used once, so that nobody waits for it, and what cannot be had is told now."""

import contextlib

from voicebot.audio import Sound
from voicebot.audio.codec import TELEPHONE_HZ
from voicebot.call import House
from voicebot.cli.furnish import compile_all
from voicebot.speech import Voice, VoiceFailed


async def rehearse(house: House) -> None:
    """Say and hear something in every language, and compile what is compiled when first used: no caller waits for it.

    Raises:
        VoiceError: there is no voice that could speak.
    """
    for script in (house.script, *house.script.others):
        compile_all(script.grammars)
        tongue = house.tongue(script.language)
        if tongue.voice is None or tongue.recognizer is None:
            continue
        sound = await speak_first(tongue.voice)
        for phrases in tongue.phrases.values():
            ear = tongue.recognizer.listen(phrases, rate_hz=sound.rate_hz, start_s=0.0)
        ear.feed(sound)
        ear.finish()


async def speak_first(voice: Voice) -> Sound:
    """Let a voice's process start before there are callers to wait for it; on a busy machine that takes a while.

    Raises:
        VoiceError: there is no voice that could speak.
    """
    for _ in range(2):
        with contextlib.suppress(VoiceFailed):
            return await voice.say("ready", cacheable=False, rate_hz=TELEPHONE_HZ)
    return await voice.say("ready", cacheable=False, rate_hz=TELEPHONE_HZ)
