"""What can go wrong with PaymentExpress, by whose fault it is and what may be done about it.

    PaymentExpressError
    ├── Declined            the tender was not charged: the caller may try again, or pay in another way
    │   └── InvalidTender   ... because `field` of it is wrong: ask for that again
    ├── RequestRefused      our request was wrong; nothing was charged; sending it again does not help
    │   └── NotFound        no such cart or payment, or a path that this API does not have
    ├── AuthenticationFailed    credentials or scopes were refused; nothing was charged; people must act
    ├── RateLimited         too many requests; nothing was charged; `retry_after_s` says when to come back
    ├── ServerFault         the API failed at something that charges nobody (token, cart, status, lookup)
    ├── Unreachable         nothing was sent: safe to repeat
    │   └── CircuitOpen     ... and nothing was tried, as the API was just seen to be down
    └── OutcomeUnknown      a payment left us and no trustworthy answer came back: it may have been charged
        └── CartConflict    the API says that this cart can't be paid (any more): perhaps it has been

Only `pay_card` and `pay_echeck` raise the last two. After either, ask for the cart's status and send nothing before
that is answered.

No exception holds a request, an answer's body or a tender, nor does its `__cause__` or `__context__`: they are made
from checked pieces and raised where nothing else is at hand. `errorMessage`, which the vendor writes for developers,
is kept apart in `developer_message` and is neither part of an exception's text nor ever to be spoken.
"""

# ruff: noqa: N818 - "raise Declined" and "except OutcomeUnknown" read as what happened; the base says that they are errors

from typing import ClassVar

from voicebot.payments.tender import TenderField


class PaymentExpressError(Exception):
    """Anything that PaymentExpress, or the way to it, did not do as asked.

    Attributes:
        may_have_charged: whether money may have moved; if so, the cart's status has to be asked.
        code: the API's `errorCode`, or "" where there was none.
        status: the HTTP status, or None where there was no answer.
        display_message: the API's sentence for the caller; None asks for a generic one of the speaker's own.
        developer_message: the API's sentence for developers; never spoken.
    """

    may_have_charged: ClassVar[bool] = False

    def __init__(
        self,
        problem: str,
        *,
        code: str = "",
        status: int | None = None,
        display_message: str | None = None,
        developer_message: str | None = None,
    ) -> None:
        super().__init__(problem)
        self.code = code
        self.status = status
        self.display_message = display_message
        self.developer_message = developer_message


class Declined(PaymentExpressError):
    """A payment-level failure: this tender was not charged. Correct it, choose another one, or stop."""


class InvalidTender(Declined):
    """One field of the tender is wrong: ask for that one again.

    Attributes:
        field: which one, by its name in `CardTender` or `ECheckTender`.
    """

    def __init__(
        self,
        problem: str,
        *,
        field: TenderField,
        code: str = "",
        status: int | None = None,
        display_message: str | None = None,
        developer_message: str | None = None,
    ) -> None:
        super().__init__(
            problem,
            code=code,
            status=status,
            display_message=display_message,
            developer_message=developer_message,
        )
        self.field: TenderField = field


class RequestRefused(PaymentExpressError):
    """The API will not do what was asked, in these words. A fault of ours or of the settings."""


class NotFound(RequestRefused):
    """There is no such cart or payment, or the path in the settings is not one of this API."""


class AuthenticationFailed(PaymentExpressError):
    """The credentials, the scopes or the token were refused, after one fresh token too."""


class RateLimited(PaymentExpressError):
    """Too many requests (429), beyond what the time budget allowed to wait.

    Attributes:
        retry_after_s: seconds that the API asks to wait; None where it did not say.
    """

    def __init__(self, problem: str, *, retry_after_s: float | None, code: str = "", status: int | None = None) -> None:
        super().__init__(problem, code=code, status=status)
        self.retry_after_s = retry_after_s


class ServerFault(PaymentExpressError):
    """The API answered with a failure of its own, with nonsense, or not at all, to a request that charges nobody."""


class Unreachable(PaymentExpressError):
    """The request never left: no connection, or no secure one. Repeating it is safe, payments included."""


class CircuitOpen(Unreachable):
    """The API has failed several times in a row, so that nothing was tried now.

    Attributes:
        retry_after_s: seconds until the next try is let through.
    """

    def __init__(self, problem: str, *, retry_after_s: float) -> None:
        super().__init__(problem)
        self.retry_after_s = retry_after_s


class OutcomeUnknown(PaymentExpressError):
    """A payment was sent and its answer was lost or can't be trusted: charged or not, only the cart's status tells."""

    may_have_charged = True


class CartConflict(OutcomeUnknown):
    """The API refuses the payment because of the cart's state, as when an earlier payment went through after all."""
