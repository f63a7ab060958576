"""`carts`: payments whose outcome is not known yet, and finding out."""

import asyncio
import time
from dataclasses import asdict, replace
from typing import Annotated, Any

import typer
from rich.table import Column, Table

from voicebot.cli.errors import BadInput, ExitCode, explained
from voicebot.cli.furnish import open_ledger, open_payments, sandbox_state, settle_rules
from voicebot.cli.options import ConfigOption, JsonOption, begin, console, print_json
from voicebot.ledger import AttemptRecord, CartRecord, Ledger, SettleReport, settle_once
from voicebot.settings import Settings

ROUND_S = 2.0
"""Between two rounds of `carts settle --wait`."""

WHEN = "%Y-%m-%d %H:%M:%S"

app = typer.Typer(no_args_is_help=True, help="Carts: what is not settled yet, and settling it.")


@app.command("list")
def list_carts(
    everything: Annotated[bool, typer.Option("--all", help="Settled carts too.")] = False,
    attention: Annotated[bool, typer.Option("--attention", help="Only those that people should look at.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the carts that are not settled. Exit code 4 when some need people's attention.

    Those are carts that settling could make nothing of, and carts in doubt for longer than
    settling.attention_after_s, also where nothing settles any more.
    """
    with explained():
        settings = begin(config)
        ledger, overdue_s = open_ledger(settings), settings.settling.attention_after_s
        if attention:
            _print(ledger.list(attention=True, overdue_s=overdue_s), as_json, "no cart needs attention")
        elif everything:
            _print(ledger.list(), as_json, "no carts yet")
        else:
            _print(ledger.unsettled(), as_json, "nothing is unsettled")
        if ledger.counts(overdue_s=overdue_s).attention:
            raise typer.Exit(ExitCode.ATTENTION)


@app.command("settle")
def settle(
    wait_s: Annotated[float, typer.Option("--wait", help="Seconds to keep asking while carts are in doubt.")] = 0.0,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask PaymentExpress how the unsettled carts stand, and write it down. Nothing is ever paid by this.

    "Not paid" is believed once the payment request is older than settling.quiet_s, as it may still be on its way
    until then. Exit code 4 when a cart is still in doubt or needs people's attention.
    """
    with explained():
        settings = begin(config)
        ledger = open_ledger(settings)
        report = asyncio.run(_settle(settings, ledger, wait_s))
        if as_json:
            print_json(
                {
                    "settled": [_as_json(cart) for cart in report.settled],
                    "waiting": [_as_json(cart) for cart in report.waiting],
                    "attention": report.attention,
                }
            )
        else:
            _print((*report.settled, *report.waiting), as_json=False, none="nothing is unsettled")
        if report.waiting or report.attention:
            raise typer.Exit(ExitCode.ATTENTION)


@app.command("acknowledge")
def acknowledge(
    wanted: Annotated[str, typer.Argument(metavar="ID", help="Our id, the caller's reference, or the cartId.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that people have seen to a cart: it no longer asks for attention. Nothing else about it changes.

    A cart that is still in doubt cannot be acknowledged: it has to be settled.
    """
    with explained():
        ledger = open_ledger(begin(config))
        cart = ledger.show(wanted)
        if cart.in_doubt:
            raise BadInput(f"cart {cart.reference} is still {cart.state}: settle it first (`carts settle`)")
        cart = ledger.acknowledge(cart.id)
        if as_json:
            print_json(_as_json(cart))
        else:
            console.print(f"cart {cart.reference} ({cart.state}) no longer asks for attention")


@app.command("show")
def show(
    wanted: Annotated[str, typer.Argument(metavar="ID", help="Our id, the caller's reference, or the cartId.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one cart with its attempts and its history."""
    with explained():
        ledger = open_ledger(begin(config))
        cart = ledger.show(wanted)
        history = ledger.history(cart.id)
        if as_json:
            print_json(
                {
                    **_as_json(cart),
                    "history": [
                        {"at": line.at.isoformat(), "before": line.before, "after": line.after, "why": line.why}
                        for line in history
                    ],
                }
            )
            return
        console.print(_whole(cart))
        table = Table("when", "from", "to", "why", title="history", title_justify="left")
        for line in history:
            table.add_row(f"{line.at:{WHEN}}", line.before or "", line.after, line.why)
        console.print(table)


async def _settle(settings: Settings, ledger: Ledger, wait_s: float) -> SettleReport:
    """Rounds until nothing is in doubt or the time is over; what was settled in any of them is reported."""
    settled: tuple[CartRecord, ...] = ()
    until_s = time.monotonic() + wait_s
    async with open_payments(settings, sandbox_state=sandbox_state(settings)) as (payments, _):
        while True:
            report = await settle_once(ledger, payments, settle_rules(settings), early=True)
            settled += report.settled
            # Also those that another process looks at just now.
            waiting = tuple(cart for cart in ledger.unsettled() if cart.in_doubt)
            if not waiting or time.monotonic() >= until_s:
                return replace(report, settled=settled, waiting=waiting)
            await asyncio.sleep(min(ROUND_S, wait_s))


def _print(carts: tuple[CartRecord, ...], as_json: bool, none: str) -> None:
    if as_json:
        print_json([_as_json(cart) for cart in carts])
        return
    attention = any(cart.attention for cart in carts)
    names = ("reference", "state", "account", "owed", "since", "payment", *(("attention",) if attention else ()))
    table = Table(*(Column(name, overflow="fold") for name in names))
    for cart in carts:
        row = (cart.reference, cart.state, cart.account_number, f"{cart.total}", f"{cart.changed_at:{WHEN}}")
        table.add_row(*row, cart.payment_id, *((cart.attention,) if attention else ()))
    console.print(table if carts else none)


def _whole(cart: CartRecord) -> Table:
    """Everything about one cart that a person may want to read out."""
    grid = Table.grid(padding=(0, 2))
    for name, value in (
        ("reference", cart.reference),
        ("our id", cart.id),
        ("cartId", cart.cart_id),
        ("account", cart.account_number),
        ("state", cart.state),
        ("payment", cart.payment_id),
        ("attention", cart.attention),
        *(("item", f"{item.description}, {item.amount}") for item in cart.items),
        *(("attempt", _attempt(attempt)) for attempt in cart.attempts),
    ):
        if value:
            grid.add_row(name, value)
    return grid


def _attempt(attempt: AttemptRecord) -> str:
    outcome = " ".join(filter(None, (attempt.outcome, attempt.error_code)))
    return f"{attempt.tender} ending in {attempt.last_four}, {attempt.amounts.total}: {outcome or 'under way'}"


def _as_json(cart: CartRecord) -> dict[str, Any]:
    data = asdict(cart)
    return {name: str(value) if name.endswith("_at") and value else value for name, value in _plain(data).items()}


def _plain(data: Any) -> Any:
    """Decimals and times as text, as JSON has neither."""
    if isinstance(data, dict):
        return {name: _plain(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    return data if isinstance(data, str | int | float | bool | None) else str(data)
