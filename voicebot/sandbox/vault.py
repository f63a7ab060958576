"""The vault host: the two requests that carry tender."""

from functools import cache
from typing import Annotated

from fastapi import APIRouter, FastAPI, Path

from voicebot.sandbox.application import OurProcessor, api_description, new_app, refusals, requires
from voicebot.sandbox.control import control_app
from voicebot.sandbox.messages import CardPayment, ECheckPayment, ErrorBody, PaymentMade
from voicebot.sandbox.paths import CARD_PATH, CONTROL_PATH, ECHECK_PATH, RequestKind

CartId = Annotated[str, Path(alias="cartId", description="The cartId of the cart's answer.")]
_ANSWER = "The payment; or, with the same status, a payment-level failure."

_router = APIRouter()


@cache
def vault_app() -> FastAPI:
    """The application of the vault host."""
    app = new_app("vault host", api_description("Payments: everything that carries tender."))
    app.include_router(_router)
    app.mount(CONTROL_PATH, control_app())
    return app


@_router.post(
    CARD_PATH,
    operation_id="payByCard",
    summary="Pay a cart with a card",
    response_model_exclude_none=True,
    response_description=_ANSWER,
    responses=refusals(400, 401, 403, 404, 409),
    dependencies=[requires(RequestKind.CARD)],
)
async def _pay_by_card(cart_id: CartId, payment: CardPayment, processor: OurProcessor) -> PaymentMade | ErrorBody:
    return processor.pay_by_card(cart_id, payment)


@_router.post(
    ECHECK_PATH,
    operation_id="payByECheck",
    summary="Pay a cart from a bank account",
    response_model_exclude_none=True,
    response_description=_ANSWER,
    responses=refusals(400, 401, 403, 404, 409),
    dependencies=[requires(RequestKind.ECHECK)],
)
async def _pay_by_echeck(cart_id: CartId, payment: ECheckPayment, processor: OurProcessor) -> PaymentMade | ErrorBody:
    return processor.pay_by_echeck(cart_id, payment)
