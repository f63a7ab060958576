"""Repeating: what for, how often, how long."""

from tests.payments.conftest import FakeClock
from voicebot.payments.errors import CircuitOpen, PaymentExpressError, RateLimited, ServerFault, Unreachable
from voicebot.payments.retry import Deadline, repeat


class Attempts:
    """Gives these results, one after the other."""

    def __init__(self, *results: str | PaymentExpressError) -> None:
        self.results = list(results)
        self.made = 0

    async def __call__(self) -> str | PaymentExpressError:
        self.made += 1
        return self.results.pop(0)


async def run(attempts: Attempts, clock: FakeClock, budget_s: float = 10.0) -> str | PaymentExpressError:
    return await repeat(
        attempts, when=(Unreachable, RateLimited), deadline=Deadline.after(budget_s, clock), sleep=clock.sleep
    )


async def test_until_it_works(clock: FakeClock) -> None:
    attempts = Attempts(Unreachable("1"), Unreachable("2"), "done")
    assert await run(attempts, clock) == "done"
    first_s, second_s = clock.slept_s
    assert 0.15 <= first_s <= 0.25
    assert 0.30 <= second_s <= 0.50


async def test_other_results_are_final(clock: FakeClock) -> None:
    problem = ServerFault("not of these")
    assert await run(Attempts(problem), clock) is problem
    assert clock.slept_s == []


async def test_a_host_that_is_down_is_not_waited_for(clock: FakeClock) -> None:
    down = CircuitOpen("down", retry_after_s=5.0)
    assert await run(Attempts(down), clock) is down
    assert clock.slept_s == []


async def test_not_more_than_four_times(clock: FakeClock) -> None:
    attempts = Attempts(*(Unreachable(str(number)) for number in range(9)))
    assert str(await run(attempts, clock)) == "3"
    assert attempts.made == 4


async def test_a_wait_that_would_outlast_the_budget_is_not_begun(clock: FakeClock) -> None:
    attempts = Attempts(RateLimited("slow down", retry_after_s=10.0), "too late")
    assert isinstance(await run(attempts, clock), RateLimited)
    assert clock.slept_s == []
    attempts = Attempts(RateLimited("slow down", retry_after_s=9.0), "done")
    assert await run(attempts, clock) == "done"
    assert clock.slept_s == [9.0]


async def test_errors_come_back_unraised(clock: FakeClock) -> None:
    problem = Unreachable("never raised")
    assert await run(Attempts(problem), clock, budget_s=0.0) is problem
    assert problem.__traceback__ is None


def test_a_deadline_counts_down_to_nothing(clock: FakeClock) -> None:
    deadline = Deadline.after(2.0, clock)
    clock.now_s += 1.5
    assert deadline.left_s() == 0.5
    clock.now_s += 1.5
    assert deadline.left_s() == 0.0
