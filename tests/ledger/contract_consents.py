"""What every database keeps of consents, and what is found when somebody gets past it."""

from collections.abc import Iterable

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from tests.ledger import support
from tests.ledger.any_store import AnyStore
from tests.ledger.support import CARD, ECHECK
from voicebot.ledger import ConsentGiven, IllegalTransition, Ledger, NoSuchCart

YES = ConsentGiven(
    "en-US",
    "You will pay $1,258.61, with your card ending in 1111.",
    (("total", "$1,258.61"), ("last_four", "1111")),
    "yes",
)
TAMPERING = {
    "one letter of the text": "UPDATE ledger_consents SET text = replace(text, '8.61', '8.62') WHERE number = 2",
    "the amount": "UPDATE ledger_consents SET total = '1258.62' WHERE number = 2",
    "the answer": "UPDATE ledger_consents SET answer = 'no' WHERE number = 1",
    "a fact": "UPDATE ledger_consents SET facts = '[]' WHERE number = 3",
    "one taken out": "DELETE FROM ledger_consents WHERE number = 2",
    "the first one taken out": "DELETE FROM ledger_consents WHERE number = 1",
    "the last one taken out": "DELETE FROM ledger_consents WHERE number = 3",
    "all taken out": "DELETE FROM ledger_consents",
    "several": "UPDATE ledger_consents SET answer = CASE number WHEN 1 THEN 'yeah' ELSE 'yep' END",
}


def _paid_for(ledger: Ledger, carts: int) -> list[str]:
    """The references of carts that were each paid for after a yes."""
    references = []
    for number in range(carts):
        cart = support.created(ledger, f"cart-{number}", f"account-{number}")
        references.append(ledger.paying(cart.id, "card", CARD, "1111", consent=YES).reference)
    return references


class ConsentsContract(AnyStore):
    def test_a_yes_is_kept_as_it_was_given(self, ledger: Ledger) -> None:
        (reference,) = _paid_for(ledger, 1)
        (consent,) = ledger.consents(reference)
        assert consent.given == YES
        assert (consent.tender, consent.total, consent.last_four, consent.attempt) == ("card", "1258.61", "1111", 1)
        assert ledger.broken_consents() == ()

    def test_each_payment_request_has_a_yes_of_its_own(self, ledger: Ledger) -> None:
        cart = support.created(ledger)
        ledger.paying(cart.id, "card", CARD, "1111", consent=YES)
        ledger.declined(cart.id, "InsufficientFunds")
        ledger.paying(cart.id, "echeck", ECHECK, "6789", consent=YES)
        assert [(consent.attempt, consent.tender) for consent in ledger.consents()] == [(1, "card"), (2, "echeck")]
        assert ledger.broken_consents() == ()

    def test_a_payment_that_must_not_begin_leaves_no_consent(self, ledger: Ledger) -> None:
        cart = support.created(ledger)
        ledger.paying(cart.id, "card", CARD, "1111", consent=YES)
        with pytest.raises(IllegalTransition):
            ledger.paying(cart.id, "card", CARD, "1111", consent=YES)
        assert len(ledger.consents()) == 1

    @pytest.mark.parametrize(
        "given",
        [ConsentGiven("en-US", "Pay.", (("total", "$1.00"),), "yes"), ConsentGiven("en-US", "Pay.", (), "")],
        ids=["a fact that was not said", "no answer"],
    )
    def test_what_is_no_consent_begins_no_payment(self, ledger: Ledger, given: ConsentGiven) -> None:
        cart = support.created(ledger)
        with pytest.raises(ValueError, match="a consent names its facts and has an answer"):
            ledger.paying(cart.id, "card", CARD, "1111", consent=given)
        assert ledger.show(cart.id).attempts == ()

    def test_a_reference_that_nobody_has(self, ledger: Ledger) -> None:
        with pytest.raises(NoSuchCart):
            ledger.consents("00000000")

    @pytest.mark.parametrize(
        "statement",
        ["UPDATE ledger_consents SET answer = 'no'", "DELETE FROM ledger_consents"],
        ids=["change", "delete"],
    )
    def test_the_database_lets_nobody_touch_one(self, ledger: Ledger, engine: Engine, statement: str) -> None:
        _paid_for(ledger, 1)
        with engine.connect() as connection, pytest.raises(IntegrityError, match="consents are never"):
            connection.execute(text(statement))

    @pytest.mark.parametrize("what", TAMPERING)
    def test_whatever_is_changed_past_the_database_is_found(self, ledger: Ledger, engine: Engine, what: str) -> None:
        _paid_for(ledger, 3)
        with engine.begin() as connection:
            for statement in (*self._guards_off(engine), TAMPERING[what]):
                connection.execute(text(statement))
        assert ledger.broken_consents()

    def test_a_payment_without_a_yes_is_found(self, ledger: Ledger) -> None:
        _paid_for(ledger, 1)
        support.paying(ledger, "cart-x", "account-x")
        assert [broken.what.partition(" of ")[0] for broken in ledger.broken_consents()] == ["payment request 1"]

    @staticmethod
    def _guards_off(engine: Engine) -> Iterable[str]:
        if engine.dialect.name == "sqlite":
            return ("DROP TRIGGER ledger_consents_update_guard", "DROP TRIGGER ledger_consents_delete_guard")
        return ("ALTER TABLE ledger_consents DISABLE TRIGGER ledger_consents_kept",)
