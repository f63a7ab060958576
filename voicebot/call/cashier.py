"""The cart of one call: looked up, recorded, created, paid, checked; each step on disk before the next one leaves.

Every method answers with one event for the dialog and writes to the ledger first: what a caller hears is never ahead of
what a restart would find.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import structlog
from pydantic import SecretStr

from voicebot.billing import Account, AccountLookup, BillingUnavailable, ImpossibleBill, Item, UnknownAccount
from voicebot.call.recording import ConsentPiece
from voicebot.capture import Value
from voicebot.dialog import actions as do
from voicebot.dialog import events as on
from voicebot.ledger import Amounts as LedgerAmounts
from voicebot.ledger import CartItem as LedgerItem
from voicebot.ledger import CartRecord, ConsentGiven, Ledger, LedgerError, State, settle_cart
from voicebot.ledger import Tender as LedgerTender
from voicebot.payments import (
    Amounts,
    AuthenticationFailed,
    CardTender,
    Cart,
    CartDetails,
    CartItem,
    CartRequest,
    Declined,
    ECheckTender,
    InvalidTender,
    Payment,
    PaymentExpress,
    PaymentExpressError,
    RequestRefused,
    TenderType,
    Unreachable,
)

log = structlog.get_logger(__name__)
_Result = TypeVar("_Result")

TENDERS = {TenderType.CARD: "card", TenderType.ECHECK: "echeck"}
"""The vendor's names for ways of paying, and the conversation's, in the order in which they are offered."""

FIELDS = {
    "card": {"account_number": "card_number", "expiration": "expiration", "security_code": "security_code"},
    "echeck": {
        "account_number": "bank_account_number",
        "routing_number": "routing_number",
        "withdrawal_type": "withdrawal_type",
    },
}
"""Which question asked for the part of a tender that the vendor finds invalid."""

CHECKS = 3
"""How often a call asks for an unknown outcome before it lets its caller go; settling goes on afterwards."""
CHECK_PAUSE_S = 2.0


@dataclass(frozen=True, slots=True)
class CartTerms:
    """What the vendor wants in a cart that an account's items do not say; from the settings."""

    location: str
    item_type: str
    fund_category: str


class Cashier:
    """One call's dealings with billing, the ledger and PaymentExpress."""

    def __init__(self, ledger: Ledger, billing: AccountLookup, payments: PaymentExpress, terms: CartTerms) -> None:
        self._ledger = ledger
        self._billing = billing
        self._payments = payments
        self._terms = terms
        self._account: Account | None = None
        self._items: tuple[Item, ...] = ()
        self._cart: CartRecord | None = None
        self._news: set[str] = set()

    @property
    def cart(self) -> CartRecord | None:
        """The cart as it was last written."""
        return self._cart

    @property
    def has_news(self) -> bool:
        """Whether the caller is being told how a payment ended, and the ledger does not know yet that they know."""
        return bool(self._news)

    async def told(self) -> None:
        """The caller has heard the news; who calls back need not hear it again."""
        news, self._news = self._news, set()
        for own_id in news:
            try:
                await _in_thread(partial(self._ledger.told, own_id))
            except LedgerError as problem:
                log.error("ledger write failed", problem=str(problem))

    async def find_items(self, action: do.FindItems) -> on.Event:
        """What the account owes, unless an earlier payment of it is still in doubt."""
        number = action.request_id
        try:
            pending = await _in_thread(lambda: self._ledger.pending_for_account(action.account_number))
            doubtful = [cart for cart in pending if cart.in_doubt]
            if doubtful:
                return on.ItemsNotFound(number, on.LookupProblem.PAYMENT_PENDING, doubtful[0].reference)
            self._account, paid = await self._without_paid(await self._billing.find(action.account_number))
        except UnknownAccount:
            return on.ItemsNotFound(number, on.LookupProblem.UNKNOWN_ACCOUNT)
        except ImpossibleBill as problem:
            log.error("impossible bill", problem=str(problem))
            return on.ItemsNotFound(number, on.LookupProblem.IMPOSSIBLE_BILL)
        except (BillingUnavailable, LedgerError) as problem:
            log.error("account lookup failed", problem=str(problem))
            return on.ItemsNotFound(number, on.LookupProblem.UNAVAILABLE)
        items = tuple(on.OwedItem(item.id, item.description, item.amount) for item in self._account.items)
        told = pending if items or not paid else {cart.id: cart for cart in (*pending, *paid)}.values()
        earlier = tuple(on.EarlierPayment(cart.reference, cart.payment_id) for cart in told)
        self._news |= {cart.id for cart in pending}
        return on.ItemsFound(number, self._account.name, items, earlier)

    async def _without_paid(self, account: Account) -> tuple[Account, tuple[CartRecord, ...]]:
        """What is still owed, and the payments by telephone that the bill does not know of yet."""
        if account.as_of is None:
            return account, ()
        since = account.as_of
        paid = await _in_thread(lambda: self._ledger.paid_since(account.number, since))
        gone = {(item.client_item_id, item.amount): cart for cart in paid for item in cart.items}
        owed = tuple(item for item in account.items if (item.id, item.amount) not in gone)
        taken = {gone[item.id, item.amount].id for item in account.items if (item.id, item.amount) in gone}
        return replace(account, items=owed), tuple(cart for cart in paid if cart.id in taken)

    async def record_cart(self, action: do.RecordCart) -> on.Event:
        """Write the cart down before PaymentExpress hears of it."""
        self._items = self._chosen(action)
        items = [_ledger_item(item) for item in self._items]
        try:
            self._cart = await _in_thread(lambda: self._ledger.record_cart(action.account_number, items))
        except LedgerError as problem:
            log.error("cart not recorded", problem=str(problem))
            return on.CartFailed(action.request_id)
        return on.CartRecorded(action.request_id, self._cart.reference)

    async def create_cart(self, action: do.CreateCart) -> on.Event:
        """Hand the recorded cart over and keep its cartId before the caller hears of it."""
        own = self._recorded()
        if not await self._payments.ready():  # better now than after the caller has given a card
            log.error("cart not created", cart=own.id, problem="PaymentExpress is down")
            return on.CartFailed(action.request_id)
        try:
            cart = await self._payments.create_cart(self._request(own))
        except PaymentExpressError as problem:
            why, code = type(problem).__name__, problem.code
            log.error("cart not created", cart=own.id, problem=why, code=code, status=problem.status)
            if isinstance(problem, RequestRefused | AuthenticationFailed):
                await self._write(lambda: self._ledger.cart_refused(own.id, why, error_code=code))
            else:
                await self._write(lambda: self._ledger.call_ended(own.id, f"cart not created: {why}"))
            return on.CartFailed(action.request_id)
        fees = {tender.value: LedgerAmounts(fee.primary, fee.fee, fee.total) for tender, fee in cart.fees.items()}
        if not await self._write(lambda: self._ledger.cart_created(own.id, cart.cart_id, fees)):
            return on.CartFailed(action.request_id)
        return on.CartCreated(action.request_id, _costs(cart))

    async def pay(self, action: do.Pay, piece: ConsentPiece | None = None) -> on.Event:
        """Pay once. The attempt is on disk before the request leaves; its end is on disk before anybody hears of it.

        Args:
            action: what is paid, and the caller's yes to it, which is on disk with the attempt.
            piece: the recording of that yes, where one was made.
        """
        own, number, tender = self._recorded(), action.request_id, action.cost.tender
        answers = dict(action.answers)
        amounts = LedgerAmounts(action.cost.primary, action.cost.fee, action.cost.total)
        last_four = answers["card_number" if tender == "card" else "bank_account_number"].last_four
        kind: LedgerTender = "card" if tender == "card" else "echeck"
        consent = _given(action, piece)
        if not await self._write(lambda: self._ledger.paying(own.id, kind, amounts, last_four, consent=consent)):
            return on.PaymentNotSent(number)  # also while another payment of the account is in doubt
        try:
            payment = await self._send(own.cart_id, action.cost, answers)
        except PaymentExpressError as problem:
            return await self._not_paid(own, number, tender, problem)
        await self._write(lambda: self._ledger.paid(own.id, payment.payment_id))
        self._news.add(own.id)
        return on.PaymentSettled(number, payment.payment_id)

    async def _not_paid(
        self, own: CartRecord, number: int, tender: str, problem: PaymentExpressError
    ) -> on.PaymentDeclined | on.PaymentUnknown | on.PaymentNotSent:
        """Write down how a payment failed: refused, in doubt, or never made."""
        why, code = type(problem).__name__, problem.code
        if problem.may_have_charged:
            await self._write(lambda: self._ledger.unknown(own.id, why))
            return on.PaymentUnknown(number)
        self._news.add(own.id)
        if isinstance(problem, Declined):
            await self._write(lambda: self._ledger.declined(own.id, code))
            field = FIELDS[tender].get(problem.field, "") if isinstance(problem, InvalidTender) else ""
            return on.PaymentDeclined(number, problem.display_message or "", field)
        log.error("payment not made", cart=own.id, problem=why, code=code, status=problem.status)
        if isinstance(problem, Unreachable):
            await self._write(lambda: self._ledger.not_sent(own.id, why))
        else:
            await self._write(lambda: self._ledger.declined(own.id, code or why))
        return on.PaymentNotSent(number)

    async def check_cart(self, action: do.CheckCart) -> on.Event:
        """Ask how an unknown payment ended, a few times; "not paid" is believed only by the ledger's rules."""
        own = self._recorded()
        for check in range(CHECKS):
            if check:
                await asyncio.sleep(CHECK_PAUSE_S)
            try:
                self._cart = await settle_cart(self._ledger, self._payments, own.id)
            except LedgerError as problem:
                log.error("cart not checked", cart=own.id, problem=str(problem))
                break
            if not self._cart.in_doubt:
                self._news.add(own.id)
            if self._cart.state is State.PAID:
                return on.PaymentSettled(action.request_id, self._cart.payment_id)
            if self._cart.state is State.NOT_PAID:
                return on.CartFoundUnpaid(action.request_id)
        return on.CartNotFound(action.request_id)

    async def leave_cart(self) -> None:
        """The cart will not be paid in this call, or the call is over: let it go for settling."""
        if self._cart is not None:
            own = self._cart
            await self._write(lambda: self._ledger.call_ended(own.id, "the call went on without it or ended"))

    # How it is done ------------------------------------------------------------------------------------------------

    async def _write(self, fact: Callable[[], CartRecord]) -> bool:
        """Write a fact. A ledger that fails never stops a call: what was not written is found by settling."""
        try:
            self._cart = await _in_thread(fact)
        except LedgerError as problem:
            log.error("ledger write failed", problem=str(problem))
            return False
        return True

    async def _send(self, cart_id: str, cost: on.TenderCost, answers: dict[str, Value]) -> Payment:
        amounts = Amounts(primary=cost.primary, fees=cost.fee, total=cost.total)
        if cost.tender == "card":
            card = CardTender(
                account_number=_secret(answers["card_number"]),
                expiration=_secret(answers["expiration"]),
                security_code=_secret(answers["security_code"]),
            )
            return await self._payments.pay_card(cart_id, amounts, card)
        echeck = ECheckTender(
            withdrawal_type=str(answers["withdrawal_type"].content),
            routing_number=_secret(answers["routing_number"]),
            account_number=_secret(answers["bank_account_number"]),
        )
        return await self._payments.pay_echeck(cart_id, amounts, echeck)

    def _recorded(self) -> CartRecord:
        if self._cart is None:
            raise RuntimeError("the dialog asked for a cart that was never recorded")
        return self._cart

    def _chosen(self, action: do.RecordCart) -> tuple[Item, ...]:
        if self._account is None:
            raise RuntimeError("the dialog asked for a cart before any account was found")
        wanted = {item.item_id for item in action.items}
        return tuple(item for item in self._account.items if item.id in wanted)

    def _request(self, own: CartRecord) -> CartRequest:
        return CartRequest(
            request=CartDetails(client_transaction_id=own.id, location=self._terms.location),
            items=tuple(
                CartItem(
                    client_item_id=item.id,
                    description=item.description,
                    amount=item.amount,
                    type=item.type or self._terms.item_type,
                    fund_category=item.fund_category or self._terms.fund_category,
                    department=item.department or None,
                    limit_tenders=tuple(TenderType(name) for name in item.limit_tenders) or None,
                )
                for item in self._items
            ),
        )


def _secret(value: Value) -> SecretStr:
    if not isinstance(value.content, SecretStr):
        raise TypeError(f"a {value.kind} is always wrapped")
    return value.content


def _given(action: do.Pay, piece: ConsentPiece | None) -> ConsentGiven:
    consent = action.consent
    given = ConsentGiven(consent.language, consent.text, consent.facts, consent.answer)
    return given if piece is None else replace(given, recording=piece.name, recording_sha256=piece.sha256)


def _ledger_item(item: Item) -> LedgerItem:
    return LedgerItem(
        client_item_id=item.id,
        description=item.description,
        amount=item.amount,
        type=item.type,
        fund_category=item.fund_category,
        department=item.department,
    )


def _costs(cart: Cart) -> tuple[on.TenderCost, ...]:
    return tuple(
        on.TenderCost(name, cart.fees[tender].primary, cart.fees[tender].fee, cart.fees[tender].total)
        for tender, name in TENDERS.items()
        if tender in cart.fees
    )


async def _in_thread(work: Callable[[], _Result]) -> _Result:
    return await asyncio.to_thread(work)
