"""What real servers say when they refuse: their own texts, each with the file that has it.

Bitwarden's and Vaultwarden's are of 20 August 2026 (ac309aa, 46d7110), NodeWarden's of its main
branch. No text is shown: the reason is told in our words, with a next step that fits.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from bw_magics.client import ApiKey, log_in
from bw_magics.client.reply import Reply
from bw_magics.client.write_refusal import write_refused
from bw_magics.errors import (
    ApiKeyRefused,
    BitwardenError,
    NotFound,
    NotWritable,
    RateLimited,
    RequestRefused,
    WriteConflict,
    WriteRefused,
)
from bw_magics.settings import Server
from tests.client.conftest import BEARER, DEVICE, Connect, Serve, answer, assert_silent
from tests.client.test_refused_logins import official, vaultwarden

OFFICIAL = "bitwarden/server src/Identity/IdentityServer/RequestValidators"
VAULTWARDEN = "dani-garcia/vaultwarden src"
NODEWARDEN = "shuaiplus/nodewarden src"


def nodewarden(message: str) -> dict[str, object]:
    """The answer of its API; those of a login are `official`."""
    return {
        "message": message,
        "validationErrors": None,
        "object": "error",
        "error": message,
        "error_description": message,
        "ErrorModel": {"Message": message, "Object": "error"},
    }


def only_model(message: str) -> dict[str, object]:
    """What the official server gives without a description."""
    return {"error": "invalid_grant", "ErrorModel": {"Message": message, "Object": "error"}}


# (file, answer, our reason, our next step)
LOGIN = [
    (
        f"{OFFICIAL}/BaseRequestValidator.cs",
        only_model(
            "Legacy encryption without a userkey is no longer supported. To recover your account, "
            "please contact support"
        ),
        "earlier encryption",
        "web vault",
    ),
    (
        f"{OFFICIAL}/BaseRequestValidator.cs",
        only_model("Username or password is incorrect. Try again."),
        "no longer has the account",
        "us, eu and self-hosted",
    ),
    (
        f"{OFFICIAL}/BaseRequestValidator.cs",
        only_model("No two-step providers enabled."),
        "two-step login",
        "personal API key",
    ),
    (
        f"{OFFICIAL}/BaseRequestValidator.cs",
        only_model("Two-step token is invalid. Try again."),
        "two-step login",
        "personal API key",
    ),
    (
        f"{OFFICIAL}/CustomTokenRequestValidator.cs",
        {
            "error": "invalid_grant",
            "error_description": "Two factor required.",
            "TwoFactorProviders": ["0"],
        },
        "two-step login",
        "personal API key",
    ),
    (
        f"{OFFICIAL}/ClientVersionValidator.cs",
        official("no_user", "No user found while trying to validate client version"),
        "no longer has the account",
        "us, eu and self-hosted",
    ),
    (
        f"{OFFICIAL}/ClientVersionValidator.cs",
        official("invalid_client_version", "Please update your app to continue using Bitwarden"),
        "newer client",
        "Update bw_magics",
    ),
    (
        f"{OFFICIAL}/ClientVersionValidator.cs",
        official(
            "version_header_missing",
            "No client version header found, required to prevent encryption errors. Please confirm "
            'your client is supplying the header: "Bitwarden-Client-Version"',
        ),
        "without the version of this client",
        "proxy",
    ),
    (
        f"{OFFICIAL}/DeviceValidator.cs",
        {
            "error": "device_error",
            "error_description": "Invalid user",
            "ErrorModel": {"Message": "invalid user"},
        },
        "no longer has the account",
        "us, eu and self-hosted",
    ),
    (
        f"{OFFICIAL}/DeviceValidator.cs",
        {
            "error": "device_error",
            "error_description": "New device verification required",
            "ErrorModel": {"Message": "new device verification required"},
        },
        "verify this new device",
        "personal API key",
    ),
    (
        f"{OFFICIAL}/DeviceValidator.cs",
        {
            "error": "device_error",
            "error_description": "No device information provided",
            "ErrorModel": {"Message": "no device information provided"},
        },
        "did not accept the device",
        "BW_DEVICE_ID",
    ),
    (
        f"{OFFICIAL}/SsoRequestValidator.cs",
        official("sso_required", "SSO authentication is required."),
        "single sign-on",
        "organisation",
    ),
    (
        f"{OFFICIAL}/SsoRequestValidator.cs",
        official(
            "sso_required",
            "Two-factor recovery has been performed. SSO authentication is required.",
        ),
        "single sign-on",
        "organisation",
    ),
    (
        f"{VAULTWARDEN}/api/identity.rs",
        vaultwarden("This user has been disabled (API key login)"),
        "account disabled",
        "administrators",
    ),
    (
        f"{VAULTWARDEN}/api/identity.rs",
        vaultwarden("This user has been disabled"),
        "account disabled",
        "administrators",
    ),
    (
        f"{VAULTWARDEN}/api/identity.rs",
        vaultwarden("Could not send login notification email. Please contact your administrator."),
        "could not send the e-mail",
        "administrators",
    ),
    (
        f"{VAULTWARDEN}/api/identity.rs",
        vaultwarden("Please verify your email before trying again."),
        "e-mail address is verified",
        "Open the link",
    ),
    (
        f"{VAULTWARDEN}/api/identity.rs",
        vaultwarden("No enabled and usable two factor providers are available for this account"),
        "two-step login",
        "personal API key",
    ),
    (
        f"{VAULTWARDEN}/api/identity.rs",
        vaultwarden("Invalid type"),
        "does not know logins with an API key",
        "update",
    ),
    (
        f"{VAULTWARDEN}/api/identity.rs",
        vaultwarden("client_secret cannot be blank"),
        "without all of its parts",
        "proxy",
    ),
    (
        f"{VAULTWARDEN}/api/identity.rs",
        vaultwarden("scope cannot be blank"),
        "without all of its parts",
        "proxy",
    ),
    (
        f"{VAULTWARDEN}/api/identity.rs",
        vaultwarden("SSO sign-in is required"),
        "single sign-on",
        "organisation",
    ),
    (
        f"{VAULTWARDEN}/auth.rs",
        vaultwarden("SSO is now required, Login again"),
        "single sign-on",
        "organisation",
    ),
    (
        f"{NODEWARDEN}/handlers/identity.ts",
        official("invalid_grant", "Account is disabled"),
        "account disabled",
        "administrators",
    ),
    (
        f"{NODEWARDEN}/handlers/identity.ts",
        official("invalid_request", "Parameter error"),
        "without all of its parts",
        "proxy",
    ),
    (
        f"{NODEWARDEN}/handlers/identity.ts",
        official("unsupported_grant_type", "Unsupported grant type"),
        "does not know logins with an API key",
        "update",
    ),
    (
        f"{NODEWARDEN}/utils/response.ts",
        {
            "error": "device_error",
            "error_description": "Invalid New Device OTP",
            "ErrorModel": {"Message": "invalid new device otp", "Object": "error"},
        },
        "verify this new device",
        "personal API key",
    ),
]


def _id(row: tuple[object, ...]) -> str:
    return f"{str(row[0]).rpartition('/')[2]}: {str(row[1])[:60]}"


@pytest.mark.parametrize(("_file", "body", "reason", "step"), LOGIN, ids=map(_id, LOGIN))
def test_each_text_of_a_login_is_told_in_our_words(
    serve: Serve,
    connect: Connect,
    api_key: ApiKey,
    _file: str,
    body: dict[str, object],
    reason: str,
    step: str,
) -> None:
    server = serve(answer(400, body))
    with pytest.raises(RequestRefused) as caught:
        log_in(connect(server.server), server.server, DEVICE, api_key)
    assert_silent(caught.value)
    assert reason in caught.value.fact
    assert step in caught.value.remedy
    assert "Check that this is the address" not in caught.value.remedy


@pytest.mark.parametrize(
    "body",
    [
        vaultwarden("Incorrect client_secret"),
        vaultwarden("Invalid client_id"),
        official("invalid_grant", "ClientId or clientSecret is incorrect. Try again"),
        official("invalid_client", "ClientId or clientSecret is incorrect. Try again"),
        {"error": "invalid_client"},
    ],
)
def test_the_texts_of_a_wrong_key_are_a_refused_key(
    serve: Serve, connect: Connect, api_key: ApiKey, body: dict[str, object]
) -> None:
    server = serve(answer(400, body))
    with pytest.raises(ApiKeyRefused):
        log_in(connect(server.server), server.server, DEVICE, api_key)


@pytest.mark.parametrize(
    ("body", "wait"),
    [
        # bitwarden/server src/Core/Utilities/CustomIpRateLimitMiddleware.cs
        ({"message": "Slow down! Too many requests. Try again in 1m."}, 60),
        # dani-garcia/vaultwarden src/ratelimit.rs
        (vaultwarden("Too many login requests"), None),
        # shuaiplus/nodewarden src/handlers/identity.ts
        (
            official("TooManyRequests", "Too many failed login attempts. Try again in 4 minutes."),
            240,
        ),
        (
            official(
                "TooManyRequests",
                "Too many failed login attempts. Account locked for 15 minutes.",
            ),
            900,
        ),
        (official("TooManyRequests", "Rate limit exceeded. Try again in 30 seconds."), 30),
    ],
)
def test_the_wait_is_read_from_the_texts_of_a_busy_server(
    serve: Serve,
    connect: Connect,
    api_key: ApiKey,
    body: dict[str, object],
    wait: int | None,
) -> None:
    server = serve(answer(429, body))
    with pytest.raises(RateLimited) as caught:
        log_in(connect(server.server), server.server, DEVICE, api_key)
    assert caught.value.wait == (None if wait is None else timedelta(seconds=wait))


# Refusals of a sync, by servers and by firewalls in front of them.
HTML = b"<!doctype html><title>Attention Required!</title>"
READ = [
    (f"{NODEWARDEN}/router.ts", 403, nodewarden("Account is disabled"), "account disabled"),
    (
        "bitwarden/server src/Api/Vault/Controllers/SyncController.cs",
        400,
        {"message": "User not found.", "object": "error"},
        "no longer has the account",
    ),
    (
        f"{VAULTWARDEN}/api/core/accounts.rs",
        400,
        vaultwarden("User doesn't exist"),
        "no longer has the account",
    ),
    ("a web application firewall", 403, HTML, "firewall in front of it"),
    ("a server without a reason", 403, b"", "firewall in front of it"),
]


@pytest.mark.parametrize(("_file", "status", "body", "reason"), READ, ids=[r[0] for r in READ])
def test_each_refusal_of_a_reading_has_its_true_reason(
    serve: Serve, connect: Connect, _file: str, status: int, body: object, reason: str
) -> None:
    kind = "text/html" if body == HTML else "application/json"
    server = serve(answer(status, body, kind=kind))
    with pytest.raises(RequestRefused) as caught:
        connect(server.server).get(f"{server.server.api}/sync", bearer=BEARER)
    assert_silent(caught.value)
    assert reason in caught.value.fact
    assert caught.value.status == status


# (file, status, text, the error, a word of it)
CIPHERS = "bitwarden/server src/Api/Vault/Controllers/CiphersController.cs"
SERVICE = "bitwarden/server src/Core/Vault/Services/Implementations/CipherService.cs"
RUST = f"{VAULTWARDEN}/api/core/ciphers.rs"
WRITES: list[tuple[str, str, type[BitwardenError], str]] = [
    (
        CIPHERS,
        "Cipher was not encrypted with the current user key. Please try again.",
        WriteRefused,
        "keys of the account were changed",
    ),
    (
        CIPHERS,
        "Cipher was not encrypted for the current user. Please try again.",
        WriteRefused,
        "another account",
    ),
    (
        CIPHERS,
        "Cannot edit item. Update to the latest version of Bitwarden and try again.",
        WriteRefused,
        "newer client",
    ),
    (
        CIPHERS,
        "Organization mismatch. Re-sync if you moved this item, …",
        WriteRefused,
        "",
    ),
    (SERVICE, "You do not have permissions to edit this.", NotWritable, ""),
    (SERVICE, "You do not have permissions to delete this.", NotWritable, ""),
    (SERVICE, "You do not have permissions to soft delete this.", NotWritable, ""),
    (SERVICE, "Cipher attachment does not exist", NotFound, ""),
    (
        SERVICE,
        "Specified CollectionId does not exist on the specified Organization.",
        WriteRefused,
        "collection",
    ),
    (
        SERVICE,
        "Due to an Enterprise Policy, you are restricted from saving items to your personal vault.",
        WriteRefused,
        "policy",
    ),
    (
        SERVICE,
        "File received does not match expected file length.",
        WriteRefused,
        "another length",
    ),
    (SERVICE, "Cipher belongs to an organization already.", WriteRefused, "organisation already"),
    (SERVICE, "You must have premium status to use attachments.", WriteRefused, "premium"),
    (SERVICE, "Not enough storage available for this organization.", WriteRefused, "full"),
    (RUST, "Cipher doesn't exist", NotFound, ""),
    (RUST, "Cipher does not exist", NotFound, ""),
    (RUST, "Cipher is not accessible for the current user", NotWritable, ""),
    (RUST, "Cipher is not accessible", NotWritable, ""),
    (RUST, "Cipher is not write accessible", NotWritable, ""),
    (RUST, "Cipher can't be deleted by user", NotWritable, ""),
    (RUST, "Cipher cannot be deleted by user", NotWritable, ""),
    (RUST, "Cipher can't be restored by user", NotWritable, ""),
    (RUST, "Cipher is not owned by user", NotWritable, ""),
    (RUST, "Collection cannot be changed", NotWritable, ""),
    (RUST, "No rights to modify the collection", NotWritable, ""),
    (RUST, "You don't have permission to add item to organization", NotWritable, ""),
    (RUST, "Attachment storage limit exceeded with this file", WriteRefused, "full"),
    (RUST, "Attachments are disabled", WriteRefused, "switched off"),
    (RUST, "Attachment doesn't exist", NotFound, ""),
    (
        RUST,
        "The client copy of this cipher is out of date. Resync the client and try again.",
        WriteConflict,
        "",
    ),
    (RUST, "Invalid folder", WriteRefused, "no longer has the folder"),
    (f"{VAULTWARDEN}/api/core/folders.rs", "Folder doesn't exist", WriteRefused, "the folder"),
    (RUST, "Organization not found", WriteRefused, "no longer has the organisation"),
    (f"{NODEWARDEN}/handlers/ciphers.ts", "Folder not found", WriteRefused, "the folder"),
    (f"{NODEWARDEN}/handlers/ciphers.ts", "Cipher not found", NotFound, ""),
    (f"{NODEWARDEN}/handlers/attachments.ts", "File size does not match.", WriteRefused, "length"),
]


@pytest.mark.parametrize(
    ("_file", "text", "kind", "word"), WRITES, ids=[text[:50] for _, text, *_ in WRITES]
)
@pytest.mark.parametrize("model", [vaultwarden, nodewarden, lambda text: {"message": text}])
def test_each_text_of_a_refused_change_is_told_in_our_words(
    model: object, _file: str, text: str, kind: type[BitwardenError], word: str
) -> None:
    import json

    assert callable(model)
    body = bytearray(json.dumps(model(text)).encode())
    reply = Reply(400, {"content-type": "application/json"}, body)
    error = write_refused(reply, Server.parse("https://vault.example.org"), "the item")
    assert type(error) is kind
    assert word in error.fact
    assert error.remedy
    assert text not in str(error)
    assert "report the server's version" not in error.remedy


@pytest.mark.parametrize("status", [400, 404])
def test_a_folder_that_is_gone_itself_is_not_found(status: int) -> None:
    reply = Reply(status, {}, bytearray(b'{"message": "Invalid folder"}'))
    error = write_refused(reply, Server.parse("https://vault.example.org"), "the folder")
    assert type(error) is NotFound
