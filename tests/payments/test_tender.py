"""A tender is seen by the vault and by nobody else."""

import asyncio
from dataclasses import replace

import pytest
from pydantic import SecretStr

from tests.payments.fake_api import FakeApi
from voicebot.capture.sensitive import Sensitive
from voicebot.payments import Amounts, CardTender, Cart, ECheckTender, PaymentExpress
from voicebot.payments.retry import Deadline
from voicebot.payments.tender import FOR_THE_VAULT, CardPayment, ECheckPayment, TenderMessage, echoes

NUMBER, EXPIRATION, CODE = "4111111111111111", "2027-05", "987"
ROUTING, ACCOUNT = "021000021", "0011223344"


def messages(amounts: Amounts) -> list[TenderMessage]:
    return [
        CardPayment.of(amounts, CardTender(Sensitive(NUMBER), Sensitive(EXPIRATION), Sensitive(CODE))),
        ECheckPayment.of(amounts, ECheckTender("Savings", Sensitive(ROUTING), Sensitive(ACCOUNT))),
    ]


@pytest.mark.parametrize("which", [0, 1])
def test_a_message_shows_stars_to_all_but_the_vault(amounts: Amounts, which: int) -> None:
    message = messages(amounts)[which]
    shown = [repr(message), str(message), message.model_dump_json(), message.model_dump_json(by_alias=True)]
    shown += [repr(message.model_dump()), repr(message.model_dump(mode="json", context={"vault": True}))]
    for secret in (NUMBER, "2027", CODE, ROUTING, ACCOUNT):
        assert not any(secret in text for text in shown)
    assert any(secret in message.model_dump_json(context=FOR_THE_VAULT) for secret in (NUMBER, ACCOUNT))


@pytest.mark.parametrize("which", [0, 1])
async def test_the_general_host_can_not_be_given_a_tender(
    api: FakeApi, client: PaymentExpress, amounts: Amounts, which: int
) -> None:
    deadline = Deadline.after(1.0, asyncio.get_running_loop().time)
    with pytest.raises(TypeError, match="vault"):
        await client._general.create("/pay/voice/carts", messages(amounts)[which], Cart, deadline, 1.0)
    assert api.seen == []
    assert not hasattr(client._general, "pay")


async def test_the_vault_takes_payments_only(client: PaymentExpress, amounts: Amounts, card: CardTender) -> None:
    deadline = Deadline.after(1.0, asyncio.get_running_loop().time)
    with pytest.raises(TypeError, match="payments only"):
        await client._vault.pay("/x", {}, amounts, card, deadline)  # type: ignore[arg-type]  # what is refused here


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("account_number", "4111 1111 1111 1111", "12 to 19 digits"),
        ("account_number", "41111111111", "12 to 19 digits"),
        ("account_number", "٤١١١١١١١١١١١١١١١", "12 to 19 digits"),
        ("expiration", "05/27", "YYYY-MM"),
        ("expiration", "2027-13", "YYYY-MM"),
        ("expiration", "2027-05\n", "YYYY-MM"),
        ("security_code", "12", "3 or 4 digits"),
        ("security_code", "", "3 or 4 digits"),
    ],
)
def test_a_card_out_of_shape_is_refused_without_being_shown(
    card: CardTender, field: str, value: str, said: str
) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        replace(card, **{field: SecretStr(value)})
    assert field in str(refused.value)
    assert not value or value not in str(refused.value)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("withdrawal_type", "checking", "Checking"),
        ("routing_number", SecretStr("12345678"), "nine digits"),
        ("account_number", SecretStr("123456789012345678"), "1 to 17 digits"),
    ],
)
def test_a_bank_account_out_of_shape_is_refused(echeck: ECheckTender, field: str, value: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        replace(echeck, **{field: value})  # type: ignore[arg-type]  # one field, by name


def test_a_tender_must_come_wrapped() -> None:
    with pytest.raises(TypeError, match="wrapped") as refused:
        CardTender(NUMBER, SecretStr(EXPIRATION), SecretStr(CODE))  # type: ignore[arg-type]  # what is refused here
    assert NUMBER not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Card 4111111111111111 was declined.", True),
        ("Card 4111 1111-1111 1111 was declined.", True),
        ("The code 987 does not match.", True),
        ("Your card was declined (51).", False),
        ("Call 1-800-555-9870.", False),
        ("The card ending in 1111 was declined.", False),
    ],
)
def test_an_answer_that_repeats_the_tender_is_noticed(text: str, *, found: bool) -> None:
    card = CardTender(SecretStr(NUMBER), SecretStr(EXPIRATION), SecretStr(CODE))
    assert echoes(card, text) is found
