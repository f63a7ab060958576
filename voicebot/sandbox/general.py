"""The general host: token, carts, cart status, payment lookup. Tender is refused here."""

from typing import Annotated, Any

from fastapi import FastAPI, Path, Request

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
from voicebot.sandbox.openapi import api_description, new_app, refusals, requires
from voicebot.sandbox.paths import (
    CARD_PATH,
    CART_PATH,
    CARTS_PATH,
    ECHECK_PATH,
    PAYMENT_PATH,
    TOKEN_PATH,
    RequestKind,
)
from voicebot.sandbox.processor import Processor
from voicebot.sandbox.tokens import Tokens

CartId = Annotated[str, Path(alias="cartId", description="The cartId of the cart's answer.")]
PaymentId = Annotated[str, Path(alias="paymentId", description="The paymentId of the payment's answer.")]


def _token_form(tokens: Tokens) -> dict[str, Any]:
    schema = TokenForm.model_json_schema()
    schema["properties"]["scope"]["pattern"] = tokens.scope_pattern
    content = {"application/x-www-form-urlencoded": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


def general_app(processor: Processor, tokens: Tokens) -> FastAPI:
    """The application of the general host."""
    app = new_app("general host", api_description("Tokens, carts and lookups: everything that carries no tender."))

    @app.post(
        TOKEN_PATH,
        operation_id="requestToken",
        summary="Exchange client credentials for a token",
        description=f"Scopes that may be asked for: {', '.join(tokens.every_scope)}.",
        responses={
            400: {"model": TokenErrorBody, "description": "Bad form, grant type or scope."},
            401: {"model": TokenErrorBody, "description": "Unknown client or wrong secret."},
        },
        openapi_extra=_token_form(tokens),
    )
    async def request_token(request: Request) -> TokenAnswer:
        headers = request.headers
        return tokens.issue(await request.body(), headers.get("content-type", ""), headers.get("authorization"))

    @app.post(
        CARTS_PATH,
        operation_id="createCart",
        summary="Hand off a cart",
        response_model_exclude_none=True,
        responses=refusals(400, 401, 403, 409),
        dependencies=[requires(tokens, RequestKind.CART)],
    )
    async def create_cart(handoff: CartHandoff) -> CartAnswer:
        return processor.create_cart(handoff)

    @app.get(
        CART_PATH,
        operation_id="cartStatus",
        summary="Ask how a cart stands",
        response_model_exclude_none=True,
        responses=refusals(401, 403, 404),
        dependencies=[requires(tokens, RequestKind.STATUS)],
    )
    async def cart_status(cart_id: CartId) -> CartStatusAnswer:
        return processor.cart_status(cart_id)

    @app.get(
        PAYMENT_PATH,
        operation_id="lookUpPayment",
        summary="Look a payment up",
        responses=refusals(401, 403, 404),
        dependencies=[requires(tokens, RequestKind.LOOKUP)],
    )
    async def look_up_payment(payment_id: PaymentId) -> PaymentRecord:
        return processor.payment(payment_id)

    @app.post(CARD_PATH, include_in_schema=False)
    @app.post(ECHECK_PATH, include_in_schema=False)
    async def refuse_tender() -> None:
        raise ApiError(403, "VaultOnly", "tender goes to the Card Data Vault host, never here")

    return app
