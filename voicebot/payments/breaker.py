"""A circuit breaker: after several failures in a row, fail at once instead of making a caller wait.

Our own, as the published ones don't fit a line with callers on it: `purgatory` goes by the wall clock, which jumps, and
lets every waiting request through when it tries again; `circuitbreaker` registers itself process-wide; `aiobreaker`
rests since 2021. Ours takes its clock, and lets one request through to see whether the API is back.

    closed ──[`threshold` failures in a row]──▶ open ──[`rest_s` later]──▶ half open: one probe
       ▲                                         ▲                            │    │
       └────────────── success ──────────────────┼────────────────────────────┘    │
                                                 └──────────── failure ────────────┘
"""

from collections.abc import Callable


class Breaker:
    """Counts failures of one host. First `wait_s`; after a request one of `succeeded`, `failed`, `abandoned`."""

    def __init__(self, *, threshold: int, rest_s: float, clock: Callable[[], float]) -> None:
        self._threshold = threshold
        self._rest_s = rest_s
        self._clock = clock
        self._failures = 0
        self._rests_until_s = 0.0
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Whether a request now would be refused, without asking for one."""
        return self._failures >= self._threshold and (self._probing or self._clock() < self._rests_until_s)

    def wait_s(self) -> float:
        """0.0: go ahead (and report back). Otherwise seconds until it is worth asking again."""
        if self._failures < self._threshold:
            return 0.0
        rest_s = self._rests_until_s - self._clock()
        if rest_s > 0:
            return rest_s
        if self._probing:
            return self._rest_s
        self._probing = True
        return 0.0

    def succeeded(self) -> None:
        """The host answered: all is well again."""
        self._failures = 0
        self._probing = False

    def failed(self) -> None:
        """The host did not answer, or with a failure of its own."""
        self._failures += 1
        self._probing = False
        if self._failures >= self._threshold:
            self._rests_until_s = self._clock() + self._rest_s

    def abandoned(self) -> None:
        """Nobody waited for the answer: this says nothing about the host."""
        self._probing = False
