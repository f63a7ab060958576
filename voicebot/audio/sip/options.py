"""How the bot is reached by SIP: what `[sip]` in the settings holds. `docs/sip.md` explains each with recipes."""

import ipaddress
import re
import ssl
from pathlib import Path
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, IPvAnyNetwork, SecretStr
from pydantic import model_validator as _model_validator

from voicebot.audio.place import PlaceError
from voicebot.audio.sip.summary import Placed

WHEEL_CALLS = 4
"""Calls that the published wheel of pjsua2 holds in one process; its limit is compiled in."""

Codec: TypeAlias = Literal["PCMU", "PCMA", "G722"]
Transport: TypeAlias = Literal["udp", "tcp", "tls"]

_ADDRESS = re.compile(r"sips?:[^\s<>\"]+")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_TARGET = re.compile(r"[+0-9][0-9*#.() -]*")


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError("a SIP address looks like sip:bot@pbx.example or sips:bot@pbx.example:5061")
    return text


SipAddress: TypeAlias = Annotated[str, AfterValidator(_address)]
_MaybeAddress: TypeAlias = Annotated[str, AfterValidator(lambda text: _address(text) if text else text)]
_MaybePath: TypeAlias = Annotated[Path | None, BeforeValidator(lambda value: value or None)]


def _header(name: str) -> str:
    if name and not _HEADER.fullmatch(name):
        raise ValueError("a header of SIP is named with letters, digits and -, as User-to-User or X-Summary")
    return name


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class SipAccount(_Section):
    """An account at a PBX or a trunk, where the bot registers.

    Attributes:
        address: who the bot is there: `sip:600@pbx.example`.
        registrar: where it registers: `sip:pbx.example`, with `;transport=tcp` or `;transport=tls` where that is meant.
        user: for the digest; empty: the user of `address`.
        password: for the digest; never printed.
        realm: of the digest; `*` takes whatever the server names.
        proxy: an outbound proxy, as `sip:proxy.example;lr`; empty: none.
        expires_s: how long a registration holds; it is renewed in time.
    """

    address: SipAddress
    registrar: SipAddress
    user: str = ""
    password: SecretStr = SecretStr("")
    realm: Annotated[str, Field(min_length=1)] = "*"
    proxy: _MaybeAddress = ""
    expires_s: Annotated[int, Field(ge=30, le=86_400)] = 300


class SipOptions(_Section):
    """The endpoint: where it listens, where it registers, what it agrees to.

    Attributes:
        listen: the address of this machine to listen at.
        public_address: what others must use instead, behind NAT; empty: the same.
        transports: out of `udp`, `tcp`, `tls`.
        port: for UDP and TCP; 0 takes a free one.
        tls_port: for TLS; 0 takes a free one.
        certificate: PEM, with the chain; needed for `tls`.
        key: PEM; needed for `tls`.
        authorities: PEM of those whose certificates are believed when the bot connects by TLS; empty: any is taken.
        rtp_port: the first port for sound; each call takes two.
        accounts: where to register; none: only listen.
        allow: networks that may call, as `192.0.2.0/24`; none: everybody who can reach the port.
        codecs: in the order of preference.
        srtp: encrypted sound: `off`, `optional`, `mandatory`.
        ring_s: how long it rings before the bot answers; 0 answers at once.
        keys: `auto` hears tones in the sound only where the line has no key events; `events` never, `in_band` always.
        transfer_header: the header that takes what an operator may be told of a call that is transferred; empty: none.
        transfer_header_in: `refer`, or `refer_to`, where the call to the operator is to have it.
        max_calls: calls at once in one process; one more gets 486.
        lost_after_s: a call without a packet from the caller for so long is over (a lost BYE); 0: never.
        longest_hold_s: a caller who holds the line longer is let go.
        drain_s: how long a drain waits for calls to end by themselves.
    """

    listen: Annotated[str, Field(min_length=1)] = "0.0.0.0"  # noqa: S104 - a telephone line is there to be called
    public_address: str = ""
    transports: tuple[Transport, ...] = ("udp",)
    port: Annotated[int, Field(ge=0, le=65_535)] = 5060
    tls_port: Annotated[int, Field(ge=0, le=65_535)] = 5061
    certificate: _MaybePath = None
    key: _MaybePath = None
    authorities: _MaybePath = None
    rtp_port: Annotated[int, Field(ge=1024, le=65_000)] = 10_000
    accounts: tuple[SipAccount, ...] = ()
    allow: tuple[IPvAnyNetwork, ...] = ()
    codecs: tuple[Codec, ...] = ("PCMU", "PCMA", "G722")
    srtp: Literal["off", "optional", "mandatory"] = "off"
    ring_s: Annotated[float, Field(ge=0, le=60)] = 0.0
    keys: Literal["auto", "events", "in_band"] = "auto"
    transfer_header: Annotated[str, AfterValidator(_header)] = "User-to-User"
    transfer_header_in: Placed = "refer"
    max_calls: Annotated[int, Field(ge=1, le=256)] = WHEEL_CALLS
    lost_after_s: Annotated[float, Field(ge=0, le=3600)] = 30.0
    longest_hold_s: Annotated[float, Field(ge=1, le=3600)] = 300.0
    drain_s: Annotated[float, Field(ge=0, le=3600)] = 600.0

    @_model_validator(mode="after")
    def _complete(self) -> Self:
        if not self.transports:
            raise ValueError("sip needs a transport: udp, tcp or tls")
        if not self.codecs:
            raise ValueError("sip needs a codec: PCMU, PCMA or G722")
        if "tls" in self.transports and not (self.certificate and self.key):
            raise ValueError("the transport tls needs certificate and key")
        return self

    def check_certificate(self) -> None:
        """See that certificate and key can be used: PJSIP would listen with any, and refuse each call.

        Raises:
            PlaceError: they cannot; the text says what to do.
        """
        if self.certificate is None or self.key is None:
            return
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self.certificate, self.key)
        except OSError as problem:  # ssl.SSLError is one
            raise PlaceError(
                f"sip.certificate {self.certificate} and sip.key {self.key} do not work together: "
                f"{problem.strerror or problem}; give PEM files, the chain in the first"
            ) from None


def allowed(source: str, options: SipOptions) -> bool:
    """Whether the settings let a call from here in.

    Args:
        source: `address:port` as PJSIP gives it, IPv6 in brackets.
        options: of the endpoint.
    """
    if not options.allow:
        return True
    try:
        address = ipaddress.ip_address(source.rpartition(":")[0].strip("[]"))
    except ValueError:
        return False
    return any(address in network for network in options.allow)


def transfer_address(target: str, domain: str) -> str:
    """Where a call is sent when the setting `agency.operator` is a SIP address or a number.

    Args:
        target: a SIP address, or a number that is then one at `domain`.
        domain: the caller's switch, as `pbx.example:5060`.

    Raises:
        ValueError: it is neither.
    """
    if _ADDRESS.fullmatch(target):
        return target
    if _TARGET.fullmatch(target):
        return f"sip:{re.sub(r'[^+0-9*#]', '', target).replace('#', '%23')}@{domain}"
    raise ValueError("an operator is a SIP address (sip:desk@pbx.example) or a number (+1 555 0100)")
