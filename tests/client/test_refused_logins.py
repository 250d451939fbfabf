"""Every way in which servers refuse a login is one typed error that repeats nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bw_magics.client import ApiKey, log_in
from bw_magics.errors import (
    AnswerUnusable,
    ApiKeyRefused,
    BitwardenError,
    RateLimited,
    Redirected,
    RequestRefused,
)
from bw_magics.settings import DEVICE_ID
from tests.client.conftest import (
    CLIENT_ID,
    CLIENT_SECRET,
    DEVICE,
    USER_ID,
    Connect,
    Raw,
    ScriptedServer,
    Serve,
    answer,
    assert_silent,
)

ECHO = f"{CLIENT_ID} {CLIENT_SECRET} server-text-canary"
HTML = f"<!doctype html><html><body>{ECHO}</body></html>"


def vaultwarden(message: str) -> dict[str, object]:
    return {
        "message": message,
        "validationErrors": {"": [message]},
        "errorModel": {"message": message, "object": "error"},
        "error": "",
        "error_description": "",
        "exceptionMessage": None,
        "object": "error",
    }


def official(error: str, message: str = ECHO) -> dict[str, object]:
    return {
        "error": error,
        "error_description": message,
        "ErrorModel": {"Message": message, "Object": "error"},
    }


def refusal(serve: Serve, connect: Connect, api_key: ApiKey, raw: Raw) -> BitwardenError:
    server = serve(raw)
    with pytest.raises(BitwardenError) as caught:
        log_in(connect(server.server), server.server, DEVICE, api_key)
    assert len(server.requests) == 1, "a login is never repeated"
    assert_silent(caught.value, "server-text-canary", "stray-token")
    assert USER_ID not in str(caught.value)
    assert_names(caught.value, server)
    return caught.value


def assert_names(error: BitwardenError, server: ScriptedServer) -> None:
    assert server.server.name in str(error)
    assert error.remedy


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"error": "invalid_client"}, id="official"),
        pytest.param(vaultwarden("Incorrect client_secret"), id="vaultwarden secret"),
        pytest.param(vaultwarden("Invalid client_id"), id="vaultwarden id"),
        pytest.param(vaultwarden("Malformed client_id"), id="vaultwarden malformed id"),
        pytest.param(
            official("invalid_grant", "ClientId or clientSecret is incorrect. Try again"),
            id="invalid_grant",
        ),
        pytest.param(
            {"Message": "ClientId or clientSecret is incorrect. Try again"}, id="bare message"
        ),
    ],
)
def test_a_refused_api_key_is_reported_with_hints_at_the_usual_reasons(
    serve: Serve, connect: Connect, api_key: ApiKey, body: dict[str, object]
) -> None:
    error = refusal(serve, connect, api_key, answer(400, body))
    assert type(error) is ApiKeyRefused
    assert error.fact.startswith("client_id or client_secret was refused by localhost:")
    for hint in ("us, eu and self-hosted", "rotated", "View API key"):
        assert hint in error.remedy


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(official("version_header_missing"), "the version", id="no version"),
        pytest.param(official("invalid_client_version"), "newer client", id="old version"),
        pytest.param(official("device_error"), "device", id="device"),
        pytest.param({"error": "invalid_scope"}, "personal API key", id="scope"),
        pytest.param(official("sso_required"), "single sign-on", id="sso"),
        pytest.param(
            official("invalid_grant", "Legacy encryption without a userkey is not supported."),
            "user key",
            id="legacy account",
        ),
        pytest.param(
            vaultwarden("This user has been disabled (API key login)"), "disabled", id="disabled"
        ),
        pytest.param(official("invalid_grant"), "status 400", id="unknown text"),
        pytest.param(vaultwarden(ECHO), "status 400", id="unknown vaultwarden text"),
        pytest.param({"error": {"code": 400}}, "status 400", id="error of another shape"),
        pytest.param([ECHO], "status 400", id="no object"),
    ],
)
def test_other_refusals_are_told_in_our_words(
    serve: Serve, connect: Connect, api_key: ApiKey, body: object, words: str
) -> None:
    error = refusal(serve, connect, api_key, answer(400, body))
    assert type(error) is RequestRefused
    assert error.status == 400
    assert words in str(error)


@pytest.mark.parametrize(
    ("body", "reason", "step"),
    [
        # Bitwarden's identity service.
        pytest.param(
            official(
                "invalid_client_version", "Please update your app to continue using Bitwarden"
            ),
            "newer client",
            "Update bw_magics",
            id="update required",
        ),
        pytest.param(
            official("device_error", "New device verification required"),
            "verify this new device",
            "personal API key",
            id="new device",
        ),
        pytest.param(
            official("invalid_grant", "Encryption key migration is required. Please log in to …"),
            "before 2018",
            "web vault",
            id="key migration",
        ),
        pytest.param(
            {**official("invalid_grant", "Two factor required."), "TwoFactorProviders": ["0"]},
            "two-step login",
            "personal API key",
            id="two-factor",
        ),
        pytest.param(
            {"error": "invalid_grant", "TwoFactorProviders2": {"0": None}},
            "two-step login",
            "personal API key",
            id="two-factor without a text",
        ),
        pytest.param(
            {**official("invalid_grant", "Captcha required."), "HCaptcha_SiteKey": "x"},
            "captcha",
            "web vault",
            id="captcha",
        ),
        pytest.param(
            official("invalid_grant", "Your organization's license has expired."),
            "licence",
            "administrators",
            id="licence",
        ),
        pytest.param(
            {"message": "Traffic from your network looks unusual. Connect to a different network"},
            "takes the traffic",
            "another network",
            id="unusual traffic",
        ),
        pytest.param(
            {"error": "unauthorized_client"}, "this client", "administrators", id="client"
        ),
        # Vaultwarden.
        pytest.param(
            vaultwarden("Please verify your email before trying again."),
            "e-mail address is verified",
            "Open the link",
            id="unverified e-mail",
        ),
        pytest.param(
            vaultwarden("Could not send login notification email. Please contact your admin"),
            "could not send the e-mail",
            "administrators",
            id="e-mail that was not sent",
        ),
        pytest.param(
            vaultwarden("device_identifier cannot be blank"), "device", DEVICE_ID, id="no device"
        ),
        pytest.param(
            vaultwarden("Scope not supported"), "API key read", "personal API key", id="scope"
        ),
        pytest.param(
            vaultwarden("SSO sign-in is required"),
            "single sign-on",
            "administrators",
            id="sso only",
        ),
        # Others.
        pytest.param(
            official("invalid_grant", "User account is disabled."),
            "disabled",
            "administrators",
            id="disabled elsewhere",
        ),
        pytest.param(
            official("invalid_grant", "E-mail is not verified"),
            "verified",
            "web vault",
            id="e-mail",
        ),
    ],
)
def test_a_known_reason_is_told_with_the_next_step(
    serve: Serve,
    connect: Connect,
    api_key: ApiKey,
    body: dict[str, object],
    reason: str,
    step: str,
) -> None:
    error = refusal(serve, connect, api_key, answer(400, body))
    assert type(error) is RequestRefused
    assert reason in error.fact
    assert step in error.remedy
    assert "Check that this is the address" not in error.remedy


@pytest.mark.parametrize(
    ("body", "half"),
    [
        ({"error": "invalid_client"}, ""),
        (vaultwarden("Invalid client_id"), "client_id"),
        (vaultwarden("Malformed client_id"), "client_id"),
        (vaultwarden("Incorrect client_secret"), "client_secret"),
        (official("invalid_grant", "ClientId or clientSecret is incorrect. Try again"), ""),
    ],
)
def test_a_refused_api_key_carries_the_half_that_the_server_names(
    serve: Serve, connect: Connect, api_key: ApiKey, body: dict[str, object], half: str
) -> None:
    error = refusal(serve, connect, api_key, answer(400, body))
    assert isinstance(error, ApiKeyRefused)
    assert error.half == half
    assert ("no account" in error.fact) == (half == "client_id")


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        pytest.param(answer(401, HTML, kind="text/html"), RequestRefused, id="page"),
        pytest.param(answer(401, {"message": ECHO}), RequestRefused, id="JSON"),
        pytest.param(
            answer(401, b"", kind=None, headers=('WWW-Authenticate: Basic realm="x"',)),
            RequestRefused,
            id="basic authentication",
        ),
        pytest.param(answer(401, {"error": "invalid_client"}), ApiKeyRefused, id="the key itself"),
    ],
)
def test_a_401_to_a_login_is_a_wrong_path_or_a_gateway(
    serve: Serve, connect: Connect, api_key: ApiKey, raw: Raw, kind: type[BitwardenError]
) -> None:
    error = refusal(serve, connect, api_key, raw)
    assert type(error) is kind
    assert "Log in again" not in error.remedy
    assert "address" in error.remedy or kind is ApiKeyRefused


@pytest.mark.parametrize(
    ("raw", "kind", "words"),
    [
        pytest.param(answer(401, b""), RequestRefused, "401", id="401 empty"),
        pytest.param(
            answer(403, HTML, kind="text/html"), RequestRefused, "403, text/html", id="403 page"
        ),
        pytest.param(answer(404, b""), RequestRefused, "404", id="404 empty"),
        pytest.param(
            answer(404, HTML, kind="text/html"), AnswerUnusable, "404, text/html", id="404 page"
        ),
        pytest.param(
            answer(405, HTML, kind=None), AnswerUnusable, "no content type", id="405 no type"
        ),
        pytest.param(
            answer(500, HTML, kind="text/html"), RequestRefused, "status 500", id="500 page"
        ),
        pytest.param(
            answer(502, ECHO, kind="text/plain"), RequestRefused, "status 502", id="502 text"
        ),
        pytest.param(answer(503, {"error": "invalid_client"}), RequestRefused, "503", id="503"),
        pytest.param(
            answer(200, HTML, kind="text/html; charset=utf-8"),
            AnswerUnusable,
            "not JSON (status 200, text/html)",
            id="login page",
        ),
        pytest.param(
            answer(200, HTML, kind=CLIENT_SECRET),
            AnswerUnusable,
            "another content type",
            id="echoing content type",
        ),
        pytest.param(answer(200, b""), AnswerUnusable, "empty", id="200 empty"),
        pytest.param(answer(204, b""), AnswerUnusable, "empty", id="204"),
        pytest.param(
            answer(200, b'{"access_token": "stray-token", '),
            AnswerUnusable,
            "cut off",
            id="half JSON",
        ),
        pytest.param(
            answer(200, b'{"access_token": "stray-token\xff"}'),
            AnswerUnusable,
            "damaged",
            id="not UTF-8",
        ),
        pytest.param(
            answer(200, b'{"access_token":' * 200_000), AnswerUnusable, "damaged", id="deep nesting"
        ),
        pytest.param(
            answer(200, [{"access_token": "stray-token"}]), AnswerUnusable, "localhost", id="a list"
        ),
        pytest.param(
            answer(200, {"token": "stray-token"}), AnswerUnusable, "no access token", id="no token"
        ),
        pytest.param(
            answer(200, {"access_token": 5}),
            AnswerUnusable,
            "no access token",
            id="token is a number",
        ),
        pytest.param(
            answer(200, {"access_token": "stray-token\r\nX: y"}),
            AnswerUnusable,
            "no access token",
            id="token with line break",
        ),
        pytest.param(
            answer(200, {"access_token": "x" * 100_000}),
            AnswerUnusable,
            "no access token",
            id="token too long",
        ),
        pytest.param(
            answer(200, b" " * (4 * 1024 * 1024 + 1)),
            AnswerUnusable,
            "larger than 4 MiB",
            id="too large",
        ),
    ],
)
def test_odd_answers_name_the_status_and_what_came(
    serve: Serve,
    connect: Connect,
    api_key: ApiKey,
    raw: Raw,
    kind: type[BitwardenError],
    words: str,
) -> None:
    error = refusal(serve, connect, api_key, raw)
    assert type(error) is kind
    assert words in str(error)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_names_only_the_host(
    serve: Serve, connect: Connect, api_key: ApiKey, status: int
) -> None:
    target = f"Location: https://other.example.org/path?client_secret={CLIENT_SECRET}"
    error = refusal(serve, connect, api_key, answer(status, b"", headers=(target,)))
    assert type(error) is Redirected
    assert "the host other.example.org." in str(error)
    assert "path" not in str(error)


@pytest.mark.parametrize(
    "location",
    ["/elsewhere?stray-token", "", "https://[broken", "https://stray-token@", "https://ho st/"],
)
def test_a_redirect_without_a_readable_host_is_still_told(
    serve: Serve, connect: Connect, api_key: ApiKey, location: str
) -> None:
    error = refusal(serve, connect, api_key, answer(302, b"", headers=(f"Location: {location}",)))
    assert type(error) is Redirected
    assert "another address" in str(error)


@pytest.mark.parametrize(
    ("headers", "body", "wait"),
    [
        pytest.param(("Retry-After: 61",), {"message": "Slow down!"}, 61, id="seconds"),
        pytest.param(
            ("Date: Sat, 21 Nov 2026 10:00:00 GMT", "Retry-After: Sat, 21 Nov 2026 10:01:30 GMT"),
            b"",
            90,
            id="HTTP date by the server's clock",
        ),
        pytest.param((), {"message": "Too many. Try again in 2 minutes."}, 120, id="in words"),
        pytest.param((), {"errorModel": {"message": "Try again in 1m."}}, 60, id="in short"),
        pytest.param((), vaultwarden("Too many login requests"), None, id="not said"),
        pytest.param(("Retry-After: soon",), b"", None, id="unreadable"),
        pytest.param(("Retry-After: 99999999999999999999",), b"", None, id="absurd"),
        pytest.param(("Retry-After: 999999999",), b"", None, id="31 years"),
        pytest.param((), HTML, None, id="web page"),
    ],
)
def test_too_many_logins_tell_the_wait_or_that_it_was_not_said(
    serve: Serve,
    connect: Connect,
    api_key: ApiKey,
    headers: tuple[str, ...],
    body: object,
    wait: int | None,
) -> None:
    error = refusal(serve, connect, api_key, answer(429, body, headers=headers))
    assert isinstance(error, RateLimited)
    assert error.wait == (None if wait is None else timedelta(seconds=wait))
    assert (f"in {wait} seconds" if wait else "did not say") in str(error)


# Texts of servers, of several versions and kinds, by what they mean.
SAID = {
    "asks for a newer client": [
        "Your client version is no longer supported.",
        "This version of the app is no longer supported. Please update to the latest version.",
        "Please update your client.",
        "Unsupported client. Please upgrade.",
        "Minimum client version is 2026.1.0",
    ],
    "does not let an account in before its e-mail address is verified": [
        "You must verify your email before logging in.",
        "Email not verified.",
        "Account is not verified. Confirm your email address.",
        "Please confirm your email address.",
        "Your email address must be verified.",
        "Please activate your account.",
    ],
    "wants to verify this new device by e-mail, which an API key cannot answer": [
        "Invalid new device verification request",
        "New device verification is required. Check your email.",
        "Device is not verified.",
        "invalid new device otp",
        "Device approval required.",
    ],
    "has the account with an earlier encryption, as that of before 2018 without a user key": [
        "Your account needs its encryption key updated. Log in to the web vault.",
        "Please update your encryption key.",
        "You must update your encryption settings in the web vault",
        "Account encryption upgrade is required",
    ],
    "has a licence or subscription that has ended or does not cover this": [
        "Your organization's subscription has expired.",
        "Invalid license.",
        "This organization is disabled.",
        "Premium status is required.",
        "Your trial has ended.",
        "Payment required",
        "Subscription required",
    ],
    "asks for a captcha, as after many failed logins from this network": [
        "Captcha is invalid. Please refresh and try again",
        "Please prove that you are human.",
        "Turnstile verification failed",
    ],
    "asks for a two-step login, which an API key does not have": [
        "Two-step token is invalid. Try again.",
        "2FA token not provided",
        "Multi-factor authentication required",
        "MFA is required",
        "No two-step providers",
        "Two-step login policy requires",
        "One-time passcode required",
    ],
    "asks for single sign-on, which an API key cannot do": [
        "Sso authentication required.",
        "Your organization requires SSO.",
        "Master password login is disabled by your organization; use enterprise single sign on.",
    ],
    "has the account disabled": [
        "Account disabled.",
        "User is disabled",
        "This account is suspended",
        "Your account has been locked.",
        "Account is blocked",
        "User account is inactive",
        "Your access has been revoked.",
    ],
    "no longer has the account": ["This account has been deleted.", "User does not exist"],
    "waits until the account is confirmed": [
        "Your account is pending approval",
        "You have not accepted the invitation",
    ],
    "does not let an API key log in": [
        "API key login is disabled",
        "API key authentication is not allowed by your organization's policy",
    ],
    "refuses the login by a policy of an organisation": ["Login denied by organization policy"],
    "does not let this network or this place in": [
        "Your IP address is blocked.",
        "Access from your country is not allowed.",
        "IP not allowed",
    ],
    "asks you to accept its terms of service": ["You must accept the terms of service."],
    "asks for a new master password": [
        "You must set a master password.",
        "Your master password must be changed.",
    ],
    "is being maintained": ["The server is under maintenance."],
    "has the account in another region": [
        "This account is in another region. Log in at vault.bitwarden.eu."
    ],
    "does not accept the time of this computer": ["Request timestamp expired"],
    "has counted too many failed logins": [
        "Too many login attempts. Try again in 5 minutes.",
        "Too many failed attempts, account temporarily locked",
    ],
}


@pytest.mark.parametrize(
    ("fact", "text"), [(fact, text) for fact, texts in SAID.items() for text in texts]
)
def test_other_words_for_a_reason_are_understood(
    serve: Serve, connect: Connect, api_key: ApiKey, fact: str, text: str
) -> None:
    error = refusal(serve, connect, api_key, answer(400, official("invalid_grant", text)))
    assert fact in error.fact
    assert "Check that this is the address" not in error.remedy


@pytest.mark.parametrize(
    ("body", "fact"),
    [
        ({"message": "A new version of Bitwarden is required"}, "asks for a newer client"),
        (
            {"error": "invalid_grant", "HCaptcha_SiteKey": "x"},
            "asks for a captcha, as after many failed logins from this network",
        ),
        (
            {"error": "invalid_grant", "hCaptcha_SiteKey": "x"},
            "asks for a captcha, as after many failed logins from this network",
        ),
        (
            {"error": "invalid_grant", "CaptchaBypassToken": ""},
            "asks for a captcha, as after many failed logins from this network",
        ),
        (
            {
                "error": "invalid_grant",
                "error_description": "Two factor required.",
                "TwoFactorProviders": [0, 1],
                "TwoFactorProviders2": {"0": None},
            },
            "asks for a two-step login, which an API key does not have",
        ),
        (
            {"error": "invalid_grant", "SsoOrganizationIdentifier": "acme"},
            "asks for single sign-on, which an API key cannot do",
        ),
        (
            {
                "message": "The model state is invalid.",
                "validationErrors": {"Email": ["Email not verified."]},
            },
            "does not let an account in before its e-mail address is verified",
        ),
        (
            {
                "type": "https://tools.ietf.org/html/rfc7231",
                "title": "One or more validation errors occurred.",
                "status": 400,
                "errors": {"DeviceIdentifier": ["The DeviceIdentifier field is required."]},
            },
            "did not accept the device that logs in",
        ),
        (
            {
                "title": "Bad Request",
                "detail": "Please update your app to continue using Bitwarden",
            },
            "asks for a newer client",
        ),
        (
            {"errors": ["Two factor required."]},
            "asks for a two-step login, which an API key does not have",
        ),
        (
            {"error": "Two factor required."},
            "asks for a two-step login, which an API key does not have",
        ),
        ({"error": {"message": "Account is disabled"}}, "has the account disabled"),
        (
            {"msg": "Captcha required"},
            "asks for a captcha, as after many failed logins from this network",
        ),
        (
            {"error": "x", "error_description": "Email not verified"},
            "does not let an account in before its e-mail address is verified",
        ),
        (
            {"Error": "invalid_grant", "ErrorModel": {"Message": "TWO FACTOR REQUIRED."}},
            "asks for a two-step login, which an API key does not have",
        ),
        (
            {
                "error": "invalid_grant",
                "error_description": "invalid_username_or_password",
                "ErrorModel": {
                    "Message": "Your organization’s licence has expired",
                    "Object": "error",
                },
            },
            "has a licence or subscription that has ended or does not cover this",
        ),
        (
            {
                "error": "invalid_grant",
                "error_description": "invalid_username_or_password",
                "ErrorModel": {"Message": "Two\xa0factor required.", "Object": "error"},
            },
            "asks for a two-step login, which an API key does not have",
        ),
        (
            {
                "error": "invalid_grant",
                "error_description": "invalid_username_or_password",
                "ErrorModel": {
                    "Message": "Your organization&#39;s license has expired",
                    "Object": "error",
                },
            },
            "has a licence or subscription that has ended or does not cover this",
        ),
        (
            {
                "error": "invalid_grant",
                "error_description": "invalid_username_or_password",
                "ErrorModel": {"Message": "Two  factor\n required.", "Object": "error"},
            },
            "asks for a two-step login, which an API key does not have",
        ),
        (
            {"message": ["Email not verified"]},
            "does not let an account in before its e-mail address is verified",
        ),
    ],
)
def test_a_reason_is_found_in_every_member_of_an_answer(
    serve: Serve, connect: Connect, api_key: ApiKey, body: dict[str, object], fact: str
) -> None:
    assert fact in refusal(serve, connect, api_key, answer(400, body)).fact
