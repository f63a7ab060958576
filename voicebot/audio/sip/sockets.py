"""How many sockets for sound PJSIP has open: it has room for so many, and ends the process when there is none left.

It opens a pair for each call before anybody is asked whether to take it, and gives a pair back half a second after its
call (PJ_IOQUEUE_KEY_FREE_DELAY). Lines bound the calls that are held; callers who give up at once, over and over, are
bound here: when too many pairs are still being given back, the owner thread takes no further message until there is
room. Calls that are held keep their sound meanwhile, as that has threads of its own; callers wait half a second.
"""

import time
from collections import deque

MOST_CLOSED = 24
"""Pairs that may be on their way back: 28 with those of four calls. There is room for 32 in the published wheel
(PJ_IOQUEUE_MAX_HANDLES is 64); a build for more calls needs two more for each."""

GIVEN_BACK_S = 0.6
"""After the end of its call a pair is free for certain."""


class Sockets:
    """Counts the pairs that are being given back. Used on the owner thread."""

    def __init__(self) -> None:
        self._closed_s: deque[float] = deque()

    def closed(self) -> None:
        """A call is over."""
        self._closed_s.append(time.monotonic())

    def wait_for_room(self) -> None:
        """Wait until one more call could be opened and closed; almost always that is at once."""
        while self._closed_s and (len(self._closed_s) >= MOST_CLOSED or self._is_free()):
            if self._is_free():
                self._closed_s.popleft()
            else:
                time.sleep(max(0.0, self._closed_s[0] + GIVEN_BACK_S - time.monotonic()))

    def _is_free(self) -> bool:
        return time.monotonic() >= self._closed_s[0] + GIVEN_BACK_S
