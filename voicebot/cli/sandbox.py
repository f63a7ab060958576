"""`sandbox`: the PaymentExpress to test against, on its own."""

import asyncio
from typing import Annotated

import typer

from voicebot.cli.errors import BadInput, explained
from voicebot.cli.options import JsonOption, console, print_json
from voicebot.sandbox import API_ROOT, CARDS, Fault, Sandbox

GENERAL_PORT, VAULT_PORT = 8081, 8082


def sandbox(
    general_port: Annotated[int, typer.Option(help="Port of the general host; 0 takes any free one.")] = GENERAL_PORT,
    vault_port: Annotated[int, typer.Option(help="Port of the vault host; 0 takes any free one.")] = VAULT_PORT,
    state: Annotated[
        str | None, typer.Option(help="Keep carts and payments in this file, or at this PostgreSQL URL.")
    ] = None,
    fault: Annotated[list[str] | None, typer.Option(help="A fault from the start, see docs/sandbox.md.")] = None,
    seed: Annotated[int | None, typer.Option(help="Makes ids and chances repeatable.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Run a PaymentExpress of our own on two ports of this machine, until Ctrl-C."""
    with explained():
        try:
            faults = [Fault.parse(text) for text in fault or []]
        except ValueError as problem:
            raise BadInput(str(problem)) from None
        made = Sandbox(general_port=general_port, vault_port=vault_port, state=state, faults=faults, seed=seed)
        try:
            asyncio.run(_serve(made, as_json))
        except KeyboardInterrupt:
            if not as_json:
                console.print("stopped")


async def _serve(made: Sandbox, as_json: bool) -> None:
    async with made:
        if as_json:
            print_json(
                {
                    "general_url": f"{made.general_url}{API_ROOT}",
                    "vault_url": f"{made.vault_url}{API_ROOT}",
                    "client_id": made.client_id,
                    "client_secret": made.client_secret,
                    "scopes": list(made.scopes),
                }
            )
        else:
            console.print(
                f"general host  {made.general_url}{API_ROOT}\nvault host    {made.vault_url}{API_ROOT}\n"
                f"client id     {made.client_id}\nclient secret {made.client_secret}\n"
                f"scopes        {' '.join(made.scopes)}\n"
                f"API page      {made.general_url}/docs\n"
                f"test cards    {', '.join(card.number for card in CARDS[:3])}, ... (docs/sandbox.md)\n"
                "Ctrl-C stops it."
            )
        await asyncio.Event().wait()
