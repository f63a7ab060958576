"""Errors of the sandbox: those it answers with, and the one it cannot start with."""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException

from voicebot.sandbox.messages import ErrorBody, Message


class SandboxError(Exception):
    """The sandbox cannot start or go on; the text says what to do."""


class ApiError(Exception):
    """A refused request: an HTTP status and the vendor's error body."""

    def __init__(
        self,
        status: int,
        error_code: str,
        error_message: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Message | None = None,
    ) -> None:
        """Refuse with the standard error body, or with `body` where a request has its own."""
        super().__init__(error_code)
        self.status = status
        self.body = body or ErrorBody(errorCode=error_code, errorMessage=error_message)
        self.headers = dict(headers or {})


def error_response(error: ApiError) -> JSONResponse:
    """The answer on the wire."""
    return JSONResponse(error.body.model_dump(exclude_none=True), status_code=error.status, headers=error.headers)


def _problem(error: ErrorDetails) -> str:
    # The name of an unknown field is the client's own and might be anything, so it is not repeated.
    if error["type"] == "extra_forbidden":
        where, problem = error["loc"][:-1], "a field that the API does not know"
    else:
        where, problem = error["loc"], error["msg"]
    return f"{'.'.join(str(part) for part in where) or 'request'}: {problem}"


def problems(error: RequestValidationError | ValidationError) -> str:
    """What does not keep to the schema: each field and its rule, never a value."""
    details: list[ErrorDetails] = list(error.errors())
    return "; ".join(_problem(detail) for detail in details)


def install_error_answers(app: FastAPI) -> None:
    """Make every error that an application raises the vendor's error body."""

    async def refused(_: Request, error: Exception) -> JSONResponse:
        if isinstance(error, ApiError):
            return error_response(error)
        if isinstance(error, RequestValidationError):
            return error_response(ApiError(400, "InvalidRequest", problems(error)))
        if isinstance(error, HTTPException):
            code = {404: "NotFound", 405: "MethodNotAllowed"}.get(error.status_code, "InvalidRequest")
            return error_response(ApiError(error.status_code, code, str(error.detail), headers=error.headers or {}))
        raise error

    for kind in (ApiError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, refused)
