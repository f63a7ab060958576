"""Two workers behind a real Kamailio: one is killed in the middle of a payment, and no money is lost or taken twice."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bench.sip.bot import Bot, running_bot
from bench.sip.phone import Phone
from tests.patience import PATIENCE_S
from tests.sip.conftest import ACCOUNTS, QUICK_VOICE, accounts_file
from tests.sip.test_paying import CARD
from tests.sip.waiting import becomes_true
from voicebot.ledger import Ledger, State
from voicebot.sandbox import Fault, Sandbox
from voicebot.settings import ROOT

RUN = ROOT / "deploy" / "kamailio" / "run"
needs_kamailio = pytest.mark.skipif(not shutil.which("kamailio"), reason="Debian's kamailio is not installed")


def free_ports() -> int:
    """A port such that it and the next six are free for UDP."""
    for port in range(20_000 + os.getpid() % 10_000, 60_000, 10):
        with contextlib.ExitStack() as taken, contextlib.suppress(OSError):
            for each in range(port, port + 7):
                taken.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)).bind(("127.0.0.1", each))
            return port
    pytest.fail("no free ports")


@contextlib.asynccontextmanager
async def kamailio(port: int, *workers: int) -> AsyncIterator[tuple[str, int]]:
    """Kamailio before these workers on this machine."""
    async with kamailio_at("127.0.0.1", port, *(f"127.0.0.1:{worker}" for worker in workers)) as line:
        yield line


@contextlib.asynccontextmanager
async def kamailio_at(
    host: str, port: int, *workers: str, within: Sequence[str] = (), asked_from: str = "127.0.0.1"
) -> AsyncIterator[tuple[str, int]]:
    """Kamailio, started as docs/sip.md says."""
    process = await asyncio.create_subprocess_exec(
        *within, str(RUN), f"udp:{host}:{port}", *workers, stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await becomes_true(lambda: answers_options(host, port, asked_from))
        yield host, port
    finally:
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE_S):
            await process.wait()


def answers_options(host: str, port: int, asked_from: str) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.bind((asked_from, 0))
        asking.settimeout(0.2)
        here = f"{asked_from}:{asking.getsockname()[1]}"
        lines = [
            f"OPTIONS sip:bot@{host}:{port} SIP/2.0", f"Via: SIP/2.0/UDP {here};branch=z9hG4bKasked",
            "Max-Forwards: 70", f"From: <sip:test@{here}>;tag=1", f"To: <sip:bot@{host}:{port}>",
            "Call-ID: asked", "CSeq: 1 OPTIONS", "Content-Length: 0", "", "",
        ]  # fmt: skip
        asking.sendto("\r\n".join(lines).encode(), (host, port))
        try:
            return asking.recv(2000).startswith(b"SIP/2.0 200")
        except (TimeoutError, ConnectionError):
            return False


@contextlib.asynccontextmanager
async def two_workers(folder: Path, sandbox: Sandbox, port: int) -> AsyncIterator[Bot]:
    async with running_bot(
        folder,
        sandbox,
        {"port": port},
        2,
        accounts=accounts_file(folder),
        speech={"voice": QUICK_VOICE, "prompt_cache": f"{folder}/prompts"},
        settling={"every_s": 1, "quiet_s": 0},
    ) as bot:
        yield bot


async def pays(bot: Bot, phone: Phone, account: str, *, asked: str = "", reached: asyncio.Event | None = None) -> None:
    """Answer every question by keys, until the call is over; tells when one is reached."""
    keys = {**CARD, "account_number": f"{account}#"}
    async for question in bot.questions(phone.number[-2:]):
        if question == asked and reached is not None:
            reached.set()
        phone.press(keys[question])


@needs_kamailio
async def test_a_worker_is_killed_while_its_caller_pays(tmp_path: Path) -> None:
    port = free_ports()
    async with Sandbox() as sandbox, two_workers(tmp_path, sandbox, port) as bot:
        async with (
            kamailio(port, port + 2, port + 4) as line,
            Phone(line, "+15550100121") as unlucky,
            Phone(line, "+15550100122") as lucky,
            Phone(line, "+15550100123") as newcomer,
        ):
            sandbox.add_fault(Fault.parse("card:silent:carried_out=yes"))  # charged, and nobody is told
            reached = asyncio.Event()
            assert await unlucky.call() == 200
            doomed = asyncio.create_task(pays(bot, unlucky, ACCOUNTS[0], asked="tender", reached=reached))
            async with asyncio.timeout(PATIENCE_S):
                await reached.wait()
            assert await lucky.call() == 200
            paying = asyncio.create_task(pays(bot, lucky, ACCOUNTS[1]))
            await becomes_true(lambda: any(cart.payments for cart in sandbox.books().carts))
            workers = {event["caller"]: event["worker"] for event in bot.events if event["event"] == "began"}
            victim = workers["…21"]
            assert workers["…22"] == 3 - victim, "the one with fewer calls took it"

            seen = len(bot.events)
            os.kill((await bot.ready(victim))["pid"], signal.SIGKILL)
            assert await newcomer.call() == 200
            await bot.event(lambda event: event["event"] == "asked" and event["call"] == 2, since=seen)
            assert await newcomer.hang_up() == 200
            await paying
            assert (await bot.report("22"))["report"]["outcome"] == "paid"
            doomed.cancel()

            ledger = Ledger.open(f"sqlite:///{tmp_path}/voicebot.sqlite3")
            try:
                await becomes_true(lambda: not ledger.unsettled())
                carts = ledger.list()
            finally:
                ledger.close()
            assert [cart.state for cart in carts] == [State.PAID, State.PAID]
            charged = [str(payment.payment_id) for cart in sandbox.books().carts for payment in cart.payments]
            assert sorted(charged) == sorted(str(cart.payment_id) for cart in carts), "each once, and both are known"
            await bot.ready(victim, since=seen)
        assert await bot.stop(signals=2) == 0


@needs_kamailio
async def test_a_caller_is_told_when_no_worker_is_there() -> None:
    port = free_ports()
    async with kamailio(port, port + 2, port + 4) as line, Phone(line, "+15550100124") as phone:
        assert await phone.call(within_s=30) == 503
