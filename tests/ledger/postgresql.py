"""A real PostgreSQL server for tests, started on a Unix socket in a folder of its own and stopped afterwards."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

USER = "voicebot"
_NUMBERS = count(1)


@contextmanager
def postgresql_server(*, durable: bool = False) -> Iterator[str]:
    """Run a server; gives the folder of its socket. Skips where there is no PostgreSQL or no user that may run it.

    Args:
        durable: sync each commit to the disk, as a real server does; tests need not wait for that.
    """
    binaries = _binaries()
    if binaries is None:
        pytest.skip(
            "PostgreSQL is not installed here; `make test` installs it where it may (apt-get install postgresql)"
        )
    runs_as = _unprivileged_user()
    # A socket's path must be short and its folder open to the server's user: pytest's own folders are neither.
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    shutil.chown(folder, runs_as)

    def run(program: str, *arguments: str) -> None:
        command = [str(binaries / program), "-D", str(folder / "data"), *arguments]
        done = subprocess.run(
            command, cwd=folder, user=runs_as, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        assert done.returncode == 0, done.stdout.decode()

    try:
        run("initdb", "--username", USER, "--auth", "trust", "--no-sync", "--encoding", "UTF8", "--locale", "C")
        options = f"-k {folder} -c listen_addresses= -c fsync={'on' if durable else 'off'} -c max_connections=60"
        run("pg_ctl", "start", "--wait", "--silent", "--log", str(folder / "log"), "--options", options)
        try:
            yield str(folder)
        finally:
            run("pg_ctl", "stop", "--mode", "immediate", "--silent")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_schema(socket_folder: str) -> str:
    """A place of its own for one test's tables, as a URL; quicker to make than a database."""
    name = f"test_{os.getpid()}_{next(_NUMBERS)}"
    with psycopg.connect(host=socket_folder, user=USER, dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
    return f"postgresql://{USER}@/postgres?host={socket_folder}&options=-csearch_path%3D{name}"


def _binaries() -> Path | None:
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = str(debian[-1]) if debian else shutil.which("initdb")
    return Path(found).parent if found else None


def _unprivileged_user() -> str:
    """PostgreSQL refuses to run as root; a root shell hands it to the user that Debian's package made."""
    if os.geteuid():
        return pwd.getpwuid(os.geteuid()).pw_name
    known = {entry.pw_name for entry in pwd.getpwall()}
    user = next((name for name in ("postgres", "nobody") if name in known), None)
    if user is None:
        pytest.skip("PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody` to run it as")
    return user
