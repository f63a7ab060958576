"""The client against the project's sandbox, whose wire schema was written apart from the client's.

After every story the sandbox's own books say what was charged, and that nothing was done that must never be done.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import pytest
from pydantic import SecretStr

from tests.ledger.postgresql import new_schema
from tests.payments.conftest import FakeClock
from voicebot.payments import (
    Amounts,
    ApiSettings,
    AuthenticationFailed,
    CardTender,
    Cart,
    CartConflict,
    CartDetails,
    CartItem,
    CartRequest,
    CartState,
    Declined,
    ECheckTender,
    Environment,
    InvalidTender,
    NotFound,
    OutcomeUnknown,
    PaymentExpress,
    PaymentExpressError,
    RateLimited,
    ServerFault,
    TenderType,
    Unreachable,
)
from voicebot.sandbox import BANK_ACCOUNTS, CARDS, DEFAULT_SCOPES, Fault, FaultKind, RequestKind, Sandbox


@pytest.fixture(params=["memory", "postgresql"])
async def sandbox(request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    state = new_schema(request.getfixturevalue("postgresql_socket")) if request.param == "postgresql" else None
    async with Sandbox(seed=7, state=state) as running:
        yield running


def settings_for(sandbox: Sandbox, **more: float) -> ApiSettings:
    return ApiSettings(
        environment=Environment.custom(general=f"{sandbox.general_url}/api/v1", vault=f"{sandbox.vault_url}/api/v1"),
        client_id=sandbox.client_id,
        client_secret=SecretStr(sandbox.client_secret),
        scopes=tuple(sorted(set(DEFAULT_SCOPES.values()))),
        **more,  # type: ignore[arg-type]  # time limits, by name
    )


@pytest.fixture
async def client(sandbox: Sandbox, clock: FakeClock) -> AsyncIterator[PaymentExpress]:
    async with PaymentExpress(settings_for(sandbox), clock=clock, sleep=clock.sleep) as payment_express:
        yield payment_express


@pytest.fixture
def card() -> CardTender:
    return CardTender(SecretStr("4111111111111111"), SecretStr("2098-05"), SecretStr("012"))


async def made(client: PaymentExpress, cart: CartRequest, sandbox: Sandbox) -> tuple[Cart, Amounts]:
    answer = await client.create_cart(cart)
    assert sandbox.books().cart(answer.cart_id).client_transaction_id == cart.request.client_transaction_id
    return answer, answer.fees[TenderType.CARD].amounts()


def charged(sandbox: Sandbox, cart: Cart) -> list[Decimal]:
    assert sandbox.incidents() == ()
    return [payment.charged for payment in sandbox.books().cart(cart.cart_id).payments]


async def test_a_cart_with_every_field_is_understood(client: PaymentExpress, sandbox: Sandbox) -> None:
    cart = CartRequest(
        request=CartDetails(client_transaction_id="T-full", location="ivr-main", meta={"line": "1"}),
        items=(
            CartItem(
                client_item_id="ITEM-0001",
                description="Water bill",
                amount=Decimal("0.01"),
                type="utility",
                fund_category="water",
                department="Utilities",
                limit_tenders=(TenderType.ECHECK,),
                meta={"extendedDescription": "March"},
                billing_info={"zip": "00000"},
            ),
        ),
    )
    answer = await client.create_cart(cart)
    assert set(answer.fees) == {TenderType.ECHECK}
    assert answer.fees[TenderType.ECHECK].primary == "0.01"
    assert charged(sandbox, answer) == []


@pytest.mark.parametrize("tender", [tender for tender in CARDS if tender.outcome == "approved"], ids=lambda t: t.number)
async def test_every_approved_card_pays_once(
    *, client: PaymentExpress, sandbox: Sandbox, cart: CartRequest, card: CardTender, tender: object
) -> None:
    number = next(row.number for row in CARDS if row is tender)
    code = "0123" if number.startswith(("34", "37")) else "012"
    answer, amounts = await made(client, cart, sandbox)
    assert (await client.cart_status(answer.cart_id)).state is CartState.NOT_PAID

    mine = replace(card, account_number=SecretStr(number), security_code=SecretStr(code))
    payment = await client.pay_card(answer.cart_id, amounts, mine)

    assert charged(sandbox, answer) == [Decimal(amounts.total)]
    status = await client.cart_status(answer.cart_id)
    assert (status.state, status.payment_id) == (CartState.PAID, payment.payment_id)
    record = await client.find_payment(payment.payment_id)
    assert record.payment_id == payment.payment_id
    assert record.amount in {amounts.total, amounts.primary}
    assert record.balance is not None
    assert len(record.items) == 1


async def test_a_bank_account_pays(
    client: PaymentExpress, sandbox: Sandbox, cart: CartRequest, echeck: ECheckTender
) -> None:
    answer, _ = await made(client, cart, sandbox)
    fees = answer.fees[TenderType.ECHECK]
    payment = await client.pay_echeck(answer.cart_id, fees.amounts(), echeck)
    assert payment.payment_id
    assert charged(sandbox, answer) == [Decimal(fees.total)]


REFUSED_CARDS = [row for row in CARDS if row.outcome not in {"approved", "fault"}]
REFUSED_ACCOUNTS = [row for row in BANK_ACCOUNTS if row.outcome not in {"approved", "fault"}]


@pytest.mark.parametrize("number", [row.number for row in REFUSED_CARDS])
async def test_a_refused_card_is_declined_and_another_one_may_follow(
    *, client: PaymentExpress, sandbox: Sandbox, cart: CartRequest, card: CardTender, number: str
) -> None:
    outcome = next(row.outcome for row in REFUSED_CARDS if row.number == number)
    answer, amounts = await made(client, cart, sandbox)
    with pytest.raises(Declined) as declined:
        await client.pay_card(answer.cart_id, amounts, replace(card, account_number=SecretStr(number)))
    assert outcome.startswith(declined.value.code)
    assert (declined.value.display_message is None) == (outcome == "DeclinedWithoutMessage")
    fields = {
        "InvalidSecurityCode": "security_code",
        "ExpiredCard": "expiration",
        "InvalidAccountNumber": "account_number",
    }
    assert getattr(declined.value, "field", None) == fields.get(outcome)
    assert charged(sandbox, answer) == []
    await client.pay_card(answer.cart_id, amounts, card)
    assert charged(sandbox, answer) == [Decimal(amounts.total)]


@pytest.mark.parametrize("number", [row.number for row in REFUSED_ACCOUNTS])
async def test_a_refused_bank_account_is_declined(
    *, client: PaymentExpress, sandbox: Sandbox, cart: CartRequest, echeck: ECheckTender, number: str
) -> None:
    answer, _ = await made(client, cart, sandbox)
    amounts = answer.fees[TenderType.ECHECK].amounts()
    with pytest.raises(Declined):
        await client.pay_echeck(answer.cart_id, amounts, replace(echeck, account_number=SecretStr(number)))
    assert charged(sandbox, answer) == []


async def test_the_vendors_example_of_a_wrong_routing_number(
    client: PaymentExpress, sandbox: Sandbox, cart: CartRequest, echeck: ECheckTender
) -> None:
    answer, _ = await made(client, cart, sandbox)
    wrong = replace(echeck, routing_number=SecretStr("9999999992"))
    with pytest.raises(InvalidTender) as refused:
        await client.pay_echeck(answer.cart_id, answer.fees[TenderType.ECHECK].amounts(), wrong)
    assert refused.value.field == "routing_number"
    assert refused.value.display_message
    assert "routing number" in refused.value.display_message


async def test_a_cart_is_not_paid_twice(
    client: PaymentExpress, sandbox: Sandbox, cart: CartRequest, card: CardTender
) -> None:
    answer, amounts = await made(client, cart, sandbox)
    payment = await client.pay_card(answer.cart_id, amounts, card)
    with pytest.raises(CartConflict):
        await client.pay_card(answer.cart_id, amounts, card)
    assert (await client.cart_status(answer.cart_id)).payment_id == payment.payment_id
    assert len(sandbox.books().cart(answer.cart_id).payments) == 1


async def test_what_does_not_exist_is_not_found(client: PaymentExpress, amounts: Amounts, card: CardTender) -> None:
    for asking in (client.cart_status("no-such-cart"), client.find_payment("Z0"), client.pay_card("no", amounts, card)):
        with pytest.raises(NotFound) as missing:
            await asking
        assert not missing.value.may_have_charged


async def test_wrong_credentials_and_scopes_are_ours_to_mend(sandbox: Sandbox, cart: CartRequest) -> None:
    good = settings_for(sandbox)
    for bad in ({"client_secret": SecretStr("wrong")}, {"client_id": "nobody"}, {"scopes": ("everything",)}):
        async with PaymentExpress(good.model_copy(update=bad)) as other:
            with pytest.raises(AuthenticationFailed, match="check client id, secret and scopes"):
                await other.create_cart(cart)
    async with PaymentExpress(good.model_copy(update={"scopes": ("payments.read",)})) as other:
        with pytest.raises(AuthenticationFailed):
            await other.create_cart(cart)


async def test_a_token_that_expires_in_the_middle_is_renewed(
    client: PaymentExpress, sandbox: Sandbox, cart: CartRequest, card: CardTender
) -> None:
    answer, amounts = await made(client, cart, sandbox)
    sandbox.add_fault(Fault(kind=FaultKind.EXPIRE_TOKEN, request=RequestKind.CARD))
    await client.pay_card(answer.cart_id, amounts, card)
    assert charged(sandbox, answer) == [Decimal(amounts.total)]


def fault(kind: FaultKind, *, carried_out: bool | None = None, status: int = 500) -> Fault:
    chosen = {} if carried_out is None else {"carried_out": carried_out}
    return Fault.model_validate({"kind": kind, "request": RequestKind.CARD, "status": status, **chosen})


@pytest.mark.parametrize(
    ("strike", "paid"),
    [
        *[
            (fault(kind, carried_out=done), done)
            for kind in (FaultKind.CLOSE, FaultKind.RESET)
            for done in (True, False)
        ],
        *[
            (fault(FaultKind.STATUS, carried_out=done, status=code), done)
            for code in (500, 502, 503)
            for done in (True, False)
        ],
        (fault(FaultKind.HTML, carried_out=True, status=502), True),
        (fault(FaultKind.HALF_BODY), True),
        (fault(FaultKind.INVALID_JSON), True),
        (fault(FaultKind.WRONG_CONTENT_TYPE), True),
        (fault(FaultKind.NO_ID), True),
    ],
    ids=lambda value: value.describe() if isinstance(value, Fault) else str(value),
)
async def test_a_lost_payment_is_unknown_until_the_status_tells(
    *, client: PaymentExpress, sandbox: Sandbox, cart: CartRequest, card: CardTender, strike: Fault, paid: bool
) -> None:
    answer, amounts = await made(client, cart, sandbox)
    sandbox.add_fault(strike)
    with pytest.raises(OutcomeUnknown):
        await client.pay_card(answer.cart_id, amounts, card)
    assert (await client.cart_status(answer.cart_id)).paid is paid
    assert charged(sandbox, answer) == [Decimal(amounts.total)] * paid


@pytest.mark.parametrize("carried_out", [True, False])
async def test_a_payment_without_an_answer_is_unknown_in_time(
    *, sandbox: Sandbox, cart: CartRequest, card: CardTender, carried_out: bool
) -> None:
    async with PaymentExpress(settings_for(sandbox)) as client:
        answer, amounts = await made(client, cart, sandbox)
        sandbox.add_fault(fault(FaultKind.SILENT, carried_out=carried_out))
        with pytest.raises(OutcomeUnknown):
            await client.pay_card(answer.cart_id, amounts, card, budget_s=0.5)
        assert (await client.cart_status(answer.cart_id)).paid is carried_out


async def test_a_reply_that_comes_twice_is_one_payment(
    client: PaymentExpress, sandbox: Sandbox, cart: CartRequest, card: CardTender
) -> None:
    answer, amounts = await made(client, cart, sandbox)
    sandbox.add_fault(fault(FaultKind.DUPLICATE))
    payment = await client.pay_card(answer.cart_id, amounts, card)
    assert charged(sandbox, answer) == [Decimal(amounts.total)]
    sandbox.add_fault(Fault(kind=FaultKind.DUPLICATE, request=RequestKind.STATUS))
    for _ in range(3):
        assert (await client.cart_status(answer.cart_id)).payment_id == payment.payment_id


async def test_a_vault_that_refuses_connections_was_sent_nothing(
    client: PaymentExpress, sandbox: Sandbox, cart: CartRequest, card: CardTender
) -> None:
    answer, amounts = await made(client, cart, sandbox)
    armed = sandbox.add_fault(Fault(kind=FaultKind.REFUSE, request=RequestKind.CARD, times=0))
    with pytest.raises(Unreachable):
        await client.pay_card(answer.cart_id, amounts, card)
    sandbox.remove_fault(armed.id)
    await client.pay_card(answer.cart_id, amounts, card)
    assert charged(sandbox, answer) == [Decimal(amounts.total)]


@pytest.mark.parametrize(
    ("kind", "status", "error"),
    [
        (FaultKind.STATUS, 401, None),
        (FaultKind.STATUS, 403, AuthenticationFailed),
        (FaultKind.STATUS, 404, NotFound),
        (FaultKind.STATUS, 409, CartConflict),
        (FaultKind.STATUS, 429, RateLimited),
        (FaultKind.HTML, 404, OutcomeUnknown),
        (FaultKind.NO_DISPLAY_MESSAGE, 500, Declined),
    ],
)
async def test_refusals_of_a_payment(
    *,
    client: PaymentExpress,
    sandbox: Sandbox,
    cart: CartRequest,
    card: CardTender,
    kind: FaultKind,
    status: int,
    error: type[PaymentExpressError] | None,
) -> None:
    answer, amounts = await made(client, cart, sandbox)
    sandbox.add_fault(fault(kind, status=status))
    if error is None:
        await client.pay_card(answer.cart_id, amounts, card)
    else:
        with pytest.raises(error) as failed:
            await client.pay_card(answer.cart_id, amounts, card)
        assert type(failed.value) is error
        assert failed.value.display_message is None or error is Declined
    assert charged(sandbox, answer) == [Decimal(amounts.total)] * (error is None)


@pytest.mark.parametrize("kind", [RequestKind.TOKEN, RequestKind.STATUS])
async def test_questions_outlast_passing_faults(
    *, client: PaymentExpress, sandbox: Sandbox, cart: CartRequest, kind: RequestKind
) -> None:
    answer, _ = await made(client, cart, sandbox)
    for strike in (FaultKind.CLOSE, FaultKind.HALF_BODY, FaultKind.INVALID_JSON):
        sandbox.add_fault(Fault.model_validate({"kind": strike, "request": kind}))
        sandbox.expire_tokens()
        assert (await client.cart_status(answer.cart_id)).paid is False
    sandbox.add_fault(Fault(kind=FaultKind.STATUS, request=kind, status=503, times=3))
    sandbox.expire_tokens()
    assert (await client.cart_status(answer.cart_id)).paid is False


async def test_a_cart_lost_on_its_way_back_is_a_server_fault(
    client: PaymentExpress, sandbox: Sandbox, cart: CartRequest
) -> None:
    sandbox.add_fault(Fault(kind=FaultKind.CLOSE, request=RequestKind.CART, carried_out=True))
    with pytest.raises(ServerFault):
        await client.create_cart(cart)
    assert len(sandbox.books().carts) == 1
    assert sandbox.books().charged == 0


async def test_health_charges_nobody(client: PaymentExpress, sandbox: Sandbox) -> None:
    assert all(check.ok for check in await client.health())
    assert sandbox.books().carts == ()
    assert sandbox.incidents() == ()
