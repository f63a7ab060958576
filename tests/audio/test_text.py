import asyncio
import io
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from tests.audio.contract import Line, PlaceContract
from voicebot.audio import CallerHungUp, KeyPressed, PromptFinished, TextPlace, TextTyped, keyboard_lines


class Keyboard:
    """Lines as a person gives them: one after the other, until the end of input (None)."""

    def __init__(self, *lines: str | None) -> None:
        self.queue: asyncio.Queue[str | None] = asyncio.Queue()
        for line in lines:
            self.queue.put_nowait(line)

    async def __aiter__(self) -> AsyncIterator[str]:
        while (line := await self.queue.get()) is not None:
            yield line


class TextLine(Line):
    def __init__(self) -> None:
        self.keyboard = Keyboard()
        self.place = TextPlace(aiter(self.keyboard), patient=False)

    async def answers(self) -> None:
        self.keyboard.queue.put_nowait("two eight nine")

    async def hangs_up(self) -> None:
        self.keyboard.queue.put_nowait("/hangup")


class TestContract(PlaceContract):
    @pytest.fixture
    async def line(self) -> AsyncIterator[Line]:
        line = TextLine()
        await line.place.open()
        yield line
        await line.place.close()


async def opened(*lines: str | None, patient: bool = True) -> TextPlace:
    place = TextPlace(aiter(Keyboard(*lines)), patient=patient)
    await place.open()
    return place


@pytest.mark.parametrize("line", ["2890345#", " 289 0345 # ", "*", "0"])
async def test_a_line_of_keys_is_pressed_key_by_key(line: str) -> None:
    place = await opened(line)
    place.expect("account_number")
    keys = line.replace(" ", "")
    events = [await place.next(None) for _ in keys]
    pressed = [event for event in events if isinstance(event, KeyPressed)]
    assert [event.key for event in pressed] == list(keys)
    gaps_s = [after.at_s - before.at_s for before, after in pairwise(pressed)]
    assert all(gap_s >= 0.15 for gap_s in gaps_s), "as a person presses them: no two at once"


@pytest.mark.parametrize(
    ("line", "words"), [("Credit Card", "credit card"), ("  yes ", "yes"), ("May 2027", "may 2027")]
)
async def test_a_line_of_words_is_said(line: str, words: str) -> None:
    place = await opened(line)
    place.expect("tender")
    event = await place.next(None)
    assert isinstance(event, TextTyped)
    assert event.text == words


@pytest.mark.parametrize("end", [None, "/hangup", "/HANGUP"])
async def test_the_end_of_input_is_a_hang_up(end: str | None) -> None:
    place = await opened(end)
    place.expect("tender")
    assert isinstance(await place.next(None), CallerHungUp)


async def test_one_line_answers_one_question() -> None:
    place = await opened("2890345#", "yes", None, patient=False)
    assert await place.next(0.01) is None
    place.expect("account_number")
    assert "".join([event.key for _ in range(8) if isinstance(event := await place.next(None), KeyPressed)]) == (
        "2890345#"
    )
    assert await place.next(place.now_s() + 0.01) is None
    place.expect(None)
    assert await place.next(place.now_s() + 0.01) is None
    place.expect("confirm_account_number")
    assert isinstance(await place.next(None), TextTyped)
    place.expect("tender")
    assert isinstance(await place.next(None), CallerHungUp)


async def test_the_clock_stands_still_while_a_patient_place_waits_for_the_first_line() -> None:
    keyboard = Keyboard()
    place = TextPlace(aiter(keyboard))
    await place.open()
    place.expect("account_number")
    asked_s = place.now_s()
    asyncio.get_running_loop().call_later(0.05, keyboard.queue.put_nowait, "289")
    event = await place.next(asked_s + 0.001)
    assert isinstance(event, KeyPressed)
    assert event.at_s == pytest.approx(asked_s, abs=0.02)
    for _ in range(2):
        await place.next(None)
    assert await place.next(place.now_s() + 0.01) is None


async def test_an_empty_line_lets_the_time_pass() -> None:
    place = await opened("", "yes")
    place.expect("tender")
    assert await place.next(place.now_s() + 0.02) is None
    place.expect("tender")
    assert isinstance(await place.next(None), TextTyped)


async def test_an_impatient_place_keeps_its_deadlines() -> None:
    place = await opened(patient=False)
    place.expect("account_number")
    assert await place.next(0.01) is None


async def test_prompts_are_shown() -> None:
    shown: list[str] = []
    place = TextPlace(aiter(Keyboard()), show=shown.append)
    place.play(1, None, "Hello.")
    assert shown == ["Hello."]
    assert isinstance(await place.next(None), PromptFinished)
    await place.close()
    place.play(2, None, "Too late.")
    assert shown == ["Hello."]


async def test_lines_of_a_stream() -> None:
    assert [line async for line in keyboard_lines(io.StringIO("one\r\n2\n\nlast"))] == ["one", "2", "", "last"]


async def test_what_is_not_text_ends_the_lines() -> None:
    stream = io.TextIOWrapper(io.BytesIO(b"\xff\xfe\xff\n"), encoding="utf-8")
    assert [line async for line in keyboard_lines(stream)] == []
