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
        pytest.param(official("version_header_missing"), "newer client", id="no version"),
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
