"""Health and metrics beside the screen of a command that holds calls."""

import contextlib
from collections.abc import AsyncIterator, Callable, Iterable

from voicebot.call import HeldCall, House, Watcher
from voicebot.cli.switch_screen import Screen
from voicebot.health import HealthServer, Metrics, Readiness, house_checks
from voicebot.settings import Settings


class _Both:
    """A screen whose calls are counted."""

    def __init__(self, screen: Screen, metrics: Metrics, readiness: Readiness) -> None:
        self._screen = screen
        self._metrics = metrics
        self._readiness = readiness

    def ready(self, addresses: Iterable[str]) -> None:
        self._screen.ready(addresses)

    def watch(self, held: HeldCall) -> Watcher:
        return self._metrics.watch(self._screen.watch(held))

    def ended(self, held: HeldCall) -> None:
        self._metrics.ended(held)
        self._screen.ended(held)

    def draining(self) -> None:
        self._readiness.drain()
        self._screen.draining()


@contextlib.asynccontextmanager
async def watched(settings: Settings, house: House, screen: Screen) -> AsyncIterator[tuple[Screen, Callable[[], None]]]:
    """The screen to use, and what to call once calls can come in; over HTTP where the settings name a port.

    Raises:
        PlaceError: the port cannot be had.
    """
    readiness = Readiness(house_checks(house))
    metrics = Metrics(house, overdue_s=settings.settling.attention_after_s)
    if not settings.health.port:
        yield screen, readiness.open
        return
    async with HealthServer(settings.health.host, settings.health.port, readiness, metrics.text):
        yield _Both(screen, metrics, readiness), readiness.open
