"""Three answers over HTTP: `/livez`, `/readyz` and `/metrics`. Meant for those who run the bot, not for the world."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator
from types import TracebackType
from typing import Self

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from voicebot.audio import PlaceError
from voicebot.health.readiness import Readiness


class HealthServer:
    """Answers while it is entered.

    - `/livez`: 200 as long as the event loop turns; whoever gets no answer restarts the process.
    - `/readyz`: 200 when calls may be sent here, 503 with what is wrong when not. Never a reason to restart.
    - `/metrics`: the figures.

    Args:
        host: address to listen on.
        port: port to listen on; 0 takes any free one, see `port`.
        readiness: is asked for `/readyz`.
        metrics: the text of `/metrics`.
    """

    def __init__(self, host: str, port: int, readiness: Readiness, metrics: Callable[[], Awaitable[bytes]]) -> None:
        self._address = (host, port)
        self._readiness = readiness
        self._metrics = metrics
        routes = [Route("/livez", self._livez), Route("/readyz", self._readyz), Route("/metrics", self._figures)]
        self._server = _Server(
            uvicorn.Config(
                Starlette(routes=routes), log_config=None, access_log=False, lifespan="off", ws="none", backlog=16
            )
        )
        self._serving: asyncio.Task[None] | None = None
        self.port = port

    async def __aenter__(self) -> Self:
        """Begin to listen.

        Raises:
            PlaceError: the port cannot be had.
        """
        host, port = self._address
        try:
            listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        except OSError as problem:
            raise PlaceError(
                f"cannot listen on {host}:{port} for health and metrics ({problem.strerror or problem}); choose "
                "another address with health.host and health.port, or switch it off with health.port = 0"
            ) from None
        self.port = listener.getsockname()[1]
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        if self._serving is not None:
            await asyncio.wait({self._serving})

    async def _livez(self, request: Request) -> Response:
        del request
        return PlainTextResponse("alive\n")

    async def _readyz(self, request: Request) -> Response:
        del request
        checks = await self._readiness.checks()
        ready = not any(check.problem for check in checks)
        found = {check.name: check.problem or "ok" for check in checks}
        return JSONResponse({"ready": ready, "checks": found}, 200 if ready else 503)

    async def _figures(self, request: Request) -> Response:
        del request
        return Response(await self._metrics(), media_type=CONTENT_TYPE_LATEST)


class _Server(uvicorn.Server):
    """uvicorn, but signals stay with the command."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
