"""Client credentials in, a JWT out; and what a request without a good one meets."""

import base64
import json

import pytest

from tests.sandbox.client import CART, Client
from voicebot.sandbox import CARTS_PATH, TOKEN_PATH, Sandbox


class Clock:
    """Seconds since the epoch that a test moves."""

    def __init__(self) -> None:
        self.now_s = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now_s


async def test_the_answer_is_a_jwt_with_expiry_and_scopes(sandbox: Sandbox, client: Client) -> None:
    answer = (await client.ask_for_token()).json()
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 8 * 3600)
    assert answer["scope"].split() == list(sandbox.scopes)
    payload = answer["access_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["exp"] - claims["iat"] == 8 * 3600
    assert claims["sub"] == sandbox.client_id


async def test_a_client_may_name_itself_by_http_basic(sandbox: Sandbox, client: Client) -> None:
    answer = await client.http.post(
        sandbox.general_url + TOKEN_PATH,
        data={"grant_type": "client_credentials", "scope": sandbox.scopes[0]},
        auth=(sandbox.client_id, sandbox.client_secret),
    )
    assert answer.json()["scope"] == sandbox.scopes[0]


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "stranger"}, 401, "invalid_client"),
        ({"client_id": "", "client_secret": ""}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"scope": ""}, 400, "invalid_scope"),
        ({"scope": "voice.carts everything"}, 400, "invalid_scope"),
        ({"audience": "me"}, 400, "invalid_request"),
    ],
)
async def test_a_bad_token_request_is_refused(client: Client, changes: dict[str, str], status: int, error: str) -> None:
    answer = await client.ask_for_token(**changes)
    assert answer.status_code == status
    assert answer.json()["error"] == error
    assert set(answer.json()) == {"errorCode", "errorMessage", "error", "error_description"}


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b'{"grant_type": "client_credentials"}', "application/json"),
        (b"grant_type=client_credentials&grant_type=client_credentials", "application/x-www-form-urlencoded"),
        (b"grant_type=%ff", "application/x-www-form-urlencoded"),
        (b"\xff", "application/x-www-form-urlencoded"),
        (b"grant_type=client_credentials", "application/x-www-form-urlencoded"),
    ],
)
async def test_a_bad_form_is_refused(client: Client, content: bytes, content_type: str) -> None:
    url = client.sandbox.general_url + TOKEN_PATH
    answer = await client.http.post(url, content=content, headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("value", ["Basic", "Basic !", "Basic Og", "Bearer x", "Basic bm9jb2xvbg=="])
async def test_a_bad_authorization_of_the_token_request_is_refused(client: Client, value: str) -> None:
    form = {"grant_type": "client_credentials", "scope": client.sandbox.scopes[0]}
    url = client.sandbox.general_url + TOKEN_PATH
    answer = await client.http.post(url, data=form, headers={"Authorization": value})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


async def test_every_request_needs_its_scope() -> None:
    async with Sandbox() as sandbox, Client(sandbox) as client:
        await client.log_in()
        cart = await client.new_cart()
        answer = await client.ask_for_token(scope="voice.carts")
        client.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        assert (await client.create_cart()).status_code == 200
        assert (await client.status(cart["cartId"])).status_code == 200
        for refused in (
            await client.pay_by_card(cart),
            await client.pay_by_echeck(cart),
            await client.look_up("Z0000000000"),
        ):
            assert (refused.status_code, refused.json()["errorCode"]) == (403, "InsufficientScope")


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer"}, {"Authorization": "Bearer nonsense"}, {"Authorization": "x"}]
)
async def test_a_request_without_a_good_token_is_refused(client: Client, headers: dict[str, str]) -> None:
    client.headers = headers
    answer = await client.create_cart()
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_a_token_of_another_sandbox_is_not_ours(client: Client) -> None:
    async with Sandbox() as other, Client(other) as stranger:
        await stranger.log_in()
        client.headers = stranger.headers
        assert (await client.create_cart()).json()["errorCode"] == "InvalidToken"


async def test_a_token_expires() -> None:
    clock = Clock()
    async with Sandbox(token_lifetime_s=60, now=clock) as sandbox, Client(sandbox) as client:
        await client.log_in()
        clock.now_s += 59
        assert (await client.create_cart()).status_code == 200
        clock.now_s += 1
        assert (await client.create_cart()).json()["errorCode"] == "TokenExpired"
        await client.log_in()
        assert (await client.create_cart()).status_code == 200


async def test_all_tokens_can_be_let_expire(sandbox: Sandbox, client: Client) -> None:
    sandbox.expire_tokens()
    assert (await client.create_cart()).status_code == 401
    await client.log_in()
    assert (await client.create_cart()).status_code == 200


async def test_a_token_is_checked_before_the_body(client: Client) -> None:
    answer = await client.http.post(client.sandbox.general_url + CARTS_PATH, json={**CART, "items": []})
    assert answer.status_code == 401
