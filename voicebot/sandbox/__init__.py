"""A PaymentExpress of our own to develop and test against: both hosts, strict, with faults on demand.

Its wire schema is written from the vendor's page and shares nothing with `voicebot.payments`, so that a misreading
there cannot hide here. It stores and logs no tender: the last four digits at most.

    async with Sandbox() as sandbox:
        sandbox.general_url, sandbox.vault_url, sandbox.client_id, sandbox.client_secret
        sandbox.add_fault(Fault(kind=FaultKind.CLOSE, request=RequestKind.CARD, carried_out=True))
        ...
        assert sandbox.books().charged == 0

`docs/sandbox.md` has the test tenders, the faults and the control endpoints.
"""

from voicebot.sandbox.books import Attempt, Books, CartBook, Incident, IncidentKind, SeenRequest
from voicebot.sandbox.errors import SandboxError
from voicebot.sandbox.faults import ArmedFault, Fault, FaultKind
from voicebot.sandbox.fees import DEFAULT_FEES, DEFAULT_TYPE_LIMITS, FeeRule
from voicebot.sandbox.messages import TenderType
from voicebot.sandbox.paths import API_ROOT, CARTS_PATH, TOKEN_PATH, HostName, RequestKind
from voicebot.sandbox.sandbox import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Sandbox
from voicebot.sandbox.tenders import BANK_ACCOUNTS, CARDS, REFUSALS, UNKNOWN_ROUTING, PublishedTender
from voicebot.sandbox.tokens import DEFAULT_SCOPES

__all__ = [
    "API_ROOT",
    "BANK_ACCOUNTS",
    "CARDS",
    "CARTS_PATH",
    "DEFAULT_CLIENT_ID",
    "DEFAULT_CLIENT_SECRET",
    "DEFAULT_FEES",
    "DEFAULT_SCOPES",
    "DEFAULT_TYPE_LIMITS",
    "REFUSALS",
    "TOKEN_PATH",
    "UNKNOWN_ROUTING",
    "ArmedFault",
    "Attempt",
    "Books",
    "CartBook",
    "Fault",
    "FaultKind",
    "FeeRule",
    "HostName",
    "Incident",
    "IncidentKind",
    "PublishedTender",
    "RequestKind",
    "Sandbox",
    "SandboxError",
    "SeenRequest",
    "TenderType",
]
