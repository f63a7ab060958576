"""Calls as audio, end to end: what the caller was told, the ledger and the sandbox's own books agree."""

import hashlib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import soundfile

from tests.calls.conftest import CALLERS, Line, agree, caller, costs, until
from voicebot.audio import ScriptedPlace, Sound, StereoRecorder, WavPlace, read_sound
from voicebot.audio.scripted import Turn as Said
from voicebot.call import Call, Silent
from voicebot.cli.caller_script import read_caller
from voicebot.dialog import HEARD_AT, QUESTIONS, Turn
from voicebot.dialog import Line as Sentence
from voicebot.ledger import State

CARD_QUESTIONS = [entry.when for entry in caller("card").caller]
ROUTED = {"routing_number", "confirm_routing_number"}
ECHECK_QUESTIONS = ["item_choice", "withdrawal_type", "routing_number", "bank_account_number"]


@pytest.mark.parametrize("rate_hz", [8_000, 16_000])
async def test_pays_by_card(line: Line, rate_hz: int) -> None:
    report = await line.call(caller("card"), rate_hz=rate_hz)
    assert (report.outcome, report.tender, report.problem) == ("paid", "card", "")
    agree(line, report)


@pytest.mark.parametrize("pause_s", [0.3, 1.0])
async def test_one_recording_with_pauses_between_the_answers_pays(line: Line, pause_s: float) -> None:
    script = read_caller(CALLERS.parent / "card.yaml")
    recording = Sound.silence(pause_s, 16_000)
    for entry in script.caller:
        assert entry.wav is not None
        recording += read_sound(CALLERS.parent / entry.wav) + Sound.silence(pause_s, 16_000)
    report = await Call(line.house, WavPlace(recording)).run()
    assert [turn.result for turn in report.turns] == ["accepted"] * len(script.caller)
    agree(line, report)


async def test_pays_by_echeck(line: Line) -> None:
    report = await line.call(caller("echeck"))
    assert (report.outcome, report.tender, report.problem) == ("paid", "echeck", "")
    agree(line, report)


async def test_a_declined_card_is_then_paid_by_echeck(line: Line) -> None:
    report = await line.call(caller("declined"))
    assert (report.outcome, report.tender) == ("paid", "echeck")
    agree(line, report)
    (cart,) = line.carts()
    assert [attempt.outcome for attempt in cart.attempts] == ["declined", "paid"]


async def test_keypad_only(line: Line) -> None:
    report = await line.call(caller("keypad"))
    assert (report.outcome, report.tender) == ("paid", "card")
    agree(line, report)
    assert line.books().charged == Decimal(costs(report)["card"].total)


async def test_an_account_that_is_not_found(line: Line) -> None:
    report = await line.call(caller("unknown_account"))
    assert report.outcome == "abandoned"
    assert not line.carts()
    agree(line, report)


async def test_silence_until_goodbye(line: Line) -> None:
    report = await line.call(caller("silent"))
    assert report.outcome == "abandoned"
    assert [turn.result for turn in report.turns] == ["no_input"] * 4
    agree(line, report)


@pytest.mark.parametrize("question", [*CARD_QUESTIONS[:-1], *ECHECK_QUESTIONS])
async def test_a_caller_who_hangs_up_when_asked(line: Line, question: str) -> None:
    script = caller("card" if question in CARD_QUESTIONS else "echeck")
    report = await line.call(until(script, question))
    assert (report.outcome, report.problem) == ("abandoned", "")
    assert all(cart.state is State.ABANDONED for cart in line.carts())
    agree(line, report)


async def test_hanging_up_after_the_payment_changes_nothing(line: Line) -> None:
    report = await line.call(until(caller("card"), "repeat_confirmation"))
    assert report.outcome == "paid"
    agree(line, report)


async def test_the_same_call_is_the_same_twice(line: Line) -> None:
    one = await line.call(until(caller("card"), "card_number"))
    other = await line.call(until(caller("card"), "card_number"))
    assert one.turns == other.turns
    # eSpeak's output differs by a millisecond from one utterance to the next, and with it a prompt's last frame.
    assert one.duration_s == pytest.approx(other.duration_s, abs=0.05)


async def test_a_failing_voice_ends_the_call_and_says_so(line: Line) -> None:
    assert line.house.voice is not None
    await line.house.voice.aclose()
    report = await line.call(caller("card"))
    assert report.outcome == "abandoned"
    assert report.problem
    agree(line, report)


class Answers(Silent):
    """Notes from when to when each question was listened to."""

    def __init__(self) -> None:
        self.times: list[tuple[str, float, float]] = []
        self._asked_s = 0.0

    def asked(self, question: str, at_s: float) -> None:
        del question
        self._asked_s = at_s

    def turned(self, turn: Turn, at_s: float) -> None:
        self.times.append((turn.question, self._asked_s, at_s))


@pytest.mark.parametrize("ahead", [True, False], ids=["ahead", "one by one"])
async def test_the_recording_is_silent_while_the_card_is_given(line: Line, tmp_path: Path, *, ahead: bool) -> None:
    """And, where it may be given with another answer, while that is given."""
    script = line.house.script
    line.house = replace(line.house, script=replace(script, manners=replace(script.manners, ahead=ahead)))
    path, answers, rate_hz = tmp_path / "call.wav", Answers(), 16_000
    report = await line.call(caller("card"), recorder=StereoRecorder(path, rate_hz), watcher=answers)
    assert report.outcome == "paid"
    samples, _ = soundfile.read(path, dtype="int16")
    left, right = samples[:, 0], samples[:, 1]
    assert right.any()
    assert len(answers.times) == len(report.turns)
    for question, asked_s, answered_s in answers.times:
        said = left[round(asked_s * rate_hz) : round(answered_s * rate_hz)]
        may_be_card = QUESTIONS[question].sensitive or (ahead and QUESTIONS[question].state in HEARD_AT)
        assert said.any() != may_be_card, question


class Notes(Answers):
    """Notes what is said and answered, too."""

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[str] = []

    def said(self, line: Sentence, at_s: float) -> None:
        del at_s
        self.noted += [line.shown, line.spoken, repr(line)]

    def turned(self, turn: Turn, at_s: float) -> None:
        super().turned(turn, at_s)
        self.noted += [turn.heard]


async def test_a_routing_number_that_is_read_back_stands_in_no_record(line: Line) -> None:
    """It is spoken whole, and put right whole; who watches the call, and logs it, sees neither."""
    begun = [entry for entry in caller("echeck").typed_turns(CALLERS) if entry.question not in ROUTED]
    doubtful = Said("routing_number", text="zero two one zero zero zero zero zero two one")
    corrected = [
        Said("confirm_routing_number", text="no it's zero one one four zero one five three three"),
        Said("confirm_routing_number", text="yes"),
    ]
    notes = Notes()
    place = ScriptedPlace([*begun, doubtful, *corrected], has_sound=False)
    report = await Call(line.house, place, watcher=notes).run()
    assert report.outcome == "paid"
    assert [turn.result for turn in report.turns if turn.question == "confirm_routing_number"] == ["accepted"] * 2
    noted = " ".join([*notes.noted, repr(report)])
    assert "Routing number" in noted
    assert not [number for number in ("021000021", "011401533", "zero zero zero", "four zero one") if number in noted]


async def test_a_consent_is_recorded_by_itself(line: Line, tmp_path: Path) -> None:
    """The piece has the sentence and the yes, and ends with them; the ledger knows it by its hash."""
    path, answers, rate_hz = tmp_path / "call.wav", Answers(), 16_000
    report = await line.call(caller("echeck"), recorder=StereoRecorder(path, rate_hz), watcher=answers)
    assert report.outcome == "paid"
    (consent,) = line.house.ledger.consents(report.reference)
    piece = tmp_path / consent.given.recording
    assert piece.name == "call.consent-1.wav"
    assert hashlib.sha256(piece.read_bytes()).hexdigest() == consent.given.recording_sha256
    samples, _ = soundfile.read(piece, dtype="int16")
    whole, _ = soundfile.read(path, dtype="int16")
    ((asked_s, answered_s),) = [times[1:] for times in answers.times if times[0] == "confirm_payment"]
    begins_s = answered_s - len(samples) / rate_hz
    ends = [answered for question, _, answered in answers.times if question == "bank_account_number"]
    assert ends[-1] <= begins_s + 0.02
    heard = round((asked_s - begins_s) * rate_hz)
    assert samples[:heard, 1].any()
    assert not samples[:heard, 0].any()
    assert samples[heard:, 0].any()
    assert (samples[heard:, 0] == whole[round(begins_s * rate_hz) + heard :][: len(samples) - heard, 0]).all()
    assert line.house.ledger.broken_consents() == ()
