"""The arithmetic of `bench.sip`: what counts as late, when the bot was first heard, what the object says."""

import json

import pytest

from bench.sip.__main__ import LATE_S, Measured, figures, first_sound_s, lateness_s
from bench.sip.clips import clip_for
from bench.sip.message import Message
from bench.sip.phone import Heard
from bench.sip.usage import Usage
from tests.audio.sounds import hum
from voicebot.audio import FRAME_S, Sound
from voicebot.audio.codec import mulaw_encode
from voicebot.dialog import QUESTIONS

QUIET = mulaw_encode(Sound.silence(FRAME_S, 8_000))
LOUD = mulaw_encode(hum(FRAME_S, 8_000))


def packets(*late_s: float) -> list[Heard]:
    """A stream whose packets come so much after their place."""
    return [Heard(100 + number * FRAME_S + late, number, number * 160, QUIET) for number, late in enumerate(late_s)]


def late_packets(heard: list[Heard]) -> int:
    return sum(late_s > LATE_S for late_s in lateness_s(heard))


@pytest.mark.parametrize(
    ("late_s", "count"),
    [
        ((), 0),
        ((0, 0, 0), 0),
        ((0, 0.019, 0), 0),
        ((0, 0.021, 0, 0.5), 2),
        ((0.3, 0.3, 0.3), 0),
        ((0.3, 0, 0.021), 1),
    ],
)
def test_a_packet_is_late_against_the_earliest_start(late_s: tuple[float, ...], count: int) -> None:
    assert late_packets(packets(*late_s)) == count


def test_a_clock_that_wraps_is_no_lateness() -> None:
    heard = [Heard(100 + number * FRAME_S, number, (2**32 - 160 + number * 160) % 2**32, QUIET) for number in range(4)]
    assert late_packets(heard) == 0


def test_the_first_sound_after_an_answer() -> None:
    heard = [*packets(0, 0), *(Heard(101 + number * FRAME_S, number, number * 160, LOUD) for number in range(2))]
    assert first_sound_s(heard, 100.5) == 101
    assert first_sound_s(heard, 102) is None


@pytest.mark.parametrize("question", [name for name in QUESTIONS if name.startswith("confirm_")])
def test_every_question_of_a_bot_that_is_not_sure_has_an_answer(question: str) -> None:
    assert clip_for(question) == clip_for("confirm_payment")
    assert clip_for(question) != clip_for("repeat_confirmation")


def test_the_object_has_what_it_must() -> None:
    held = [
        Measured(paid=True, packets=100, late=1, latest_s=0.03, answers_s=[0.2, 0.4, 0.9], talk_s=50, said_s=20),
        Measured(lost=True, packets=100, talk_s=50),
    ]
    found = json.loads(json.dumps(figures(held, Usage(10, 300, 250), Usage(15, 310, 255), 1.0, 0.1)))
    assert (found["calls"], found["calls_lost"], found["calls_paid"]) == (2, 1, 1)
    assert (found["late_frame_share"], found["latest_frame_s"]) == (0.005, 0.03)
    assert (found["answer_p50_s"], found["answer_p95_s"]) == (0.4, 0.9)
    assert (found["cpu_s_per_call_s"], found["phones_cpu_s_per_call_s"]) == (0.05, 0.01)
    assert found["recogniser_cpu_s_per_call_s"] == 0.02
    assert (found["rss_mb"], found["pss_mb"]) == (310, 255)


def test_messages_are_read() -> None:
    answer = Message.read(b"SIP/2.0 486 Busy Here\r\nVia: a\r\nCSeq: 7 INVITE\r\nContent-Length: 0\r\n\r\n")
    assert (answer.status, answer.method) == (486, "INVITE")
    request = Message.read(b"BYE sip:a@b SIP/2.0\r\nCSeq: 9 BYE\r\n\r\nbody")
    assert (request.status, request.method, request.body) == (0, "BYE", "body")


def test_a_request_that_came_through_a_proxy_keeps_its_way_back() -> None:
    request = Message.read(b"BYE sip:a@b SIP/2.0\r\nVia: one\r\nVia: two\r\nCSeq: 9 BYE\r\nCSeq: 10 BYE\r\n\r\n")
    assert request.headers == {"via": "one, two", "cseq": "9 BYE"}
