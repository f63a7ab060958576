"""Each fault as a client meets it, and what it left in the books."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.sandbox.client import Client, card_payment
from voicebot.sandbox import BANK_ACCOUNTS, CARDS, CARTS_PATH, Fault, FaultKind, PublishedTender, RequestKind, Sandbox

CARD = RequestKind.CARD
Ask = Callable[[Client, dict[str, Any]], Awaitable[httpx.Response]]


async def _token(client: Client, _: dict[str, Any]) -> httpx.Response:
    return await client.ask_for_token()


async def _cart(client: Client, _: dict[str, Any]) -> httpx.Response:
    return await client.create_cart()


async def _status(client: Client, cart: dict[str, Any]) -> httpx.Response:
    return await client.status(cart["cartId"])


async def _look_up(client: Client, cart: dict[str, Any]) -> httpx.Response:
    paid = await client.new_cart()
    return await client.look_up((await client.pay_by_echeck(paid)).json().get("paymentId", cart["cartId"]))


async def _card(client: Client, cart: dict[str, Any]) -> httpx.Response:
    return await client.pay_by_card(cart)


async def _echeck(client: Client, cart: dict[str, Any]) -> httpx.Response:
    return await client.pay_by_echeck(cart)


ASK: dict[RequestKind, Ask] = {
    RequestKind.TOKEN: _token,
    RequestKind.CART: _cart,
    RequestKind.STATUS: _status,
    RequestKind.LOOKUP: _look_up,
    RequestKind.CARD: _card,
    RequestKind.ECHECK: _echeck,
}
BROKEN = {
    Fault(kind=FaultKind.CLOSE): httpx.RemoteProtocolError,
    Fault(kind=FaultKind.CLOSE, carried_out=True): httpx.RemoteProtocolError,
    Fault(kind=FaultKind.RESET): httpx.ReadError,
    Fault(kind=FaultKind.RESET, carried_out=True): httpx.ReadError,
    Fault(kind=FaultKind.HALF_BODY): httpx.RemoteProtocolError,
    Fault(kind=FaultKind.SILENT): httpx.ReadTimeout,
    Fault(kind=FaultKind.SILENT, carried_out=True): httpx.ReadTimeout,
    Fault(kind=FaultKind.LATE, for_s=60, carried_out=True): httpx.ReadTimeout,
    Fault(kind=FaultKind.LATE, for_s=60): httpx.ReadTimeout,
}


def by_words(value: object) -> str:
    return value.describe() if isinstance(value, Fault) else str(value)


@pytest.mark.parametrize("request_kind", RequestKind)
@pytest.mark.parametrize(("fault", "error"), BROKEN.items(), ids=by_words)
async def test_no_answer_comes_at_any_request(
    client: Client, request_kind: RequestKind, fault: Fault, error: type[Exception]
) -> None:
    cart = await client.new_cart()
    client.http.timeout = httpx.Timeout(5, read=0.05) if error is httpx.ReadTimeout else client.http.timeout
    client.sandbox.add_fault(fault.model_copy(update={"request": request_kind}))
    with pytest.raises(error):
        await ASK[request_kind](client, cart)
    seen = [request for request in client.sandbox.requests() if request.fault]
    assert [(one.request, one.fault, one.status) for one in seen] == [(request_kind, fault.describe(), None)]
    charged = client.sandbox.books().cart(cart["cartId"]).charged > 0
    assert charged == (fault.carried_out and request_kind.takes_tender)


@pytest.mark.parametrize("request_kind", RequestKind)
@pytest.mark.parametrize("status", [401, 403, 404, 409, 429, 500, 502, 503])
async def test_any_status_at_any_request(client: Client, request_kind: RequestKind, status: int) -> None:
    cart = await client.new_cart()
    fault = Fault(kind=FaultKind.STATUS, status=status, request=request_kind, retry_after_s=7)
    client.sandbox.add_fault(fault)
    answer = await ASK[request_kind](client, cart)
    assert answer.status_code == status
    assert set(answer.json()) == {"errorCode", "errorMessage"}
    assert answer.headers["Retry-After"] == "7"
    assert client.sandbox.books().cart(cart["cartId"]).charged == 0


@pytest.mark.parametrize("request_kind", RequestKind)
async def test_answers_are_damaged_after_the_work_was_done(client: Client, request_kind: RequestKind) -> None:
    cart = await client.new_cart()
    client.sandbox.add_fault(Fault(kind=FaultKind.INVALID_JSON, request=request_kind))
    answer = await ASK[request_kind](client, cart)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert (client.sandbox.books().cart(cart["cartId"]).charged > 0) == request_kind.takes_tender


@pytest.mark.parametrize("request_kind", RequestKind)
async def test_a_wrong_content_type_carries_the_right_answer(client: Client, request_kind: RequestKind) -> None:
    cart = await client.new_cart()
    client.sandbox.add_fault(Fault(kind=FaultKind.WRONG_CONTENT_TYPE, request=request_kind))
    answer = await ASK[request_kind](client, cart)
    assert answer.headers["content-type"].startswith("text/plain")
    assert "errorCode" not in answer.json()


@pytest.mark.parametrize("request_kind", RequestKind)
async def test_a_success_lacks_what_was_asked_for(client: Client, request_kind: RequestKind) -> None:
    cart = await client.new_cart()
    client.sandbox.add_fault(Fault(kind=FaultKind.NO_ID, request=request_kind))
    answer = await ASK[request_kind](client, cart)
    assert answer.status_code == 200
    assert not {"paymentId", "cartId", "access_token"} & set(answer.json())


@pytest.mark.parametrize("carried_out", [False, True])
async def test_an_html_page(client: Client, *, carried_out: bool) -> None:
    cart = await client.new_cart()
    client.sandbox.add_fault(Fault(kind=FaultKind.HTML, status=502, request=CARD, carried_out=carried_out))
    answer = await client.pay_by_card(cart)
    assert answer.status_code == 502
    assert answer.headers["content-type"].startswith("text/html")
    assert "Bad Gateway" in answer.text
    assert (client.sandbox.books().charged > 0) == carried_out


@pytest.mark.parametrize(("request_kind", "status"), [(CARD, 200), (RequestKind.CART, 400)])
async def test_an_error_without_a_message_for_the_caller(
    client: Client, request_kind: RequestKind, status: int
) -> None:
    cart = await client.new_cart()
    client.sandbox.add_fault(Fault(kind=FaultKind.NO_DISPLAY_MESSAGE, request=request_kind))
    answer = await ASK[request_kind](client, cart)
    assert answer.status_code == status
    assert set(answer.json()) == {"errorCode", "errorMessage"}
    assert client.sandbox.books().charged == 0


async def test_a_duplicated_reply_is_on_the_wire_twice(sandbox: Sandbox, client: Client) -> None:
    cart = await client.new_cart()
    sandbox.add_fault(Fault(kind=FaultKind.DUPLICATE, request=CARD))
    body = json.dumps(card_payment(cart)).encode()
    url = httpx.URL(sandbox.vault_url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(
        f"POST {CARTS_PATH}/{cart['cartId']}/payments/card HTTP/1.1\r\nHost: sandbox\r\n"
        f"Authorization: {client.headers['Authorization']}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body
    )
    wire = await reader.read()
    writer.close()
    await writer.wait_closed()
    half = len(wire) // 2
    assert wire[:half] == wire[half:]
    assert wire.startswith(b"HTTP/1.1 200 OK\r\n")
    assert len(sandbox.books().cart(cart["cartId"]).payments) == 1


async def test_a_client_survives_a_duplicated_reply(client: Client) -> None:
    cart = await client.new_cart()
    client.sandbox.add_fault(Fault(kind=FaultKind.DUPLICATE, request=RequestKind.STATUS))
    first = await client.status(cart["cartId"])
    second = await client.status(cart["cartId"])
    assert first.json() == second.json()


async def test_a_token_expires_in_the_middle_of_a_call(client: Client) -> None:
    cart = await client.new_cart()
    client.sandbox.add_fault(Fault(kind=FaultKind.EXPIRE_TOKEN, request=CARD))
    refused = await client.pay_by_card(cart)
    assert (refused.status_code, refused.json()["errorCode"]) == (401, "TokenExpired")
    assert (await client.status(cart["cartId"])).status_code == 401
    await client.log_in()
    assert "paymentId" in (await client.pay_by_card(cart)).json()


async def test_a_late_charge_is_made_though_the_client_has_gone(client: Client) -> None:
    cart = await client.new_cart()
    client.sandbox.add_fault(Fault(kind=FaultKind.LATE, request=CARD, for_s=0.3))
    with pytest.raises(httpx.ReadTimeout):
        await client.http.post(
            f"{client.sandbox.vault_url}{CARTS_PATH}/{cart['cartId']}/payments/card",
            json=card_payment(cart),
            headers=client.headers,
            timeout=httpx.Timeout(5, read=0.02),
        )
    during = (await client.status(cart["cartId"])).json()
    assert (during["status"], during["paid"]) == ("Processing", False)
    again = await client.pay_by_card(cart)
    assert (again.status_code, again.json()["errorCode"]) == (409, "PaymentInProgress")
    while (after := (await client.status(cart["cartId"])).json())["status"] == "Processing":
        assert not after["paid"]
    assert after["paid"]
    assert len(client.sandbox.books().cart(cart["cartId"]).payments) == 1


@pytest.mark.parametrize("carried_out", [False, True])
async def test_a_late_answer_comes(client: Client, *, carried_out: bool) -> None:
    cart = await client.new_cart()
    client.sandbox.add_fault(Fault(kind=FaultKind.LATE, request=CARD, for_s=0.02, carried_out=carried_out))
    assert "paymentId" in (await client.pay_by_card(cart)).json()


@pytest.mark.parametrize("tender", [t for t in CARDS + BANK_ACCOUNTS if t.fault], ids=lambda tender: str(tender.number))
async def test_a_tender_triggers_its_fault_again_and_again(client: Client, tender: PublishedTender) -> None:
    client.http.timeout = httpx.Timeout(5, read=0.05)
    for _ in range(2):
        cart = await client.new_cart()
        pay = client.pay_by_card if tender in CARDS else client.pay_by_echeck
        try:
            answer = await pay(cart, accountNumber=tender.number)
        except httpx.TransportError:
            pass
        else:
            assert answer.status_code != 200 or "paymentId" not in answer.text or answer.text[-1] != "}"
        assert tender.fault is not None
        assert client.sandbox.requests()[-1].fault == tender.fault.describe()
        charged = client.sandbox.books().cart(cart["cartId"]).charged > 0
        assert charged == tender.fault.carried_out


@pytest.mark.parametrize("kind", [FaultKind.SILENT, FaultKind.LATE])
async def test_stopping_breaks_what_hangs_without_a_word_in_the_log(
    caplog: pytest.LogCaptureFixture, kind: FaultKind
) -> None:
    sandbox = Sandbox(faults=[Fault(kind=kind, for_s=60)])
    await sandbox.start()
    async with Client(sandbox) as client, asyncio.TaskGroup() as group:
        arrival = group.create_task(sandbox.arrival(RequestKind.TOKEN))
        waiting = group.create_task(_fails(client))
        assert (await arrival).status is None
        await sandbox.stop()
    assert isinstance(waiting.result(), httpx.RemoteProtocolError)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def _fails(client: Client) -> httpx.TransportError | None:
    try:
        await client.ask_for_token()
    except httpx.TransportError as error:
        return error
    return None
