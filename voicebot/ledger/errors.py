"""What can go wrong with the ledger, by whose fault it is.

LedgerError
├── LedgerUnavailable   the store's: full, read-only, locked, gone. Nothing was decided; repeating a fact is safe.
│   └── LedgerTooNew    a later release wrote this database; this one must not touch it.
├── IllegalTransition   the caller's, or the truth's: this cart cannot become that from where it stands.
├── NotHeld             another process, or the settling, has this cart now; a payment must not begin.
├── AccountInDoubt      another payment of the same account is not settled; a payment must not begin.
├── AlreadyPaid         another call has just paid for the same; a payment must not begin.
└── NoSuchCart          no cart has this id or reference.
"""


class LedgerError(Exception):
    """Anything that the ledger refuses or cannot do."""


class LedgerUnavailable(LedgerError):  # noqa: N818 - named as a state of affairs, as callers handle it
    """The store can't be read or written now; the text says what to do."""


class LedgerTooNew(LedgerUnavailable):
    """The database's schema is newer than this program."""


class IllegalTransition(LedgerError):  # noqa: N818 - as above
    """The table of `states.py` has no such transition, or the repeated fact is not the same fact.

    Attributes:
        cart: our id of the cart.
        state: where it stands.
        fact: what was claimed to have happened.
    """

    def __init__(self, cart: str, state: str, fact: str, hint: str = "") -> None:
        super().__init__(f"cart {cart} is {state}; it cannot take {fact!r}" + (f": {hint}" if hint else ""))
        self.cart = cart
        self.state = state
        self.fact = fact


class NotHeld(LedgerError):  # noqa: N818 - as above
    """This call no longer holds the cart."""

    def __init__(self, cart: str) -> None:
        super().__init__(
            f"cart {cart} is no longer held by this call; it was handed to settling. Do not pay it: tell the caller"
            " its reference."
        )
        self.cart = cart


class AccountInDoubt(LedgerError):  # noqa: N818 - as above
    """Another cart of the same account is being paid, or its outcome is unknown.

    Attributes:
        cart: our id of the cart that was to be paid.
        reference: of the other one, for the caller.
    """

    def __init__(self, cart: str, reference: str) -> None:
        super().__init__(
            f"cart {cart} must not be paid now: the payment with the reference {reference} of the same account is not"
            " settled yet"
        )
        self.cart = cart
        self.reference = reference


class AlreadyPaid(LedgerError):  # noqa: N818 - as above
    """Another call has paid for an item of this cart since the cart was recorded.

    Attributes:
        cart: our id of the cart that was to be paid.
        reference: of the paid one, for the caller.
    """

    def __init__(self, cart: str, reference: str) -> None:
        super().__init__(
            f"cart {cart} must not be paid: the payment with the reference {reference} was for the same item"
        )
        self.cart = cart
        self.reference = reference


class NoSuchCart(LedgerError):  # noqa: N818 - as above
    """No such id or reference."""

    def __init__(self, id_or_reference: str) -> None:
        super().__init__(f"no cart with the id or reference {id_or_reference!r}; see `carts list`")
