import importlib
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pytest

from tests.audio.contract import Line, PlaceContract
from tests.audio.pulse import INSTALL, RATE_HZ, Pulse, PulseError
from tests.audio.sounds import hum
from voicebot.audio import (
    CallerHungUp,
    FrameHeard,
    MicrophonePlace,
    PlaceError,
    PlaceEvent,
    PromptFinished,
    Sound,
    check_devices,
    list_devices,
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pulse]:
    """A sound server that PortAudio sees as this machine's only sound card."""
    try:
        library = importlib.import_module("sounddevice")
    except OSError as error:
        pytest.skip(f"{error}: {INSTALL}")
    try:
        pulse = Pulse(tmp_path_factory.mktemp("pulse"))
        pulse.start()
    except PulseError as error:
        pytest.skip(f"a microphone cannot be played here: {error}")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in pulse.client_env.items():
            patch.setenv(name, value)
        library._terminate()  # PortAudio looks for devices only when it starts
        library._initialize()
        yield pulse
        library._terminate()
    pulse.stop()
    library._initialize()


@pytest.fixture
def pulse(server: Pulse) -> Pulse:
    """The server, running again if the last test pulled its plug."""
    server.start()
    return server


class MicrophoneLine(Line):
    def __init__(self, pulse: Pulse) -> None:
        self.pulse = pulse
        self.place = MicrophonePlace()

    async def answers(self) -> None:
        await self.pulse.speak(hum(0.5))

    async def hangs_up(self) -> None:
        """Nobody hangs up a microphone; but its plug can be pulled."""
        self.pulse.stop()


class TestContract(PlaceContract):
    @pytest.fixture
    async def line(self, pulse: Pulse) -> AsyncIterator[Line]:
        line = MicrophoneLine(pulse)
        await line.place.open()
        yield line
        await line.place.close()


@pytest.fixture
async def place(pulse: Pulse, request: pytest.FixtureRequest) -> AsyncIterator[MicrophonePlace]:
    assert pulse.runs
    place = MicrophonePlace(half_duplex=getattr(request, "param", True))
    await place.open()
    yield place
    await place.close()


async def events_for(place: MicrophonePlace, duration_s: float) -> list[PlaceEvent]:
    events = []
    until_s = place.now_s() + duration_s
    while (event := await place.next(until_s)) is not None:
        events.append(event)
    return events


def share_heard(said: Sound, heard: npt.NDArray[np.int16]) -> float:
    """How much of `said` lies in `heard` unharmed, by pieces of 50 ms: a busy machine may lose one of them."""
    pieces = [frame.samples.astype(np.float64) for frame in said.frames(0.05)]
    track = heard.astype(np.float64)
    unharmed = 0
    for piece in pieces:
        start = int(np.argmax(np.correlate(track, piece)))
        found = track[start : start + len(piece)]
        unharmed += float(piece @ found) > 0.99 * float(np.linalg.norm(piece) * np.linalg.norm(found))
    return unharmed / len(pieces)


def noise(duration_s: float, seed: int = 3) -> Sound:
    """Sound that is like itself at one place only."""
    generator = np.random.default_rng(seed)
    return Sound.from_samples(generator.integers(-8_000, 8_000, round(duration_s * RATE_HZ)).astype(np.int16), RATE_HZ)


async def test_what_the_caller_says_arrives_unharmed(place: MicrophonePlace, pulse: Pulse) -> None:
    said = noise(0.5)
    await pulse.speak(Sound.silence(0.2, RATE_HZ) + said)
    heard = [event.sound.samples for event in await events_for(place, 0.5) if isinstance(event, FrameHeard)]
    assert share_heard(said, np.concatenate(heard)) >= 0.8


async def test_frames_come_every_20_ms(place: MicrophonePlace) -> None:
    frames = [event for event in await events_for(place, 1.0) if isinstance(event, FrameHeard)]
    assert 45 <= len(frames) <= 55
    assert 0.9 <= frames[-1].at_s - frames[0].at_s <= 1.05


async def test_a_prompt_is_heard_whole_and_finishes_when_it_was_heard(place: MicrophonePlace, pulse: Pulse) -> None:
    prompt = noise(0.5)
    ear = await pulse.listen()
    assert ear.stdout is not None
    await ear.stdout.readexactly(RATE_HZ // 10)  # it listens
    began_s = place.now_s()
    place.play(1, prompt, "")
    events = await events_for(place, 0.9)
    heard = np.frombuffer(await ear.stdout.readexactly(RATE_HZ * 2), dtype="<i2")
    ear.kill()
    await ear.communicate()
    assert share_heard(prompt, heard) >= 0.8
    (finished,) = (event for event in events if isinstance(event, PromptFinished))
    assert finished.complete
    assert 0.5 <= finished.at_s - began_s <= 0.8


async def test_a_stopped_prompt_is_silent_at_once(place: MicrophonePlace, pulse: Pulse) -> None:
    ear = await pulse.listen()
    assert ear.stdout is not None
    await ear.stdout.readexactly(RATE_HZ // 10)
    place.play(1, noise(5.0), "")
    place.play(2, noise(5.0), "")
    await events_for(place, 0.3)
    place.stop()
    events = await events_for(place, 0.3)
    heard = np.frombuffer(await ear.stdout.readexactly(RATE_HZ), dtype="<i2")
    ear.kill()
    await ear.communicate()
    assert [event for event in events if isinstance(event, PromptFinished)] == [
        PromptFinished(1, complete=False, at_s=pytest.approx(events[0].at_s, abs=0.05)),  # type: ignore[arg-type]  # compared, not counted with
        PromptFinished(2, complete=False, at_s=pytest.approx(events[0].at_s, abs=0.05)),  # type: ignore[arg-type]  # the same
    ]
    assert 0.1 <= np.count_nonzero(heard) / RATE_HZ <= 0.45


@pytest.mark.parametrize(("place", "hears"), [(True, False), (False, True)], indirect=["place"])
async def test_a_half_duplex_microphone_is_closed_while_a_prompt_plays(
    place: MicrophonePlace,
    hears: bool,
    pulse: Pulse,
) -> None:
    place.play(1, Sound.silence(0.8, RATE_HZ), "")
    await events_for(place, 0.1)
    await pulse.speak(noise(0.3))
    during = [event.sound for event in await events_for(place, 0.3) if isinstance(event, FrameHeard)]
    assert any(np.any(sound.samples) for sound in during) is hears
    await events_for(place, 1.0)
    await pulse.speak(noise(0.3))
    after = [event.sound for event in await events_for(place, 0.3) if isinstance(event, FrameHeard)]
    assert any(np.any(sound.samples) for sound in after)


async def test_a_plug_pulled_in_a_prompt_ends_the_call(place: MicrophonePlace, pulse: Pulse) -> None:
    place.play(1, noise(5.0), "")
    await events_for(place, 0.2)
    pulse.stop()
    events = [event for event in await events_for(place, 5.0) if not isinstance(event, FrameHeard)]
    assert [type(event) for event in events] == [PromptFinished, CallerHungUp]


@pytest.mark.usefixtures("pulse")
def test_devices_are_listed() -> None:
    devices = list_devices()
    assert [device.name for device in devices if device.is_default_input and device.inputs] == ["default"]
    assert [device.name for device in devices if device.is_default_output and device.outputs] == ["default"]
    check_devices()
    check_devices("pulse", "pulse", rate_hz=8_000)


@pytest.mark.usefixtures("pulse")
async def test_a_wrong_name_is_answered_with_the_right_ones() -> None:
    with pytest.raises(PlaceError, match=r"the microphone 'Studio 9' was not found; give one of: .*pulse"):
        await MicrophonePlace("Studio 9").open()
    with pytest.raises(PlaceError, match=r"the loudspeaker 'Studio 9' was not found; give one of: .*pulse"):
        await MicrophonePlace(output_device="Studio 9").open()


class PortAudioError(Exception):
    """Stands for that of `sounddevice`: a text and PortAudio's number."""


def library(monkeypatch: pytest.MonkeyPatch, **functions: object) -> None:
    """Put a `sounddevice` in place in which all goes well but for `functions`."""
    entry = {"name": "Card", "max_input_channels": 2, "max_output_channels": 2}
    well = {
        "PortAudioError": PortAudioError,
        "default": SimpleNamespace(device=(0, 0)),
        "query_devices": lambda *_: entry,
        "check_input_settings": lambda **_: None,
        "check_output_settings": lambda **_: None,
    }
    monkeypatch.setitem(sys.modules, "sounddevice", SimpleNamespace(**(well | functions)))


def raising(error: Exception) -> Callable[..., None]:
    def refuse(*_: object, **__: object) -> None:
        raise error

    return refuse


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError("PortAudio library not found"), "apt-get install libportaudio2"),
        (ModuleNotFoundError("No module named 'sounddevice'"), "pip install sounddevice"),
    ],
)
async def test_without_a_library_the_way_out_is_named(
    monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    monkeypatch.setattr("voicebot.audio.microphone.importlib.import_module", raising(error))
    with pytest.raises(PlaceError, match=said) as caught:
        await MicrophonePlace().open()
    assert "run_bot.py text" in str(caught.value)
    with pytest.raises(PlaceError, match=said):
        list_devices()


@pytest.mark.parametrize(
    ("function", "error", "device", "said"),
    [
        ("query_devices", PortAudioError("Error querying device -1"), None, "this machine has no microphone"),
        ("check_input_settings", PortAudioError("Device unavailable", -9985), 0, "in use by another program"),
        ("check_input_settings", PortAudioError("Invalid sample rate", -9997), 0, "the microphone 0 does not take"),
        ("check_output_settings", PortAudioError("Invalid channels", -9998), 0, "the loudspeaker 0 has no channel"),
        ("check_input_settings", PortAudioError("Host error", -9999), 0, "cannot be opened"),
    ],
)
def test_each_refusal_is_explained(
    monkeypatch: pytest.MonkeyPatch, function: str, error: Exception, device: int | None, said: str
) -> None:
    library(monkeypatch, **{function: raising(error)})
    with pytest.raises(PlaceError, match=said) as caught:
        check_devices(device, device)
    assert caught.value.__suppress_context__


def test_a_name_of_several_devices_is_answered_with_all(monkeypatch: pytest.MonkeyPatch) -> None:
    cards = [{"name": f"Card {n}", "max_input_channels": 1, "max_output_channels": 0} for n in "AB"]

    def query(device: object = None, kind: object = None) -> object:
        del device
        if kind is None:
            return cards
        raise ValueError("Multiple input devices found for 'Card':\n[0] Card A\n[1] Card B")

    library(monkeypatch, query_devices=query)
    with pytest.raises(PlaceError, match="'Card' is the name of several devices; give one of: 0 Card A; 1 Card B"):
        check_devices("Card")


@pytest.mark.parametrize(("works", "stuck"), [("output", "microphone"), ("input", "loudspeaker 'Card'")])
async def test_a_device_that_does_nothing_is_named(monkeypatch: pytest.MonkeyPatch, works: str, stuck: str) -> None:
    closed: list[str] = []

    def stream(kind: str) -> Callable[..., object]:
        def opened(*, callback: Callable[..., None], **_: object) -> object:
            times = SimpleNamespace(outputBufferDacTime=0.0, currentTime=0.0)

            def start() -> None:
                for _ in range(5 if kind == works else 0):
                    callback(bytearray(640), 320, times, None)

            return SimpleNamespace(start=start, close=lambda: closed.append(kind), latency=0.04)

        return opened

    library(monkeypatch, RawOutputStream=stream("output"), RawInputStream=stream("input"))
    monkeypatch.setattr("voicebot.audio.microphone.RUNS_WITHIN_S", 0.05)
    with pytest.raises(PlaceError, match=f"the {stuck} was opened and does nothing"):
        await MicrophonePlace(None, "Card").open()
    assert closed == ["output", "input"]
