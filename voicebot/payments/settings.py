"""Where PaymentExpress is and how it is spoken to: hosts by name, paths, scopes, and how long anybody waits.

Every value that no public page of the vendor gives is marked `Assumed`, with the reason for our default, and
`assumptions()` lists them, so that nobody mistakes a guess for a fact. The vendor gives each client the real ones.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, ClassVar, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator


@dataclass(frozen=True, slots=True)
class Assumed:
    """Marks a setting whose default no public page gives, and says what it was concluded from."""

    because: str


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


# --- hosts -----------------------------------------------------------------------------------------------------------


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _base_url(url: str) -> str:
    parts = urlsplit(url)
    if not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("a base URL looks like https://host/api/v1")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname)):
        raise ValueError("a base URL must be https; plain http is for a sandbox on this machine (127.0.0.1) only")
    return url.rstrip("/")


BaseUrl = Annotated[str, AfterValidator(_base_url)]


class Environment(_Frozen):
    """A pair of hosts: `general`, and `vault` for every request that carries tender.

    `Environment.named("beta")` gives one of the vendor's; production is had by its name and in no other way.
    `Environment.custom(...)` is for a sandbox.
    """

    name: str
    general: BaseUrl
    vault: BaseUrl

    @classmethod
    def named(cls, name: Literal["beta", "demo", "production"] | str) -> "Environment":  # noqa: PYI051 - names for editors, any text from settings
        """The vendor's environment of that name. Raises ValueError for another name."""
        if name not in ENVIRONMENTS:
            raise ValueError(f"no environment {name!r}: choose {', '.join(ENVIRONMENTS)}, or give two base URLs")
        return ENVIRONMENTS[name]

    @classmethod
    def custom(cls, *, general: str, vault: str) -> "Environment":
        """Hosts of one's own, such as the sandbox's two ports."""
        return cls(name="custom", general=general, vault=vault)

    @model_validator(mode="after")
    def _tender_stays_in_the_vault(self) -> Self:
        general, vault = urlsplit(self.general), urlsplit(self.vault)
        if (general.hostname, general.port) == (vault.hostname, vault.port):
            raise ValueError("the vault must be a host of its own: the general host must never see tender")
        if self.name == "custom":
            hosts = {general.hostname, vault.hostname}
            vendors = {urlsplit(url).hostname for pair in _HOSTS.values() for url in pair}
            if hosts & vendors:
                raise ValueError(f"name the vendor's environment ({', '.join(_HOSTS)}) rather than giving its URLs")
        return self


_HOSTS: Final = {
    "beta": ("https://beta.gsg.tech/api/v1", "https://beta-vault.gsg.tech/api/v1"),
    "demo": ("https://demo.gsg.tech/api/v1", "https://demo-vault.gsg.tech/api/v1"),
    "production": ("https://www.gsg.tech/api/v1", "https://vault.gsg.tech/api/v1"),
}

ENVIRONMENTS: Final = {
    name: Environment(name=name, general=general, vault=vault) for name, (general, vault) in _HOSTS.items()
}
"""The vendor's environments by name ("Getting Connected and Authenticated"). Only production moves real money."""


# --- paths -----------------------------------------------------------------------------------------------------------


class Paths(_Frozen):
    """Where each request goes, below the base URL; `{cart_id}` and `{payment_id}` stand for the ids."""

    _NEEDS: ClassVar[dict[str, str]] = {
        "cart_status": "{cart_id}",
        "card_payment": "{cart_id}",
        "echeck_payment": "{cart_id}",
        "payment": "{payment_id}",
    }

    token: Annotated[str, Assumed("the vendor gives each client its token path; this one is the customary")] = (
        "/oauth/token"  # noqa: S105 - a path
    )
    carts: Annotated[
        str, Assumed("the page says that the path differs by integration style; the voice payments' paths begin so")
    ] = "/pay/voice/carts"
    cart_status: Annotated[str, Assumed("asking for a cart's status is documented, its path is not")] = (
        "/pay/voice/carts/{cart_id}"
    )
    card_payment: str = "/pay/voice/carts/{cart_id}/payments/card"
    echeck_payment: str = "/pay/voice/carts/{cart_id}/payments/echeck"
    payment: str = "/pay/payments/{payment_id}"

    @model_validator(mode="after")
    def _templates(self) -> Self:
        for name in type(self).model_fields:
            path = getattr(self, name)
            needs = self._NEEDS.get(name)
            if not path.startswith("/"):
                raise ValueError(f"the path {name} must begin with /, and comes below the base URL")
            if re.findall(r"\{.*?\}", path) != ([needs] if needs else []):
                raise ValueError(f"the path {name} must contain {needs or 'no {placeholder}'}" + " once" * bool(needs))
        return self


# --- all of it -------------------------------------------------------------------------------------------------------


class ApiSettings(_Frozen):
    """Everything that `PaymentExpress` needs to know. There is no default environment.

    Attributes:
        environment: which hosts.
        client_id: given by the vendor.
        client_secret: given by the vendor; never printed.
        scopes: asked for with the token; none asks for whatever the client may have (RFC 6749, 3.3).
        token_auth: how the credentials travel (RFC 6749, 2.3.1).
        token_margin_s: a token is renewed this long before it expires.
        token_lifetime_s: how long a token is used whose answer does not say.
        paths: see `Paths`.
        ca_file: certificates to trust instead of the usual public ones (PEM).
        connect_timeout_s: for a connection to be made, TLS included.
        answer_timeout_s: for one try of a request that charges nobody.
        budget_s: for all tries of such a request, waiting included.
        payment_budget_s: for a payment from start to answer: what a caller on the line can wait.
        breaker_failures: failures in a row after which a host is taken to be down.
        breaker_rest_s: for how long it is then left alone.
    """

    environment: Environment
    client_id: Annotated[str, Field(min_length=1)]
    client_secret: SecretStr
    scopes: Annotated[tuple[str, ...], Assumed("the vendor gives each client its scope names")] = ()
    token_auth: Annotated[
        Literal["client_secret_basic", "client_secret_post"], Assumed("what every OAuth2 server must support")
    ] = "client_secret_basic"  # noqa: S105 - the name of a method
    token_margin_s: Annotated[float, Field(ge=0)] = 60.0
    token_lifetime_s: Annotated[float, Field(gt=0)] = 300.0
    paths: Paths = Paths()
    ca_file: Path | None = None
    connect_timeout_s: Annotated[float, Field(gt=0)] = 3.0
    answer_timeout_s: Annotated[float, Field(gt=0)] = 6.0
    budget_s: Annotated[float, Field(gt=0)] = 12.0
    payment_budget_s: Annotated[float, Field(gt=0)] = 40.0
    breaker_failures: Annotated[int, Field(ge=1)] = 5
    breaker_rest_s: Annotated[float, Field(gt=0)] = 20.0


@dataclass(frozen=True, slots=True)
class Assumption:
    """One value that is ours until the vendor says otherwise."""

    setting: str
    value: object
    because: str


def assumptions(settings: ApiSettings) -> tuple[Assumption, ...]:
    """The settings that still have an assumed default, for `doctor` and the documentation."""

    def walk(model: BaseModel, prefix: str) -> Iterator[Assumption]:
        for name, field in type(model).model_fields.items():
            value = getattr(model, name)
            if isinstance(value, Paths):
                yield from walk(value, f"{prefix}{name}.")
            for mark in field.metadata:
                if isinstance(mark, Assumed) and value == field.default:
                    yield Assumption(prefix + name, value, mark.because)

    return tuple(walk(settings, ""))
