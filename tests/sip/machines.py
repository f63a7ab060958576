"""Machines of a network of their own on this one: network namespaces on a bridge (ip-netns(8)), a way to a sandbox."""

import asyncio
import contextlib
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

NET = "10.77.0"
HOST = f"{NET}.1"
"""This machine, as the others see it."""


@dataclass
class Machines:
    """A bridge with machines on it.

    Attributes:
        names: of the namespaces, by the machine's short name.
    """

    bridge: str
    names: dict[str, str] = field(default_factory=dict)

    def add(self, name: str) -> str:
        """One more machine; its address."""
        space = self.names[name] = f"{self.bridge}-{name}"
        address = f"{NET}.{len(self.names) + 1}"
        link = f"{self.bridge}{len(self.names)}"
        ip("netns", "add", space)
        ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", space)
        ip("link", "set", link, "master", self.bridge, "up")
        for command in (
            ("addr", "add", f"{address}/24", "dev", "eth0"), ("link", "set", "eth0", "up"), ("link", "set", "lo", "up"),
        ):  # fmt: skip
            ip("-n", space, *command)
        return address

    def within(self, name: str) -> tuple[str, ...]:
        """What to put before a command to run it there."""
        return ("ip", "netns", "exec", self.names[name])

    def cut_off(self, name: str) -> None:
        """Pull its cable."""
        ip("-n", self.names[name], "link", "set", "eth0", "down")


def ip(*arguments: str) -> None:
    """Run `ip`."""
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


@contextlib.contextmanager
def machines() -> Iterator[Machines]:
    """A network of machines; skips where none can be made."""
    if os.geteuid() or not shutil.which("ip"):
        pytest.skip("network namespaces need root and iproute2")
    made = Machines(f"vb{os.getpid() % 100_000}")
    try:
        ip("link", "add", made.bridge, "type", "bridge")
        ip("addr", "add", f"{HOST}/24", "dev", made.bridge)
        ip("link", "set", made.bridge, "up")
    except subprocess.CalledProcessError as refused:
        with contextlib.suppress(subprocess.CalledProcessError):
            ip("link", "del", made.bridge)
        pytest.skip(f"this machine allows no network namespaces: {refused.stderr.decode().strip()}")
    try:
        yield made
    finally:
        for space in made.names.values():
            ip("netns", "del", space)
        ip("link", "del", made.bridge)


RELAY = """
import asyncio, sys
async def pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
async def join(reader, writer):
    there = await asyncio.open_unix_connection(sys.argv[1])
    await asyncio.gather(pump(reader, there[1]), pump(there[0], writer))
async def main():
    server = await asyncio.start_server(join, "127.0.0.1", int(sys.argv[2]))
    print("ready", flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


@contextlib.asynccontextmanager
async def port_on(made: Machines, name: str, port: int, folder: Path, python: str) -> AsyncIterator[None]:
    """Lets a machine reach a port of this one's loopback at its own loopback, by way of a socket in a folder.

    Plain HTTP is allowed to loopback only, and the sandbox stays on this machine's.
    """
    path = folder / f"{name}-{port}.socket"

    async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_pump(reader, there[1]), _pump(there[0], writer))

    server = await asyncio.start_unix_server(join, path)
    relay = await asyncio.create_subprocess_exec(
        *made.within(name), python, "-c", RELAY, str(path), str(port), stdout=asyncio.subprocess.PIPE
    )
    assert relay.stdout is not None
    assert await relay.stdout.readline() == b"ready\n"
    try:
        yield
    finally:
        relay.kill()
        await relay.wait()
        server.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()
