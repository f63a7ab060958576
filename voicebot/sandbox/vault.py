"""The vault host: the two requests that carry tender."""

from typing import Annotated

from fastapi import FastAPI, Path

from voicebot.sandbox.messages import CardPayment, ECheckPayment, ErrorBody, PaymentMade
from voicebot.sandbox.openapi import api_description, new_app, refusals, requires
from voicebot.sandbox.paths import CARD_PATH, ECHECK_PATH, RequestKind
from voicebot.sandbox.processor import Processor
from voicebot.sandbox.tokens import Tokens

CartId = Annotated[str, Path(alias="cartId", description="The cartId of the cart's answer.")]


def vault_app(processor: Processor, tokens: Tokens) -> FastAPI:
    """The application of the vault host."""
    app = new_app("vault host", api_description("Payments: everything that carries tender."))

    @app.post(
        CARD_PATH,
        operation_id="payByCard",
        summary="Pay a cart with a card",
        response_model=PaymentMade | ErrorBody,
        response_model_exclude_none=True,
        response_description="The payment; or, with the same status, a payment-level failure.",
        responses=refusals(400, 401, 403, 404, 409),
        dependencies=[requires(tokens, RequestKind.CARD)],
    )
    async def pay_by_card(cart_id: CartId, payment: CardPayment) -> PaymentMade | ErrorBody:
        return processor.pay_by_card(cart_id, payment)

    @app.post(
        ECHECK_PATH,
        operation_id="payByECheck",
        summary="Pay a cart from a bank account",
        response_model=PaymentMade | ErrorBody,
        response_model_exclude_none=True,
        response_description="The payment; or, with the same status, a payment-level failure.",
        responses=refusals(400, 401, 403, 404, 409),
        dependencies=[requires(tokens, RequestKind.ECHECK)],
    )
    async def pay_by_echeck(cart_id: CartId, payment: ECheckPayment) -> PaymentMade | ErrorBody:
        return processor.pay_by_echeck(cart_id, payment)

    return app
