"""Run the sandbox by itself: `python -m voicebot.sandbox`; `--help` names what can be set.

Prints one line of JSON once both hosts answer, then serves until SIGINT or SIGTERM. Exit code 2: it cannot start.
"""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from voicebot.sandbox.errors import SandboxError
from voicebot.sandbox.faults import Fault
from voicebot.sandbox.sandbox import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, TOKEN_LIFETIME_S, Sandbox


def _fault(text: str) -> Fault:
    try:
        return Fault.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m voicebot.sandbox",
        description="A PaymentExpress to develop and test against.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--address", default="127.0.0.1", help="where to listen")
    parser.add_argument("--general-port", type=int, default=0, help="port of the general host; 0: any free one")
    parser.add_argument("--vault-port", type=int, default=0, help="port of the vault host; 0: any free one")
    parser.add_argument("--state-path", type=Path, help="SQLite file that outlives a restart; without: memory")
    parser.add_argument("--client-id", default=DEFAULT_CLIENT_ID, help="who may ask for tokens")
    parser.add_argument("--client-secret", default=DEFAULT_CLIENT_SECRET, help="with which secret")
    parser.add_argument(
        "--token-lifetime-s", type=float, default=TOKEN_LIFETIME_S, help="how long a token is good, in seconds"
    )
    parser.add_argument(
        "--fault",
        type=_fault,
        action="append",
        default=[],
        metavar="REQUEST:KIND[:NAME=VALUE,…]",
        help="arm a fault, such as card:close:carried_out=yes; may be given again",
    )
    parser.add_argument("--seed", type=int, help="makes ids and chances repeatable")
    parser.add_argument("--pays-again", action="store_true", help="charge a cart a second time instead of refusing it")
    return parser.parse_args(arguments)


async def _serve(sandbox: Sandbox) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with sandbox:
        ready = {
            "general_url": sandbox.general_url,
            "vault_url": sandbox.vault_url,
            "control_url": sandbox.control_url,
            "client_id": sandbox.client_id,
            "scopes": sandbox.scopes,
        }
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        await stop.wait()


def main(arguments: Sequence[str]) -> int:
    """Serve until told to stop; the exit code."""
    options = _options(arguments)
    sandbox = Sandbox(
        address=options.address,
        general_port=options.general_port,
        vault_port=options.vault_port,
        state_path=options.state_path,
        client_id=options.client_id,
        client_secret=options.client_secret,
        token_lifetime_s=options.token_lifetime_s,
        pays_once=not options.pays_again,
        faults=options.fault,
        seed=options.seed,
    )
    try:
        asyncio.run(_serve(sandbox))
    except SandboxError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
