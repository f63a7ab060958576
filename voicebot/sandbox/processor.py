"""PaymentExpress itself: carts priced, payments made or refused, payments looked up. Knows nothing of HTTP."""

import random
import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from voicebot.sandbox.books import Attempt, Incident, IncidentKind
from voicebot.sandbox.errors import ApiError
from voicebot.sandbox.fees import FeeRule
from voicebot.sandbox.messages import (
    CardPayment,
    CartAnswer,
    CartHandoff,
    CartItem,
    CartStatusAnswer,
    ECheckPayment,
    ErrorBody,
    Fees,
    FeesByTender,
    PaidItem,
    PaymentAmounts,
    PaymentMade,
    PaymentRecord,
    TenderType,
)
from voicebot.sandbox.paths import HostName
from voicebot.sandbox.store import Store, StoredCart
from voicebot.sandbox.tenders import judge_bank_account, judge_card

_EVERY_TENDER: Final = frozenset(TenderType)
_TOO_MUCH: Final = Decimal(10**9)

_paid_late_here: ContextVar[str | None] = ContextVar("the cart that this task pays late", default=None)


class Processor:
    """The business of the sandbox."""

    def __init__(
        self,
        store: Store,
        *,
        fees: Mapping[TenderType, FeeRule],
        type_limits: Mapping[str, frozenset[TenderType]],
        pays_once: bool,
        seed: int | None,
        now: Callable[[], float],
    ) -> None:
        """Business on a store; see `Sandbox` for the arguments."""
        self._store = store
        self._fees = fees
        self._type_limits = type_limits
        self._pays_once = pays_once
        self._seed = seed
        self._now = now
        self._being_paid: set[str] = set()

    # --- carts -------------------------------------------------------------------------------------------------------

    def create_cart(self, handoff: CartHandoff) -> CartAnswer:
        """Price a cart and keep it.

        Raises:
            ApiError: 409, nothing or too much is to be paid, or no tender type may pay for every item.
        """
        primary = sum((Decimal(item.amount) for item in handoff.items), Decimal(0))
        if primary <= 0:
            raise ApiError(409, "NothingToPay", "the items of the cart add up to nothing")
        if primary >= _TOO_MUCH:
            raise ApiError(409, "AmountTooLarge", "the cart is larger than any payment may be")
        offered = frozenset(self._fees).intersection(*(self._tenders_for(item) for item in handoff.items))
        if not offered:
            raise ApiError(409, "NoTenderType", "no tender type may pay for every item of the cart")
        with self._store.transaction():
            cart = StoredCart(
                cart_id=self._new_cart_id(),
                client_transaction_id=handoff.request.clientTransactionId,
                created_at=self._timestamp(),
                primary=primary,
                items=tuple(handoff.items),
                fees=FeesByTender.model_validate({tender.value: self._price(tender, primary) for tender in offered}),
            )
            self._store.add_cart(cart)
        return CartAnswer(cartId=cart.cart_id, fees=cart.fees)

    def _tenders_for(self, item: CartItem) -> frozenset[TenderType]:
        by_type = self._type_limits.get(item.type, _EVERY_TENDER)
        by_item = frozenset(TenderType(name) for name in item.limitTenders or _EVERY_TENDER)
        return by_type & by_item

    def _price(self, tender_type: TenderType, primary: Decimal) -> Fees:
        fee = self._fees[tender_type].fee(primary)
        return Fees(primary=f"{primary:.2f}", fee=f"{fee:.2f}", total=f"{primary + fee:.2f}")

    def cart_status(self, cart_id: str) -> CartStatusAnswer:
        """How a cart stands.

        Raises:
            ApiError: 404, unknown cart.
        """
        cart = self._cart(cart_id)
        payment_id = self._store.payment_of(cart_id)
        return CartStatusAnswer(
            cartId=cart_id,
            clientTransactionId=cart.client_transaction_id,
            status="Paid" if payment_id else "Processing" if cart_id in self._being_paid else "Open",
            paid=payment_id is not None,
            paymentId=payment_id,
        )

    def _cart(self, cart_id: str) -> StoredCart:
        cart = self._store.cart(cart_id)
        if cart is None:
            raise ApiError(404, "CartNotFound", "there is no such cart")
        return cart

    # --- payments ----------------------------------------------------------------------------------------------------

    def pay_by_card(self, cart_id: str, payment: CardPayment) -> PaymentMade | ErrorBody:
        """Charge a card.

        Returns:
            The payment, or the payment-level failure.

        Raises:
            ApiError: 404 unknown cart; 409 the cart is paid, its amounts are others or cards are not offered.
        """
        cart = self._payable(cart_id, TenderType.CREDIT_CARD, payment.amounts)
        refusal = judge_card(
            payment.accountNumber,
            (payment.expirationYear, payment.expirationMonth),
            str(payment.securityCode),
            self._datetime().date(),
        )
        return self._settle(cart, TenderType.CREDIT_CARD, payment.accountNumber[-4:], payment.amounts, refusal)

    def pay_by_echeck(self, cart_id: str, payment: ECheckPayment) -> PaymentMade | ErrorBody:
        """Debit a bank account; returns and raises as `pay_by_card` does."""
        cart = self._payable(cart_id, TenderType.ECHECK, payment.amounts)
        refusal = judge_bank_account(payment.routingNumber, payment.accountNumber)
        # An account number may be so short that four digits would be all of it.
        last_four = payment.accountNumber[-4:] if len(payment.accountNumber) > 4 else ""  # noqa: PLR2004 - four as in last_four
        return self._settle(cart, TenderType.ECHECK, last_four, payment.amounts, refusal)

    @contextmanager
    def paying_late(self, cart_id: str) -> Iterator[None]:
        """While a charge is under way: the cart is processing, and only the task in here may pay it."""
        self._being_paid.add(cart_id)
        mine = _paid_late_here.set(cart_id)
        try:
            yield
        finally:
            _paid_late_here.reset(mine)
            self._being_paid.discard(cart_id)

    def _payable(self, cart_id: str, tender_type: TenderType, amounts: PaymentAmounts) -> StoredCart:
        cart = self._cart(cart_id)
        if cart_id in self._being_paid and _paid_late_here.get() != cart_id:
            self.report(IncidentKind.PAID_DURING_PAYMENT, HostName.VAULT, f"cart {cart_id}")
            raise ApiError(409, "PaymentInProgress", "a payment of this cart is being made")
        if self._store.payment_of(cart_id):
            self.report(IncidentKind.PAID_AGAIN, HostName.VAULT, f"cart {cart_id}")
            if self._pays_once:
                raise ApiError(409, "CartAlreadyPaid", "this cart has been paid; ask for its status")
        offered = cart.fees.of(tender_type)
        if offered is None:
            self.report(IncidentKind.TENDER_NOT_OFFERED, HostName.VAULT, f"cart {cart_id}, {tender_type}")
            raise ApiError(409, "TenderNotOffered", f"this cart cannot be paid by {tender_type}")
        if (amounts.primary, amounts.fees, amounts.total) != (offered.primary, offered.fee, offered.total):
            self.report(IncidentKind.WRONG_AMOUNTS, HostName.VAULT, f"cart {cart_id}, {tender_type}")
            raise ApiError(409, "AmountMismatch", "the amounts are not those of the cart's answer")
        return cart

    def _settle(
        self,
        cart: StoredCart,
        tender_type: TenderType,
        last_four: str,
        amounts: PaymentAmounts,
        refusal: ErrorBody | None,
    ) -> PaymentMade | ErrorBody:
        with self._store.transaction():
            payment_id = None if refusal else self._new_payment_id()
            attempt = Attempt(
                tender_type=tender_type.value,
                last_four=last_four,
                outcome=refusal.errorCode if refusal else "paid",
                charged=Decimal(0) if refusal else Decimal(amounts.total),
                payment_id=payment_id,
                at=self._timestamp(),
            )
            self._store.add_attempt(cart.cart_id, attempt)
        return refusal or PaymentMade(paymentId=str(payment_id))

    def payment(self, payment_id: str) -> PaymentRecord:
        """Look a payment up.

        Raises:
            ApiError: 404, unknown payment.
        """
        found = self._store.payment(payment_id)
        if found is None:
            raise ApiError(404, "PaymentNotFound", "there is no such payment")
        cart_id, attempt = found
        cart = self._cart(cart_id)
        total = f"{attempt.charged:.2f}"
        return PaymentRecord(
            paymentId=payment_id,
            cartId=cart_id,
            clientTransactionId=cart.client_transaction_id,
            paidAt=attempt.at,
            tenderType=attempt.tender_type,
            lastFour=attempt.last_four,
            primary=f"{cart.primary:.2f}",
            fees=f"{attempt.charged - cart.primary:.2f}",
            originalAmount=total,
            remainingBalance=total,
            items=[
                PaidItem(
                    clientItemId=item.clientItemId,
                    description=item.description,
                    originalAmount=item.amount,
                    remainingBalance=item.amount,
                )
                for item in cart.items
            ],
        )

    # --- records -----------------------------------------------------------------------------------------------------

    def report(self, kind: IncidentKind, host: HostName, detail: str) -> None:
        """Count something that a client must never do."""
        self._store.add_incident(Incident(kind=kind, host=host, detail=detail, at=self._timestamp()))

    def forget(self) -> None:
        """Forget every cart, payment and incident."""
        self._store.clear()
        self._being_paid.clear()

    def _datetime(self) -> datetime:
        return datetime.fromtimestamp(self._now(), UTC)

    def _timestamp(self) -> str:
        return self._datetime().isoformat(timespec="milliseconds")

    def _generator(self, of: str) -> random.Random:
        # Numbered by the store, so that a sandbox started again on its file never gives an id twice.
        number = self._store.next_number(f"ids of {of}")
        return secrets.SystemRandom() if self._seed is None else random.Random(f"{self._seed} {of} {number}")  # noqa: S311 - ids that a test can foretell

    def _new_cart_id(self) -> str:
        return str(uuid.UUID(int=self._generator("carts").getrandbits(128), version=4))

    def _new_payment_id(self) -> str:
        return f"Z{self._generator('payments').randrange(10**9, 10**10)}"
