"""A client, a card and a bank account, and an API that does as it is told."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from pydantic import SecretStr

from tests.payments.fake_api import FakeApi, fake_api
from voicebot.payments import (
    Amounts,
    CardTender,
    CartDetails,
    CartItem,
    CartRequest,
    ECheckTender,
    PaymentExpress,
)


class FakeClock:
    """Time that moves when it is told to, or when somebody sleeps."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.slept_s: list[float] = []

    def __call__(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.now_s += seconds


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    async with fake_api() as hosts:
        yield hosts


@pytest.fixture
async def client(api: FakeApi, clock: FakeClock) -> AsyncIterator[PaymentExpress]:
    async with PaymentExpress(api.settings, clock=clock, sleep=clock.sleep) as payment_express:
        yield payment_express


@pytest.fixture
def cart() -> CartRequest:
    return CartRequest(
        request=CartDetails(client_transaction_id="F4BEF9CACEECE59", location="ivr-main"),
        items=(
            CartItem(
                client_item_id="1029347859728",
                description="Property Taxes for Account #2890345",
                amount=Decimal("1257.38"),
                type="tax",
                fund_category="general",
            ),
        ),
    )


@pytest.fixture
def amounts() -> Amounts:
    return Amounts(primary="1257.38", fees="1.23", total="1258.61")


@pytest.fixture
def card() -> CardTender:
    return CardTender(
        account_number=SecretStr("4111111111111111"), expiration=SecretStr("2027-05"), security_code=SecretStr("999")
    )


@pytest.fixture
def echeck() -> ECheckTender:
    return ECheckTender(
        withdrawal_type="Checking", routing_number=SecretStr("021000021"), account_number=SecretStr("0011223344")
    )
