"""OAuth2 client credentials: tokens given out and tokens presented."""

import base64
import binascii
import hmac
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import parse_qsl, unquote_plus

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import ValidationError

from voicebot.sandbox.errors import ApiError, problems
from voicebot.sandbox.messages import TokenAnswer, TokenErrorBody, TokenForm
from voicebot.sandbox.paths import RequestKind
from voicebot.sandbox.store import Store

DEFAULT_SCOPES: Final[Mapping[RequestKind, str]] = {
    RequestKind.CART: "voice.carts",
    RequestKind.STATUS: "voice.carts",
    RequestKind.CARD: "voice.payments",
    RequestKind.ECHECK: "voice.payments",
    RequestKind.LOOKUP: "payments.read",
}
"""The scope that each request needs. The vendor gives each client its own names; these are an assumption."""

_GRANT_TYPE: Final = "client_credentials"
_ALGORITHM: Final = "HS256"
_BEARER: Final = {"WWW-Authenticate": "Bearer"}
_Refusal = Literal["invalid_request", "invalid_client", "invalid_scope", "unsupported_grant_type"]


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who may ask for tokens."""

    client_id: str
    client_secret: str = field(repr=False)


def scope_pattern(scopes: Iterable[str]) -> str:
    """What the field `scope` may be: known scopes with single spaces between them."""
    known = "|".join(re.escape(scope) for scope in scopes)
    return f"^({known})( ({known}))*$"


class Tokens:
    """Gives out signed tokens and checks them. The key and the counters are facts of the store."""

    def __init__(
        self,
        store: Store,
        credentials: Credentials,
        *,
        lifetime_s: float,
        scopes: Mapping[RequestKind, str],
        now: Callable[[], float],
    ) -> None:
        """Tokens of one client, good for `lifetime_s` seconds on the clock `now` (seconds since the epoch)."""
        self._store = store
        self._credentials = credentials
        self._lifetime_s = lifetime_s
        self._scopes = scopes
        self._now = now
        key = store.fact("token_key")
        if key is None:
            key = secrets.token_urlsafe(32)
            store.set_fact("token_key", key)
        self._key = OctKey.import_key(key)

    @property
    def every_scope(self) -> tuple[str, ...]:
        """The scopes that the client may ask for."""
        return tuple(sorted(set(self._scopes.values())))

    def expire_all(self) -> None:
        """Let every token given out so far have expired."""
        self._store.set_fact("tokens_expired", self._store.fact("tokens") or "0")

    def issue(self, form: bytes, content_type: str, authorization: str | None) -> TokenAnswer:
        """Answer the token request.

        Args:
            form: the request's body as sent.
            content_type: its content type.
            authorization: the `Authorization` header, if any.

        Raises:
            ApiError: 400 or 401, with the error fields of RFC 6749 beside the vendor's.
        """
        fields = self._fields(form, content_type)
        client_id, secret = self._client(fields, authorization)
        known = hmac.compare_digest(client_id.encode(), self._credentials.client_id.encode())
        right = hmac.compare_digest(secret.encode(), self._credentials.client_secret.encode())
        if not (known and right):
            raise _refused(401, "invalid_client", "unknown client, or wrong secret")
        asked = set(fields.scope.split())
        if not asked or not asked <= set(self.every_scope):
            raise _refused(400, "invalid_scope", f"ask for some of: {' '.join(self.every_scope)}")
        return self._sign(client_id, " ".join(sorted(asked)))

    def _fields(self, form: bytes, content_type: str) -> TokenForm:
        if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
            raise _refused(400, "invalid_request", "send a form (application/x-www-form-urlencoded)")
        try:
            pairs = parse_qsl(form.decode("ascii"), keep_blank_values=True, errors="strict")
        except ValueError:
            raise _refused(400, "invalid_request", "the form is not percent-encoded UTF-8") from None
        if len(dict(pairs)) < len(pairs):
            raise _refused(400, "invalid_request", "a field is there twice")
        form_fields = dict(pairs)
        if form_fields.get("grant_type", _GRANT_TYPE) != _GRANT_TYPE:
            raise _refused(400, "unsupported_grant_type", f"grant_type must be {_GRANT_TYPE}")
        try:
            return TokenForm.model_validate(form_fields)
        except ValidationError as error:
            raise _refused(400, "invalid_request", problems(error)) from None

    def _client(self, fields: TokenForm, authorization: str | None) -> tuple[str, str]:
        if authorization is None:
            return fields.client_id or "", fields.client_secret or ""
        scheme, _, value = authorization.partition(" ")
        try:
            name, colon, secret = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            name, colon, secret = "", "", ""
        if scheme.lower() != "basic" or not colon or fields.client_secret is not None:
            raise _refused(401, "invalid_client", "name the client either by HTTP Basic or in the form")
        return unquote_plus(name), unquote_plus(secret)

    def _sign(self, client_id: str, scope: str) -> TokenAnswer:
        issued = int(self._now())
        claims = {
            "iss": "paymentexpress-sandbox",
            "sub": client_id,
            "scope": scope,
            "iat": issued,
            "exp": issued + int(self._lifetime_s),
            "jti": str(self._store.next_number("tokens")),
        }
        token = jwt.encode({"alg": _ALGORITHM, "typ": "JWT"}, claims, self._key)
        return TokenAnswer(access_token=token, expires_in=int(self._lifetime_s), scope=scope)

    def check(self, authorization: str | None, request: RequestKind) -> None:
        """Let a request pass if its token is good and has the request's scope.

        Raises:
            ApiError: 401 without a good token, 403 without the scope.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise ApiError(401, "Unauthorized", "send a token: Authorization: Bearer …", headers=_BEARER)
        try:
            claims = jwt.decode(token, self._key, algorithms=[_ALGORITHM]).claims
        except (JoseError, ValueError):
            raise ApiError(401, "InvalidToken", "the token is not one of ours", headers=_BEARER) from None
        if claims["exp"] <= self._now() or int(claims["jti"]) <= int(self._store.fact("tokens_expired") or 0):
            raise ApiError(401, "TokenExpired", "the token has expired; ask for a new one", headers=_BEARER)
        needed = self._scopes[request]
        if needed not in claims["scope"].split():
            raise ApiError(403, "InsufficientScope", f"this request needs the scope {needed}")


def _refused(status: int, error: _Refusal, description: str) -> ApiError:
    code = "".join(word.capitalize() for word in error.split("_"))
    body = TokenErrorBody(errorCode=code, errorMessage=description, error=error, error_description=description)
    headers = {"WWW-Authenticate": 'Basic realm="sandbox"'} if status == 401 else {}  # noqa: PLR2004 - HTTP's own number
    return ApiError(status, code, description, headers=headers, body=body)
