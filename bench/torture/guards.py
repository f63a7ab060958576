"""Guards that can be taken out of the code, one at a time, to see that the torture notices.

Each function below undoes one protection in this process, for good, as a careless change to the product would.
"""

import dataclasses
import secrets
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from bench.torture.patching import put
from voicebot.call import Cashier
from voicebot.cli import furnish
from voicebot.dialog import actions as do
from voicebot.dialog import events as on
from voicebot.dialog.memory import Memory
from voicebot.ledger import CartRecord, Ledger, moves, queries, rows
from voicebot.ledger.models import Cart
from voicebot.payments import Declined, OutcomeUnknown, Unreachable, hosts, reading
from voicebot.payments.client import PaymentExpress


def remove(name: str) -> None:
    """Take a guard out of this process, for good."""
    GUARDS[name][1]()


def _cart_recorded_first() -> None:
    record, created = Ledger.record_cart, Ledger.cart_created
    waiting: dict[str, tuple[Any, ...]] = {}

    def record_nothing(self: Ledger, account_number: str, items: Any) -> CartRecord:
        own_id = secrets.token_hex(8).upper()
        waiting[own_id] = (account_number, items)
        return rows.cart_record(rows.new_cart(own_id, "00000000", account_number, items, self.now()))

    def record_both(self: Ledger, own_id: str, cart_id: str, fees: Any) -> CartRecord:
        record(self, *waiting[own_id], client_transaction_id=own_id)
        return created(self, own_id, cart_id, fees)

    put(Ledger, record_cart=record_nothing, cart_created=record_both)


def _cart_id_kept_first() -> None:
    created, paying = Ledger.cart_created, Ledger.paying
    waiting: dict[str, tuple[Any, ...]] = {}

    def keep_nothing(self: Ledger, own_id: str, cart_id: str, fees: Any) -> CartRecord:
        waiting[own_id] = (cart_id, fees)
        return dataclasses.replace(self.show(own_id), cart_id=cart_id)

    def keep_now(self: Ledger, own_id: str, *what: Any, **more: Any) -> CartRecord:
        created(self, own_id, *waiting[own_id])
        return paying(self, own_id, *what, **more)

    put(Ledger, cart_created=keep_nothing, paying=keep_now)


def _attempt_written_first() -> None:
    paying, send = Ledger.paying, Cashier._send  # noqa: SLF001
    waiting: dict[str, Callable[[], CartRecord]] = {}

    def write_nothing(self: Ledger, own_id: str, *what: Any, **more: Any) -> CartRecord:
        waiting[own_id] = partial(paying, self, own_id, *what, **more)
        return self.show(own_id)

    async def send_and_write(self: Cashier, *what: Any) -> Any:
        try:
            return await send(self, *what)
        finally:
            waiting[self._recorded().id]()

    put(Ledger, paying=write_nothing)
    put(Cashier, _send=send_and_write)


def _lost_is_unknown() -> None:
    read = reading.read_payment

    def read_as_declined(*what: Any) -> Any:
        outcome = read(*what)
        return Declined("no answer", code="NoAnswer") if isinstance(outcome, OutcomeUnknown) else outcome

    put(hosts, read_payment=read_as_declined)


def _sent_once() -> None:
    repeat = hosts.VaultHost._repeat  # noqa: SLF001

    async def repeat_all(self: Any, once: Any, _when: Any, deadline: Any) -> Any:
        return await repeat(self, once, (Unreachable, OutcomeUnknown), deadline)

    put(hosts.VaultHost, _repeat=repeat_all)


def _status_asked() -> None:
    async def believe(_self: Cashier, action: do.CheckCart) -> on.Event:
        return on.CartFoundUnpaid(action.request_id)

    put(Cashier, check_cart=believe)


def _quiet_time() -> None:
    put(Ledger, attempt_age_s=lambda _self, _cart: 1e9)


def _looked_at_again() -> None:
    rules = furnish.settle_rules
    put(furnish, settle_rules=lambda settings: dataclasses.replace(rules(settings), look_again_s=0.0))


def _doubt_ends_calls() -> None:
    put(Ledger, pending_for_account=lambda _self, _account: ())


def _one_doubt_an_account() -> None:
    nobody = queries.in_doubt("")
    put(queries, in_doubt=lambda _account: nobody)


def _one_payment_a_bill() -> None:
    put(moves, same_item=lambda _cart, _other: False)


def _doubt_remembered() -> None:
    # The memory of a call can't be told that its payment is in doubt.
    put(Memory, uncertain=property(lambda _self: False, lambda _self, _value: None))


def _calls_hold_carts() -> None:
    put(moves, is_held=lambda _cart, _now: False)


def _news_until_told() -> None:
    begin = moves.begin_attempt

    def begin_as_no_news(cart: Cart, *what: Any) -> int:
        number = begin(cart, *what)
        cart.caller_waits = False
        return number

    put(moves, begin_attempt=begin_as_no_news)


def _vault_only() -> None:
    make = PaymentExpress.__init__

    def make_wrongly(self: PaymentExpress, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        self._vault._connection = self._to_general  # noqa: SLF001

    put(PaymentExpress, __init__=make_wrongly)


GUARDS: Final[Mapping[str, tuple[str, Callable[[], None]]]] = {
    "cart-recorded-first": ("a cart is on disk before the vendor hears of it", _cart_recorded_first),
    "cart-id-kept-first": ("a cartId is on disk before the caller hears of it", _cart_id_kept_first),
    "attempt-written-first": ("a payment is on disk before its request leaves", _attempt_written_first),
    "lost-is-unknown": ("a lost answer means unknown, not declined", _lost_is_unknown),
    "sent-once": ("a payment that was sent is never sent again", _sent_once),
    "status-asked": ("an unknown outcome is asked for", _status_asked),
    "quiet-time": ("not paid is not believed while the request may be on its way", _quiet_time),
    "looked-at-again": ("what was found not paid is asked about once more", _looked_at_again),
    "news-until-told": ("a payment is news until its caller has heard how it ended", _news_until_told),
    "doubt-ends-calls": ("no payment is begun for an account with one in doubt, or news of one", _doubt_ends_calls),
    "one-doubt-an-account": ("two calls cannot pay for one account while one is in doubt", _one_doubt_an_account),
    "one-payment-a-bill": ("two calls that agree to pay one bill pay it once", _one_payment_a_bill),
    "doubt-remembered": ("after an unknown outcome nothing is said to be uncharged", _doubt_remembered),
    "calls-hold-carts": ("settling leaves the carts of living calls alone", _calls_hold_carts),
    "vault-only": ("tender goes to the vault host only", _vault_only),
}
"""By name: what is promised, and how to break it."""
