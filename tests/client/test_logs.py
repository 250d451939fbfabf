"""Nothing secret is in any log line, however much is logged; the user's own lines stay whole."""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import threading
from collections.abc import Iterator

import httpx
import pytest

from bw_magics.client import ApiKey, log_in
from bw_magics.errors import BitwardenError
from tests.client.conftest import (
    BEARER,
    CLIENT_SECRET,
    DEVICE,
    USER_ID,
    Connect,
    Raw,
    Serve,
    answer,
)

SECRETS = (CLIENT_SECRET, BEARER, USER_ID, "canary")


class Everything(logging.Handler):
    """Keeps all that any formatter could print of the records."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name} {record.getMessage()} {vars(record)!r}")

    def of(self, *loggers: str) -> str:
        return "\n".join(line for line in self.lines if line.startswith(loggers))


@pytest.fixture
def everything() -> Iterator[Everything]:
    """The root logger at DEBUG, as somebody who looks for a fault sets it."""
    handler, root = Everything(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.setLevel(level)
    root.removeHandler(handler)


def token() -> str:
    claims = json.dumps({"sub": USER_ID, "sstamp": "stamp-canary", "email": "canary@example.org"})
    return f"e30.{base64.urlsafe_b64encode(claims.encode()).decode().rstrip('=')}.canary"


@pytest.mark.parametrize(
    "login",
    [
        pytest.param(
            answer(
                200,
                {"access_token": token(), "Key": "key-canary", "PrivateKey": "private-canary"},
                headers=("Set-Cookie: session=cookie-canary", "X-Trace: header-canary"),
            ),
            id="logged in",
        ),
        pytest.param(
            answer(302, b"", headers=(f"Location: https://x.example.org/?{CLIENT_SECRET}",)),
            id="redirected",
        ),
        pytest.param(answer(400, {"error": CLIENT_SECRET, "message": "canary"}), id="refused"),
        pytest.param(Raw(b"HTTP/1.1 200 canary\r\nbroken canary\r\n\r\n", close=True), id="broken"),
        pytest.param(Raw(b'HTTP/1.1 200 "canary" canary\r\n\r\n{canary', close=True), id="cut off"),
    ],
)
def test_no_secret_is_in_any_line(
    serve: Serve, connect: Connect, api_key: ApiKey, everything: Everything, login: Raw
) -> None:
    server = serve(login, answer(200, {"key": "sync-canary"}))
    transport = connect(server.server)
    with contextlib.suppress(BitwardenError):
        log_in(transport, server.server, DEVICE, api_key)
    transport.get(f"{server.server.api}/attachment?token=query-canary", bearer=BEARER)
    transport.close()
    lines = "\n".join(everything.lines)
    assert "httpcore.http11 receive_response_headers" in lines, "the lines are shortened, not lost"
    assert f"GET {server.server.api}/attachment?…" in lines
    for secret in SECRETS:
        assert secret not in lines


def test_the_users_own_requests_are_logged_in_full(
    serve: Serve, connect: Connect, everything: Everything
) -> None:
    server = serve(answer(200, {}, headers=("X-Mine: whole",)), certificate=None)
    own = f"http://127.0.0.1:{server.port}/mine?page=2"
    ours = f"{server.server.api}/ours?page=3"
    transport = connect(server.server)
    with httpx.Client(trust_env=False) as client:
        client.get(own)
        slow = threading.Thread(target=transport.get, args=(ours,), kwargs={"bearer": BEARER})
        slow.start()
        client.get(own)
        slow.join()
        client.get(own)
    assert everything.of("httpx").count("mine?page=2") >= 3
    assert everything.of("httpcore").count("X-Mine") >= 3
    assert "page=3" not in everything.of("httpx", "httpcore")


def test_no_filter_is_left_behind(serve: Serve, connect: Connect) -> None:
    names = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.proxy", "httpcore.socks")
    before = {name: list(logging.getLogger(name).filters) for name in names}
    server = serve(answer(200, {}))
    connect(server.server).get(f"{server.server.api}/sync", bearer=BEARER)
    assert {name: list(logging.getLogger(name).filters) for name in names} == before


def test_without_the_filter_the_lines_would_hold_secrets(
    serve: Serve, connect: Connect, everything: Everything, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bw_magics.client.request_log.discreet", contextlib.nullcontext)
    server = serve(answer(200, {}, headers=("X-Trace: header-canary",)))
    connect(server.server).get(f"{server.server.api}/file?token=query-canary", bearer=BEARER)
    assert "query-canary" in everything.of("httpx")
    assert "header-canary" in everything.of("httpcore")
