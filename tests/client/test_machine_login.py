"""What servers answer to an access token, each as one login or one typed error."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from bw_magics.client import Transport
from bw_magics.client.access_token import AccessToken
from bw_magics.client.machine_login import MachineLogin, log_in
from bw_magics.errors import (
    AccessTokenRefused,
    AnswerUnusable,
    BitwardenError,
    NoSecretsManager,
    RateLimited,
    Redirected,
    RequestRefused,
)
from tests.client.conftest import Connect, Raw, ScriptedServer, Serve, answer, assert_silent
from tests.client.test_access_token import ID, SECRET, TOKEN

ORGANIZATION = "f4e44a7f-1190-432a-9d4a-af96013127cb"
PAYLOAD = "2.AAAAAAAAAAAAAAAAAAAAAA==|AAAAAAAAAAAAAAAAAAAAAA==|" + "A" * 43 + "="


def jwt(**claims: Any) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{body}.signature"


def granted(**changes: Any) -> dict[str, Any]:
    members = {
        "access_token": jwt(organization=ORGANIZATION),
        "expires_in": 3600,
        "token_type": "Bearer",
        "scope": "api.secrets",
        "encrypted_payload": PAYLOAD,
    } | changes
    return {name: value for name, value in members.items() if value is not None}


def trade(serve: Serve, connect: Connect, *raw: Raw) -> tuple[MachineLogin, ScriptedServer]:
    server = serve(*raw)
    transport: Transport = connect(server.server)
    return log_in(transport, server.server, AccessToken.parse(TOKEN)), server


def test_a_login_sends_what_the_official_sdk_sends(serve: Serve, connect: Connect) -> None:
    login, server = trade(serve, connect, answer(body=granted()))

    (request,) = server.requests
    assert (request.method, request.target) == ("POST", "/identity/connect/token")
    assert dict(request.form) == {
        "scope": "api.secrets",
        "client_id": ID,
        "client_secret": SECRET,
        "grant_type": "client_credentials",
    }
    assert (login.organization_id, login.payload) == (ORGANIZATION, PAYLOAD)
    assert SECRET not in repr(login)


@pytest.mark.parametrize(
    ("member", "given"), [("encrypted_payload", PAYLOAD), ("encryptedPayload", PAYLOAD)]
)
def test_both_spellings_of_the_payload_are_read(
    serve: Serve, connect: Connect, member: str, given: str
) -> None:
    login, _ = trade(serve, connect, answer(body=granted(encrypted_payload=None) | {member: given}))

    assert login.payload == PAYLOAD


UNUSABLE: dict[str, dict[str, Any]] = {
    "no token": {"access_token": None},
    "a token with a blank": {"access_token": "a b"},
    "no payload": {"encrypted_payload": None},
    "no organisation": {"access_token": jwt(sub=ID)},
    "an organisation without an id": {"access_token": jwt(organization="../../x")},
    "a token without claims": {"access_token": "opaque"},
}


@pytest.mark.parametrize("changes", UNUSABLE.values(), ids=UNUSABLE)
def test_an_answer_without_what_is_needed_is_unusable(
    serve: Serve, connect: Connect, changes: dict[str, Any]
) -> None:
    with pytest.raises(AnswerUnusable) as caught:
        trade(serve, connect, answer(body=granted(**changes)))
    assert SECRET not in str(caught.value)


VAULTWARDEN = {"version": "2026.6.0", "server": {"name": "Vaultwarden"}, "environment": {}}
BLANK_DEVICE = {"message": "device_identifier cannot be blank", "object": "error"}
ECHO = f"{ID} {SECRET} server-text-canary"

REFUSALS: dict[str, tuple[list[Raw], type[BitwardenError], str]] = {
    "revoked, expired, another server's": (
        [answer(400, {"error": "invalid_client", "error_description": ECHO})],
        AccessTokenRefused,
        "revoked",
    ),
    "Vaultwarden asks for a device": (
        [answer(400, BLANK_DEVICE), answer(body=VAULTWARDEN)],
        NoSecretsManager,
        "is Vaultwarden, which has no Secrets Manager",
    ),
    "Vaultwarden does not know the scope": (
        [answer(400, {"message": "Scope not supported"}), answer(body=VAULTWARDEN)],
        NoSecretsManager,
        "Vaultwarden",
    ),
    "another server with its own words": (
        [answer(400, {"message": ECHO}), answer(body={**VAULTWARDEN, "server": {"name": "x"}})],
        NoSecretsManager,
        "no Secrets Manager for this login",
    ),
    "Bitwarden without the scope": (
        [answer(400, {"error": "invalid_scope"}), answer(404)],
        NoSecretsManager,
        "no Secrets Manager for this login",
    ),
    "a client that is too old": (
        [answer(400, {"message": "Please update your client."})],
        RequestRefused,
        "newer client",
    ),
    "Bitwarden for another reason": (
        [answer(400, {"error": "invalid_request"}), answer(404)],
        RequestRefused,
        "status 400",
    ),
    "rate limit with a wait": (
        [answer(429, {"message": ECHO}, headers=("Retry-After: 42",))],
        RateLimited,
        "42 seconds",
    ),
    "rate limit without one": ([answer(429, b"")], RateLimited, "did not say"),
    "forbidden by a firewall": ([answer(403, b"no", kind="text/html")], RequestRefused, "403"),
    "a gateway's own login": ([answer(401, b"", kind="text/html")], RequestRefused, "401"),
    "not found": ([answer(404, {"message": ECHO})], RequestRefused, "404"),
    "out of order": ([answer(503, b"")], RequestRefused, "out of order"),
    "a redirect": (
        [answer(302, b"", headers=("Location: https://elsewhere.example/",))],
        Redirected,
        "elsewhere.example",
    ),
    "a web page": ([answer(200, "<html>", kind="text/html")], AnswerUnusable, "not JSON"),
}


@pytest.mark.parametrize(("raw", "kind", "words"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_one_typed_error(
    serve: Serve,
    connect: Connect,
    raw: list[Raw],
    kind: type[BitwardenError],
    words: str,
) -> None:
    with pytest.raises(kind, match=words) as caught:
        trade(serve, connect, *raw)
    assert_silent(caught.value, SECRET, "server-text-canary")


def test_the_wait_of_a_rate_limit_is_data(serve: Serve, connect: Connect) -> None:
    with pytest.raises(RateLimited) as caught:
        trade(serve, connect, answer(429, b"", headers=("Retry-After: 7",)))
    assert caught.value.wait == timedelta(seconds=7)
