"""The answers of the identity service."""

from __future__ import annotations

import base64
import json
import time
from types import SimpleNamespace
from typing import Any

import pytest

from bw_magics.crypto import Pbkdf2
from bw_magics.demo import DemoServer
from bw_magics.demo.server import Style
from bw_magics.demo.service import tokens
from tests.demo.conftest import Calls

MASTER_PASSWORD_UNLOCK = {"Kdf", "MasterKeyEncryptedUserKey", "Salt"}


def claims(token: str) -> Any:
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


@pytest.mark.parametrize("number", [0, 1])
def test_a_login_holds_all_that_unlocking_needs(
    server: DemoServer, call: Calls, number: int
) -> None:
    account = server.accounts[number]

    answer = call(server).login(account)

    keys = answer["AccountKeys"]["publicKeyEncryptionKeyPair"]
    unlock = answer["UserDecryptionOptions"]["MasterPasswordUnlock"]
    assert answer["token_type"] == "Bearer"
    assert "refresh_token" not in answer
    assert keys["wrappedPrivateKey"] == answer["PrivateKey"]
    assert unlock.keys() >= MASTER_PASSWORD_UNLOCK
    assert unlock["MasterKeyEncryptedUserKey"] == answer["Key"]
    assert unlock["Kdf"]["KdfType"] == answer["Kdf"] == number


def test_styles_differ_where_the_servers_do(call: Calls) -> None:
    answers = {}
    styles: tuple[Style, ...] = ("official", "vaultwarden")
    for style in styles:
        with DemoServer(style=style, iterations=5000) as server:
            answers[style] = call(server).login(server.accounts[1])
    official, vaultwarden = answers["official"], answers["vaultwarden"]
    salts = {
        style: answer["UserDecryptionOptions"]["MasterPasswordUnlock"]["Salt"]
        for style, answer in answers.items()
    }

    assert (official["expires_in"], vaultwarden["expires_in"]) == (3600, 7200)
    assert "MasterPasswordPolicy" in official.keys() - vaultwarden.keys()
    assert "ResetMasterPassword" in vaultwarden.keys() - official.keys()
    assert "securityState" in official["AccountKeys"].keys() - vaultwarden["AccountKeys"].keys()
    assert salts["vaultwarden"] == "grace@demo.example"
    assert salts["official"] != "grace@demo.example"


def test_the_token_tells_who_it_is_for(server: DemoServer, call: Calls) -> None:
    account = server.accounts[0]

    token = claims(call(server).login()["access_token"])

    assert token["sub"] == account.user_id
    assert account.client_id == f"user.{account.user_id}"
    assert token["email"] == account.email
    assert token["premium"] is True
    assert token["amr"] == ["Application"]
    assert token["exp"] > time.time() + 3500


REFUSALS: dict[str, tuple[dict[str, str | None], str, str]] = {
    "wrong secret": ({"client_secret": "x" * 30}, "invalid_client", "Incorrect client_secret"),
    "unknown user": (
        {"client_id": "user.00000000-0000-4000-8000-000000000000"},
        "invalid_client",
        "Invalid client_id",
    ),
    "no prefix": ({"client_id": "nonsense"}, "invalid_client", "Malformed client_id"),
    "organisation": (
        {"client_id": "organization.00000000-0000-4000-8000-000000000000"},
        "invalid_scope",
        "Malformed client_id",
    ),
    "no device": ({"deviceIdentifier": None}, "device_error", "device_identifier cannot be blank"),
}


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refusals_have_the_shape_of_the_style(server: DemoServer, call: Calls, case: str) -> None:
    changes, error, message = REFUSALS[case]

    answer = call(server).token(None, **changes)

    assert answer.status_code == 400
    if server.style == "official":
        assert answer.json()["error"] == error
    else:
        assert answer.json()["error"] == ""
        assert answer.json()["message"] == message
        assert answer.json()["errorModel"] == {"message": message, "object": "error"}


@pytest.mark.parametrize("version", [None, "nonsense", "2026"])
def test_the_official_server_wants_a_client_version(
    official: DemoServer, call: Calls, version: str | None
) -> None:
    caller = call(official)
    del caller.http.headers["Bitwarden-Client-Version"]
    if version:
        caller.http.headers["Bitwarden-Client-Version"] = version

    answer = caller.token()

    assert answer.status_code == 400
    assert answer.json()["error"] == "version_header_missing"
    assert answer.json()["ErrorModel"]["Object"] == "error"


def test_vaultwarden_wants_no_client_version(call: Calls) -> None:
    with DemoServer(style="vaultwarden", iterations=5000) as server:
        caller = call(server)
        del caller.http.headers["Bitwarden-Client-Version"]

        assert caller.token().status_code == 200


def test_a_refused_credential_takes_its_time(call: Calls) -> None:
    with DemoServer(iterations=5000, refusal_delay=0.3) as server:
        start = time.monotonic()
        call(server).token(client_secret="wrong")

        assert time.monotonic() - start >= 0.3  # a load only adds to it


def test_a_rotated_key_is_refused_while_its_tokens_live_on(own: DemoServer, call: Calls) -> None:
    caller, account = call(own), own.accounts[0]
    caller.login()
    old = account.client_secret

    new = own.rotate_api_key(account)

    assert new == account.client_secret != old
    assert len(new) == len(old) == 30
    assert caller.http.get("/api/accounts/profile").status_code == 200
    assert caller.token(client_secret=old).status_code == 400
    assert caller.token().status_code == 200


def test_a_changed_password_changes_stamp_and_wrapped_key(own: DemoServer, call: Calls) -> None:
    caller, account = call(own), own.accounts[0]
    before = caller.login()
    stamp = caller.sync()["profile"]["securityStamp"]

    own.change_master_password(account, "another-demo-password")

    lives_on = own.style == "official"
    assert caller.http.get("/api/accounts/profile").status_code == (200 if lives_on else 401)
    assert caller.login()["Key"] != before["Key"]
    assert caller.sync()["profile"]["securityStamp"] != stamp


def test_tokens_expire(call: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    with DemoServer(iterations=5000, token_lifetime=60) as server:
        caller = call(server)
        caller.login()
        assert caller.http.get("/api/accounts/revision-date").status_code == 200

        monkeypatch.setattr(tokens, "time", SimpleNamespace(time=lambda: time.time() + 61))

        assert caller.http.get("/api/accounts/revision-date").status_code == 401


@pytest.mark.parametrize("authorization", [None, "Bearer nonsense", "Basic eDp5"])
def test_the_api_wants_a_token(server: DemoServer, call: Calls, authorization: str | None) -> None:
    headers = {"Authorization": authorization} if authorization else {}

    answer = call(server).http.get("/api/sync", headers=headers)

    assert answer.status_code == 401
    if server.style == "official":
        assert answer.content == b""
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    else:
        assert answer.json()["error"]["code"] == 401


def test_prelogin_names_the_derivation(server: DemoServer, call: Calls) -> None:
    answer = call(server).http.post(
        "/identity/accounts/prelogin", json={"email": "grace@demo.example"}
    )

    assert answer.json()["kdf"] == 1
    assert (answer.json()["salt"] is None) == (server.style == "vaultwarden")


def test_other_clients_log_in_with_the_master_passwords_hash(
    server: DemoServer, call: Calls
) -> None:
    account, caller = server.accounts[0], call(server)
    costs = caller.http.post("/identity/accounts/prelogin", json={"email": account.email}).json()
    kdf = Pbkdf2(costs["kdfIterations"])
    salt = costs["salt"] or account.email
    master_key = kdf.derive(password=account.master_password, salt=salt)
    given: dict[str, Any] = {
        "grant_type": "password",
        "client_secret": None,
        "username": account.email,
        "password": master_key.password_hash(password=account.master_password),
    }

    answer = caller.token(**given)
    assert answer.status_code == 200, answer.text
    again = caller.token(grant_type="refresh_token", refresh_token=answer.json()["refresh_token"])
    assert again.status_code == 200, again.text
    assert again.json()["access_token"] != answer.json()["access_token"]
    each: dict[str, Any]
    for each in (
        {"password": "bm90IHRoaXMgb25l"},
        {"username": "nobody@demo.example"},
        {"grant_type": "refresh_token", "refresh_token": "made-up"},
    ):
        refused = caller.token(**(given | each))
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


def test_a_refresh_token_ends_with_the_password(own: DemoServer, call: Calls) -> None:
    account, caller = own.accounts[0], call(own)
    vault = own._service.vault(account)
    token = own._service.tokens.issue_refresh(vault)
    own.change_master_password(account, "another-password-of-the-demo")

    assert caller.token(grant_type="refresh_token", refresh_token=token).status_code == 400
