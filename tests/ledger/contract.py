"""What a ledger does on every store: the life of carts, what is refused, one payment an account at a time."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.ledger import support
from tests.ledger.any_store import AnyStore, in_state
from tests.ledger.support import ACCOUNT, CARD, ECHECK, FEES, ITEMS, Clock
from voicebot.ledger import (
    AccountInDoubt,
    AlreadyPaid,
    Amounts,
    CartItem,
    Fact,
    IllegalTransition,
    Ledger,
    NoSuchCart,
    State,
)
from voicebot.ledger.states import TABLE

PAYMENT = "Z8290409311"

SAY: dict[Fact, Callable[[Ledger, str], object]] = {
    Fact.CART_CREATED: lambda ledger, own_id: ledger.cart_created(own_id, f"another-{own_id}", FEES),
    Fact.CART_REFUSED: lambda ledger, own_id: ledger.cart_refused(own_id, "no", error_code="Other"),
    Fact.ABANDONED: lambda ledger, own_id: ledger.abandoned(own_id, "hung up"),
    Fact.PAYING: lambda ledger, own_id: ledger.paying(own_id, "echeck", ECHECK, "6789"),
    Fact.PAID: lambda ledger, own_id: ledger.paid(own_id, f"Z-another-{own_id}"),
    Fact.DECLINED: lambda ledger, own_id: ledger.declined(own_id, "AnotherCode"),
    Fact.NOT_SENT: lambda ledger, own_id: ledger.not_sent(own_id, "ConnectError"),
    Fact.UNKNOWN: lambda ledger, own_id: ledger.unknown(own_id, "ReadTimeout"),
    Fact.NOT_PAID: lambda ledger, own_id: ledger.not_paid(own_id),
}
REPEATED = {  # the same fact again, with the same values, is no news
    (State.ABANDONED, Fact.ABANDONED),
    (State.UNKNOWN, Fact.UNKNOWN),
    (State.NOT_PAID, Fact.NOT_PAID),
}


class LedgerContract(AnyStore):
    # --- a payment, step by step --------------------------------------------------------------------------------------

    def test_a_payment_leaves_every_step_on_disk(self, url: str, ledger: Ledger, clock: Clock) -> None:
        began = clock()
        own_id = ledger.record_cart(ACCOUNT, ITEMS).id
        clock.pass_s(1)
        ledger.cart_created(own_id, "cart-1", FEES)
        clock.pass_s(40)
        ledger.paying(own_id, "card", CARD, "1111")
        clock.pass_s(2)
        ledger.paid(own_id, PAYMENT)

        again = support.open_ledger(url, clock)
        cart = again.show(own_id)
        assert (cart.state, cart.payment_id, cart.cart_id) == (State.PAID, PAYMENT, "cart-1")
        assert (cart.account_number, cart.items, dict(cart.fees)) == (ACCOUNT, ITEMS, FEES)
        assert cart.total == Decimal("1257.38")
        (attempt,) = cart.attempts
        assert (attempt.tender, attempt.amounts, attempt.last_four) == ("card", CARD, "1111")
        assert (attempt.outcome, attempt.payment_id) == ("paid", PAYMENT)
        assert [(step.before, step.after) for step in again.history(own_id)] == [
            (None, State.RECORDED),
            (State.RECORDED, State.CREATED),
            (State.CREATED, State.PAYING),
            (State.PAYING, State.PAID),
        ]
        assert [(step.at - began).total_seconds() for step in again.history(own_id)] == [0, 1, 41, 43]
        again.close()

    def test_our_id_and_the_reference_have_their_forms(self, ledger: Ledger) -> None:
        carts = [ledger.record_cart(ACCOUNT, ITEMS) for _ in range(20)]
        assert all(len(cart.id) == 16 and cart.id == cart.id.upper() and int(cart.id, 16) for cart in carts)
        assert all(len(cart.reference) == 8 and cart.reference.isdigit() for cart in carts)
        assert len({cart.reference for cart in carts}) == 20
        assert ledger.by_reference(carts[3].reference) == carts[3]
        assert ledger.show(carts[3].id.lower()) == carts[3]

    def test_a_taken_reference_is_drawn_again(self, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
        drawn = iter([7, 7, 8])
        monkeypatch.setattr("voicebot.ledger.ledger.secrets.randbelow", lambda _limit: next(drawn))
        assert [ledger.record_cart(ACCOUNT, ITEMS).reference for _ in range(2)] == ["00000007", "00000008"]

    def test_an_id_is_used_once(self, ledger: Ledger) -> None:
        ledger.record_cart(ACCOUNT, ITEMS, client_transaction_id="F4BEF9CACEECE59")
        with pytest.raises(IllegalTransition, match="used before"):
            ledger.record_cart(ACCOUNT, ITEMS, client_transaction_id="F4BEF9CACEECE59")

    def test_another_tender_may_follow_a_decline(self, ledger: Ledger) -> None:
        cart = in_state(ledger, State.DECLINED)
        assert (cart.error_code, cart.attempt and cart.attempt.error_code) == ("InsufficientFunds",) * 2
        ledger.paying(cart.id, "echeck", ECHECK, "6789")
        cart = ledger.paid(cart.id, PAYMENT)
        assert [(each.number, each.tender, each.outcome) for each in cart.attempts] == [
            (1, "card", "declined"),
            (2, "echeck", "paid"),
        ]

    def test_a_request_that_never_left_may_be_sent_again(self, ledger: Ledger) -> None:
        cart = in_state(ledger, State.PAYING)
        assert ledger.not_sent(cart.id, "ConnectError").state is State.CREATED
        assert ledger.paying(cart.id, "card", CARD, "1111").attempts[0].outcome == "not_sent"

    def test_carts_are_listed_newest_first(self, ledger: Ledger, clock: Clock) -> None:
        carts = []
        for _ in range(3):
            carts.append(ledger.record_cart(ACCOUNT, ITEMS))
            clock.pass_s(1)
        assert ledger.list(limit=2) == (carts[2], carts[1])

    # --- the table ----------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("state", list(State))
    def test_the_table_is_obeyed(self, ledger: Ledger, state: State) -> None:
        for fact in Fact:
            cart = in_state(ledger, state, account=f"for-{fact}")
            after = TABLE[state].get(fact)
            if after is None and (state, fact) not in REPEATED:
                with pytest.raises(IllegalTransition):
                    SAY[fact](ledger, cart.id)
            else:
                SAY[fact](ledger, cart.id)
            assert ledger.show(cart.id).state is (after or state), fact

    def test_a_fact_said_again_changes_nothing(self, ledger: Ledger) -> None:
        own_id = ledger.record_cart(ACCOUNT, ITEMS).id
        for _ in range(2):
            ledger.cart_created(own_id, "cart-1", FEES)
        ledger.paying(own_id, "card", CARD, "1111")
        for _ in range(2):
            ledger.not_sent(own_id, "ConnectError")
        ledger.paying(own_id, "card", CARD, "1111")
        for _ in range(2):
            ledger.declined(own_id, "InvalidCard")
        ledger.paying(own_id, "card", CARD, "1111")
        for _ in range(2):
            ledger.paid(own_id, PAYMENT)
        assert len(ledger.history(own_id)) == 8

    def test_paying_is_never_a_repetition(self, ledger: Ledger) -> None:
        cart = in_state(ledger, State.PAYING)
        with pytest.raises(IllegalTransition):
            ledger.paying(cart.id, "card", CARD, "1111")
        assert len(ledger.show(cart.id).attempts) == 1

    def test_a_second_payment_of_one_cart_is_a_matter_for_people(self, ledger: Ledger) -> None:
        cart = in_state(ledger, State.PAID)
        with pytest.raises(IllegalTransition, match="another paymentId"):
            ledger.paid(cart.id, "Z-second")
        assert [each.id for each in ledger.list(attention=True)] == [cart.id]
        assert ledger.acknowledge(cart.id).attention == ""
        assert ledger.list(attention=True) == ()

    def test_one_payment_never_pays_two_carts(self, ledger: Ledger) -> None:
        first = in_state(ledger, State.PAID)
        second = in_state(ledger, State.PAYING)
        with pytest.raises(IllegalTransition, match="database refuses"):
            ledger.paid(second.id, first.payment_id)
        assert ledger.show(second.id).state is State.PAYING
        assert ledger.show(second.id).attention

    def test_a_charge_wins_over_not_paid_and_people_are_told(self, ledger: Ledger) -> None:
        cart = in_state(ledger, State.NOT_PAID)
        ledger.told(cart.id)
        cart = ledger.paid(cart.id, PAYMENT)
        assert cart.state is State.PAID
        assert cart.attention == "paid after it had been found not paid"
        assert cart.caller_waits

    @pytest.mark.parametrize("state", list(State))
    def test_a_call_may_always_end(self, ledger: Ledger, state: State) -> None:
        after = {
            State.RECORDED: State.ABANDONED,
            State.CREATED: State.ABANDONED,
            State.PAYING: State.UNKNOWN,
        }.get(state, state)
        cart = in_state(ledger, state)
        ended = ledger.call_ended(cart.id, "caller hung up")
        assert (ended.state, ended.held_by) == (after, "")
        assert ledger.call_ended(cart.id, "again") == ended

    # --- what is refused ----------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("last_four", ["", "41111", "4111111111111111", "1a11", "\u0661\u0661\u0661\u0661"])
    def test_more_of_a_tender_than_four_digits_is_refused_without_repeating_it(
        self, ledger: Ledger, last_four: str
    ) -> None:
        cart = in_state(ledger, State.CREATED)
        with pytest.raises(ValueError, match="last_four") as refusal:
            ledger.paying(cart.id, "card", CARD, last_four)
        assert not last_four or last_four not in str(refusal.value)
        assert ledger.show(cart.id).state is State.CREATED

    def test_digits_in_reasons_are_masked(self, ledger: Ledger) -> None:
        cart = in_state(ledger, State.PAYING)
        ledger.unknown(cart.id, "quoted 4111 1111-1111.1111 and\n021000021, HTTP 502")
        assert ledger.history(cart.id)[-1].why == "quoted # and #, HTTP 502"
        ledger.try_again(cart.id, "4111111111111111", delay_s=1)
        assert ledger.show(cart.id).problem == "#"

    def test_an_error_code_that_is_none_is_masked(self, ledger: Ledger) -> None:
        cart = in_state(ledger, State.PAYING)
        assert ledger.declined(cart.id, "card 4111111111111111 refused").error_code == "card # refused"

    @pytest.mark.parametrize("amount", ["1", "1.2", "1,257.38", "$1.00", "-1.00", "", "1e3", "\u0661.\u0660\u0660"])
    def test_an_amount_is_written_as_the_api_writes_it(self, amount: str) -> None:
        with pytest.raises(ValueError, match="as the API writes it"):
            Amounts(amount, "0.00", "1.00")

    def test_empty_things_are_refused(self, ledger: Ledger) -> None:
        with pytest.raises(ValueError, match="at least one item"):
            ledger.record_cart(ACCOUNT, [])
        cart = ledger.record_cart(ACCOUNT, ITEMS)
        with pytest.raises(ValueError, match="cartId"):
            ledger.cart_created(cart.id, "", FEES)
        with pytest.raises(ValueError, match="paymentId"):
            ledger.paid(cart.id, "")
        with pytest.raises(ValueError, match="clientTransactionId"):
            ledger.record_cart(ACCOUNT, ITEMS, client_transaction_id="not hex")

    def test_an_unknown_cart_is_said_to_be_unknown(self, ledger: Ledger) -> None:
        asks: list[Callable[[str], object]] = [ledger.show, ledger.by_reference, ledger.history, ledger.release]
        for ask in asks:
            with pytest.raises(NoSuchCart, match="carts list"):
                ask("00000000")

    # --- one payment an account at a time -----------------------------------------------------------------------------

    @pytest.mark.parametrize("state", [State.PAYING, State.UNKNOWN])
    def test_no_payment_begins_while_another_of_the_account_is_in_doubt(self, ledger: Ledger, state: State) -> None:
        doubtful = in_state(ledger, state)
        second = in_state(ledger, State.CREATED)
        with pytest.raises(AccountInDoubt, match=doubtful.reference):
            ledger.paying(second.id, "card", CARD, "1111")
        assert ledger.show(second.id).attempts == ()
        other = support.created(ledger, "cart-of-another", account="7654321")
        assert ledger.paying(other.id, "card", CARD, "1111").state is State.PAYING
        ledger.paid(doubtful.id, PAYMENT)
        assert ledger.paying(second.id, "card", CARD, "1111").state is State.PAYING

    def test_a_caller_who_calls_back_hears_how_it_ended(self, ledger: Ledger) -> None:
        cart = support.unknown(ledger)
        assert [(each.id, each.in_doubt) for each in ledger.pending_for_account(ACCOUNT)] == [(cart.id, True)]
        assert ledger.pending_for_account("7654321") == ()
        ledger.paid(cart.id, PAYMENT)
        assert [(each.state, each.payment_id) for each in ledger.pending_for_account(ACCOUNT)] == [
            (State.PAID, PAYMENT)
        ]
        ledger.told(cart.id)
        assert ledger.pending_for_account(ACCOUNT) == ()

    @pytest.mark.parametrize("state", [State.PAID, State.DECLINED])
    def test_how_a_payment_ended_is_news_until_its_caller_was_told(self, ledger: Ledger, state: State) -> None:
        """Also if it was never in doubt: the bot may have died between the answer and telling it."""
        cart = in_state(ledger, state)
        assert [(each.id, each.in_doubt) for each in ledger.pending_for_account(ACCOUNT)] == [(cart.id, False)]
        ledger.told(cart.id)
        assert ledger.pending_for_account(ACCOUNT) == ()

    # --- one bill, one payment ----------------------------------------------------------------------------------------

    def test_what_another_call_has_just_paid_is_not_paid_again(self, ledger: Ledger, clock: Clock) -> None:
        """Two people on two telephones agree to pay one bill; no payment is in doubt at any moment."""
        mine, theirs = support.created(ledger, "mine"), support.created(ledger, "theirs")
        clock.pass_s(30)
        paid = ledger.paid(ledger.paying(theirs.id, "card", CARD, "1111").id, PAYMENT)
        with pytest.raises(AlreadyPaid, match=paid.reference):
            ledger.paying(mine.id, "card", CARD, "2222")
        assert (ledger.show(mine.id).state, ledger.show(mine.id).attempts) == (State.CREATED, ())

    def test_another_item_of_the_account_may_be_paid_meanwhile(self, ledger: Ledger, clock: Clock) -> None:
        items = (replace(ITEMS[0], client_item_id="1029347859729"),)
        mine = ledger.cart_created(ledger.record_cart(ACCOUNT, items).id, "mine", FEES)
        other_amount = (replace(ITEMS[0], amount=Decimal("1257.39")),)
        changed = ledger.cart_created(ledger.record_cart(ACCOUNT, other_amount).id, "changed", FEES)
        theirs = support.created(ledger, "theirs")
        clock.pass_s(30)
        ledger.paid(ledger.paying(theirs.id, "card", CARD, "1111").id, PAYMENT)
        for cart in (mine, changed):
            ledger.paid(ledger.paying(cart.id, "card", CARD, "2222").id, f"Z-{cart.id}")

    def test_the_same_bill_comes_again_next_time(self, ledger: Ledger, clock: Clock) -> None:
        first = in_state(ledger, State.PAID)
        clock.pass_s(86400 * 30)
        assert in_state(ledger, State.PAID).id != first.id

    def test_what_was_paid_since_a_bill_was_written_is_known(self, ledger: Ledger, clock: Clock) -> None:
        before = clock()
        clock.pass_s(60)
        paid = in_state(ledger, State.PAID)
        in_state(ledger, State.DECLINED)
        in_state(ledger, State.PAID, account="7654321")
        assert [cart.id for cart in ledger.paid_since(ACCOUNT, before)] == [paid.id]
        assert ledger.paid_since(ACCOUNT, clock()) == ()

    # --- how many -----------------------------------------------------------------------------------------------------

    def test_carts_are_counted_by_state(self, ledger: Ledger, clock: Clock) -> None:
        assert set(ledger.counts().carts.values()) == {0}
        for number, state in enumerate(State):
            in_state(ledger, state, account=f"account-{number}")
        in_state(ledger, State.PAID, account="one more")
        counts = ledger.counts()
        assert counts.carts == dict.fromkeys(State, 1) | {State.PAID: 2}
        assert (counts.attention, counts.longest_doubt_s) == (0, 0.0)
        clock.pass_s(90)
        assert ledger.counts().longest_doubt_s == 90.0

    def test_more_than_a_list_holds_are_counted(self, ledger: Ledger) -> None:
        for number in range(3):
            cart = in_state(ledger, State.UNKNOWN, account=f"account-{number}")
            ledger.try_again(cart.id, "no answer", delay_s=1, attention="no answer")
        assert len(ledger.list(attention=True, limit=2)) == 2
        assert ledger.counts().attention == 3

    def test_a_doubt_that_lasts_is_for_people_though_nobody_settles(self, ledger: Ledger, clock: Clock) -> None:
        doubtful = [in_state(ledger, state, account=state) for state in (State.PAYING, State.UNKNOWN)]
        in_state(ledger, State.CREATED)
        clock.pass_s(3599)
        assert (ledger.list(attention=True), ledger.counts().attention) == ((), 0)
        clock.pass_s(1)
        assert {cart.id for cart in ledger.list(attention=True)} == {cart.id for cart in doubtful}
        assert ledger.counts().attention == 2
        assert ledger.counts(overdue_s=7200).attention == 0

    # --- odd values ---------------------------------------------------------------------------------------------------

    def test_texts_come_back_as_they_went(self, ledger: Ledger) -> None:
        items = (
            CartItem("'; DROP TABLE ledger_carts; --", 'Gebühr "Äpfel" 100%\n🙂', Decimal("0.01")),
            replace(ITEMS[0], department="O'Brien"),
        )
        cart = ledger.record_cart("00001", items)
        assert ledger.show(cart.id).items == items
