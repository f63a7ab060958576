"""Starting, stopping, refusing, remembering: the sandbox as one thing."""

import asyncio
import contextlib
import logging
import signal
import socket
import sqlite3
import sys
from pathlib import Path

import httpx
import pytest

import voicebot.sandbox
from tests.ledger.postgresql import new_schema
from tests.sandbox.client import BANK_ACCOUNT, ROUTING, VISA, Client
from voicebot.sandbox import CARTS_PATH, Fault, FaultKind, RequestKind, Sandbox, SandboxError, SeenRequest

HOME = Path(voicebot.sandbox.__file__).parents[2]
CARD, CART, STATUS = RequestKind.CARD, RequestKind.CART, RequestKind.STATUS


async def test_two_sandboxes_run_beside_each_other(sandbox: Sandbox) -> None:
    async with Sandbox() as other:
        urls = {sandbox.general_url, sandbox.vault_url, other.general_url, other.vault_url}
        assert len(urls) == 4


async def test_it_may_be_started_again_and_stopped_twice() -> None:
    sandbox = Sandbox()
    for _ in range(2):
        await sandbox.start()
        with pytest.raises(SandboxError, match="running already"):
            await sandbox.start()
        await sandbox.stop()
        await sandbox.stop()
    with pytest.raises(SandboxError, match="async with"):
        sandbox.books()


async def test_it_takes_no_signals_and_logs_no_access(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    caplog.set_level(logging.DEBUG)
    async with Sandbox():
        assert {number: signal.getsignal(number) for number in before} == before
    await client.pay_by_card(await client.new_cart())
    assert [r.getMessage() for r in caplog.records if r.name.startswith(("uvicorn", "voicebot", "fastapi"))] == []


@pytest.mark.parametrize("host", ["general", "vault"])
async def test_a_port_in_use_says_which_and_what_to_do(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        sandbox = Sandbox(general_port=port) if host == "general" else Sandbox(vault_port=port)
        with pytest.raises(SandboxError, match=f"port {port} on 127.0.0.1.*{host} host.*in use.*another port"):
            await sandbox.start()
    await sandbox.start()
    await sandbox.stop()


@pytest.mark.parametrize(("address", "port"), [("192.0.2.1", 0), ("127.0.0.1", 70000), ("no such host", 0)])
async def test_an_impossible_address_says_what_to_do(address: str, port: int) -> None:
    with pytest.raises(SandboxError, match=r"cannot listen on .*Choose an address of this machine"):
        await Sandbox(address=address, general_port=port).start()


async def test_ipv6(caplog: pytest.LogCaptureFixture) -> None:
    async with Sandbox(address="::1") as sandbox, Client(sandbox) as client:
        await client.log_in()
        assert sandbox.general_url.startswith("http://[::1]:")
        assert (await client.create_cart()).status_code == 200
    assert caplog.records == []


# --- refusing connections --------------------------------------------------------------------------------------------


async def test_refusing_is_a_refused_connection_on_one_host_only(sandbox: Sandbox, client: Client) -> None:
    cart = await client.new_cart()
    await client.pay_by_card(cart, accountNumber="4000000000000002")
    fault = sandbox.add_fault(Fault(kind=FaultKind.REFUSE, request=CARD, times=0))
    for _ in range(3):
        with pytest.raises(httpx.ConnectError):
            await client.pay_by_card(cart)
    assert (await client.status(cart["cartId"])).json()["status"] == "Open"
    assert sandbox.remove_fault(fault.id)
    assert "paymentId" in (await client.pay_by_card(cart)).json()


async def test_refusing_ends_by_itself(sandbox: Sandbox, client: Client) -> None:
    sandbox.add_fault(Fault(kind=FaultKind.REFUSE, request=CART, for_s=1.0))
    with pytest.raises(httpx.ConnectError):
        await client.create_cart()
    answer = None
    while answer is None:
        with contextlib.suppress(httpx.ConnectError):
            answer = await client.create_cart()
    assert answer.status_code == 200
    assert sandbox.faults() == ()


async def test_refusing_may_begin_after_another_request(sandbox: Sandbox, client: Client) -> None:
    cart = await client.new_cart()
    sandbox.add_fault(Fault(kind=FaultKind.REFUSE, request=STATUS, wakes_after=CARD, times=0))
    assert (await client.status(cart["cartId"])).status_code == 200
    await client.pay_by_card(cart)
    with pytest.raises(httpx.ConnectError):
        await client.status(cart["cartId"])
    sandbox.clear_faults()
    assert (await client.status(cart["cartId"])).json()["paid"]


async def test_refusing_everywhere(sandbox: Sandbox, client: Client) -> None:
    sandbox.add_fault(Fault(kind=FaultKind.REFUSE, times=0))
    for url in (sandbox.general_url, sandbox.vault_url):
        with pytest.raises(httpx.ConnectError):
            await client.http.get(url)


async def test_a_refusing_host_keeps_its_port(sandbox: Sandbox) -> None:
    sandbox.add_fault(Fault(kind=FaultKind.REFUSE, times=0))
    port = httpx.URL(sandbox.vault_url).port
    with pytest.raises(OSError, match="in use"), socket.socket() as thief:
        thief.bind(("127.0.0.1", port))


async def test_a_refusal_ordered_on_the_host_itself_is_answered(sandbox: Sandbox, client: Client) -> None:
    order = {"kind": "refuse", "request": "cart", "for_s": 60}
    assert (await client.http.post(f"{sandbox.control_url}/faults", json=order)).status_code == 200
    with pytest.raises(httpx.ConnectError):
        await client.http.get(f"{sandbox.control_url}/faults")
    assert (await client.http.delete(f"{sandbox.vault_url}/control/faults")).status_code == 204
    assert (await client.http.get(f"{sandbox.control_url}/faults")).json() == []


async def test_a_sandbox_may_start_refusing() -> None:
    refuse = Fault(kind=FaultKind.REFUSE, request=CARD)
    async with Sandbox(faults=[refuse]) as sandbox, httpx.AsyncClient(trust_env=False) as http:
        with pytest.raises(httpx.ConnectError):
            await http.get(sandbox.vault_url)


# --- remembering -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["file", "postgresql"])
async def test_state_and_tokens_outlive_a_restart(tmp_path: Path, request: pytest.FixtureRequest, where: str) -> None:
    path: Path | str = tmp_path / "sandbox.sqlite3"
    if where == "postgresql":
        path = new_schema(request.getfixturevalue("postgresql_socket"))
    async with Sandbox(state=path) as sandbox, Client(sandbox) as client:
        await client.log_in()
        cart = await client.new_cart()
        payment_id = (await client.pay_by_card(cart)).json()["paymentId"]
        await client.pay_by_card(cart)
        books, incidents, headers = sandbox.books(), sandbox.incidents(), client.headers
    async with Sandbox(state=path) as sandbox, Client(sandbox) as client:
        client.headers = headers
        assert (sandbox.books(), sandbox.incidents()) == (books, incidents)
        assert (await client.status(cart["cartId"])).json()["paymentId"] == payment_id


async def test_ids_of_a_seed_are_foretold_and_never_given_twice(tmp_path: Path) -> None:
    async def ids(path: Path | None) -> list[str]:
        async with Sandbox(state=path, seed=7) as sandbox, Client(sandbox) as client:
            await client.log_in()
            cart = await client.new_cart()
            return [cart["cartId"], (await client.pay_by_card(cart)).json()["paymentId"]]

    assert await ids(None) == await ids(None)
    path = tmp_path / "sandbox.sqlite3"
    first, second = await ids(path), await ids(path)
    assert not set(first) & set(second)


@pytest.mark.parametrize("what", ["folder is missing", "is a folder", "is no database"])
async def test_a_state_file_that_cannot_be_used_says_what_to_do(tmp_path: Path, what: str) -> None:
    path = {"folder is missing": tmp_path / "no" / "x", "is a folder": tmp_path, "is no database": tmp_path / "x"}[what]
    if what == "is no database":
        path.write_bytes(b"something else entirely " * 100)
    with pytest.raises(SandboxError, match="Name a file in a folder that exists"):
        await Sandbox(state=path).start()


@pytest.mark.parametrize(
    "url",
    ["postgresql://me:pass-4711@127.0.0.1:1/none", "oracle://me:pass-4711@there/none", "postgresql://x:pass-4711@y:z/"],
)
async def test_a_database_that_cannot_be_used_says_what_to_do_and_no_password(url: str) -> None:
    with pytest.raises(SandboxError, match="URL of a PostgreSQL database that runs") as caught:
        await Sandbox(state=url).start()
    assert "pass-4711" not in str(caught.value)


async def test_tables_of_another_version_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite3"
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE carts (cart_id TEXT PRIMARY KEY)")
    with pytest.raises(SandboxError, match="not those of this version"):
        await Sandbox(state=path).start()


PROGRAM = """
import asyncio, pathlib, sys
from voicebot.sandbox import Sandbox

async def serve():
    async with Sandbox(state=pathlib.Path(sys.argv[1]), seed=1) as sandbox:
        print(sandbox.general_url, sandbox.vault_url, flush=True)
        await asyncio.Event().wait()

asyncio.run(serve())
"""


async def test_a_killed_sandbox_forgets_nothing(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.sqlite3"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, path, stdout=asyncio.subprocess.PIPE, cwd=HOME
    )
    assert process.stdout is not None
    general, vault = (httpx.URL(url.decode()) for url in (await process.stdout.readline()).split())
    here = Sandbox(state=path, general_port=general.port or 0, vault_port=vault.port or 0)
    async with Client(here, general_url=str(general), vault_url=str(vault)) as client:
        await client.log_in()
        cart = await client.new_cart()
        payment_id = (await client.pay_by_card(cart)).json()["paymentId"]
        process.kill()
        await process.wait()
        async with here:
            assert (await client.status(cart["cartId"])).json()["paymentId"] == payment_id
            assert (await client.new_cart())["cartId"] != cart["cartId"]


# --- keeping quiet ---------------------------------------------------------------------------------------------------


async def test_no_tender_is_kept_anywhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    path = tmp_path / "sandbox.sqlite3"
    code = "7391"
    async with Sandbox(state=path) as sandbox, Client(sandbox) as client:
        await client.log_in()
        cart = await client.new_cart()
        url = f"{sandbox.general_url}{CARTS_PATH}/{VISA}"
        await client.http.get(url, headers=client.headers)
        await client.pay_by_card(cart, securityCode=code)
        await client.pay_by_card(cart, securityCode="x" + code)
        await client.pay_by_card(cart, accountNumber="378282246310005", securityCode=code)
        await client.pay_by_echeck(await client.new_cart())
        kept = _bytes_below(tmp_path)
        kept += repr((sandbox.books(), sandbox.incidents(), sandbox.requests())).encode()
    kept += "\n".join(r.getMessage() for r in caplog.records if not r.name.startswith("httpx")).encode()
    for secret in (VISA, "378282246310005", ROUTING, BANK_ACCOUNT, code):
        assert secret.encode() not in kept
    assert b"1111" in kept


def _bytes_below(folder: Path) -> bytes:
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert any(file.name.endswith("-wal") for file in files), "the write-ahead log must be searched too"
    return b"".join(file.read_bytes() for file in files)


async def test_arrival_tells_when_a_request_is_there(sandbox: Sandbox, client: Client) -> None:
    sandbox.add_fault(Fault(kind=FaultKind.LATE, request=CART, for_s=0.01))
    async with asyncio.TaskGroup() as group:
        arrival = group.create_task(sandbox.arrival(CART))
        asking = group.create_task(client.create_cart())
        seen = await arrival
        assert not asking.done()
    assert seen == SeenRequest(number=2, request=CART, cart_id=None, fault="late by 0.01 s")
    assert sandbox.requests()[-1].status == 200


def test_the_front_door_is_true() -> None:
    names = voicebot.sandbox.__all__
    assert names == sorted(names, key=lambda name: (not name.isupper(), name))
    assert all(hasattr(voicebot.sandbox, name) for name in names)
