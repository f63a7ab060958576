"""What `doctor` finds out about calls by SIP without taking one.

Registering needs PJSIP, and a process that has used PJSIP must leave in PJSIP's way: `registrations` asks a process of
its own, which runs `main`.
"""

import asyncio
import ipaddress
import json
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from cryptography.x509 import load_pem_x509_certificates

from voicebot.audio import PlaceError
from voicebot.audio.sip import SipOptions, SipTrunk, leave
from voicebot.audio.sip.library import load
from voicebot.cli.options import begin
from voicebot.settings import ROOT, Settings, SettingsError

ANSWERS_WITHIN_S = 10.0
ENDS_WITHIN_S = 120.0
"""With the start of a process on a busy machine."""
SOON_DAYS = 14
"""A certificate that ends sooner is worth a word."""


def package() -> str:
    """Whether PJSIP is installed.

    Raises:
        PlaceError: it is not.
    """
    load()
    return "PJSIP is installed"


def ports(options: SipOptions) -> str:
    """Whether the ports are free.

    Raises:
        PlaceError: one is not, or the address is none of this machine's.
    """
    for kind in options.transports:
        port = options.tls_port if kind == "tls" else options.port
        family = socket.AF_INET6 if ":" in options.listen else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM) as probe:
            if kind != "udp":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((options.listen, port))
            except OSError as problem:
                raise PlaceError(
                    f"{options.listen}:{port} ({kind}): {problem.strerror}; stop what uses it (another bot?), "
                    "or set sip.listen and sip.port"
                ) from None
    return f"{', '.join(options.transports)} at {options.listen}: free"


def certificate(options: SipOptions) -> str:
    """Whether the certificate and its key can be used, and for how long.

    Raises:
        PlaceError: they cannot, or the certificate ends within days.
    """
    if options.certificate is None or options.key is None:
        return "none is needed without tls"
    options.check_certificate()
    try:
        ends = load_pem_x509_certificates(options.certificate.read_bytes())[0].not_valid_after_utc
    except ValueError as problem:
        raise PlaceError(f"sip.certificate has no certificate that can be read: {problem}; get a new one") from None
    days = (ends - datetime.now(UTC)).days
    if days < SOON_DAYS:
        when = f"ends in {days} days" if days > 0 else "has ended"
        raise PlaceError(f"the certificate of sip.certificate {when}; get a new one")
    return f"the certificate is good for {days} days"


def registrations(config: Path | None, settings: Settings) -> list[tuple[str, bool, str]]:
    """Register every account for a moment, from a port of its own.

    Returns:
        For each its address, whether it is registered, and what the registrar said.

    Raises:
        PlaceError: it could not be tried.
    """
    if not settings.sip.accounts:
        return []
    command = [
        sys.executable,
        "-c",
        "from voicebot.cli.sip_check import main; main()",
        *([str(config)] if config else []),
    ]
    search = os.pathsep.join((str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])))
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=ENDS_WITHIN_S,
            env=os.environ | {"PYTHONPATH": search},
        )
    except subprocess.TimeoutExpired:
        raise PlaceError(f"trying the registrations did not end within {ENDS_WITHIN_S:g} s") from None
    if done.returncode:
        raise PlaceError(done.stderr.strip() or f"PJSIP ended with {done.returncode}")
    return [(address, ok, said) for address, ok, said in json.loads(done.stdout)]


async def _register(options: SipOptions) -> list[tuple[str, bool, str]]:
    nobody = (ipaddress.ip_network("255.255.255.255"),)
    trunk = SipTrunk(options.model_copy(update={"port": 0, "tls_port": 0, "allow": nobody}))
    await trunk.open()
    try:
        async with asyncio.timeout(ANSWERS_WITHIN_S):
            await trunk.registrations_known()
    except TimeoutError:
        pass  # those that have no answer yet are told so below
    known = {each.address: (each.ok, f"{each.code} {each.reason}") for each in trunk.registrations}
    await trunk.close()
    silent = (False, "no answer; check registrar, proxy and network")
    return [(account.address, *known.get(account.address, silent)) for account in options.accounts]


def main() -> None:
    """The process that `registrations` starts: print what it returns."""
    code = 0
    try:
        settings = begin(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
        found = asyncio.run(_register(settings.sip))
        sys.stdout.write(json.dumps(found) + "\n")
    except (PlaceError, SettingsError) as problem:
        sys.stderr.write(f"{problem}\n")
        code = 1
    leave(code)
