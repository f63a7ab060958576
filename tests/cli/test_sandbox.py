"""`sandbox`: a PaymentExpress on its own, for other programs."""

import socket

import httpx
import pytest

from tests.cli.conftest import Run, interrupted, object_of, start


def test_it_says_where_it_is_and_serves_until_interrupted() -> None:
    process = start("sandbox", "--general-port", "0", "--vault-port", "0", "--json", "--fault", "card:silent")
    try:
        told = object_of(process)
        origin = told["general_url"].removesuffix("/api/v1")
        assert httpx.get(f"{origin}/docs").status_code == 200
        (fault,) = httpx.get(f"{origin}/control/faults").json()
        assert (fault["fault"]["request"], fault["fault"]["kind"]) == ("card", "silent")
        token = httpx.post(
            f"{told['general_url']}/oauth/token",
            data={"grant_type": "client_credentials", "scope": " ".join(told["scopes"])},
            auth=(told["client_id"], told["client_secret"]),
        )
        assert token.json()["access_token"]
        assert httpx.get(f"{told['vault_url'].removesuffix('/api/v1')}/openapi.json").status_code == 200
    finally:
        ended = interrupted(process)
    assert (ended.exit_code, ended.stdout) == (0, "")


def test_for_people_it_says_how_to_use_it_and_how_it_ends() -> None:
    process = start("sandbox", "--general-port", "0", "--vault-port", "0")
    assert process.stdout is not None
    said = list(iter(process.stdout.readline, "Ctrl-C stops it.\n"))
    ended = interrupted(process)
    assert said[0].startswith("general host  http://127.0.0.1:")
    assert said[1].startswith("vault host    http://127.0.0.1:")
    assert "sandbox-secret" in "".join(said)
    assert "4111111111111111" in "".join(said)
    assert (ended.exit_code, ended.stdout) == (0, "stopped\n")


@pytest.mark.parametrize("option", ["--general-port", "--vault-port"])
def test_a_port_in_use_is_named(run: Run, option: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        other = "--vault-port" if option == "--general-port" else "--general-port"
        ended = run("sandbox", option, str(port), other, "0")
    assert (ended.exit_code, ended.stdout) == (3, "")
    assert ended.complaint.startswith("cannot go on: ")
    assert str(port) in ended.complaint
    assert "in use" in ended.complaint


def test_a_fault_that_is_none(run: Run) -> None:
    ended = run("sandbox", "--fault", "card:explode")
    assert ended.exit_code == 2
    assert "explode" in ended.complaint
