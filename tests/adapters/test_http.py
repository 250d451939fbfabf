"""User names and passwords from httpx and requests, as a real server receives them."""

from __future__ import annotations

import base64
import http.server
import threading
from collections.abc import Iterator

import httpx
import pytest

from bw_magics.errors import FieldNotFound
from bw_magics.secret import MASK
from tests.adapters.conftest import Login
from tests.adapters.passwords import NASTY


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, list[str]]]:
    """Yields a server's address and the `Authorization` headers that it received."""
    received: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            received.append(self.headers["Authorization"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        threading.Thread(target=listener.serve_forever, args=(0.01,)).start()
        yield f"http://127.0.0.1:{listener.server_port}/", received
        listener.shutdown()


@pytest.mark.parametrize("password", NASTY)
def test_every_password_arrives_as_it_is(
    server: tuple[str, list[str]], login: Login, password: str
) -> None:
    import requests

    address, received = server
    item = login(password=password)

    httpx.get(address, auth=item.httpx_auth(), trust_env=False)
    with requests.Session() as session:
        session.trust_env = False
        session.get(address, auth=item.requests_auth())

    sent = [base64.b64decode(header.removeprefix("Basic ")) for header in received[-2:]]
    assert sent == [f"analyst:{password}".encode()] * 2


def test_the_tuple_shows_a_mask(login: Login) -> None:
    for password in ("canary-4711", "canary-日本"):
        shown = repr(login(password=password).requests_auth())
        assert MASK in shown
        assert "canary" not in shown


@pytest.mark.parametrize("missing", ["username", "password"])
def test_a_login_without_one_of_them_names_the_reason(login: Login, missing: str) -> None:
    item = login(**{missing: None})
    for way in (item.httpx_auth, item.requests_auth):
        with pytest.raises(FieldNotFound, match="Warehouse DB"):
            way()
