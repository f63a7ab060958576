"""Beyond one machine: a Kamailio and two bots, each in a network namespace, one PostgreSQL; one machine is lost."""

import asyncio
import contextlib
import signal
import sys
from pathlib import Path

from bench.sip.bot import running_bot
from bench.sip.phone import Phone
from tests.ledger.postgresql import new_schema, postgresql_server
from tests.sip.conftest import ACCOUNTS, QUICK_VOICE, accounts_file
from tests.sip.machines import HOST, machines, port_on
from tests.sip.test_workers import kamailio_at, needs_kamailio, pays
from tests.sip.waiting import becomes_true
from voicebot.ledger import Ledger, State
from voicebot.sandbox import Fault, Sandbox

BOTS = ("one", "two")


@needs_kamailio
async def test_a_machine_is_lost_while_its_caller_pays(tmp_path: Path) -> None:
    async with contextlib.AsyncExitStack() as stack:
        made = stack.enter_context(machines())
        database = new_schema(stack.enter_context(postgresql_server()))
        sandbox = await stack.enter_async_context(Sandbox())
        ports = [int(url.rpartition(":")[2]) for url in (sandbox.general_url, sandbox.vault_url)]
        front = made.add("front")
        addresses = {name: made.add(name) for name in BOTS}
        bots = {}
        for name in BOTS:
            folder = tmp_path / name
            folder.mkdir()
            for port in ports:
                await stack.enter_async_context(port_on(made, name, port, folder, sys.executable))
            bots[name] = await stack.enter_async_context(
                running_bot(
                    folder,
                    sandbox,
                    {"listen": addresses[name], "port": 5060},
                    1,
                    made.within(name),
                    database=database,
                    accounts=accounts_file(folder),
                    speech={"voice": QUICK_VOICE, "prompt_cache": f"{tmp_path}/prompts"},
                    settling={"every_s": 1, "quiet_s": 0},
                )
            )
        workers = [f"{addresses[name]}:5060" for name in BOTS]
        line = await stack.enter_async_context(
            kamailio_at(front, 5060, *workers, within=made.within("front"), asked_from=HOST)
        )
        unlucky = await stack.enter_async_context(Phone(line, "+15550100131", at=HOST))
        newcomer = await stack.enter_async_context(Phone(line, "+15550100132", at=HOST))

        sandbox.add_fault(Fault.parse("card:silent:carried_out=yes"))  # charged, and nobody is told
        assert await unlucky.call() == 200
        await becomes_true(lambda: any(bots[name].events[1:] for name in BOTS))
        (lost,) = [name for name in BOTS if bots[name].events[1:]]
        (left,) = [name for name in BOTS if name != lost]
        doomed = asyncio.create_task(pays(bots[lost], unlucky, ACCOUNTS[0]))
        await becomes_true(lambda: any(cart.payments for cart in sandbox.books().carts))
        made.cut_off(lost)
        bots[lost].process.send_signal(signal.SIGKILL)
        await asyncio.wait({doomed})
        assert isinstance(doomed.exception(), EOFError), "its bot is gone"

        assert await newcomer.call() == 200, "the other machine answers at the same address"
        await pays(bots[left], newcomer, ACCOUNTS[1])
        assert (await bots[left].report("32"))["report"]["outcome"] == "paid"

        ledger = Ledger.open(database)
        stack.callback(ledger.close)
        await becomes_true(lambda: not ledger.unsettled())
        carts = ledger.list()
        assert [cart.state for cart in carts] == [State.PAID, State.PAID]
        charged = [str(payment.payment_id) for cart in sandbox.books().carts for payment in cart.payments]
        assert sorted(charged) == sorted(str(cart.payment_id) for cart in carts), "each once, and both are known"
