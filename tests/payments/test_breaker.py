"""The circuit breaker, on a clock that moves when told."""

from tests.payments.conftest import FakeClock
from voicebot.payments.breaker import Breaker


def breaker(clock: FakeClock) -> Breaker:
    return Breaker(threshold=3, rest_s=20.0, clock=clock)


def fail(circuit: Breaker, times: int) -> None:
    for _ in range(times):
        assert circuit.wait_s() == 0.0
        circuit.failed()


def test_opens_after_failures_in_a_row_only(clock: FakeClock) -> None:
    circuit = breaker(clock)
    fail(circuit, 2)
    circuit.succeeded()
    fail(circuit, 2)
    assert not circuit.is_open
    fail(circuit, 1)
    assert circuit.is_open
    assert circuit.wait_s() == 20.0
    clock.now_s += 5.0
    assert circuit.wait_s() == 15.0


def test_one_probe_decides(clock: FakeClock) -> None:
    circuit = breaker(clock)
    fail(circuit, 3)
    clock.now_s += 20.0
    assert not circuit.is_open
    assert circuit.wait_s() == 0.0
    assert circuit.wait_s() == 20.0, "a second request waits for the first one's fate"
    assert circuit.is_open
    circuit.failed()
    assert circuit.wait_s() == 20.0
    clock.now_s += 20.0
    assert circuit.wait_s() == 0.0
    circuit.succeeded()
    assert not circuit.is_open
    assert circuit.wait_s() == 0.0


def test_an_abandoned_probe_makes_room_for_another(clock: FakeClock) -> None:
    circuit = breaker(clock)
    fail(circuit, 3)
    clock.now_s += 20.0
    assert circuit.wait_s() == 0.0
    circuit.abandoned()
    assert circuit.wait_s() == 0.0


def test_requests_under_way_may_fail_late(clock: FakeClock) -> None:
    circuit = breaker(clock)
    for _ in range(10):
        assert circuit.wait_s() == 0.0
    for _ in range(10):
        circuit.failed()
    assert circuit.wait_s() == 20.0
    circuit.succeeded()
    assert not circuit.is_open
