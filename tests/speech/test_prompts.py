# ruff: noqa: ASYNC240 - a test looks into a small folder of its own
"""The bot's voice: what is kept, and what never is."""

import asyncio
import stat
import threading
from pathlib import Path

import numpy as np
import pytest

from voicebot.audio.sound import Sound
from voicebot.speech import Voice, VoiceFailed, VoiceProcess
from voicebot.speech.prompts import TAIL_S, without_tail

FIXED = "Please say your account number."
CALLERS_OWN = "You said 2, 8, 9, 0."


class CountingVoice:
    """Speaks a tone as long as the text and counts how often."""

    def __init__(self, name: str = "counting") -> None:
        self.name = name
        self.said: list[str] = []
        self.paces: list[float] = []
        self.threads: set[int] = set()

    def speak(self, text: str, pace: float = 1.0) -> Sound:
        self.said.append(text)
        self.paces.append(pace)
        self.threads.add(threading.get_ident())
        if text == "fail":
            raise VoiceFailed("it failed")
        return Sound.from_samples(np.full(100 * len(text), 1_000, np.int16), 16_000)


async def test_a_fixed_prompt_is_spoken_once() -> None:
    synthesizer = CountingVoice()
    voice = Voice(synthesizer)
    first, again = [await voice.say(FIXED, cacheable=True) for _ in range(2)]
    assert first == again
    assert synthesizer.said == [FIXED]
    await voice.aclose()


async def test_careful_prompts_are_spoken_slower_and_kept_apart(tmp_path: Path) -> None:
    synthesizer = CountingVoice()
    voice = Voice(synthesizer, cache_folder=tmp_path, careful_pace=0.8)
    for careful in (False, True, True, False):
        await voice.say(FIXED, cacheable=True, careful=careful)
    assert synthesizer.paces == [1.0, 0.8]
    assert len(list(tmp_path.glob("*.wav"))) == 2
    await voice.aclose()


async def test_the_silence_behind_a_prompt_is_cut_as_callers_answer_in_it() -> None:
    class Trailing(CountingVoice):
        def speak(self, text: str, pace: float = 1.0) -> Sound:
            sound = super().speak(text, pace)
            return Sound.silence(0.1, sound.rate_hz) + sound + Sound.silence(0.3, sound.rate_hz)

    voice = Voice(Trailing())
    sound = await voice.say(FIXED, cacheable=True)
    assert sound.duration_s == pytest.approx(0.1 + len(FIXED) * 100 / 16_000 + TAIL_S)
    await voice.aclose()


def test_silence_stays_as_it_is() -> None:
    silence = Sound.silence(1.0, 16_000)
    assert without_tail(silence) == silence


async def test_what_is_the_callers_own_is_spoken_each_time_and_kept_nowhere(tmp_path: Path) -> None:
    synthesizer = CountingVoice()
    voice = Voice(synthesizer, cache_folder=tmp_path)
    for _ in range(2):
        await voice.say(CALLERS_OWN, cacheable=False)
    assert synthesizer.said == [CALLERS_OWN] * 2
    assert list(tmp_path.rglob("*")) == []
    assert not voice._memory
    await voice.aclose()


async def test_kept_prompts_outlive_the_process_and_tell_no_text(tmp_path: Path) -> None:
    folder = tmp_path / "prompts"
    voice = Voice(CountingVoice(), cache_folder=folder)
    first = await voice.say(FIXED, cacheable=True)
    await voice.aclose()
    second = CountingVoice()
    later = Voice(second, cache_folder=folder)
    assert await later.say(FIXED, cacheable=True) == first
    assert second.said == []
    await later.aclose()
    [kept] = folder.iterdir()
    assert len(kept.stem) == 64
    assert "account" not in kept.name
    assert FIXED.encode() not in kept.read_bytes()
    assert stat.S_IMODE(folder.stat().st_mode) & 0o077 == 0


async def test_another_voice_has_its_own_prompts(tmp_path: Path) -> None:
    for name in ("one", "other"):
        synthesizer = CountingVoice(name)
        voice = Voice(synthesizer, cache_folder=tmp_path)
        await voice.say(FIXED, cacheable=True)
        await voice.aclose()
        assert synthesizer.said == [FIXED]
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("damage", [b"", b"RIFF", b"not a sound at all"])
async def test_a_damaged_prompt_is_spoken_anew(tmp_path: Path, damage: bytes) -> None:
    voice = Voice(CountingVoice(), cache_folder=tmp_path)
    first = await voice.say(FIXED, cacheable=True)
    await voice.aclose()
    [kept] = tmp_path.iterdir()
    kept.write_bytes(damage)
    later = Voice(CountingVoice(), cache_folder=tmp_path)
    assert await later.say(FIXED, cacheable=True) == first
    await later.aclose()
    assert len(kept.read_bytes()) > len(damage)


async def test_a_prompt_cut_short_on_disk_is_spoken_anew(tmp_path: Path) -> None:
    voice = Voice(CountingVoice(), cache_folder=tmp_path)
    first = await voice.say(FIXED, cacheable=True)
    await voice.aclose()
    [kept] = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:-500])
    later = Voice(CountingVoice(), cache_folder=tmp_path)
    assert await later.say(FIXED, cacheable=True) == first
    await later.aclose()


async def test_a_folder_that_cannot_be_written_does_not_stop_a_prompt(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    voice = Voice(CountingVoice(), cache_folder=tmp_path / "file" / "prompts")
    assert (await voice.say(FIXED, cacheable=True)).duration_s > 0
    await voice.aclose()


async def test_memory_is_bounded_and_the_least_lately_used_goes_first() -> None:
    synthesizer = CountingVoice()
    size = 2 * 100 * len("prompt 0")
    voice = Voice(synthesizer, memory_bytes=2 * size)
    for text in ("prompt 0", "prompt 1", "prompt 0", "prompt 2", "prompt 0", "prompt 1"):
        await voice.say(text, cacheable=True)
    assert synthesizer.said == ["prompt 0", "prompt 1", "prompt 2", "prompt 1"]
    await voice.aclose()


async def test_prompts_come_at_the_rate_asked_for() -> None:
    voice = Voice(CountingVoice())
    own, telephone = await voice.say(FIXED, cacheable=True), await voice.say(FIXED, cacheable=True, rate_hz=8_000)
    assert (own.rate_hz, telephone.rate_hz) == (16_000, 8_000)
    assert telephone.duration_s == pytest.approx(own.duration_s, abs=0.001)
    await voice.aclose()


async def test_many_calls_share_one_thread() -> None:
    synthesizer = CountingVoice()
    voice = Voice(synthesizer)
    await asyncio.gather(*(voice.say(f"prompt {number}", cacheable=False) for number in range(20)))
    assert len(synthesizer.said) == 20
    assert len(synthesizer.threads) == 1
    await voice.aclose()


async def test_a_failure_is_raised_and_the_next_prompt_is_spoken() -> None:
    voice = Voice(CountingVoice())
    with pytest.raises(VoiceFailed):
        await voice.say("fail", cacheable=True)
    with pytest.raises(ValueError, match="nothing to say"):
        await voice.say(" ", cacheable=True)
    assert (await voice.say(FIXED, cacheable=True)).duration_s > 0
    await voice.aclose()


async def test_speaks_with_the_real_voice_and_ends_its_process() -> None:
    process = VoiceProcess("pyttsx3")
    voice = Voice(process)
    sound = await voice.say("Your payment is 4, 1, 1, 1.", cacheable=False, rate_hz=8_000)
    assert sound.rate_hz == 8_000
    assert sound.duration_s > 1
    await voice.aclose()
    await voice.aclose()
    assert process._process is None
