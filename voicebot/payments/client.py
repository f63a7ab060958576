"""PaymentExpress for a program that takes payments by voice: five calls, and a look at how the API is."""

import asyncio
import re
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self, TypeVar

from voicebot.payments.connection import Answer, Connection, TransportFactory, tls_context
from voicebot.payments.errors import PaymentExpressError
from voicebot.payments.hosts import GeneralHost, VaultHost
from voicebot.payments.messages import Cart, CartRequest, CartStatus, Payment, PaymentRecord
from voicebot.payments.money import Amounts
from voicebot.payments.retry import Clock, Deadline, Sleep
from voicebot.payments.settings import ApiSettings
from voicebot.payments.tender import CardPayment, CardTender, ECheckPayment, ECheckTender
from voicebot.payments.token import TokenSource

T = TypeVar("T")

_VAULT_FRESH_S: Final = 60.0
"""For so long a vault that answered is taken to be there."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that `health` looked at: what, where, whether it is well, and else what to do."""

    what: str
    where: str
    ok: bool
    advice: str = ""


class PaymentExpress:
    """An async client. Made once for a process, inside its event loop, and shared by all calls.

    Every method raises `PaymentExpressError` (see `errors.py` for the tree). `budget_s` bounds a method from start to
    end, token, repeated tries and waiting included; None takes the settings' own.

    Args:
        settings: hosts, credentials, paths, limits.
        clock: seconds that only go forward.
        sleep: waits between tries.
        transport: makes an httpx transport for each host; for tests. The default verifies TLS, 1.2 at least.
    """

    def __init__(
        self,
        settings: ApiSettings,
        *,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        transport: TransportFactory | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        environment = settings.environment
        tls = tls_context(settings.ca_file)
        self._to_general = Connection(
            "general", environment.general, settings, tls=tls, clock=clock, keep_alive=True, transport=transport
        )
        self._to_vault = Connection(
            "vault", environment.vault, settings, tls=tls, clock=clock, keep_alive=False, transport=transport
        )
        self._tokens = TokenSource(self._to_general, settings, clock=clock, sleep=sleep)
        self._general = GeneralHost(self._to_general, self._tokens, sleep=sleep)
        self._vault = VaultHost(self._to_vault, self._tokens, sleep=sleep)

    async def create_cart(self, cart: CartRequest, *, budget_s: float | None = None) -> Cart:
        """Tell PaymentExpress what will be paid for, and hear what each way of paying costs.

        Store the answer's `cart_id` before anything else happens. Repeated only while nothing has been sent, and when
        the API asks to come back later (429), within the budget.
        """
        return _or_raise(
            await self._general.create(
                self._settings.paths.carts, cart, Cart, self._deadline(budget_s), self._settings.answer_timeout_s
            )
        )

    async def pay_card(
        self, cart_id: str, amounts: Amounts, card: CardTender, *, budget_s: float | None = None
    ) -> Payment:
        """Charge a card for a cart. After `OutcomeUnknown`, ask for the cart's status before anything else.

        Args:
            cart_id: from `create_cart`.
            amounts: `cart.fees[TenderType.CARD].amounts()`, unchanged.
            card: the tender; goes to the vault host and nowhere else.
            budget_s: how long the caller can wait.
        """
        return _or_raise(
            await self._vault.pay(
                self._settings.paths.card_payment,
                {"cart_id": _checked_id(cart_id)},
                CardPayment.of(amounts, card),
                card,
                self._payment_deadline(budget_s),
            )
        )

    async def pay_echeck(
        self, cart_id: str, amounts: Amounts, echeck: ECheckTender, *, budget_s: float | None = None
    ) -> Payment:
        """Debit a bank account for a cart. After `OutcomeUnknown`, ask for the cart's status before anything else.

        Args:
            cart_id: from `create_cart`.
            amounts: `cart.fees[TenderType.ECHECK].amounts()`, unchanged.
            echeck: the tender; goes to the vault host and nowhere else.
            budget_s: how long the caller can wait.
        """
        return _or_raise(
            await self._vault.pay(
                self._settings.paths.echeck_payment,
                {"cart_id": _checked_id(cart_id)},
                ECheckPayment.of(amounts, echeck),
                echeck,
                self._payment_deadline(budget_s),
            )
        )

    async def cart_status(self, cart_id: str, *, budget_s: float | None = None) -> CartStatus:
        """Ask whether a cart has been paid: what settles an unknown outcome."""
        return _or_raise(
            await self._general.ask(
                self._settings.paths.cart_status,
                {"cart_id": _checked_id(cart_id)},
                CartStatus,
                self._deadline(budget_s),
                self._settings.answer_timeout_s,
            )
        )

    async def find_payment(self, payment_id: str, *, budget_s: float | None = None) -> PaymentRecord:
        """Look a payment up: its status, what it was for, what remains after reversals."""
        return _or_raise(
            await self._general.ask(
                self._settings.paths.payment,
                {"payment_id": _checked_id(payment_id)},
                PaymentRecord,
                self._deadline(budget_s),
                self._settings.answer_timeout_s,
            )
        )

    @property
    def available(self) -> bool:
        """False while a host is taken to be down."""
        return not (self._to_general.is_down or self._to_vault.is_down)

    async def ready(self) -> bool:
        """Whether payments can be made now. Ask before a caller is asked for a card; raises nothing, charges nothing.

        A host that is known to be down is not asked. A vault that has not been heard from within a minute is, without
        token or tender, and any answer that is no failure of its own will do: an outage is noticed before the first
        card is given, rather than by the first few.
        """
        if not self.available:
            return False
        if self._to_vault.heard_within(_VAULT_FRESH_S):
            return True
        return await self._vault.answers(self._deadline(None), self._settings.answer_timeout_s)

    async def health(self) -> tuple[Check, ...]:
        """Try both hosts and the credentials, now; charges nothing. Raises nothing: a failure is a `Check`."""
        checks = []
        for connection in (self._to_general, self._to_vault):
            end = await connection.exchange(
                "HEAD", "/", ids={}, headers={}, encode=None, limit_s=self._settings.answer_timeout_s
            )
            ok = isinstance(end, Answer)
            advice = (
                "" if isinstance(end, Answer) else f"{end.why}: check the address, the network and the certificates"
            )
            checks.append(Check(f"{connection.name} host", connection.base_url, ok, advice))
        token = await self._tokens.get(self._deadline(None))
        refused = str(token) if isinstance(token, PaymentExpressError) else ""
        checks.append(Check("credentials", self._to_general.base_url, not refused, refused))
        return tuple(checks)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._to_general.aclose()
        await self._to_vault.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _deadline(self, budget_s: float | None) -> Deadline:
        return Deadline.after(self._settings.budget_s if budget_s is None else budget_s, self._clock)

    def _payment_deadline(self, budget_s: float | None) -> Deadline:
        return Deadline.after(self._settings.payment_budget_s if budget_s is None else budget_s, self._clock)


def _or_raise(outcome: T | PaymentExpressError) -> T:
    """The one place where our errors are raised: nothing but the outcome is at hand here."""
    if isinstance(outcome, PaymentExpressError):
        raise outcome
    return outcome


def _checked_id(api_id: str) -> str:
    """Refuse an id that would change the URL's path."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,127}", api_id):
        raise ValueError("not an id that PaymentExpress has given")
    return api_id
