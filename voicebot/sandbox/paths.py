"""Where each request lives, and which of them a request on the wire is.

The payment and lookup paths are the vendor's. The token and cart paths differ by client and integration style; those
here are the defaults that the whole project uses (an assumption, marked so in `docs/sandbox.md`).
"""

import re
from enum import StrEnum

API_ROOT = "/api/v1"
TOKEN_PATH = f"{API_ROOT}/oauth/token"
CARTS_PATH = f"{API_ROOT}/pay/voice/carts"
CART_PATH = f"{CARTS_PATH}/{{cartId}}"
CARD_PATH = f"{CART_PATH}/payments/card"
ECHECK_PATH = f"{CART_PATH}/payments/echeck"
PAYMENT_PATH = f"{API_ROOT}/pay/payments/{{paymentId}}"

CONTROL_PATH = "/control"


class HostName(StrEnum):
    """The two hosts of every environment."""

    GENERAL = "general"
    VAULT = "vault"


class RequestKind(StrEnum):
    """The requests of the voice payment API, by the name that faults and records use."""

    TOKEN = "token"  # noqa: S105 - the name of a request, not a secret
    CART = "cart"
    STATUS = "status"
    LOOKUP = "lookup"
    CARD = "card"
    ECHECK = "echeck"

    @property
    def host(self) -> HostName:
        """The host that serves this request: tender goes to the vault only."""
        return HostName.VAULT if self.takes_tender else HostName.GENERAL

    @property
    def takes_tender(self) -> bool:
        """Whether this request carries a card or a bank account."""
        return self in {RequestKind.CARD, RequestKind.ECHECK}


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path)))


_ROUTES: tuple[tuple[str, re.Pattern[str], RequestKind], ...] = (
    ("POST", _pattern(TOKEN_PATH), RequestKind.TOKEN),
    ("POST", _pattern(CARTS_PATH), RequestKind.CART),
    ("GET", _pattern(CART_PATH), RequestKind.STATUS),
    ("GET", _pattern(PAYMENT_PATH), RequestKind.LOOKUP),
    ("POST", _pattern(CARD_PATH), RequestKind.CARD),
    ("POST", _pattern(ECHECK_PATH), RequestKind.ECHECK),
)


_CART_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def recognize(method: str, path: str) -> tuple[RequestKind, str | None] | None:
    """Which request this is, and the cart in its path if there is one; None if it is none of the API's.

    What stands in the cart's place but has not the form of our ids is left out: it might be anything, even tender.
    """
    for its_method, pattern, kind in _ROUTES:
        match = pattern.fullmatch(path)
        if match and method == its_method:
            cart_id = match.groupdict().get("cartId") or ""
            return kind, cart_id if _CART_ID.fullmatch(cart_id) else None
    return None
