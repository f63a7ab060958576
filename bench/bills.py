"""Bills for benchmarks in which one bill is paid again and again."""

from dataclasses import replace

from voicebot.billing import Account, AccountLookup


class BillsThatStay:
    """The bills of a system that never hears of a payment, and does not say so: worse than billing should ever be.

    Args:
        bills: what is owed.
    """

    def __init__(self, bills: AccountLookup) -> None:
        self._bills = bills

    async def find(self, account_number: str) -> Account:
        """What is owed, said to be so at this moment."""
        return replace(await self._bills.find(account_number), as_of=None)

    def account_numbers(self) -> frozenset[str]:
        """As the bills have them."""
        return self._bills.account_numbers()
