"""PaymentExpress: wire messages, token, client, errors.

    settings ──▶ client ──▶ hosts ──▶ connection ──▶ HTTP
                   │          │ token (Authlib), retry (tenacity), breaker
                   │          └ reading: what came back ──▶ message or error
                   └ messages, money, tender: what is said

Begin with `PaymentExpress` in `client.py` and the tree of errors in `errors.py`. Nothing here knows about voices,
calls or our ledger; `docs/payments-client.md` shows how to use it in another program.
"""

from voicebot.payments.client import Check, PaymentExpress
from voicebot.payments.errors import (
    AuthenticationFailed,
    CartConflict,
    CircuitOpen,
    Declined,
    InvalidTender,
    NotFound,
    OutcomeUnknown,
    PaymentExpressError,
    RateLimited,
    RequestRefused,
    ServerFault,
    Unreachable,
)
from voicebot.payments.messages import (
    Cart,
    CartDetails,
    CartItem,
    CartRequest,
    CartState,
    CartStatus,
    Payment,
    PaymentItemRecord,
    PaymentRecord,
    TenderFees,
    TenderType,
)
from voicebot.payments.money import Amounts, wire_money
from voicebot.payments.settings import ENVIRONMENTS, ApiSettings, Assumption, Environment, Paths, assumptions
from voicebot.payments.tender import CardTender, ECheckTender

__all__ = [
    "ENVIRONMENTS",
    "Amounts",
    "ApiSettings",
    "Assumption",
    "AuthenticationFailed",
    "CardTender",
    "Cart",
    "CartConflict",
    "CartDetails",
    "CartItem",
    "CartRequest",
    "CartState",
    "CartStatus",
    "Check",
    "CircuitOpen",
    "Declined",
    "ECheckTender",
    "Environment",
    "InvalidTender",
    "NotFound",
    "OutcomeUnknown",
    "Paths",
    "Payment",
    "PaymentExpress",
    "PaymentExpressError",
    "PaymentItemRecord",
    "PaymentRecord",
    "RateLimited",
    "RequestRefused",
    "ServerFault",
    "TenderFees",
    "TenderType",
    "Unreachable",
    "assumptions",
    "wire_money",
]
