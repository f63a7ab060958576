"""Who holds a cart, on every store, whatever the clock does."""

import pytest

from tests.ledger import support
from tests.ledger.any_store import AnyStore, in_state
from tests.ledger.support import CARD, Clock
from voicebot.ledger import Ledger, NotHeld, State


class HoldingContract(AnyStore):
    def test_a_call_holds_its_cart_until_it_ends(self, ledger: Ledger) -> None:
        cart = in_state(ledger, State.UNKNOWN)
        assert ledger.due(horizon_s=3600) == ()
        assert ledger.claim(cart.id, 60) is None
        ledger.call_ended(cart.id, "hung up")
        assert [each.id for each in ledger.due(horizon_s=3600)] == [cart.id]
        assert ledger.claim(cart.id, 60)

    def test_a_claim_is_exclusive_until_released(self, ledger: Ledger) -> None:
        cart = support.unknown(ledger)
        assert ledger.claim(cart.id, 60)
        assert ledger.claim(cart.id, 60) is None
        ledger.release(cart.id)
        assert ledger.claim(cart.id, 60)

    def test_a_call_that_forgot_its_cart_loses_it_after_its_lease(self, ledger: Ledger, clock: Clock) -> None:
        cart = in_state(ledger, State.CREATED)
        clock.pass_s(899)
        assert ledger.claim(cart.id, 60) is None
        clock.pass_s(1)
        assert ledger.claim(cart.id, 60)
        with pytest.raises(NotHeld, match="Do not pay"):
            ledger.paying(cart.id, "card", CARD, "1111")
        with pytest.raises(NotHeld):
            ledger.renew(cart.id)
        assert ledger.show(cart.id).state is State.CREATED

    def test_a_renewed_hold_lasts_another_lease(self, ledger: Ledger, clock: Clock) -> None:
        cart = in_state(ledger, State.CREATED)
        clock.pass_s(800)
        ledger.renew(cart.id)
        clock.pass_s(800)
        assert ledger.claim(cart.id, 60) is None

    def test_releasing_does_not_take_a_call_s_cart(self, ledger: Ledger) -> None:
        cart = in_state(ledger, State.CREATED)
        ledger.release(cart.id)
        assert ledger.claim(cart.id, 60) is None

    @pytest.mark.parametrize("jump_s", [-86400.0, -900.0, -60.0, 60.0, 86400.0])
    def test_no_jump_of_the_clock_locks_a_cart_for_longer_than_two_leases(
        self, ledger: Ledger, clock: Clock, jump_s: float
    ) -> None:
        cart = in_state(ledger, State.CREATED)
        clock.jump_s(jump_s)
        clock.pass_s(1800)
        assert ledger.claim(cart.id, 60)

    @pytest.mark.parametrize("jump_s", [-86400.0, -3601.0])
    def test_no_jump_back_of_the_clock_delays_settling_for_ever(
        self, ledger: Ledger, clock: Clock, jump_s: float
    ) -> None:
        cart = support.unknown(ledger)
        ledger.try_again(cart.id, "unreachable", delay_s=3600)
        assert ledger.due(horizon_s=3600) == ()
        clock.jump_s(jump_s)
        assert [each.id for each in ledger.due(horizon_s=3600)] == [cart.id]
