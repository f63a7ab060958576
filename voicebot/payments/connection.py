"""One host's connection: a request out, an answer in, and nothing raised in between.

What HTTP can do to a request is brought down to three ends: an `Answer`, `NotSent`, or `Lost`. This is the only place
that knows httpx's exceptions. They carry the request, body and all, so none of them leaves this file: failures are
returned as values, made of checked pieces.

A body is made at the last moment, by a function, and forgotten as soon as the answer is there, so that no traceback,
exception or connection pool keeps it.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import structlog

from voicebot.payments.breaker import Breaker
from voicebot.payments.settings import ApiSettings

_log = structlog.get_logger("voicebot.payments")

TransportFactory = Callable[[], httpx.AsyncBaseTransport]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole. Without a repr, as an answer may repeat what was sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"<Answer {self.status}, {len(self.body)} bytes>"

    @property
    def is_success(self) -> bool:
        """200 or 201: those that bring what was asked for."""
        return self.status in {httpx.codes.OK, httpx.codes.CREATED}

    @property
    def is_refusal(self) -> bool:
        """4xx, except that 408 and the like say that somebody gave up waiting, not that nothing happened."""
        return httpx.codes.is_client_error(self.status) and self.status != httpx.codes.REQUEST_TIMEOUT

    @property
    def is_server_fault(self) -> bool:
        """5xx."""
        return self.status >= httpx.codes.INTERNAL_SERVER_ERROR


@dataclass(frozen=True, slots=True)
class NotSent:
    """The request never left.

    `retry_after_s` is set where nothing was even tried, as the host was just seen to be down.
    """

    why: str
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """The request was sent, wholly or in part, or may have been; the answer did not come, or not to its end."""

    why: str


Exchange = Answer | NotSent | Lost

_MOST_CONNECTIONS: Final = 200
"""To one host at once; a caller beyond that waits for a free one for as long as for a connection."""

_LARGEST_ANSWER: Final = 1_000_000
"""Bytes, unpacked; a thousand times what any answer of this API has."""

_NEVER_LEFT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)
"""What httpx raises before the first byte of a request; anything else counts as lost, unknown exceptions included."""


def classify(problem: Exception, *, began: bool) -> NotSent | Lost:
    """Map any exception of an HTTP exchange. `began`: the connection has started to send the request."""
    why = type(problem).__name__
    if isinstance(problem, _NEVER_LEFT) and not began:
        return NotSent(why)
    return Lost(why)


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """Certificates and host names verified, TLS 1.2 at least. There is no way to turn that off."""
    context = httpx.create_ssl_context() if ca_file is None else ssl.create_default_context(cafile=str(ca_file))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _network(tls: ssl.SSLContext, *, keep_alive: bool) -> httpx.AsyncBaseTransport:
    limits = httpx.Limits(max_connections=_MOST_CONNECTIONS, max_keepalive_connections=None if keep_alive else 0)
    return httpx.AsyncHTTPTransport(verify=tls, limits=limits)


class _Body(httpx.AsyncByteStream):
    """A request's body that can be forgotten while httpx still holds on to the request."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content

    def forget(self) -> None:
        self._content = b""


class Connection:
    """HTTP with one host, behind its own circuit breaker.

    Args:
        name: for the log ("general", "vault").
        base_url: what every path comes below.
        settings: time limits.
        tls: from `tls_context`.
        clock: seconds that only go forward.
        keep_alive: whether a connection may serve several requests. Not where money moves: one that the other side
            is just closing takes the request and never answers, which would leave a payment unknown for nothing.
        transport: for tests; by default a verified one to the network.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        settings: ApiSettings,
        *,
        tls: ssl.SSLContext,
        clock: Callable[[], float],
        keep_alive: bool,
        transport: TransportFactory | None = None,
    ) -> None:
        self.name = name
        self.base_url = base_url
        self._connect_timeout_s = settings.connect_timeout_s
        self._clock = clock
        self._breaker = Breaker(threshold=settings.breaker_failures, rest_s=settings.breaker_rest_s, clock=clock)
        self._heard_at_s: float | None = None
        self._http = httpx.AsyncClient(
            transport=transport() if transport else _network(tls, keep_alive=keep_alive),
            follow_redirects=False,
            trust_env=False,
        )

    @property
    def is_down(self) -> bool:
        """Whether the circuit breaker would refuse a request now."""
        return self._breaker.is_open

    def heard_within(self, seconds: float) -> bool:
        """Whether the last answer is at most so old, and nothing has failed since."""
        return self._heard_at_s is not None and self._clock() - self._heard_at_s <= seconds

    async def exchange(
        self,
        method: str,
        template: str,
        *,
        ids: Mapping[str, str],
        headers: Mapping[str, str],
        encode: Callable[[], bytes] | None,
        limit_s: float,
    ) -> Exchange:
        """Send one request, once, and wait for its whole answer at most `limit_s`.

        Args:
            method: GET, POST or HEAD.
            template: the path with placeholders, which is also what the log shows.
            ids: what to put into the placeholders.
            headers: the token among them.
            encode: makes the body.
            limit_s: seconds from now.

        Raises:
            asyncio.CancelledError: the caller no longer waits; a request may have been sent.
        """
        if limit_s <= 0:
            return NotSent("no time left")
        rest_s = self._breaker.wait_s()
        if rest_s > 0:
            _log.warning("payment_api_spared", host=self.name, method=method, path=template, retry_after_s=rest_s)
            return NotSent("the host has just been down", retry_after_s=rest_s)
        began_s = self._clock()
        try:
            end = await self._send(method, self.base_url + template.format_map(ids), headers, encode, limit_s)
        except asyncio.CancelledError as cancelled:
            self._breaker.abandoned()
            _log.info("payment_api_abandoned", host=self.name, method=method, path=template)
            cancelled.__context__ = None
            raise cancelled.with_traceback(None) from None  # its frames hold the body
        if isinstance(end, Answer) and not end.is_server_fault:
            self._breaker.succeeded()
            self._heard_at_s = self._clock()
        else:
            self._breaker.failed()
            self._heard_at_s = None
        _log.info(
            "payment_api_called",
            host=self.name,
            method=method,
            path=template,
            status=end.status if isinstance(end, Answer) else None,
            failure=None if isinstance(end, Answer) else f"{type(end).__name__}: {end.why}",
            duration_s=round(self._clock() - began_s, 3),
        )
        return end

    async def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        encode: Callable[[], bytes] | None,
        limit_s: float,
    ) -> Exchange:
        content = encode() if encode else b""
        body = _Body(content)
        all_headers = {**headers, "Accept": "application/json"}
        if encode:
            all_headers["Content-Length"] = str(len(content))
        del content
        connecting = began = False

        async def watch(event: str, _: Mapping[str, Any]) -> None:
            nonlocal connecting, began
            connecting = connecting or event.endswith("connect_tcp.started")
            began = began or event.endswith("send_request_headers.started")

        try:
            async with (
                asyncio.timeout(limit_s),
                self._http.stream(
                    method,
                    url,
                    headers=all_headers,
                    content=body if encode else None,
                    timeout=httpx.Timeout(limit_s, connect=self._connect_timeout_s, pool=self._connect_timeout_s),
                    extensions={"trace": watch},
                ) as response,
            ):
                answered = bytearray()
                async for part in response.aiter_bytes():
                    answered += part
                    if len(answered) > _LARGEST_ANSWER:
                        return Lost("an answer too large to be one")
                return Answer(response.status_code, dict(response.headers), bytes(answered))
        except TimeoutError:
            return NotSent("no connection in time") if connecting and not began else Lost("no answer in time")
        except Exception as problem:  # noqa: BLE001 - the edge: whatever HTTP does must become one of three ends
            return classify(problem, began=began)
        finally:
            body.forget()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()
