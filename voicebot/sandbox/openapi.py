"""What the applications say of themselves in their OpenAPI pages, and the token check that they share."""

from typing import Annotated, Any, Final

from fastapi import FastAPI, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request

from voicebot.sandbox.errors import install_error_answers
from voicebot.sandbox.messages import ErrorBody
from voicebot.sandbox.paths import TOKEN_PATH, RequestKind
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


def requires(tokens: Tokens, request: RequestKind) -> Any:
    """The dependency that lets an operation be reached with a good token only."""

    async def check(http: Request, _token: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]) -> None:
        tokens.check(http.headers.get("authorization"), request)

    return Security(check)
