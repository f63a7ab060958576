"""The control endpoints under `/control`, on both hosts, for programs on this machine only."""

import ipaddress
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, FastAPI, Request
from fastapi import Path as PathParameter
from pydantic import BaseModel

from voicebot.sandbox.books import Books, Incident, SeenRequest
from voicebot.sandbox.errors import ApiError
from voicebot.sandbox.faults import ArmedFault, Fault, FaultKind
from voicebot.sandbox.openapi import new_app, refusals
from voicebot.sandbox.tenders import BANK_ACCOUNTS, CARDS

if TYPE_CHECKING:
    from voicebot.sandbox.sandbox import Sandbox


async def _only_this_machine(http: Request) -> None:
    if http.client is None or not ipaddress.ip_address(http.client.host).is_loopback:
        raise ApiError(403, "LoopbackOnly", "the control endpoints answer to programs on this machine only")


class TenderRow(BaseModel):
    """One row of the table of test tenders."""

    type: str
    number: str
    name: str
    outcome: str


def tender_rows() -> list[TenderRow]:
    """The table of test tenders, as the documentation shows it."""
    return [
        TenderRow(
            type=type_,
            number=tender.number,
            name=tender.name,
            outcome=f"fault: {tender.fault.describe()}" if tender.fault else tender.outcome,
        )
        for type_, tenders in (("card", CARDS), ("echeck", BANK_ACCOUNTS))
        for tender in tenders
    ]


def control_app(sandbox: "Sandbox") -> FastAPI:
    """The application behind `/control`."""
    app = new_app("control", "Asks the sandbox what happened and makes it misbehave. From this machine only.")
    app.router.dependencies.append(Depends(_only_this_machine))

    @app.get("/books", operation_id="books", summary="What was charged, cart by cart")
    async def books() -> Books:
        return sandbox.books()

    @app.get("/incidents", operation_id="incidents", summary="What a client must never do, and did")
    async def incidents() -> tuple[Incident, ...]:
        return sandbox.incidents()

    @app.get("/requests", operation_id="requests", summary="The requests that arrived, without content")
    async def requests() -> tuple[SeenRequest, ...]:
        return sandbox.requests()

    @app.get("/tenders", operation_id="tenders", summary="The test tenders and their outcomes")
    async def tenders() -> list[TenderRow]:
        return tender_rows()

    @app.get("/faults", operation_id="faults", summary="The faults that may still strike")
    async def faults() -> tuple[ArmedFault, ...]:
        return sandbox.faults()

    @app.post(
        "/faults",
        operation_id="addFault",
        summary="Arm a fault",
        responses=refusals(400, 409),
    )
    async def add_fault(fault: Fault) -> ArmedFault:
        if fault.kind is FaultKind.REFUSE and fault.times == 0:
            raise ApiError(409, "WouldLockYouOut", "these endpoints would be refused too: give for_s, not times=0")
        return sandbox.add_fault(fault)

    @app.delete("/faults", operation_id="clearFaults", summary="Take every fault away", status_code=204)
    async def clear_faults() -> None:
        sandbox.clear_faults()

    @app.delete(
        "/faults/{faultId}",
        operation_id="removeFault",
        summary="Take one fault away",
        status_code=204,
        responses=refusals(400, 404),
    )
    async def remove_fault(fault_id: Annotated[int, PathParameter(alias="faultId")]) -> None:
        if not sandbox.remove_fault(fault_id):
            raise ApiError(404, "FaultNotFound", "there is no such fault")

    @app.post("/expire-tokens", operation_id="expireTokens", summary="Expire all tokens", status_code=204)
    async def expire_tokens() -> None:
        sandbox.expire_tokens()

    @app.post("/reset", operation_id="reset", summary="Forget carts, incidents and faults", status_code=204)
    async def reset() -> None:
        sandbox.reset()

    return app
