"""Trying again, where that is safe, for as long as a caller can wait and not longer.

Works on results rather than exceptions: an attempt returns its error, so that nothing is raised, chained and kept on
the way. tenacity does the repeating.
"""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_result

from voicebot.payments.errors import CircuitOpen, PaymentExpressError, RateLimited

T = TypeVar("T")

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]

_FIRST_WAIT_S: Final = 0.2
_LONGEST_WAIT_S: Final = 2.0
_MOST_TRIES: Final = 4  # fewer than open a circuit: one call alone should not shut the API off for the others


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on a clock. Made once for an operation and handed down, so that its parts share one budget."""

    at_s: float
    clock: Clock

    @classmethod
    def after(cls, budget_s: float, clock: Clock) -> "Deadline":
        """`budget_s` seconds from now."""
        return cls(clock() + budget_s, clock)

    def left_s(self) -> float:
        """Seconds that remain, never less than nothing."""
        return max(0.0, self.at_s - self.clock())


def _wait_s(state: RetryCallState) -> float:
    """Exponential with jitter; not sooner than the API's `Retry-After`."""
    backoff_s = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** (state.attempt_number - 1))
    backoff_s *= random.uniform(0.75, 1.25)  # noqa: S311 - spreads callers out, protects no secret
    last: object = state.outcome.result() if state.outcome else None
    asked_s = last.retry_after_s if isinstance(last, RateLimited) else None
    return max(backoff_s, asked_s or 0.0)


async def repeat(
    attempt: Callable[[], Awaitable[T | PaymentExpressError]],
    *,
    when: tuple[type[PaymentExpressError], ...],
    deadline: Deadline,
    sleep: Sleep,
) -> T | PaymentExpressError:
    """Call `attempt` until it returns something else than an error of `when`, or may not try again in time.

    A host that is taken to be down (`CircuitOpen`) is not waited for: the caller hears at once.
    """

    def again(result: object) -> bool:
        return isinstance(result, when) and not isinstance(result, CircuitOpen)

    def too_late(state: RetryCallState) -> bool:
        return state.attempt_number >= _MOST_TRIES or state.upcoming_sleep >= deadline.left_s()

    def last(state: RetryCallState) -> T | PaymentExpressError:
        if state.outcome is None:
            raise RuntimeError("tenacity gave up before the first attempt")
        result: T | PaymentExpressError = state.outcome.result()
        return result

    retrying = AsyncRetrying(
        retry=retry_if_result(again), wait=_wait_s, stop=too_late, sleep=sleep, retry_error_callback=last
    )
    return await retrying(attempt)
