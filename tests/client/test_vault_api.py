"""Reading from the API: the token is renewed once, the revision date is a number or an error."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from bw_magics.client import Transport, VaultApi
from bw_magics.errors import (
    AnswerUnusable,
    BitwardenError,
    NotLoggedIn,
    RateLimited,
    RequestRefused,
)
from tests.client.conftest import (
    BEARER,
    NEVER,
    Connect,
    ScriptedServer,
    Serve,
    answer,
    assert_silent,
)


class Tokens:
    """A bearer with numbered tokens."""

    def __init__(self) -> None:
        self.token = BEARER
        self.refused: list[str] = []

    def current(self) -> str:
        return self.token

    def renewed(self, refused: str) -> str:
        self.refused.append(str(refused))
        self.token = f"{BEARER}-{len(self.refused)}"
        return self.token


def vault_api(connect: Connect, server: ScriptedServer, tokens: Tokens) -> VaultApi:
    return VaultApi(connect(server.server), server.server, tokens)


def test_the_requests_are_those_of_the_cli(serve: Serve, connect: Connect) -> None:
    server = serve(answer(200, b"1790000000123"), answer(200, {"object": "sync"}))
    api = vault_api(connect, server, Tokens())
    assert api.revision_date() == 1790000000123
    assert api.sync() == b'{"object": "sync"}'
    assert [(r.method, r.target) for r in server.requests] == [
        ("GET", "/api/accounts/revision-date"),
        ("GET", "/api/sync?excludeDomains=true"),
    ]
    for request in server.requests:
        assert request.header("authorization") == f"Bearer {BEARER}"
        assert request.header("bitwarden-client-version") == "2026.6.0"
        assert request.header("cache-control") == "no-store"


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"1790000000123", 1790000000123),
        (b" 1790000000123\n", 1790000000123),
        (b'"1790000000123"', 1790000000123),
        (b"1.790000000123e12", 1790000000123),
        (b"0", 0),
    ],
)
def test_a_revision_date_is_a_number(
    serve: Serve, connect: Connect, body: bytes, value: int
) -> None:
    assert vault_api(connect, serve(answer(200, body)), Tokens()).revision_date() == value


@pytest.mark.parametrize(
    "body", [b"null", b"true", b"[]", b'"soon"', b"1.5", b"1e300", b"9" * 5000, b'"\xff"', b"nul"]
)
def test_an_odd_revision_date_is_one_error(serve: Serve, connect: Connect, body: bytes) -> None:
    with pytest.raises(AnswerUnusable) as caught:
        vault_api(connect, serve(answer(200, body)), Tokens()).revision_date()
    assert_silent(caught.value)


def test_a_negative_revision_date_means_that_the_account_is_gone(
    serve: Serve, connect: Connect
) -> None:
    with pytest.raises(RequestRefused, match="account no longer exists"):
        vault_api(connect, serve(answer(200, b"-1")), Tokens()).revision_date()


@pytest.mark.parametrize("body", [b"", b"Unauthorized", b'{"error":"Unauthorized"}'])
def test_a_refused_token_is_renewed_once(serve: Serve, connect: Connect, body: bytes) -> None:
    server = serve(answer(401, body), answer(200, {}))
    tokens = Tokens()
    assert vault_api(connect, server, tokens).sync() == b"{}"
    assert tokens.refused == [BEARER]
    assert [r.header("authorization") for r in server.requests] == [
        f"Bearer {BEARER}",
        f"Bearer {BEARER}-1",
    ]


def test_a_token_refused_twice_is_an_error(serve: Serve, connect: Connect) -> None:
    server = serve(answer(401))
    with pytest.raises(RequestRefused) as caught:
        vault_api(connect, server, Tokens()).sync()
    assert caught.value.status == 401
    assert "token that it has just given out" in caught.value.fact
    assert "vault.login" in caught.value.remedy
    assert_silent(caught.value)
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", [400, 402, 403, 404, 409, 500, 503])
def test_any_other_refusal_has_its_status_and_is_not_repeated(
    serve: Serve, connect: Connect, status: int
) -> None:
    server = serve(answer(status, {"message": f"{BEARER} server-text"}))
    with pytest.raises(RequestRefused) as caught:
        vault_api(connect, server, Tokens()).sync()
    assert caught.value.status == status
    assert str(status) in str(caught.value)
    assert_silent(caught.value, "server-text")
    assert len(server.requests) == 1


def test_too_many_requests_tell_the_wait(serve: Serve, connect: Connect) -> None:
    server = serve(answer(429, b"", headers=("Retry-After: 1",)))
    with pytest.raises(RateLimited, match="in 1 second\\."):
        vault_api(connect, server, Tokens()).sync()


def test_a_renewal_that_fails_is_the_error(serve: Serve, connect: Connect) -> None:
    class Expired(Tokens):
        def renewed(self, refused: str) -> str:
            raise NotLoggedIn("Gone.", "Log in.")

    with pytest.raises(NotLoggedIn) as caught:
        vault_api(connect, serve(answer(401)), Expired()).sync()
    assert_silent(caught.value)


def test_many_threads_share_one_transport(serve: Serve, connect: Connect) -> None:
    server = serve(answer(200, {"number": 1}))
    api = vault_api(connect, server, Tokens())
    with ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(lambda _: bytes(api.sync()), range(64)))
    assert bodies == [b'{"number": 1}'] * 64
    assert server.connections <= 8


def test_closing_ends_a_request_that_is_under_way(serve: Serve, connect: Connect) -> None:
    server = serve(answer(200, {}), answer(200, {}, wait=NEVER))
    transport = connect(server.server)
    api = VaultApi(transport, server.server, Tokens())
    api.sync()
    caught: list[BaseException] = []

    def sync() -> None:
        try:
            api.sync()
        except BitwardenError as error:
            caught.append(error)

    thread = threading.Thread(target=sync)
    thread.start()
    while len(server.requests) < 2:
        thread.join(0.01)
    transport.close()
    thread.join(60)
    assert not thread.is_alive()
    assert [type(error) for error in caught] == [NotLoggedIn]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_has_connections_of_its_own(serve: Serve, connect: Connect) -> None:
    server = serve(answer(200, {}))
    transport: Transport = connect(server.server)
    url = f"{server.server.api}/sync"
    transport.get(url, bearer=BEARER)
    child = _in_a_child(lambda: transport.get(url, bearer=BEARER) == b"{}")
    assert child
    transport.get(url, bearer=BEARER)
    assert [request.connection for request in server.requests] == [1, 2, 1]


def _in_a_child(work: object) -> bool:
    import warnings

    assert callable(work)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # other threads run: meant here
        process = os.fork()
    if process == 0:
        try:
            os._exit(0 if work() else 1)
        finally:
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0


def test_unused_parts_are_not_imported() -> None:
    import subprocess
    import sys

    code = (
        "import sys, bw_magics.client\n"
        "print([m for m in ('httpx', 'truststore', 'ssl', 'msgspec') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
