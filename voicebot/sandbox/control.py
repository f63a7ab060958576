"""The control endpoints under `/control`, on both hosts, for programs on this machine only."""

import ipaddress
from functools import cache
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Path, Request
from pydantic import BaseModel

from voicebot.sandbox.application import OurSandbox, new_app, refusals
from voicebot.sandbox.books import Books, Incident, SeenRequest
from voicebot.sandbox.errors import ApiError
from voicebot.sandbox.faults import ArmedFault, Fault, FaultKind
from voicebot.sandbox.tenders import BANK_ACCOUNTS, CARDS


async def _only_this_machine(http: Request) -> None:
    if http.client is None or not ipaddress.ip_address(http.client.host).is_loopback:
        raise ApiError(403, "LoopbackOnly", "the control endpoints answer to programs on this machine only")


_router = APIRouter(dependencies=[Depends(_only_this_machine)])


@cache
def control_app() -> FastAPI:
    """The application behind `/control`."""
    app = new_app("control", "Asks the sandbox what happened and makes it misbehave. From this machine only.")
    app.include_router(_router)
    return app


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


@_router.get("/books", summary="What was charged, cart by cart")
async def _books(sandbox: OurSandbox) -> Books:
    return sandbox.books()


@_router.get("/incidents", summary="What a client must never do, and did")
async def _incidents(sandbox: OurSandbox) -> tuple[Incident, ...]:
    return sandbox.incidents()


@_router.get("/requests", summary="The requests that arrived, without content")
async def _requests(sandbox: OurSandbox) -> tuple[SeenRequest, ...]:
    return sandbox.requests()


@_router.get("/tenders", summary="The test tenders and their outcomes")
async def _tenders() -> list[TenderRow]:
    return tender_rows()


@_router.get("/faults", summary="The faults that may still strike")
async def _faults(sandbox: OurSandbox) -> tuple[ArmedFault, ...]:
    return sandbox.faults()


@_router.post("/faults", summary="Arm a fault", responses=refusals(400, 409))
async def _add_fault(fault: Fault, sandbox: OurSandbox) -> ArmedFault:
    if fault.kind is FaultKind.REFUSE and fault.times == 0:
        raise ApiError(409, "WouldLockYouOut", "these endpoints would be refused too: give for_s, not times=0")
    return sandbox.add_fault(fault)


@_router.delete("/faults", summary="Take every fault away", status_code=204)
async def _clear_faults(sandbox: OurSandbox) -> None:
    sandbox.clear_faults()


@_router.delete("/faults/{faultId}", summary="Take one fault away", status_code=204, responses=refusals(400, 404))
async def _remove_fault(fault_id: Annotated[int, Path(alias="faultId")], sandbox: OurSandbox) -> None:
    if not sandbox.remove_fault(fault_id):
        raise ApiError(404, "FaultNotFound", "there is no such fault")


@_router.post("/expire-tokens", summary="Let every token so far have expired", status_code=204)
async def _expire_tokens(sandbox: OurSandbox) -> None:
    sandbox.expire_tokens()


@_router.post("/reset", summary="Forget carts, payments, incidents, requests and faults", status_code=204)
async def _reset(sandbox: OurSandbox) -> None:
    sandbox.reset()
