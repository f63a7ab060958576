"""The access token: fetched by OAuth2 client credentials, kept for its lifetime, renewed once for everybody.

Authlib writes the request and reads the answer. Its HTTP-agnostic core is used rather than its httpx client, so that
this request goes through the same verified, timed and logged connection as all the others.
"""

import asyncio
import re
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any

import httpx
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.client import OAuth2Client

from voicebot.payments.connection import Answer, Connection, Exchange
from voicebot.payments.errors import AuthenticationFailed, PaymentExpressError, RateLimited, ServerFault, Unreachable
from voicebot.payments.reading import failure
from voicebot.payments.retry import Clock, Deadline, Sleep, repeat
from voicebot.payments.settings import ApiSettings


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token, and until when (on our clock) it may be used."""

    value: str = field(repr=False)
    good_until_s: float


class _ClientCredentials(OAuth2Client):  # type: ignore[misc]  # Authlib is published without types
    """Authlib's client, sending nothing itself: `request` gives the URL, headers and body to send."""

    def request(self, url: str) -> tuple[str, dict[str, str], str]:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        prepared: tuple[str, dict[str, str], str] = self.fetch_token(
            url, grant_type="client_credentials", headers=headers
        )
        return prepared

    def _fetch_token(self, url: str, *, body: str, headers: dict[str, str], auth: Any, method: str, **_: Any) -> Any:
        return auth.prepare(method, url, headers, body)


class TokenSource:
    """Gives the current token, and gets a new one when it is about to expire or was refused.

    Args:
        connection: to the general host.
        settings: credentials, scopes and time limits.
        clock: seconds that only go forward.
        sleep: waits between tries.
    """

    def __init__(self, connection: Connection, settings: ApiSettings, *, clock: Clock, sleep: Sleep) -> None:
        self._connection = connection
        self._settings = settings
        self._clock = clock
        self._sleep = sleep
        self._token: Token | None = None
        self._renewing = asyncio.Lock()

    async def get(self, deadline: Deadline, *, refused: Token | None = None) -> Token | PaymentExpressError:
        """The token to use now. `refused` is one that the API has just turned away, and is not given again.

        Of many callers at once, one fetches and the others wait for it.
        """
        own = Deadline.after(min(deadline.left_s(), self._settings.budget_s), self._clock)
        try:
            async with asyncio.timeout(own.left_s()), self._renewing:
                if self._token and self._token is not refused and self._clock() < self._token.good_until_s:
                    return self._token
                self._token = None
                got = await repeat(
                    partial(self._fetch, own),
                    when=(Unreachable, ServerFault, RateLimited),
                    deadline=own,
                    sleep=self._sleep,
                )
                if isinstance(got, Token):
                    self._token = got
                return got
        except TimeoutError:
            return ServerFault("PaymentExpress gave no token in time")

    async def _fetch(self, deadline: Deadline) -> Token | PaymentExpressError:
        path = self._settings.paths.token
        oauth = _ClientCredentials(
            session=None,
            client_id=self._settings.client_id,
            client_secret=self._settings.client_secret.get_secret_value(),
            token_endpoint_auth_method=self._settings.token_auth,
            scope=" ".join(self._settings.scopes) or None,
        )
        _, headers, body = oauth.request(self._connection.base_url + path)
        end = await self._connection.exchange(
            "POST",
            path,
            ids={},
            headers=headers,
            encode=body.encode,
            limit_s=min(self._settings.answer_timeout_s, deadline.left_s()),
        )
        return self._read(oauth, end)

    def _read(self, oauth: _ClientCredentials, end: Exchange) -> Token | PaymentExpressError:
        verdicts = {HTTPStatus.OK, HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}
        if not isinstance(end, Answer) or end.status not in verdicts:
            return failure(end)
        try:
            token = oauth.parse_response_token(httpx.Response(end.status, content=end.body))
        except OAuth2Error as problem:
            code = problem.error if re.fullmatch(r"[a-z_]{1,40}", str(problem.error)) else "unreadable"
            return AuthenticationFailed(
                f"PaymentExpress gave no token ({code}): check client id, secret and scopes",
                code=code,
                status=end.status,
            )
        except (ValueError, RuntimeError):  # not a JSON object; httpx adds the second for an answer without a request
            return failure(end)
        value, kind = token.get("access_token"), str(token.get("token_type", ""))
        if not isinstance(value, str) or not re.fullmatch(r"[\x21-\x7e]+", value) or kind.lower() != "bearer":
            return ServerFault("PaymentExpress answered with no usable bearer token", status=end.status)
        stated = token.get("expires_in")
        lifetime_s = float(stated) if str(stated).isdecimal() else self._settings.token_lifetime_s
        return Token(value, self._clock() + max(0.0, lifetime_s - self._settings.token_margin_s))
