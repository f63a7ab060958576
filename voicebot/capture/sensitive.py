"""A value that must never be seen: wrapped when it is heard, unwrapped in `payments` when it is sent.

It is a `pydantic.SecretStr`, so wire messages take it as it is and third-party code masks it too. On top of that it
cannot be pickled or copied into text: `str()`, `repr()` and formatting give stars only, always eight, so that not even
its length is told.
"""

from typing import NoReturn

from pydantic import SecretStr

MASK = "********"


class Sensitive(SecretStr):
    """A card number, bank account number or security code. `get_secret_value()` is for `payments` only."""

    def _display(self) -> str:
        return MASK if self._secret_value else ""

    def __reduce__(self) -> NoReturn:
        raise TypeError("a sensitive value cannot be pickled")

    def __deepcopy__(self, memo: object) -> "Sensitive":
        return self

    def __copy__(self) -> "Sensitive":
        return self
