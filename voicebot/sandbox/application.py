"""What the applications share: how one is made, what its OpenAPI page says, and how a request reaches its sandbox.

Applications are made once in a process, because making them is most of a sandbox's start-up; which sandbox a request
belongs to comes with the request, as `Serving` in the state of its scope.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Final, Protocol

from fastapi import Depends, FastAPI, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request

from voicebot.sandbox.books import Books, Incident, SeenRequest
from voicebot.sandbox.errors import install_error_answers
from voicebot.sandbox.faults import ArmedFault, Fault
from voicebot.sandbox.messages import ErrorBody
from voicebot.sandbox.paths import TOKEN_PATH, RequestKind
from voicebot.sandbox.processor import Processor
from voicebot.sandbox.tokens import Tokens

_REFUSALS: Final = {
    400: "The request does not keep to the schema.",
    401: "No token, or one that has expired.",
    403: "The token has not the scope.",
    404: "There is no such thing.",
    409: "The request conflicts with how the cart stands.",
}

_bearer: Final = HTTPBearer(
    bearerFormat="JWT", description=f"A token of POST {TOKEN_PATH} on the general host.", auto_error=False
)


class Controlled(Protocol):
    """What the control endpoints may do with a sandbox; `Sandbox` describes each."""

    def books(self) -> Books: ...
    def incidents(self) -> tuple[Incident, ...]: ...
    def requests(self) -> tuple[SeenRequest, ...]: ...
    def faults(self) -> tuple[ArmedFault, ...]: ...
    def add_fault(self, fault: Fault) -> ArmedFault: ...
    def remove_fault(self, fault_id: int) -> bool: ...
    def clear_faults(self) -> None: ...
    def expire_tokens(self) -> None: ...
    def reset(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Serving:
    """What a running sandbox serves its requests with."""

    sandbox: Controlled
    processor: Processor
    tokens: Tokens


def serving(http: Request) -> Serving:
    """What the sandbox that this request came to serves with."""
    found: Serving = http.state.serving
    return found


async def _sandbox(http: Request) -> Controlled:
    return serving(http).sandbox


async def _processor(http: Request) -> Processor:
    return serving(http).processor


OurSandbox = Annotated[Controlled, Depends(_sandbox)]
OurProcessor = Annotated[Processor, Depends(_processor)]


def new_app(title: str, description: str) -> FastAPI:
    """An application with the vendor's errors and without telemetry.

    FastAPI's telemetry is on by default and records validation failures and exception texts; requests here carry
    tender, so every part of it is off, whatever the environment says.
    """
    app = FastAPI(
        title=f"PaymentExpress sandbox: {title}",
        description=description,
        version="1",
        redirect_slashes=False,
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "auto_configure": False,
        },
    )
    install_error_answers(app)
    return app


def api_description(what: str) -> str:
    """The head of an OpenAPI page."""
    return (
        f"{what} A stand-in for PaymentExpress to develop and test against: no money moves. Faults asked for through "
        "/control may answer with anything else."
    )


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error answers of an operation."""
    return {status: {"model": ErrorBody, "description": _REFUSALS[status]} for status in statuses}


def requires(request: RequestKind) -> Any:
    """The dependency that lets an operation be reached with a good token only."""

    async def check(http: Request, _token: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]) -> None:
        serving(http).tokens.check(http.headers.get("authorization"), request)

    return Security(check)
