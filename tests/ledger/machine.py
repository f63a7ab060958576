"""A stateful test: random facts, crashes, clock jumps and settling against a model that knows the truth.

The model keeps two books beside the ledger's: what the vendor charged, and where each cart should stand by the table.
After any sequence, settling must bring the three together.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.ledger import support
from tests.ledger.support import CARD, ECHECK, FEES, ITEMS, Clock, Vendor
from voicebot.ledger import AccountInDoubt, Fact, IllegalTransition, Ledger, NotHeld, SettleRules, State, settle_once
from voicebot.ledger import moves as row_moves
from voicebot.ledger.holder import Process
from voicebot.ledger.states import IN_DOUBT, TABLE, moves

RULES = SettleRules()
ACCOUNTS = ("1000001", "2890345")


@dataclass
class Truth:
    """What is so, whatever the ledger says."""

    account: str
    state: State
    held: bool = True  # by its call
    under_way: bool = False  # a request that may still charge
    charged: str = ""


class LedgerMachine(RuleBasedStateMachine):
    carts = Bundle("carts")

    def __init__(self) -> None:
        super().__init__()
        memory = Path("/dev/shm")  # noqa: S108 - a folder of our own in it; each step is a disk sync, and this disk is quick
        self.folder = Path(tempfile.mkdtemp(prefix="ledger", dir=memory if memory.is_dir() else None))
        self.process = Process("here", 1, "0")
        self.patches = ExitStack()
        self.patches.enter_context(mock.patch.object(row_moves, "this_process", self.this_process))
        self.patches.enter_context(mock.patch.object(row_moves, "known_dead", self.known_dead))
        self.clock = Clock()
        self.vendor = Vendor()
        self.truth: dict[str, Truth] = {}
        self.numbers = iter(range(1, 10_000))
        self.ledger: Ledger

    @initialize()
    def open(self) -> None:
        self.ledger = support.open_ledger(f"sqlite:///{self.folder / 'ledger.sqlite3'}", self.clock)

    def teardown(self) -> None:
        self.settle_everything()
        self.ledger.close()
        self.patches.close()
        shutil.rmtree(self.folder)

    # --- what a call does ---------------------------------------------------------------------------------------------

    @rule(target=carts, account=st.sampled_from(ACCOUNTS))
    def record(self, account: str) -> str:
        cart = self.ledger.record_cart(account, ITEMS)
        self.truth[cart.id] = Truth(account, State.RECORDED)
        return cart.id

    @rule(target=carts, account=st.sampled_from(ACCOUNTS))
    def begin_a_payment(self, account: str) -> str:
        """The usual way in one step, so that the later states are seen often."""
        own_id = self.ledger.record_cart(account, ITEMS).id
        self.truth[own_id] = Truth(account, State.RECORDED)
        self.cart_created(own_id)
        self.pay(own_id, card=True)
        return own_id

    @rule(own_id=carts)
    def cart_created(self, own_id: str) -> None:
        self.say(own_id, Fact.CART_CREATED, lambda: self.ledger.cart_created(own_id, f"vendor-{own_id}", FEES))

    @rule(own_id=carts)
    def cart_refused(self, own_id: str) -> None:
        self.say(own_id, Fact.CART_REFUSED, lambda: self.ledger.cart_refused(own_id, "refused", error_code="Bad"))

    @rule(own_id=carts, card=st.booleans())
    def pay(self, own_id: str, *, card: bool) -> None:
        truth = self.truth[own_id]
        doubtful = any(
            other.state in IN_DOUBT
            for other_id, other in self.truth.items()
            if other_id != own_id and other.account == truth.account
        )
        try:
            if card:
                self.ledger.paying(own_id, "card", CARD, "1111")
            else:
                self.ledger.paying(own_id, "echeck", ECHECK, "6789")
        except NotHeld:
            assert not truth.held
        except AccountInDoubt:
            assert doubtful
        except IllegalTransition:
            assert Fact.PAYING not in TABLE[truth.state]
        else:
            assert truth.held
            assert not doubtful
            truth.state, truth.under_way = TABLE[truth.state][Fact.PAYING], True

    @rule(own_id=carts)
    def vendor_charges(self, own_id: str) -> None:
        """The request arrives, perhaps long after we gave it up. One cart is paid once."""
        truth = self.truth[own_id]
        if truth.under_way and not truth.charged:
            truth.charged = f"Z{next(self.numbers)}"
            self.vendor.payments[f"vendor-{own_id}"] = truth.charged
        truth.under_way = False

    @rule(own_id=carts)
    def answer(self, own_id: str) -> None:
        """The vendor's answer reaches the call that waits for it."""
        truth = self.truth[own_id]
        if truth.state is not State.PAYING or not truth.held:
            return
        truth.under_way = False
        if truth.charged:
            self.say(own_id, Fact.PAID, lambda: self.ledger.paid(own_id, truth.charged))
        else:
            self.say(own_id, Fact.DECLINED, lambda: self.ledger.declined(own_id, "InsufficientFunds"))

    @rule(own_id=carts)
    def request_never_left(self, own_id: str) -> None:
        truth = self.truth[own_id]
        if truth.state is State.PAYING and truth.held and truth.under_way and not truth.charged:
            truth.under_way = False
            self.say(own_id, Fact.NOT_SENT, lambda: self.ledger.not_sent(own_id, "ConnectError"))

    @rule(own_id=carts)
    def no_answer(self, own_id: str) -> None:
        if self.truth[own_id].state is State.PAYING:
            self.say(own_id, Fact.UNKNOWN, lambda: self.ledger.unknown(own_id, "ReadTimeout"))

    @rule(own_id=carts)
    def hang_up(self, own_id: str) -> None:
        truth = self.truth[own_id]
        if truth.held:
            self.ledger.call_ended(own_id, "caller hung up")
            self.call_is_over(truth)

    @rule(own_id=carts, fact=st.sampled_from([Fact.NOT_SENT, Fact.NOT_PAID, Fact.DECLINED, Fact.UNKNOWN, Fact.PAID]))
    def nonsense(self, own_id: str, fact: Fact) -> None:
        """Facts that the table has no line for are refused, wherever they come from."""
        says: dict[Fact, Callable[[], object]] = {
            Fact.NOT_SENT: lambda: self.ledger.not_sent(own_id, "?"),
            Fact.NOT_PAID: lambda: self.ledger.not_paid(own_id),
            Fact.DECLINED: lambda: self.ledger.declined(own_id, "Another"),
            Fact.UNKNOWN: lambda: self.ledger.unknown(own_id, "?"),
            Fact.PAID: lambda: self.ledger.paid(own_id, "Z-nonsense"),
        }
        truth = self.truth[own_id]
        if fact not in TABLE[truth.state]:
            self.say(own_id, fact, says[fact])

    # --- what happens around it ---------------------------------------------------------------------------------------

    @rule()
    def crash(self) -> None:
        """Every call is gone, and so is what the process knew; the next one is another."""
        self.ledger.close()
        self.process = Process("here", self.process.pid + 1, "0")
        self.open()
        for truth in self.truth.values():
            truth.held = False

    @rule(seconds=st.sampled_from([1.0, 60.0, 300.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.pass_s(seconds)
        self.ledger_leases_end()

    @rule(seconds=st.sampled_from([-86400.0, -600.0, 600.0]))
    def clock_jumps(self, seconds: float) -> None:
        self.clock.jump_s(seconds)
        self.ledger_leases_end()

    @precondition(lambda self: not any(truth.under_way for truth in self.truth.values()))
    @rule()
    def settle(self) -> None:
        asyncio.run(settle_once(self.ledger, self.vendor, RULES))
        self.read_what_settling_did()

    @rule()
    def settle_while_requests_are_under_way(self) -> None:
        """Nothing that is not proved may be written; only the quiet time protects, so it has not passed here."""
        young = SettleRules(quiet_s=10**9, enough_tries=10**9)
        asyncio.run(settle_once(self.ledger, self.vendor, young))
        self.read_what_settling_did()

    # --- what must be so ----------------------------------------------------------------------------------------------

    @invariant()
    def the_books_agree(self) -> None:
        for own_id, truth in self.truth.items():
            cart = self.ledger.show(own_id)
            assert cart.state is truth.state
            if cart.state is State.PAID:
                assert cart.payment_id == truth.charged
            if truth.charged:
                assert cart.state in {State.PAYING, State.UNKNOWN, State.PAID}

    @invariant()
    def one_account_has_one_payment_in_doubt(self) -> None:
        for account in ACCOUNTS:
            assert sum(cart.in_doubt for cart in self.ledger.pending_for_account(account)) <= 1

    @invariant()
    def history_follows_the_table(self) -> None:
        for own_id, truth in self.truth.items():
            steps = self.ledger.history(own_id)
            assert (steps[0].before, steps[-1].after) == (None, truth.state)
            assert {(step.before, step.after) for step in steps[1:]} <= moves()

    # --- how it is done -----------------------------------------------------------------------------------------------

    def this_process(self) -> Process:
        return self.process

    def known_dead(self, holder: str) -> bool:
        return holder != str(self.process)

    def say(self, own_id: str, fact: Fact, tell: Callable[[], object]) -> None:
        truth = self.truth[own_id]
        after = TABLE[truth.state].get(fact)
        try:
            tell()
        except IllegalTransition:
            assert after is None
        else:
            said_again = truth.state in {facts[fact] for facts in TABLE.values() if fact in facts}
            assert after is not None or said_again
            truth.state = after or truth.state

    def call_is_over(self, truth: Truth) -> None:
        truth.held = False
        if truth.state in {State.RECORDED, State.CREATED}:
            truth.state = State.ABANDONED
        elif truth.state is State.PAYING:
            truth.state = State.UNKNOWN

    def ledger_leases_end(self) -> None:
        """Calls renew their holds, as living ones do."""
        for own_id, truth in self.truth.items():
            if truth.held:
                self.ledger.renew(own_id)

    def read_what_settling_did(self) -> None:
        for own_id, truth in self.truth.items():
            now = self.ledger.show(own_id).state
            if now is truth.state:
                continue
            assert not truth.held, "a living call's cart was touched"
            if truth.state in {State.RECORDED, State.CREATED}:
                assert now is State.ABANDONED
            elif now is State.PAID:
                assert truth.charged
            elif now is State.NOT_PAID:
                assert not truth.charged
                assert not truth.under_way
            else:
                assert (truth.state, now) == (State.PAYING, State.UNKNOWN)
            truth.state = now

    def settle_everything(self) -> None:
        for truth in self.truth.values():
            truth.under_way = False
        self.crash()
        for _ in range(RULES.enough_tries + 2):  # where the clock went back, tries have to do for age
            self.clock.pass_s(RULES.longest_wait_s)
            self.settle()
        assert self.ledger.unsettled() == ()
        paid = {cart.payment_id for cart in self.ledger.list(limit=10_000) if cart.payment_id}
        assert paid == set(self.vendor.payments.values())
