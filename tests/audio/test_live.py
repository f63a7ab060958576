"""The base of real-time places, by way of the example in the guide for those who write one."""

import re
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.audio.contract import Line, PlaceContract
from tests.audio.sounds import hum
from voicebot.audio import CallerHungUp, FrameHeard, KeyPressed, LivePlace, PromptFinished, Sound, key_tones

GUIDE = Path(__file__).parents[2] / "docs" / "adding-a-place.md"


def example(begins: str, known: dict[str, Any]) -> dict[str, Any]:
    """What the block of the guide defines that begins so."""
    blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), flags=re.DOTALL)
    (block,) = (block for block in blocks if block.startswith(begins))
    exec(compile(block, str(GUIDE), "exec"), known)  # noqa: S102 - our own page
    return known


PLACE = example("import", {"__name__": "guide"})
TESTS = example(
    "class SwitchLine",
    {
        "__name__": "guide",
        "AsyncIterator": AsyncIterator,
        "Line": Line,
        "PlaceContract": PlaceContract,
        "SwitchPlace": PLACE["SwitchPlace"],
        "hum": hum,
        "pytest": pytest,
    },
)
TestContractOfTheGuide = TESTS["TestContract"]


class Wire(LivePlace):
    """The least that a place can be: its prompts go nowhere."""

    def __init__(self, *, in_band_keys: bool = False) -> None:
        super().__init__(8_000, in_band_keys=in_band_keys)

    def _start(self, prompt_id: int, sound: Sound | None) -> None:
        """Never heard to the end."""

    def _silence(self) -> None:
        """Nothing sounds."""


async def test_threads_report_through_the_loop() -> None:
    wire = Wire()
    await wire.open()

    def report() -> None:
        for key in "42#":
            wire._soon(wire._pressed, key)

    thread = threading.Thread(target=report)
    thread.start()
    events = [await wire.next(1.0) for _ in range(3)]
    thread.join()
    assert [event.key for event in events if isinstance(event, KeyPressed)] == ["4", "2", "#"]


async def test_times_never_go_back_however_threads_report() -> None:
    wire = Wire()
    await wire.open()
    frame = Sound.silence(0.02, 8_000)
    wire._heard(frame, 0.5)
    wire._heard(frame, 0.4)
    assert [await wire.next(1.0) for _ in range(2)] == [FrameHeard(frame, 0.5), FrameHeard(frame, 0.5)]


async def test_late_frames_are_counted() -> None:
    wire = Wire()
    await wire.open()
    for at_s in (0.02, 0.04, 0.079, 0.12, 0.14):
        wire._heard(Sound.silence(0.02, 8_000), at_s)
    assert (wire.frames_heard, wire.frames_late) == (5, 1)


async def test_a_report_after_the_end_is_dropped() -> None:
    wire = Wire()
    await wire.open()
    wire.play(1, hum(0.1, 8_000), "")
    wire._end()
    wire._end()
    wire._heard(Sound.silence(0.02, 8_000), 0.5)
    wire._pressed("1")
    wire._typed("one")
    wire._prompt_over(1)
    assert [type(await wire.next(0.01)) for _ in range(3)] == [PromptFinished, CallerHungUp, type(None)]


async def test_the_end_of_a_stopped_prompt_is_told_once() -> None:
    wire = Wire()
    await wire.open()
    wire.play(1, hum(0.1, 8_000), "")
    wire.play(2, hum(0.1, 8_000), "")
    wire._prompt_over(1)
    wire.stop()
    wire._prompt_over(2)
    events = [await wire.next(wire.now_s() + 0.01) for _ in range(3)]
    assert [(event.prompt_id, event.complete) for event in events if isinstance(event, PromptFinished)] == [
        (1, True),
        (2, False),
    ]


async def test_tones_in_the_sound_become_keys() -> None:
    wire = Wire(in_band_keys=True)
    await wire.open()
    for number, frame in enumerate(key_tones("42#", 8_000).frames()):
        wire._heard(frame, 0.02 * number)
    keys = ""
    while (event := await wire.next(0.0)) is not None:
        keys += event.key if isinstance(event, KeyPressed) else ""
    assert keys == "42#"


async def test_a_tone_was_pressed_when_its_sound_came() -> None:
    wire = Wire(in_band_keys=True)
    await wire.open()
    for number, frame in enumerate(key_tones("4", 8_000).frames()):
        wire._heard(frame, 0.001 * number)  # the loop is late for all of them
    events = []
    while (event := await wire.next(0.0)) is not None:
        events.append(event)
    (place,) = [at for at, event in enumerate(events) if isinstance(event, KeyPressed)]
    assert events[place].at_s == events[place - 1].at_s


async def test_nobody_is_told_when_the_loop_is_gone() -> None:
    wire = Wire()
    wire._soon(wire._pressed, "1")
    assert await wire.next(0.0) is None


@pytest.mark.parametrize(("prompt", "problem"), [(None, "has no sound"), (hum(0.1), "16000 Hz, this place plays 8000")])
def test_a_prompt_that_cannot_be_played_is_refused(prompt: Sound | None, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Wire().play(1, prompt, "")
