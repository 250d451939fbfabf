"""Routes of the identity service: tokens and prelogin."""

from __future__ import annotations

import hmac
from typing import Any

from flask import Blueprint, Response, request

from bw_magics.demo.account import DemoAccount
from bw_magics.demo.json_object import Json
from bw_magics.demo.routes.client_request import body, client_version
from bw_magics.demo.routes.json_answer import answer
from bw_magics.demo.service.machine_tokens import SCOPE as MACHINE_SCOPE
from bw_magics.demo.service.public_api import SCOPE
from bw_magics.demo.service.service import Refused, Service
from bw_magics.demo.shapes.official import OfficialShape
from bw_magics.demo.shapes.shape import costs, kdf_block
from bw_magics.demo.shapes.unlocked_by import token_answer
from bw_magics.demo.stored.stored_vault import StoredVault

_DEVICE = ("deviceType", "deviceIdentifier", "deviceName")

_NO_VERSION = (
    "No client version header found, required to prevent encryption errors. Please confirm your "
    'client is supplying the header: "Bitwarden-Client-Version"'
)

_WRONG_PASSWORD = "Username or password is incorrect. Try again."

_KNOWS_V2 = (2025, 11, 0)
_TOO_OLD = "Please update your app to continue using Bitwarden"


def identity_routes(service: Service) -> Blueprint:
    """Makes the routes below `/identity`."""
    routes = Blueprint("identity", __name__, url_prefix="/identity")

    @routes.post("/connect/token")
    def token() -> Response:
        wait = service.limiter.wait() if service.limiter else 0
        if service.limiter and wait:
            refusal = service.shape.error("Slow down! Too many requests.")
            return answer(refusal, 429, service.limiter.headers(wait))
        form = {name.lower(): value for name, value in request.form.items()}
        grant = form.get("grant_type")
        if grant in ("password", "refresh_token"):
            return answer(_granted_to_person(service, form))
        if grant != "client_credentials":
            raise Refused(400, {"error": "unsupported_grant_type"})
        if service.public_api is not None and form.get("scope") == SCOPE:
            if not isinstance(service.shape, OfficialShape):
                _check_device(service, form)
            if form.get("client_id", "").lower() != service.public_api.client_id:
                raise _key_refused(service, "Invalid client_id")
            granted = service.public_api.token(form)
            if granted is None:
                raise _key_refused(service, "Incorrect client_secret")
            return answer(granted)
        if form.get("scope") == MACHINE_SCOPE:
            return answer(_machine_login(service, form))
        account = _account(service, form)
        _check_device(service, form)
        return answer(_granted(service, service.vault(account), form))

    @routes.post("/accounts/prelogin")
    @routes.post("/accounts/prelogin/password")
    def prelogin() -> Response:
        email = str(body().get("email", "")).strip().lower()
        found = next((a for a in service.accounts if a.email == email), service.accounts[0])
        kind, iterations, memory, parallelism = costs(found.kdf)
        official = isinstance(service.shape, OfficialShape)
        members: dict[str, Any] = {
            "kdf": kind,
            "kdfIterations": iterations,
            "kdfMemory": memory,
            "kdfParallelism": parallelism,
            "salt": found.salt if official and found.email == email else None,
        }
        if official:
            members["kdfSettings"] = kdf_block(found.kdf)
        return answer(members)

    return routes


def _granted(service: Service, vault: StoredVault, form: dict[str, str]) -> dict[str, Any]:
    """Answers with an access token."""
    _check_version(vault.account)
    access_token = service.tokens.issue(
        vault, device=form.get("deviceidentifier", ""), device_type=form.get("devicetype", "")
    )
    with vault.lock:
        members = service.shape.token(vault, access_token, int(service.tokens.lifetime))
        return token_answer(vault, members)


def _granted_to_person(service: Service, form: dict[str, str]) -> dict[str, Any]:
    """Answers a login with the master password's hash, or with the refresh token of one.

    Only for other clients: `bw_magics` has no login by password.
    """
    if form["grant_type"] == "refresh_token":
        vault = service.tokens.refreshed(form.get("refresh_token", ""))
        if vault is None:
            raise Refused(400, {"error": "invalid_grant"})
        return _granted(service, vault, form) | {"refresh_token": form["refresh_token"]}
    _check_device(service, form)
    email = form.get("username", "").strip().lower()
    account = next((a for a in service.accounts if a.email == email), None)
    vault = service.vault(account or service.accounts[0])
    expected = vault.master_key.password_hash(password=vault.account.master_password)
    given = form.get("password", "").encode()
    if not hmac.compare_digest(given, expected.encode()) or account is None:
        service.delay_refusal()
        raise Refused(400, _oauth_error("invalid_grant", _WRONG_PASSWORD))
    return _granted(service, vault, form) | {"refresh_token": service.tokens.issue_refresh(vault)}


def _machine_login(service: Service, form: dict[str, str]) -> Json:
    """Answers a machine account; a server without a Secrets Manager refuses in its own way."""
    if not isinstance(service.shape, OfficialShape):
        _check_device(service, form)
        raise service.refuse(400, "Scope not supported")
    if service.machines is None:
        raise Refused(400, {"error": "invalid_scope"})
    granted = service.machines.token(form)
    if granted is None:
        service.delay_refusal()
        raise Refused(400, {"error": "invalid_client"})
    return granted


def _account(service: Service, form: dict[str, str]) -> DemoAccount:
    """Finds the account of the form's API key; refuses like the imitated server."""
    client_id = form.get("client_id", "")
    kind, _, user_id = client_id.partition(".")
    if isinstance(service.shape, OfficialShape) and kind == "organization":
        raise Refused(400, {"error": "invalid_scope"})
    if form.get("scope") != "api":
        raise Refused(400, {"error": "invalid_scope"})
    if kind != "user":
        raise _key_refused(service, "Malformed client_id")
    account = next((a for a in service.accounts if a.user_id == user_id.lower()), None)
    if account is None:
        raise _key_refused(service, "Invalid client_id")
    given = form.get("client_secret", "").encode()
    if not hmac.compare_digest(given, account.client_secret.encode()):
        raise _key_refused(service, "Incorrect client_secret")
    return account


def _key_refused(service: Service, message: str) -> Refused:
    service.delay_refusal()
    return Refused(400, service.shape.key_refused(message))


def _check_device(service: Service, form: dict[str, str]) -> None:
    """Refuses a client that does not name its release and its device."""
    missing = next((name for name in _DEVICE if not form.get(name.lower())), None)
    if not isinstance(service.shape, OfficialShape):
        if missing:
            name = {"deviceType": "device_type", "deviceName": "device_name"}.get(
                missing, "device_identifier"
            )
            raise service.refuse(400, f"{name} cannot be blank")
        return
    if missing:
        raise Refused(400, _oauth_error("device_error", "No device information provided"))
    if client_version() is None:
        raise Refused(400, _oauth_error("version_header_missing", _NO_VERSION))


def _check_version(account: DemoAccount) -> None:
    """Refuses a client that is too old for an account with encryption V2."""
    version = client_version()
    if account.encryption == 2 and (version is None or version < _KNOWS_V2):
        raise Refused(400, _oauth_error("invalid_client_version", _TOO_OLD))


def _oauth_error(error: str, message: str) -> dict[str, Any]:
    return {
        "error": error,
        "error_description": message,
        "ErrorModel": {
            "Message": message,
            "ValidationErrors": None,
            "ExceptionMessage": None,
            "ExceptionStackTrace": None,
            "InnerExceptionMessage": None,
            "Object": "error",
        },
    }
