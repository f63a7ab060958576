"""What the room offers is what it says that it offers."""

import inspect

from voicebot import payments
from voicebot.payments import errors


def test_all_is_true() -> None:
    public = {
        name for name, member in vars(payments).items() if not name.startswith("_") and not inspect.ismodule(member)
    }
    assert set(payments.__all__) == public
    assert sorted(payments.__all__, key=lambda name: (not name.isupper(), not name[0].isupper(), name)) == [
        *payments.__all__
    ]


def test_every_error_is_offered_and_drawn() -> None:
    drawn = errors.__doc__ or ""
    for name, member in vars(errors).items():
        if inspect.isclass(member) and issubclass(member, Exception):
            assert name in payments.__all__
            assert name in drawn


def test_only_payments_may_have_charged() -> None:
    risky = {
        name
        for name in payments.__all__
        if inspect.isclass(error := getattr(payments, name))
        and issubclass(error, payments.PaymentExpressError)
        and error.may_have_charged
    }
    assert risky == {"OutcomeUnknown", "CartConflict"}
