"""How telephony platforms reach the bot by WebSocket: what `[websocket]` in the settings holds (docs/websocket.md)."""

import ipaddress
import socket
import ssl
from pathlib import Path
from typing import Annotated, Self, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from voicebot.audio.place import PlaceError
from voicebot.audio.websocket_trunk import WebSocketAccess, WebSocketTrunk, cannot_listen

_MaybePath: TypeAlias = Annotated[Path | None, BeforeValidator(lambda value: value or None)]


class WebSocketOptions(BaseModel):
    """Where to listen, and who may stream calls.

    Attributes:
        host: address to listen on; behind a proxy that has the certificate, loopback.
        port: port to listen on; 0 takes any free one.
        path: of the address that platforms call.
        secret: wanted as `Authorization: Bearer …`; never printed.
        signing_token: a Twilio account's auth token, whose signature is wanted; never printed.
        public_url: what the platform is told to call, exactly; it is what is signed.
        certificate: PEM file with the chain, for `wss://` without a proxy.
        key: PEM file of its key.
        max_calls: connections at once.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8090
    path: Annotated[str, Field(pattern=r"^/[A-Za-z0-9/._~-]*$")] = "/calls"
    secret: SecretStr = SecretStr("")
    signing_token: SecretStr = SecretStr("")
    public_url: Annotated[str, Field(pattern=r"^(wss?://\S+)?$")] = ""
    certificate: _MaybePath = None
    key: _MaybePath = None
    max_calls: Annotated[int, Field(ge=1, le=1000)] = 16

    @model_validator(mode="after")
    def _guarded(self) -> Self:
        guarded = self.secret.get_secret_value() or self.signing_token.get_secret_value()
        if not guarded and not _is_loopback(self.host):
            raise ValueError("on an address that others reach, set secret or signing_token: whoever connects can call")
        if bool(self.signing_token.get_secret_value()) != bool(self.public_url):
            raise ValueError("signing_token and public_url belong together: the address is what is signed")
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key belong together")
        return self

    def trunk(self) -> WebSocketTrunk:
        """A trunk with these options.

        Raises:
            PlaceError: the certificate or its key cannot be used.
        """
        access = WebSocketAccess(self.secret.get_secret_value(), self.signing_token.get_secret_value(), self.public_url)
        return WebSocketTrunk(
            self.host, self.port, path=self.path, access=access, most_calls=self.max_calls, tls=self._tls()
        )

    def check(self) -> str:
        """See that calls could be taken, without taking any; the address that platforms would call.

        Raises:
            PlaceError: they could not; the text says what to do.
        """
        tls = self._tls()
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        try:
            socket.create_server((self.host, self.port), family=family).close()
        except OSError as problem:
            raise cannot_listen(self.host, self.port, problem) from None
        return f"{'ws' if tls is None else 'wss'}://{self.host}:{self.port}{self.path}"

    def _tls(self) -> ssl.SSLContext | None:
        if self.certificate is None:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        try:
            context.load_cert_chain(self.certificate, self.key)
        except OSError as problem:  # ssl.SSLError is one
            raise PlaceError(
                f"websocket.certificate {self.certificate} and websocket.key {self.key} cannot be used: "
                f"{problem.strerror or problem}; give the PEM files of one certificate"
            ) from None
        return context


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
