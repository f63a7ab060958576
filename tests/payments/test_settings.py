"""Hosts by name, production only when named, tender's host apart, and guesses marked as guesses."""

import ssl
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from voicebot.payments import ENVIRONMENTS, ApiSettings, Environment, Paths, assumptions
from voicebot.payments.connection import tls_context

BETA = Environment.named("beta")


def settings(**more: Any) -> ApiSettings:
    return ApiSettings(environment=BETA, client_id="ivr-test", client_secret=SecretStr("s3cret-value"), **more)


@pytest.mark.parametrize(
    ("name", "general", "vault"),
    [
        ("beta", "https://beta.gsg.tech/api/v1", "https://beta-vault.gsg.tech/api/v1"),
        ("demo", "https://demo.gsg.tech/api/v1", "https://demo-vault.gsg.tech/api/v1"),
        ("production", "https://www.gsg.tech/api/v1", "https://vault.gsg.tech/api/v1"),
    ],
)
def test_the_vendors_hosts(name: str, general: str, vault: str) -> None:
    environment = Environment.named(name)
    assert (environment.general, environment.vault) == (general, vault)
    assert set(ENVIRONMENTS) == {"beta", "demo", "production"}


def test_there_is_no_default_environment() -> None:
    with pytest.raises(ValidationError, match="environment"):
        ApiSettings(client_id="a", client_secret=SecretStr("b"))  # type: ignore[call-arg]  # that is the point


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match="beta, demo, production"):
        Environment.named("live")


@pytest.mark.parametrize(
    ("general", "vault", "said"),
    [
        ("http://api.example/api/v1", "https://vault.example/api/v1", "must be https"),
        ("http://10.0.0.1/api/v1", "https://vault.example/api/v1", "must be https"),
        ("ftp://127.0.0.1/api/v1", "https://vault.example/api/v1", "must be https"),
        ("https:///api/v1", "https://vault.example/api/v1", "looks like"),
        ("https://user@api.example/", "https://vault.example/api/v1", "looks like"),
        ("https://api.example/?x=1", "https://vault.example/api/v1", "looks like"),
        ("https://api.example/api/v1", "https://api.example/vault", "host of its own"),
        ("http://127.0.0.1:8001/api/v1", "http://127.0.0.1:8001/vault", "host of its own"),
        ("https://www.gsg.tech/api/v1", "https://vault.example/api/v1", "name the vendor's environment"),
        ("https://api.example/api/v1", "https://www.gsg.tech/api/v1", "name the vendor's environment"),
    ],
)
def test_custom_hosts_that_are_refused(general: str, vault: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Environment.custom(general=general, vault=vault)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.8.9.10"])
def test_a_sandbox_on_this_machine_may_speak_plain_http(host: str) -> None:
    pair = Environment.custom(general=f"http://{host}:8001/api/v1/", vault=f"http://{host}:8002/api/v1")
    assert pair.general == f"http://{host}:8001/api/v1"


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        ({"cart_status": "/pay/carts"}, "{cart_id} once"),
        ({"card_payment": "/pay/{cart_id}/{cart_id}"}, "{cart_id} once"),
        ({"carts": "/pay/{cart_id}"}, "no {placeholder}"),
        ({"payment": "pay/{payment_id}"}, "begin with /"),
        ({"carts": "https://elsewhere.example/carts"}, "begin with /"),
        ({"refunds": "/x"}, "refunds"),
    ],
)
def test_paths_that_are_refused(paths: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Paths(**paths)


def test_guesses_are_listed_until_somebody_replaces_them() -> None:
    assert {assumed.setting for assumed in assumptions(settings())} == {
        "scopes",
        "token_auth",
        "paths.token",
        "paths.carts",
        "paths.cart_status",
    }
    told = settings(scopes=("pay",), token_auth="client_secret_post", paths=Paths(token="/auth/token"))
    assert {assumed.setting for assumed in assumptions(told)} == {"paths.carts", "paths.cart_status"}
    assert all(assumed.because for assumed in assumptions(settings()))


def test_the_secret_is_not_shown() -> None:
    assert "s3cret-value" not in repr(settings())
    assert "s3cret-value" not in settings().model_dump_json()
    with pytest.raises(ValidationError) as refused:
        ApiSettings(environment=BETA, client_id="", client_secret=SecretStr("s3cret-value"))
    assert "s3cret-value" not in str(refused.value)


def test_certificates_are_verified_and_old_tls_is_not_spoken() -> None:
    context = tls_context(None)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
