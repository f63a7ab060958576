"""What `docs/payments-client.md` shows is run as it stands, and its tables are kept true."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.payments.fake_api import CARD, CART, CART_ID, ECHECK, PAYMENT_ID, STATUS, FakeApi, closes, says
from voicebot import payments
from voicebot.payments import ApiSettings, Cart, Environment, PaymentExpress
from voicebot.payments.settings import Assumed

PAGE = (Path(__file__).parents[2] / "docs" / "payments-client.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def shown() -> dict[str, Any]:
    """All that the page's examples define, run in order in one place."""
    defined: dict[str, Any] = {}
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert len(blocks) > 5
    for block in blocks:
        exec(compile(block, "payments-client.md", "exec"), defined)  # noqa: S102 - the project's own page
    return defined


@pytest.fixture
def cart() -> Cart:
    return Cart.model_validate(CART)


def test_the_settings_are_those_of_the_page(shown: dict[str, Any]) -> None:
    assert shown["settings"].environment == Environment.named("beta")
    assert shown["sandbox"].environment.vault == "http://127.0.0.1:8002/api/v1"


async def test_a_bill_is_paid(shown: dict[str, Any], api: FakeApi, client: PaymentExpress) -> None:
    remembered: list[str] = []
    assert await shown["pay_a_bill"](client, remembered.append) == PAYMENT_ID
    assert remembered == [CART_ID]
    assert api.last(CARD).json["securityCode"] == "012"


async def test_errors_end_as_the_page_says(
    shown: dict[str, Any], api: FakeApi, client: PaymentExpress, cart: Cart
) -> None:
    outcome_of = shown["outcome_of"]
    assert await outcome_of(client, cart) == f"paid: {PAYMENT_ID}"
    api.tell(ECHECK, says(200, {"errorCode": "InvalidRouting"}))
    assert await outcome_of(client, cart) == "please give the routing_number again"
    api.tell(ECHECK, says(200, {"errorCode": "Declined", "displayMessage": "Sorry."}))
    assert await outcome_of(client, cart) == "Sorry."
    api.tell(ECHECK, says(200, {"errorCode": "Declined"}))
    assert await outcome_of(client, cart) == "your payment was not accepted"
    api.tell(ECHECK, says(403, {}))
    assert await outcome_of(client, cart) == "nothing was charged; please try again later"
    for status, said in (
        ({"paid": True, "paymentId": PAYMENT_ID}, f"paid: {PAYMENT_ID}"),
        ({"paid": False}, "not charged"),
        ({"status": "Processing"}, "still being verified"),
    ):
        api.tell(ECHECK, closes)
        api.tell(STATUS, says(200, status))
        assert await outcome_of(client, cart) == said


async def test_health(shown: dict[str, Any], client: PaymentExpress) -> None:
    assert await shown["is_all_well"](client)


def test_every_error_is_in_the_table() -> None:
    errors = {
        name
        for name, member in vars(payments).items()
        if isinstance(member, type) and issubclass(member, payments.PaymentExpressError)
    }
    table = PAGE.partition("| error |")[2].partition("\n\n")[0]
    assert {name for name in errors if f"`{name}`" not in table} == {"PaymentExpressError"}


def test_every_assumption_is_marked_on_the_page_and_nothing_else() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    marked = {re.findall(r"`([^`]+)`", row)[0] for row in rows if "| assumed" in row}
    in_code = {
        prefix + name
        for model, prefix in ((ApiSettings, ""), (payments.Paths, "paths."))
        for name, field in model.model_fields.items()
        if any(isinstance(mark, Assumed) for mark in field.metadata)
    }
    assert marked == in_code


def test_the_defaults_on_the_page_are_those_of_the_code() -> None:
    for name, field in payments.Paths.model_fields.items():
        assert f"| `paths.{name}` | `{field.default}` |" in PAGE
    for line in (line for line in PAGE.splitlines() if re.match(r"\| `\w+_s`|\| `breaker", line)):
        names, values = line.split("|")[1:3]
        defaults = [ApiSettings.model_fields[name].default for name in re.findall(r"`(\w+)`", names)]
        assert [float(value) for value in values.split(",")] == defaults
