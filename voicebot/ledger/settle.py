"""Settling: turning `unknown` into knowledge by asking the vendor, again and again, until it is known.

At start, on a schedule and by command, `settle_once` looks at every cart that is due and that nobody living holds.
A call that wants to know at once asks for its own cart with `settle_cart`. Both follow the same rules:

- "Paid" is believed at once, if it comes with a paymentId.
- "Not paid" is believed only when the payment request is old enough to have ended on its way (`quiet_s`), and is
  asked about once more later (`look_again_s`).
- Anything else is a reason to ask again, later each time, and after `attention_after_s` a matter for people.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from voicebot.ledger.errors import IllegalTransition, LedgerUnavailable
from voicebot.ledger.ledger import Ledger
from voicebot.ledger.reader import OVERDUE_S
from voicebot.ledger.records import CartRecord
from voicebot.ledger.states import State
from voicebot.ledger.threads import in_thread


class CartStatus(Protocol):
    """What the vendor says of a cart at this moment."""

    @property
    def paid(self) -> bool | None:
        """Whether the cart was paid; None if the vendor does not say yet."""

    @property
    def payment_id(self) -> str | None:
        """By which payment; None or empty if it was not, or if the vendor does not say."""


class StatusSource(Protocol):
    """Whoever can ask the vendor; any exception that it raises means that nothing was learned."""

    async def cart_status(self, cart_id: str, /) -> CartStatus:
        """Ask for the status of the vendor's cart."""


@dataclass(frozen=True, slots=True)
class SettleRules:
    """How patient settling is.

    Attributes:
        quiet_s: "not paid" is not believed while the payment request is younger than this. Longer than the payment
            request's deadline, plus what the vendor may need to finish what it began.
        enough_tries: after so many answers, with the waits between them, "not paid" is believed whatever the wall clock
            says of the request's age.
        first_wait_s: before the second question; doubled from try to try.
        longest_wait_s: no wait is longer.
        look_again_s: when a cart found not paid is asked about once more; 0: never.
        look_again_tries: how often that is tried while the vendor can't be reached.
        attention_after_s: an outcome that is unknown for so long is a matter for people.
        claim_s: how long a claim on a cart outlives a settler that froze.
        ask_timeout_s: for one status request.
        at_once: how many carts are asked about at the same time.
    """

    quiet_s: float = 120.0
    enough_tries: int = 8
    first_wait_s: float = 10.0
    longest_wait_s: float = 3600.0
    look_again_s: float = 3600.0
    look_again_tries: int = 24
    attention_after_s: float = OVERDUE_S
    claim_s: float = 120.0
    ask_timeout_s: float = 30.0
    at_once: int = 4

    def wait_s(self, tries: int) -> float:
        """Seconds to wait after so many tries in vain."""
        return min(self.longest_wait_s, self.first_wait_s * 2.0 ** min(tries, 30))

    @property
    def horizon_s(self) -> float:
        """The longest wait that is ever set."""
        return max(self.longest_wait_s, self.look_again_s, self.quiet_s)


DEFAULT_RULES = SettleRules()


@dataclass(frozen=True, slots=True)
class SettleReport:
    """What one round did.

    Attributes:
        settled: carts whose fate is now known.
        waiting: carts still in doubt, to be asked about again.
        attention: how many carts need people, after this round.
        problems: what stopped the settling of a single cart, such as a call that wrote to it at that moment. The cart
            stays as it is and is due again.
    """

    settled: tuple[CartRecord, ...]
    waiting: tuple[CartRecord, ...]
    attention: int
    problems: tuple[str, ...] = ()


async def settle_once(
    ledger: Ledger, source: StatusSource, rules: SettleRules = DEFAULT_RULES, *, early: bool = False
) -> SettleReport:
    """One round over everything that is due; safe to run in several processes at once.

    Args:
        ledger: its clock is the clock of the round.
        source: asks the vendor.
        rules: how patient to be.
        early: look at every unsettled cart, also at those whose next try has not come yet. Such questions do not
            count as tries and move no schedule, so asking often proves nothing.

    Raises:
        LedgerUnavailable: nothing is lost by that; run it again.
    """
    due = await in_thread(ledger.due, horizon_s=rules.horizon_s, early=early)
    places = asyncio.Semaphore(rules.at_once)

    async def settle_claimed(cart: CartRecord) -> CartRecord | None:
        async with places:
            claimed = await in_thread(ledger.claim, cart.id, rules.claim_s)
            if claimed is None:
                return None
            seen_to = (claimed.state, claimed.changed_at, claimed.tries) != (cart.state, cart.changed_at, cart.tries)
            try:
                if not seen_to:  # by somebody else, since it was found due
                    await settle_cart(ledger, source, cart.id, rules)
            finally:
                released = await in_thread(ledger.release, cart.id)
            return None if seen_to else released

    # Every cart is seen to the end before a failure is told, so that no claim is left behind.
    looked_at = await asyncio.gather(*(settle_claimed(cart) for cart in due), return_exceptions=True)
    for result in looked_at:
        if isinstance(result, LedgerUnavailable):
            raise result
        if isinstance(result, BaseException) and not isinstance(result, Exception):
            raise result
    done = [cart for cart in looked_at if isinstance(cart, CartRecord)]
    counts = await in_thread(ledger.counts, overdue_s=rules.attention_after_s)
    return SettleReport(
        settled=tuple(cart for cart in done if not cart.unsettled),
        waiting=tuple(cart for cart in done if cart.unsettled),
        attention=counts.attention,
        problems=tuple(f"{type(each).__name__}: {each}" for each in looked_at if isinstance(each, Exception)),
    )


async def settle_cart(
    ledger: Ledger, source: StatusSource, own_id: str, rules: SettleRules = DEFAULT_RULES
) -> CartRecord:
    """Settle one cart as far as can be; the caller holds it, as a call or by a claim.

    Returns:
        The cart afterwards: still `unknown` if nothing that can be believed was learned.
    """
    cart = await in_thread(ledger.show, own_id)
    if cart.state in (State.RECORDED, State.CREATED):
        return await in_thread(ledger.call_ended, own_id, "its call is gone; no tender was under way")
    if cart.state is State.PAYING:
        cart = await in_thread(ledger.unknown, own_id, "its call is gone while the payment was under way")
    if cart.state not in (State.UNKNOWN, State.NOT_PAID):
        return cart
    try:
        async with asyncio.timeout(rules.ask_timeout_s):
            status = await source.cart_status(cart.cart_id)
    except Exception as error:  # noqa: BLE001 - whatever it was, nothing was learned and the cart must be asked again
        return await _later(ledger, cart, f"status: {type(error).__name__}", rules)
    return await _believe(ledger, cart, status, rules)


async def _believe(ledger: Ledger, cart: CartRecord, status: CartStatus, rules: SettleRules) -> CartRecord:
    """Write down what the vendor's answer proves, and no more."""
    if status.paid and status.payment_id:
        try:
            return await in_thread(ledger.paid, cart.id, status.payment_id)
        except IllegalTransition as impossible:  # the ledger has told people already
            return await _later(ledger, cart, str(impossible), rules)
    if status.paid:
        return await _later(ledger, cart, "paid, says the vendor, but without a paymentId", rules, tell_people=True)
    if status.paid is None:
        return await _later(ledger, cart, "neither paid nor not paid, says the vendor", rules)
    return await _believe_not_paid(ledger, cart, rules)


async def _believe_not_paid(ledger: Ledger, cart: CartRecord, rules: SettleRules) -> CartRecord:
    """The vendor says "not paid": proof only if nothing can be under way any more."""
    if cart.state is State.NOT_PAID:
        looked_again = cart.next_try_at is not None and cart.next_try_at <= ledger.now()
        return await in_thread(ledger.looked_again, cart.id) if looked_again else cart
    age_s = ledger.attempt_age_s(cart)
    if age_s >= rules.quiet_s or cart.tries >= rules.enough_tries:
        return await in_thread(ledger.not_paid, cart.id, look_again_s=rules.look_again_s)
    wait_s = rules.quiet_s - age_s
    return await _later(ledger, cart, "not paid so far; too early to be sure", rules, wait_s=wait_s)


async def _later(
    ledger: Ledger,
    cart: CartRecord,
    problem: str,
    rules: SettleRules,
    *,
    wait_s: float = 0.0,
    tell_people: bool = False,
) -> CartRecord:
    """Nothing was learned: ask again after the longer of backoff and `wait_s`, and tell people when it is time."""
    if cart.state is State.NOT_PAID and cart.tries >= rules.look_again_tries:
        return await in_thread(ledger.looked_again, cart.id)
    delay_s = min(max(rules.wait_s(cart.tries), wait_s), rules.horizon_s)
    in_doubt_s = (ledger.now() - cart.changed_at).total_seconds()
    too_long = in_doubt_s >= rules.attention_after_s or cart.tries >= rules.enough_tries
    attention = problem if tell_people or (cart.in_doubt and too_long) else ""
    return await in_thread(
        ledger.try_again, cart.id, problem, delay_s=delay_s, horizon_s=rules.horizon_s, attention=attention
    )


class ClockWatch:
    """Tells when the wall clock was set, by comparing it with the one that never jumps."""

    def __init__(
        self, clock: Callable[[], datetime], monotonic: Callable[[], float] = time.monotonic, *, limit_s: float = 5.0
    ) -> None:
        self._clock, self._monotonic, self._limit_s = clock, monotonic, limit_s
        self._offset_s = self._measure()

    def jumped(self) -> bool:
        """Whether it was set since the last look."""
        before, self._offset_s = self._offset_s, self._measure()
        return abs(self._offset_s - before) > self._limit_s

    def _measure(self) -> float:
        return self._clock().timestamp() - self._monotonic()


async def keep_settling(
    ledger: Ledger,
    source: StatusSource,
    rules: SettleRules = DEFAULT_RULES,
    *,
    report: Callable[[SettleReport | Exception], None],
    every_s: float = 30.0,
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> None:
    """Settle at once and then on a schedule, until cancelled.

    Args:
        ledger: see `settle_once`.
        source: see `settle_once`.
        rules: see `settle_once`.
        report: told of each round, also of one that failed, whatever it was; the next is run all the same.
        every_s: between rounds.
        wait: sleeps.
        monotonic: seconds on a clock that never jumps.
    """
    watch = ClockWatch(ledger.now, monotonic)
    while True:
        if not watch.jumped():  # after a jump, holds are judged again only when the living have renewed them
            try:
                report(await settle_once(ledger, source, rules))
            except Exception as problem:  # noqa: BLE001 - a schedule that stops would leave payments in doubt unseen
                report(problem)
        await wait(every_s)
