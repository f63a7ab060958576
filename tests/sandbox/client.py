"""A client for these tests only: plain httpx, no cleverness, so that what the sandbox sends is what a test sees."""

import ssl
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Self

import httpx

from voicebot.sandbox import CARTS_PATH, TOKEN_PATH, Sandbox

_TLS: Final = ssl.create_default_context()  # made once: httpx would read every certificate for each client
VISA: Final = "4111111111111111"
ROUTING: Final = "021000021"
BANK_ACCOUNT: Final = "000123456789"
CART: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "request": {"clientTransactionId": "F4BEF9CACEECE59", "location": "IVR"},
        "items": [
            {
                "clientItemId": "1029347859728",
                "description": "Property Taxes for Account #2890345",
                "amount": "1257.38",
                "type": "PropertyTax",
                "fundCategory": "General",
            }
        ],
    }
)


class Client:
    """One client of a sandbox, with a token once it has asked for one."""

    def __init__(self, sandbox: Sandbox, *, general_url: str = "", vault_url: str = "") -> None:
        self.sandbox = sandbox
        self.general_url = general_url or sandbox.general_url
        self.vault_url = vault_url or sandbox.vault_url
        self.http = httpx.AsyncClient(verify=_TLS, trust_env=False)
        self.headers: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def ask_for_token(self, **changes: str) -> httpx.Response:
        form = {
            "grant_type": "client_credentials",
            "scope": " ".join(self.sandbox.scopes),
            "client_id": self.sandbox.client_id,
            "client_secret": self.sandbox.client_secret,
        } | changes
        return await self.http.post(self.general_url + TOKEN_PATH, data=form)

    async def log_in(self) -> None:
        answer = await self.ask_for_token()
        self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    async def create_cart(self, cart: Mapping[str, Any] = CART) -> httpx.Response:
        return await self.http.post(self.general_url + CARTS_PATH, json=dict(cart), headers=self.headers)

    async def new_cart(self, cart: Mapping[str, Any] = CART) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.create_cart(cart)).json()
        return answer

    async def pay(
        self, cart_id: str, how: str, payment: Mapping[str, Any], *, origin: str | None = None
    ) -> httpx.Response:
        url = f"{origin or self.vault_url}{CARTS_PATH}/{cart_id}/payments/{how}"
        return await self.http.post(url, json=dict(payment), headers=self.headers)

    async def pay_by_card(self, cart: Mapping[str, Any], **changes: Any) -> httpx.Response:
        return await self.pay(cart["cartId"], "card", card_payment(cart, **changes))

    async def pay_by_echeck(self, cart: Mapping[str, Any], **changes: Any) -> httpx.Response:
        return await self.pay(cart["cartId"], "echeck", echeck_payment(cart, **changes))

    async def status(self, cart_id: str) -> httpx.Response:
        return await self.http.get(f"{self.general_url}{CARTS_PATH}/{cart_id}", headers=self.headers)

    async def look_up(self, payment_id: str) -> httpx.Response:
        return await self.http.get(f"{self.general_url}/api/v1/pay/payments/{payment_id}", headers=self.headers)


def amounts(cart: Mapping[str, Any], tender_type: str) -> dict[str, str]:
    fees = cart["fees"][tender_type]
    return {"primary": fees["primary"], "fees": fees["fee"], "total": fees["total"]}


def card_payment(cart: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "amounts": amounts(cart, "CreditCard"),
        "expirationYear": 2090,
        "expirationMonth": 12,
        "securityCode": 999,
        "accountNumber": VISA,
    } | changes


def echeck_payment(cart: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "amounts": amounts(cart, "ECheck"),
        "withdrawalType": "Checking",
        "accountNumber": BANK_ACCOUNT,
        "routingNumber": ROUTING,
    } | changes
