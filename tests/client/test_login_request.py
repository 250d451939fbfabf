"""The token request is the official CLI's, byte for byte where it counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from bw_magics.client import ApiKey, log_in
from bw_magics.settings import CLIENT_VERSION, VERSION
from tests.client.conftest import (
    CLIENT_ID,
    CLIENT_SECRET,
    DEVICE,
    Connect,
    Request,
    Serve,
    answer,
)


@pytest.fixture
def request_seen(serve: Serve, connect: Connect, api_key: ApiKey) -> Request:
    server = serve(answer(200, {"access_token": "a.b.c"}))
    log_in(connect(server.server), server.server, DEVICE, api_key)
    assert len(server.requests) == 1
    return server.requests[0]


def test_it_is_a_form_posted_to_the_token_endpoint(request_seen: Request) -> None:
    assert (request_seen.method, request_seen.target) == ("POST", "/identity/connect/token")
    assert request_seen.header("content-type") == (
        "application/x-www-form-urlencoded; charset=utf-8"
    )


def test_its_fields_have_the_order_of_the_cli(request_seen: Request) -> None:
    assert request_seen.form == [
        ("scope", "api"),
        ("client_id", CLIENT_ID),
        ("deviceType", "25"),
        ("deviceIdentifier", DEVICE.identifier),
        ("deviceName", "bw_magics"),
        ("grant_type", "client_credentials"),
        ("client_secret", CLIENT_SECRET),
    ]


def test_its_headers_name_the_release_and_ourselves(request_seen: Request) -> None:
    expected = {
        "accept": "application/json",
        "accept-encoding": "gzip, deflate",
        "bitwarden-client-name": "cli",
        "bitwarden-client-version": CLIENT_VERSION,
        "device-type": "25",
        "user-agent": f"bw_magics/{VERSION} (python)",
        "authorization": None,
        "cookie": None,
    }
    assert {name: request_seen.header(name) for name in expected} == expected


def test_netrc_and_cookies_add_nothing(
    serve: Serve,
    connect: Connect,
    api_key: ApiKey,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("default login somebody password netrc-canary\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    server = serve(answer(200, {"access_token": "a.b.c"}, headers=("Set-Cookie: track=me",)))
    transport = connect(server.server)
    for _ in range(2):
        log_in(transport, server.server, DEVICE, api_key)
    transport.get(f"{server.server.api}/sync", bearer="token")
    login, again, api = server.requests
    assert login.header("authorization") is None
    assert again.header("cookie") is None
    assert api.header("authorization") == "Bearer token"


def test_a_proxy_of_the_environment_is_never_asked_for_this_machine(
    serve: Serve, connect: Connect, api_key: ApiKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = serve(answer(502), certificate=None)
    server = serve(answer(200, {"access_token": "a.b.c"}), certificate=None)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    log_in(connect(server.server), server.server, DEVICE, api_key)
    assert len(server.requests) == 1
    assert proxy.requests == []


def test_requests_share_one_connection(serve: Serve, connect: Connect, api_key: ApiKey) -> None:
    server = serve(answer(200, {"access_token": "a.b.c"}))
    transport = connect(server.server)
    for _ in range(3):
        log_in(transport, server.server, DEVICE, api_key)
    assert server.connections == 1
