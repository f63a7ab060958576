"""The control endpoints: what happened, and faults from another program."""

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from tests.sandbox.client import BANK_ACCOUNT, ROUTING, Client
from voicebot.sandbox import BANK_ACCOUNTS, CARDS, Books, Fault, FaultKind, RequestKind, Sandbox
from voicebot.sandbox.control import control_app


async def test_books_are_the_same_over_the_wire(sandbox: Sandbox, client: Client) -> None:
    await client.pay_by_card(await client.new_cart())
    await client.pay_by_card(await client.new_cart(), accountNumber="4000000000000002")
    for origin in (sandbox.general_url, sandbox.vault_url):
        answer = await client.http.get(f"{origin}/control/books")
        assert Books.model_validate(answer.json()) == sandbox.books()
    assert len(sandbox.books().carts) == 2
    with pytest.raises(KeyError):
        sandbox.books().cart("nobody")


async def test_requests_are_kept_in_order_without_content(sandbox: Sandbox, client: Client) -> None:
    cart = await client.new_cart()
    await client.pay_by_echeck(cart)
    answer = await client.http.get(f"{sandbox.control_url}/requests")
    assert [(one["request"], one["status"]) for one in answer.json()] == [
        ("token", 200),
        ("cart", 200),
        ("echeck", 200),
    ]
    assert answer.json()[-1]["cart_id"] == cart["cartId"]
    assert BANK_ACCOUNT not in answer.text
    assert ROUTING not in answer.text


async def test_incidents_can_be_asked_for(sandbox: Sandbox, client: Client) -> None:
    cart = await client.new_cart()
    await client.pay_by_card(cart)
    await client.pay_by_card(cart)
    answer = await client.http.get(f"{sandbox.control_url}/incidents")
    assert [incident["kind"] for incident in answer.json()] == ["paid_again"]


async def test_a_fault_is_armed_asked_for_and_taken_away(sandbox: Sandbox, client: Client) -> None:
    url = f"{sandbox.control_url}/faults"
    armed = (await client.http.post(url, json={"kind": "close", "request": "card", "times": 0})).json()
    assert sandbox.faults()[0].fault == Fault(kind=FaultKind.CLOSE, request=RequestKind.CARD, times=0)
    assert (await client.http.get(url)).json() == [armed]
    assert (await client.http.delete(f"{url}/{armed['id']}")).status_code == 204
    assert (await client.http.delete(f"{url}/{armed['id']}")).status_code == 404
    await client.http.post(url, json={"kind": "reset"})
    assert (await client.http.delete(url)).status_code == 204
    assert sandbox.faults() == ()


@pytest.mark.parametrize(
    ("order", "status"),
    [
        ({"kind": "vanish"}, 400),
        ({"kind": "close", "often": 2}, 400),
        ({"kind": "no_id", "carried_out": False}, 400),
        ({"kind": "refuse", "request": "card", "times": 0}, 409),
    ],
)
async def test_a_fault_that_cannot_be_is_refused(
    sandbox: Sandbox, client: Client, order: dict[str, object], status: int
) -> None:
    answer = await client.http.post(f"{sandbox.control_url}/faults", json=order)
    assert answer.status_code == status
    assert set(answer.json()) == {"errorCode", "errorMessage"}
    assert sandbox.faults() == ()


async def test_reset_forgets_all_but_tokens(sandbox: Sandbox, client: Client) -> None:
    cart = await client.new_cart()
    await client.pay_by_card(cart)
    await client.pay_by_card(cart)
    sandbox.add_fault(Fault(kind=FaultKind.SILENT))
    assert (await client.http.post(f"{sandbox.control_url}/reset")).status_code == 204
    assert not any([sandbox.books().carts, sandbox.incidents(), sandbox.faults(), sandbox.requests()])
    assert (await client.status(cart["cartId"])).status_code == 404
    assert (await client.create_cart()).status_code == 200


async def test_tokens_can_be_let_expire(sandbox: Sandbox, client: Client) -> None:
    assert (await client.http.post(f"{sandbox.control_url}/expire-tokens")).status_code == 204
    assert (await client.create_cart()).status_code == 401


async def test_the_table_of_tenders_is_served(sandbox: Sandbox, client: Client) -> None:
    rows = (await client.http.get(f"{sandbox.control_url}/tenders")).json()
    assert [row["number"] for row in rows] == [tender.number for tender in CARDS + BANK_ACCOUNTS]
    assert {row["type"] for row in rows} == {"card", "echeck"}


@pytest.mark.parametrize(("address", "status"), [("127.0.0.1", 200), ("::1", 200), ("192.0.2.1", 403)])
async def test_only_this_machine_may_control(sandbox: Sandbox, address: str, status: int) -> None:
    app, serving = control_app(), sandbox._run.serving

    async def control(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "state": {"serving": serving}}, receive, send)

    transport = httpx.ASGITransport(control, client=(address, 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as http:
        for path in ("/books", "/requests", "/faults", "/tenders"):
            assert (await http.get(path)).status_code == status


async def test_the_control_endpoints_have_an_openapi_page(sandbox: Sandbox, client: Client) -> None:
    page = (await client.http.get(f"{sandbox.control_url}/openapi.json")).json()
    assert {"/books", "/faults", "/incidents", "/requests", "/reset", "/tenders"} <= set(page["paths"])
