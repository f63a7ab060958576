"""The general host: token, carts, cart status, payment lookup. Tender is refused here."""

from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Path, Request

from voicebot.sandbox.application import OurProcessor, api_description, new_app, refusals, requires, serving
from voicebot.sandbox.control import control_app
from voicebot.sandbox.errors import ApiError
from voicebot.sandbox.messages import (
    CartAnswer,
    CartHandoff,
    CartStatusAnswer,
    PaymentRecord,
    TokenAnswer,
    TokenErrorBody,
    TokenForm,
)
from voicebot.sandbox.paths import (
    CARD_PATH,
    CART_PATH,
    CARTS_PATH,
    CONTROL_PATH,
    ECHECK_PATH,
    PAYMENT_PATH,
    TOKEN_PATH,
    RequestKind,
)
from voicebot.sandbox.tokens import scope_pattern

CartId = Annotated[str, Path(alias="cartId", description="The cartId of the cart's answer.")]
PaymentId = Annotated[str, Path(alias="paymentId", description="The paymentId of the payment's answer.")]

_router = APIRouter()


@cache
def general_app(scopes: tuple[str, ...]) -> FastAPI:
    """The application of the general host; its page names the scopes that may be asked for."""
    app = new_app("general host", api_description("Tokens, carts and lookups: everything that carries no tender."))
    app.add_api_route(
        TOKEN_PATH,
        _request_token,
        methods=["POST"],
        operation_id="requestToken",
        summary="Exchange client credentials for a token",
        description=f"Scopes that may be asked for: {', '.join(scopes)}.",
        responses={
            400: {"model": TokenErrorBody, "description": "Bad form, grant type or scope."},
            401: {"model": TokenErrorBody, "description": "Unknown client or wrong secret."},
        },
        openapi_extra=_token_form(scopes),
    )
    app.include_router(_router)
    app.mount(CONTROL_PATH, control_app())
    return app


def _token_form(scopes: tuple[str, ...]) -> dict[str, Any]:
    schema = TokenForm.model_json_schema()
    schema["properties"]["scope"]["pattern"] = scope_pattern(scopes)
    content = {"application/x-www-form-urlencoded": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


async def _request_token(http: Request) -> TokenAnswer:
    content_type = http.headers.get("content-type", "")
    return serving(http).tokens.issue(await http.body(), content_type, http.headers.get("authorization"))


@_router.post(
    CARTS_PATH,
    operation_id="createCart",
    summary="Hand off a cart",
    response_model_exclude_none=True,
    responses=refusals(400, 401, 403, 409),
    dependencies=[requires(RequestKind.CART)],
)
async def _create_cart(handoff: CartHandoff, processor: OurProcessor) -> CartAnswer:
    return processor.create_cart(handoff)


@_router.get(
    CART_PATH,
    operation_id="cartStatus",
    summary="Ask how a cart stands",
    response_model_exclude_none=True,
    responses=refusals(401, 403, 404),
    dependencies=[requires(RequestKind.STATUS)],
)
async def _cart_status(cart_id: CartId, processor: OurProcessor) -> CartStatusAnswer:
    return processor.cart_status(cart_id)


@_router.get(
    PAYMENT_PATH,
    operation_id="lookUpPayment",
    summary="Look a payment up",
    responses=refusals(401, 403, 404),
    dependencies=[requires(RequestKind.LOOKUP)],
)
async def _look_up_payment(payment_id: PaymentId, processor: OurProcessor) -> PaymentRecord:
    return processor.payment(payment_id)


@_router.post(CARD_PATH, include_in_schema=False)
@_router.post(ECHECK_PATH, include_in_schema=False)
async def _refuse_tender() -> None:
    raise ApiError(403, "VaultOnly", "tender goes to the Card Data Vault host, never here")
