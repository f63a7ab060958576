"""What paying costs, by tender type. The figures are invented; the vendor's differ by client."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from voicebot.sandbox.messages import TenderType

_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class FeeRule:
    """A fee: a share of the amount, never less than a minimum. A flat fee has no share.

    Attributes:
        percent: share of the primary amount in percent.
        minimum: the least that is taken, in dollars.
    """

    percent: Decimal = Decimal(0)
    minimum: Decimal = Decimal(0)

    def fee(self, primary: Decimal) -> Decimal:
        """The fee for this amount, in dollars, rounded half up to the cent."""
        share = (primary * self.percent / 100).quantize(_CENT, ROUND_HALF_UP)
        return max(share, self.minimum.quantize(_CENT))


DEFAULT_FEES: Final[Mapping[TenderType, FeeRule]] = {
    TenderType.CREDIT_CARD: FeeRule(percent=Decimal("2.35"), minimum=Decimal("1.00")),
    TenderType.ECHECK: FeeRule(minimum=Decimal("0.50")),
}
"""Card: 2.35 %, at least 1.00. eCheck: 0.50."""

DEFAULT_TYPE_LIMITS: Final[Mapping[str, frozenset[TenderType]]] = {
    "ECheckOnly": frozenset({TenderType.ECHECK}),
    "CardOnly": frozenset({TenderType.CREDIT_CARD}),
}
"""Item types for which the sandbox offers one tender type only, whatever `limitTenders` says."""
