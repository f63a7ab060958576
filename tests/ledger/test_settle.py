"""Settling: what is believed, when it is asked again, when people are told."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.ledger import support
from tests.ledger.support import ACCOUNT, CARD, Clock, Status, Vendor
from voicebot.ledger import (
    CartRecord,
    Ledger,
    LedgerUnavailable,
    SettleReport,
    SettleRules,
    State,
    keep_settling,
    settle_cart,
    settle_once,
)
from voicebot.ledger.settle import ClockWatch

RULES = SettleRules()


@pytest.fixture
def ledger(sqlite_url: str, clock: Clock) -> Iterator[Ledger]:
    ledger = support.open_ledger(sqlite_url, clock)
    yield ledger
    ledger.close()


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


def forget_the_calls(ledger: Ledger, clock: Clock) -> None:
    """As after a crash: nobody carries the carts on. (In these tests the process that held them still lives.)"""
    del ledger
    clock.pass_s(901)


# --- what a crash leaves ----------------------------------------------------------------------------------------------


async def test_a_cart_that_was_never_charged_is_abandoned_without_asking(
    ledger: Ledger, vendor: Vendor, clock: Clock
) -> None:
    recorded = ledger.record_cart(ACCOUNT, support.ITEMS)
    created = support.created(ledger)
    forget_the_calls(ledger, clock)
    report = await settle_once(ledger, vendor)
    assert {cart.id: cart.state for cart in report.settled} == {
        recorded.id: State.ABANDONED,
        created.id: State.ABANDONED,
    }
    assert vendor.asked == []


@pytest.mark.parametrize("charged", [True, False])
async def test_a_payment_under_way_is_unknown_and_then_what_the_vendor_says(
    ledger: Ledger, vendor: Vendor, clock: Clock, *, charged: bool
) -> None:
    cart = support.paying(ledger)
    if charged:
        vendor.payments["cart-1"] = "Z1"
    forget_the_calls(ledger, clock)
    (settled,) = (await settle_once(ledger, vendor)).settled
    assert (settled.state, settled.payment_id) == ((State.PAID, "Z1") if charged else (State.NOT_PAID, ""))
    assert [step.after for step in ledger.history(cart.id)][-3:] == [State.PAYING, State.UNKNOWN, settled.state]
    assert settled.caller_waits


async def test_a_declined_cart_is_left_alone(ledger: Ledger, vendor: Vendor, clock: Clock) -> None:
    cart = support.paying(ledger)
    ledger.declined(cart.id, "InsufficientFunds")
    forget_the_calls(ledger, clock)
    assert await settle_once(ledger, vendor) == SettleReport((), (), 0)


async def test_a_living_call_s_cart_is_left_alone(ledger: Ledger, vendor: Vendor) -> None:
    cart = support.paying(ledger)
    assert await settle_once(ledger, vendor, early=True) == SettleReport((), (), 0)
    assert ledger.show(cart.id).state is State.PAYING


# --- what is believed -------------------------------------------------------------------------------------------------


async def test_paid_is_believed_at_once(ledger: Ledger, vendor: Vendor) -> None:
    support.unknown(ledger)
    vendor.payments["cart-1"] = "Z1"
    (settled,) = (await settle_once(ledger, vendor)).settled
    assert (settled.state, settled.payment_id, settled.held_by) == (State.PAID, "Z1", "")


async def test_not_paid_is_not_believed_while_the_request_may_be_under_way(
    ledger: Ledger, vendor: Vendor, clock: Clock
) -> None:
    cart = support.unknown(ledger)
    (waiting,) = (await settle_once(ledger, vendor)).waiting
    assert (waiting.state, waiting.problem) == (State.UNKNOWN, "not paid so far; too early to be sure")
    assert waiting.next_try_at
    assert (waiting.next_try_at - clock()).total_seconds() == RULES.quiet_s
    vendor.payments["cart-1"] = "Z1"  # it was
    clock.pass_s(RULES.quiet_s)
    await settle_once(ledger, vendor)
    assert ledger.show(cart.id).state is State.PAID


async def test_not_paid_is_believed_later_and_looked_at_once_more(ledger: Ledger, vendor: Vendor, clock: Clock) -> None:
    cart = support.unknown(ledger)
    clock.pass_s(RULES.quiet_s)
    await settle_once(ledger, vendor)
    assert ledger.show(cart.id).state is State.NOT_PAID
    assert await settle_once(ledger, vendor) == SettleReport((), (), 0)
    clock.pass_s(RULES.look_again_s)
    await settle_once(ledger, vendor)
    clock.pass_s(RULES.look_again_s)
    await settle_once(ledger, vendor)
    assert len(vendor.asked) == 2


async def test_a_wait_set_by_another_process_a_moment_later_is_no_clock_gone_back(
    ledger: Ledger, vendor: Vendor, clock: Clock
) -> None:
    support.unknown(ledger)
    clock.pass_s(901)
    await settle_once(ledger, vendor)
    clock.pass_s(-0.005)  # what another process read from its clock just before that was written
    assert ledger.due(horizon_s=RULES.horizon_s) == ()


async def test_a_charge_found_by_the_last_look_is_paid_and_raised(ledger: Ledger, vendor: Vendor, clock: Clock) -> None:
    cart = support.unknown(ledger)
    clock.pass_s(RULES.quiet_s)
    await settle_once(ledger, vendor)
    vendor.payments["cart-1"] = "Z1"
    clock.pass_s(RULES.look_again_s)
    report = await settle_once(ledger, vendor)
    assert ledger.show(cart.id).state is State.PAID
    assert report.attention == 1


async def test_the_last_look_gives_up_when_the_vendor_stays_away(ledger: Ledger, vendor: Vendor, clock: Clock) -> None:
    support.unknown(ledger)
    clock.pass_s(RULES.quiet_s)
    await settle_once(ledger, vendor)
    vendor.failure = ConnectionError()
    for _ in range(RULES.look_again_tries + 5):
        clock.pass_s(RULES.longest_wait_s)
        await settle_once(ledger, vendor)
    assert len(vendor.asked) == 1 + RULES.look_again_tries + 1
    assert ledger.list(attention=True) == ()


@pytest.mark.parametrize(
    ("answer", "problem", "raised"),
    [
        (Status(paid=True), "paid, says the vendor, but without a paymentId", True),
        (Status(paid=None), "neither paid nor not paid, says the vendor", False),
    ],
)
async def test_an_answer_that_proves_nothing_settles_nothing(
    ledger: Ledger, vendor: Vendor, clock: Clock, answer: Status, problem: str, *, raised: bool
) -> None:
    support.unknown(ledger)
    clock.pass_s(RULES.quiet_s)
    vendor.answer = answer
    report = await settle_once(ledger, vendor)
    (waiting,) = report.waiting
    assert (waiting.state, waiting.problem, report.attention) == (State.UNKNOWN, problem, int(raised))


async def test_a_payment_that_is_another_cart_s_settles_nothing_and_stops_nothing(
    ledger: Ledger, vendor: Vendor
) -> None:
    mixed_up = support.unknown(ledger, "cart-1", account="1")
    ledger.paid(support.unknown(ledger, "cart-2", account="2").id, "Z1")
    good = support.unknown(ledger, "cart-3", account="3")
    vendor.payments = {"cart-1": "Z1", "cart-3": "Z3"}
    report = await settle_once(ledger, vendor)
    assert [cart.id for cart in report.settled] == [good.id]
    assert [cart.id for cart in ledger.list(attention=True)] == [mixed_up.id]


# --- asking again -----------------------------------------------------------------------------------------------------


async def test_each_question_in_vain_waits_longer_and_people_are_told_at_last(
    ledger: Ledger, vendor: Vendor, clock: Clock
) -> None:
    cart = support.unknown(ledger)
    vendor.failure = ConnectionError("4111111111111111 in a message that is not ours")
    waits = []
    for _ in range(11):
        (waiting,) = (await settle_once(ledger, vendor)).waiting
        assert waiting.next_try_at
        waits.append((waiting.next_try_at - clock()).total_seconds())
        assert await settle_once(ledger, vendor) == SettleReport((), (), waiting.attention != "")
        clock.pass_s(waits[-1])
    assert waits == [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]
    raised = ledger.show(cart.id)
    assert raised.attention == raised.problem == "status: ConnectionError"
    vendor.failure = None
    vendor.payments["cart-1"] = "Z1"
    report = await settle_once(ledger, vendor)
    assert (report.settled[0].state, report.attention) == (State.PAID, 0)


async def test_a_vendor_that_never_answers_is_given_up_for_now(ledger: Ledger, clock: Clock) -> None:
    class Silent:
        async def cart_status(self, cart_id: str, /) -> Status:
            del cart_id
            return await asyncio.Future[Status]()

    del clock
    support.unknown(ledger)
    (waiting,) = (await settle_once(ledger, Silent(), SettleRules(ask_timeout_s=0.0))).waiting
    assert waiting.problem == "status: TimeoutError"


async def test_asking_early_proves_nothing_however_often(ledger: Ledger, vendor: Vendor) -> None:
    cart = support.unknown(ledger)
    for _ in range(RULES.enough_tries + 3):
        await settle_once(ledger, vendor, early=True)
    cart = ledger.show(cart.id)
    assert (cart.state, cart.tries) == (State.UNKNOWN, 1)
    assert len(vendor.asked) == RULES.enough_tries + 3


async def test_a_call_asks_for_its_own_cart(ledger: Ledger, vendor: Vendor) -> None:
    cart = support.paying(ledger)
    vendor.payments["cart-1"] = "Z1"
    ledger.unknown(cart.id, "ReadTimeout")
    assert (await settle_cart(ledger, vendor, cart.id)).payment_id == "Z1"


# --- several at once --------------------------------------------------------------------------------------------------


async def test_two_settlers_never_ask_about_one_cart_at_once(sqlite_url: str, ledger: Ledger, clock: Clock) -> None:
    carts = [support.unknown(ledger, f"cart-{n}", account=str(n)) for n in range(6)]
    other = support.open_ledger(sqlite_url, clock)
    vendor = Vendor(payments={f"cart-{n}": f"Z{n}" for n in range(6)})
    reports = await asyncio.gather(settle_once(ledger, vendor), settle_once(other, vendor))
    other.close()
    assert sorted(vendor.asked) == sorted(cart.cart_id for cart in carts)
    assert sum(len(report.settled) for report in reports) == 6


async def test_a_cart_that_somebody_else_has_just_seen_to_is_left_alone(
    ledger: Ledger, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    cart = support.unknown(ledger)
    stale = ledger.show(cart.id)
    ledger.not_paid(cart.id, look_again_s=3600)
    monkeypatch.setattr(ledger, "due", lambda **_: (stale,))
    assert await settle_once(ledger, vendor) == SettleReport((), (), 0)
    assert vendor.asked == []
    assert ledger.show(cart.id).held_by == ""


async def test_a_cart_that_a_late_call_moves_at_that_moment_stops_no_other(
    ledger: Ledger, vendor: Vendor, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its call had lost it, but the vendor's answer comes after all, between the settler's look and its write."""
    late = support.paying(ledger, "cart-1", account="1")
    support.paying(ledger, "cart-2", account="2")
    forget_the_calls(ledger, clock)
    vendor.payments = {"cart-1": "Z1", "cart-2": "Z2"}
    unknown = ledger.unknown

    def too_late(own_id: str, why: str) -> CartRecord:
        if own_id == late.id:
            ledger.paid(late.id, "Z1")
        return unknown(own_id, why)

    monkeypatch.setattr(ledger, "unknown", too_late)
    report = await settle_once(ledger, vendor)
    assert [cart.payment_id for cart in report.settled] == ["Z2"]
    assert [problem.partition(":")[0] for problem in report.problems] == ["IllegalTransition"]
    assert (ledger.show(late.id).state, ledger.show(late.id).held_by) == (State.PAID, "")


# --- clocks that jump -------------------------------------------------------------------------------------------------


async def test_a_jump_forward_does_not_make_a_request_old_in_the_process_that_sent_it(
    ledger: Ledger, vendor: Vendor, clock: Clock
) -> None:
    support.unknown(ledger)
    clock.jump_s(86400)
    (waiting,) = (await settle_once(ledger, vendor)).waiting
    assert waiting.state is State.UNKNOWN


async def test_a_jump_back_does_not_keep_a_request_young_for_ever(
    sqlite_url: str, ledger: Ledger, vendor: Vendor, clock: Clock
) -> None:
    cart = support.unknown(ledger)
    restarted = support.open_ledger(sqlite_url, clock)  # knows nothing of the clock that never jumps
    clock.jump_s(-86400 * 30)
    for _ in range(RULES.enough_tries + 1):
        await settle_once(restarted, vendor)
        clock.pass_s(RULES.longest_wait_s)
    assert restarted.show(cart.id).state is State.NOT_PAID
    restarted.close()


def test_a_clock_that_is_set_is_noticed_once() -> None:
    clock = Clock()
    watch = ClockWatch(clock, clock.monotonic)
    clock.pass_s(3600)
    assert not watch.jumped()
    clock.jump_s(-60)
    assert watch.jumped()
    assert not watch.jumped()


# --- on a schedule ----------------------------------------------------------------------------------------------------


class Enough(Exception):  # noqa: N818 - not an error: the end of a test's schedule
    pass


async def test_the_schedule_settles_at_once_and_goes_on_after_a_failure(
    ledger: Ledger, vendor: Vendor, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    support.unknown(ledger)
    reports: list[SettleReport | Exception] = []
    waits = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)
        clock.pass_s(RULES.quiet_s)
        if len(waits) == 1:
            monkeypatch.setattr(ledger, "due", _fail)
        elif len(waits) == 2:
            monkeypatch.undo()
        else:
            raise Enough

    with pytest.raises(Enough):
        await keep_settling(ledger, vendor, report=reports.append, every_s=7, wait=wait, monotonic=clock.monotonic)
    assert waits == [7, 7, 7]
    assert isinstance(reports[0], SettleReport)
    assert isinstance(reports[1], LedgerUnavailable)
    assert isinstance(reports[2], SettleReport)
    assert [cart.state for cart in reports[2].settled] == [State.NOT_PAID]


def _fail(**_: object) -> tuple[CartRecord, ...]:
    raise LedgerUnavailable("the disk is full")


async def test_no_failure_whatsoever_ends_the_schedule(
    ledger: Ledger, vendor: Vendor, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports: list[SettleReport | Exception] = []

    def break_down(**_: object) -> tuple[CartRecord, ...]:
        raise RuntimeError("a mistake of ours")

    async def wait(_seconds: float) -> None:
        if len(reports) == 2:
            raise Enough
        monkeypatch.undo()

    monkeypatch.setattr(ledger, "due", break_down)
    with pytest.raises(Enough):
        await keep_settling(ledger, vendor, report=reports.append, wait=wait, monotonic=clock.monotonic)
    assert [type(report) for report in reports] == [RuntimeError, SettleReport]


async def test_the_schedule_lets_a_round_pass_after_the_clock_was_set(
    ledger: Ledger, vendor: Vendor, clock: Clock
) -> None:
    """A jump makes every hold look old; those who live renew theirs before anybody judges them."""
    cart = support.created(ledger)
    reports: list[SettleReport | Exception] = []

    async def wait(_seconds: float) -> None:
        if len(reports) > 1:
            raise Enough
        if not ledger.show(cart.id).attempts:
            clock.jump_s(3600)
            paid_for.append(len(reports))
            if len(paid_for) > 1:
                ledger.paying(cart.id, "card", CARD, "1111")

    paid_for: list[int] = []
    with pytest.raises(Enough):
        await keep_settling(ledger, vendor, report=reports.append, wait=wait, monotonic=clock.monotonic)
    assert paid_for == [1, 1]
    assert ledger.show(cart.id).state is State.PAYING
