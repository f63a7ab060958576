from collections.abc import AsyncIterator

import numpy as np
import pytest

from tests.audio.contract import LAST_QUESTION, QUESTION, Line, PlaceContract
from tests.audio.sounds import hum
from voicebot.audio import (
    CallerHungUp,
    FrameHeard,
    KeyPressed,
    PlaceEvent,
    PromptFinished,
    ScriptedPlace,
    Sound,
    TextTyped,
    Turn,
)


class ScriptedLine(Line):
    def __init__(self, answer: Turn, *, has_sound: bool) -> None:
        turns = [answer, Turn(LAST_QUESTION, hang_up=True)]
        self.place = ScriptedPlace(turns, has_sound=has_sound)

    async def answers(self) -> None:
        """As the script says."""

    async def hangs_up(self) -> None:
        """As the script says."""


class TestContract(PlaceContract):
    @pytest.fixture(
        params=[
            (Turn(QUESTION, sound=hum(0.5)), True),
            (Turn(QUESTION, keys="2890345#"), True),
            (Turn(QUESTION, text="two eight nine"), False),
        ],
        ids=["speech", "keys", "text"],
    )
    async def line(self, request: pytest.FixtureRequest) -> AsyncIterator[Line]:
        answer, has_sound = request.param
        line = ScriptedLine(answer, has_sound=has_sound)
        await line.place.open()
        yield line
        await line.place.close()


async def events_for(place: ScriptedPlace, duration_s: float) -> list[PlaceEvent]:
    events = []
    until_s = place.now_s() + duration_s
    while (event := await place.next(until_s)) is not None:
        events.append(event)
    return events


def spoken_at(events: list[PlaceEvent]) -> list[float]:
    """The ends of the frames in which the caller is not silent."""
    return [event.at_s for event in events if isinstance(event, FrameHeard) and np.any(event.sound.samples)]


async def test_speech_comes_after_the_question_and_a_moment_of_thought() -> None:
    place = ScriptedPlace([Turn("tender", sound=hum(0.1), think_s=0.3)])
    place.play(1, hum(1.0), "")
    place.expect("tender")
    events = await events_for(place, 3.0)
    assert spoken_at(events) == pytest.approx([1.32, 1.34, 1.36, 1.38, 1.4])
    assert sum(isinstance(event, FrameHeard) for event in events) == 150


async def test_a_caller_who_interrupts_does_not_wait_for_the_prompt() -> None:
    place = ScriptedPlace([Turn("tender", sound=hum(0.1), think_s=0.3, interrupts=True)])
    place.play(1, hum(1.0), "")
    place.expect("tender")
    assert spoken_at(await events_for(place, 3.0))[0] == pytest.approx(0.32)


async def test_a_second_prompt_makes_the_caller_wait_again() -> None:
    place = ScriptedPlace([Turn("tender", keys="1", think_s=0.3)])
    place.expect("tender")
    place.play(1, hum(1.0), "")
    events = await events_for(place, 1.1)
    place.play(2, hum(1.0), "")
    events += await events_for(place, 3.0)
    assert [event for event in events if isinstance(event, KeyPressed)] == [KeyPressed("1", 2.4)]


async def test_keys_are_pressed_one_by_one() -> None:
    place = ScriptedPlace([Turn("routing_number", keys="021#", think_s=0.5)])
    place.expect("routing_number")
    events = [event for event in await events_for(place, 3.0) if isinstance(event, KeyPressed)]
    assert "".join(event.key for event in events) == "021#"
    assert [event.at_s for event in events] == pytest.approx([0.5, 0.7, 0.9, 1.1])


async def test_entries_for_one_question_are_used_in_order() -> None:
    turns = [Turn("tender", keys="1"), Turn("expiration", keys="7"), Turn("tender", keys="2")]
    place = ScriptedPlace(turns)
    pressed = []
    for question in ("tender", "tender", "expiration", "tender"):
        place.expect(question)
        pressed += [event.key for event in await events_for(place, 1.0) if isinstance(event, KeyPressed)]
        place.expect(None)
    assert pressed == ["1", "2", "7"]
    assert place.turns_left == ()


async def test_to_a_question_without_an_entry_the_caller_says_nothing() -> None:
    place = ScriptedPlace([Turn("tender", keys="1")])
    place.expect("confirm_account_number")
    events = await events_for(place, 2.0)
    assert spoken_at(events) == []
    assert {type(event) for event in events} == {FrameHeard}
    assert place.turns_left == (Turn("tender", keys="1"),)


async def test_silence_holds_for_its_time_and_then_the_next_entry_follows() -> None:
    place = ScriptedPlace([Turn("tender", silence_s=8.0), Turn("tender", keys="1", think_s=0.3)])
    place.expect("tender")
    events = [event for event in await events_for(place, 12.0) if isinstance(event, KeyPressed)]
    assert [event.at_s for event in events] == pytest.approx([8.3])


async def test_silence_is_used_up_by_being_asked_again() -> None:
    place = ScriptedPlace([Turn("tender", silence_s=8.0), Turn("tender", keys="1", think_s=0.3)])
    place.expect("tender")
    await events_for(place, 5.0)
    place.expect("tender")
    events = [event for event in await events_for(place, 5.0) if isinstance(event, KeyPressed)]
    assert [event.at_s for event in events] == pytest.approx([5.3])


async def test_a_hang_up_in_the_middle_of_a_prompt_finishes_it() -> None:
    place = ScriptedPlace([Turn("tender", hang_up=True, interrupts=True, think_s=0.2)])
    place.play(1, hum(5.0), "")
    place.play(2, hum(5.0), "")
    place.expect("tender")
    events = await events_for(place, 20.0)
    assert events[-3:] == [
        PromptFinished(1, complete=False, at_s=0.2),
        PromptFinished(2, complete=False, at_s=0.2),
        CallerHungUp(0.2),
    ]


async def test_what_the_bot_no_longer_waits_for_is_not_said() -> None:
    place = ScriptedPlace([Turn("tender", sound=hum(5.0)), Turn("expiration", silence_s=1.0)])
    place.expect("tender")
    await events_for(place, 1.0)
    place.expect("expiration")
    assert spoken_at(await events_for(place, 3.0)) == []


async def test_a_text_call_has_words_and_no_frames() -> None:
    place = ScriptedPlace([Turn("tender", text="Credit Card", think_s=0.3)], has_sound=False)
    place.play(1, None, "five words take two seconds")
    place.expect("tender")
    assert await events_for(place, 5.0) == [
        PromptFinished(1, complete=True, at_s=2.0),
        TextTyped("credit card", 2.3),
    ]


async def test_speech_is_resampled_to_the_line() -> None:
    place = ScriptedPlace([Turn("tender", sound=hum(0.2, 22_050))], rate_hz=8_000)
    place.expect("tender")
    events = await events_for(place, 2.0)
    assert 9 <= len(spoken_at(events)) <= 11
    assert {event.sound.rate_hz for event in events if isinstance(event, FrameHeard)} == {8_000}


@pytest.mark.parametrize("accepts", [True, False])
async def test_transfer_is_written_down(accepts: bool) -> None:
    place = ScriptedPlace([], can_transfer=accepts)
    assert await place.transfer("sip:operator@example.test") is accepts
    assert place.transferred_to == "sip:operator@example.test"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "exactly one of"),
        ({"keys": "1", "text": "one"}, "exactly one of"),
        ({"sound": Sound(b"", 8_000), "hang_up": True}, "exactly one of"),
        ({"keys": "12A"}, "only the keys"),
        ({"keys": "1", "think_s": -1.0}, "negative time"),
        ({"silence_s": -1.0}, "negative time"),
    ],
)
def test_a_turn_that_makes_no_sense_is_refused(given: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as caught:
        Turn("card_number", **given)  # type: ignore[arg-type]  # wrong on purpose
    assert "card_number" in str(caught.value)


@pytest.mark.parametrize(
    ("turn", "has_sound", "problem"),
    [(Turn("tender", sound=hum(0.1)), False, "text only"), (Turn("tender", text="card"), True, "give its sound")],
)
def test_a_turn_that_does_not_fit_the_call_is_refused(turn: Turn, has_sound: bool, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        ScriptedPlace([turn], has_sound=has_sound)


def test_what_the_caller_will_say_has_no_repr() -> None:
    assert "4111" not in repr([Turn("card_number", keys="4111"), Turn("card_number", text="4111")])
