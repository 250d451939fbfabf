"""A failure on the way to the server is one typed error with a remedy."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from bw_magics.client import ApiKey, Transport, log_in
from bw_magics.client import transport as transport_module
from bw_magics.errors import (
    AnswerUnusable,
    BitwardenError,
    InsecureServer,
    NotLoggedIn,
    Redirected,
    ServerUnreachable,
)
from bw_magics.settings import Server
from tests.client.conftest import (
    BEARER,
    DEVICE,
    NEVER,
    Connect,
    Drip,
    Raw,
    ScriptedServer,
    Serve,
    answer,
    assert_silent,
    failed_get,
    failed_login,
)

TOKEN = answer(200, {"access_token": "a.b.c"})
JSON = b'{"key": "body-canary"}'


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port on which connections are accepted and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_refused_connection(connect: Connect, api_key: ApiKey) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    server = Server.parse(f"https://localhost:{port}")
    error = failed_login(connect(server), server, api_key)
    assert type(error) is ServerUnreachable
    assert f"localhost:{port} refused the connection" in str(error)


def test_an_unknown_host(connect: Connect, api_key: ApiKey) -> None:
    server = Server.parse("https://no-such-host.invalid")
    error = failed_login(connect(server), server, api_key)
    assert type(error) is ServerUnreachable
    assert "host name of no-such-host.invalid is not known" in str(error)


@pytest.mark.parametrize("host", ["xn--.example", "a..b.invalid", "\u2100.invalid", "x" * 300])
def test_a_host_that_no_address_can_have(connect: Connect, api_key: ApiKey, host: str) -> None:
    try:
        server = Server.parse(f"https://{host}")
    except BitwardenError:
        return
    assert type(failed_login(connect(server), server, api_key)) is ServerUnreachable


def test_a_server_that_says_nothing(
    connect: Connect, api_key: ApiKey, silent_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport_module, "LOGIN_READ", 0.2)
    monkeypatch.setattr(transport_module, "CONNECT", 0.2)
    server = Server.parse(f"https://localhost:{silent_port}")
    error = failed_login(connect(server), server, api_key)
    assert type(error) is ServerUnreachable
    assert "did not answer in time" in str(error)


def test_a_slow_answer(
    serve: Serve, connect: Connect, api_key: ApiKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport_module, "LOGIN_READ", 0.2)
    server = serve(answer(200, {"access_token": "a.b.c"}, wait=NEVER))
    error = failed_login(connect(server.server), server.server, api_key)
    assert type(error) is ServerUnreachable
    assert len(server.requests) == 1


def test_refusals_that_are_delayed_on_purpose_are_waited_for() -> None:
    assert transport_module.LOGIN_READ >= 30
    assert transport_module.CONNECT == 15


def test_an_answer_that_trickles_in_has_an_end(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport_module, "API_TOTAL", 0.0)
    server = serve(answer(200, b'{"a": "body-canary"}'))
    assert type(failed_get(connect(server.server), server.server)) is ServerUnreachable


@pytest.mark.parametrize(
    ("begin", "piece"),
    [
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n", id="100 Continue for ever"),
        pytest.param(b"", b"HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n", id="early hints for ever"),
        pytest.param(b"HTTP/1.1 200 O", b"K", id="a status line for ever"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-A: ", b"a", id="one byte of a header at a time"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b"a", id="one byte of a body"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"1\r\na\r\n",
            id="chunks for ever",
        ),
    ],
)
@pytest.mark.parametrize("is_login", [True, False], ids=["login", "read"])
def test_the_whole_exchange_has_one_deadline(
    drip: Drip,
    connect: Connect,
    api_key: ApiKey,
    monkeypatch: pytest.MonkeyPatch,
    begin: bytes,
    piece: bytes,
    is_login: bool,
) -> None:
    monkeypatch.setattr(transport_module, "LOGIN_TOTAL" if is_login else "API_TOTAL", 0.5)
    server = drip(begin, piece)
    transport = connect(server)
    started = time.monotonic()
    error = failed_login(transport, server, api_key) if is_login else failed_get(transport, server)
    # Without the deadline most of these would last for ever, and one of them 80 minutes.
    assert time.monotonic() - started < 120
    assert type(error) is ServerUnreachable
    transport.close()


def test_a_port_for_plain_http(connect: Connect, api_key: ApiKey) -> None:
    def complain(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            while connection.recv(4096):
                pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=complain, args=(listener,))
        thread.start()
        server = Server.parse(f"https://localhost:{listener.getsockname()[1]}")
        error = failed_login(connect(server), server, api_key)
        thread.join()
    assert type(error) is ServerUnreachable
    assert "TLS" in error.fact
    assert "plain http" in error.remedy


def test_plain_http_to_another_machine_is_refused_before_anything_is_sent() -> None:
    base = "http://vault.example.org"
    server = Server("vault.example.org", base, f"{base}/api", f"{base}/identity")
    with pytest.raises(InsecureServer):
        Transport(server, DEVICE)


def test_plain_http_to_this_machine_works(serve: Serve, connect: Connect, api_key: ApiKey) -> None:
    server = serve(TOKEN, certificate=None)
    assert log_in(connect(server.server), server.server, DEVICE, api_key).access_token == "a.b.c"


class TestConnections:
    def test_an_idle_connection_closed_under_a_read_is_opened_again(
        self, serve: Serve, connect: Connect
    ) -> None:
        server = serve(answer(200, JSON), Raw(b"", close=True), answer(200, JSON))
        transport = connect(server.server)
        for _ in range(2):
            assert transport.get(f"{server.server.api}/sync", bearer=BEARER) == JSON
        assert len(server.requests) == 3

    def test_a_server_that_always_closes_is_asked_twice_and_told(
        self, serve: Serve, connect: Connect
    ) -> None:
        server = serve(Raw(b"", close=True))
        error = failed_get(connect(server.server), server.server)
        assert type(error) is ServerUnreachable
        assert len(server.requests) == 2

    def test_a_login_is_not_sent_twice(
        self, serve: Serve, connect: Connect, api_key: ApiKey
    ) -> None:
        server = serve(Raw(b"", close=True))
        error = failed_login(connect(server.server), server.server, api_key)
        assert type(error) is ServerUnreachable
        assert len(server.requests) == 1

    def test_after_close_every_request_names_the_reason(
        self, serve: Serve, connect: Connect, api_key: ApiKey
    ) -> None:
        server = serve(TOKEN)
        transport = connect(server.server)
        log_in(transport, server.server, DEVICE, api_key)
        transport.close()
        transport.close()
        assert type(failed_login(transport, server.server, api_key)) is NotLoggedIn

    def test_it_never_becomes_a_pickle(self, serve: Serve, connect: Connect) -> None:
        import pickle

        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(connect(serve(TOKEN).server))


class TestWhereTokensGo:
    @pytest.mark.parametrize(
        "url",
        [
            "https://other.example.org/api/sync",
            "https://localhost/api/sync",
            "http://localhost:{port}/api/sync",
            "https://localhost:{port}@other.example.org/api/sync",
            "https://user:word@localhost:{port}/api/sync",
            "https://localhost.other.example.org:{port}/api",
            "//localhost:{port}/api/sync",
            "/api/sync",
            "https://127.0.0.1:{port}/api/sync",
            "file:///etc/hostname",
        ],
    )
    def test_to_the_configured_server_and_nowhere_else(
        self, serve: Serve, connect: Connect, url: str
    ) -> None:
        server: ScriptedServer = serve(answer(200, JSON))
        with pytest.raises(Redirected) as caught:
            connect(server.server).get(url.format(port=server.port), bearer=BEARER)
        assert_silent(caught.value)
        assert server.requests == []

    @pytest.mark.parametrize("bearer", ["", "a b", "a\r\nX-Injected: 1", "ä", "\ud800", "a\x00"])
    def test_a_token_that_is_not_a_header_is_not_sent(
        self, serve: Serve, connect: Connect, bearer: str
    ) -> None:
        server = serve(answer(200, JSON))
        with pytest.raises(AnswerUnusable) as caught:
            connect(server.server).get(f"{server.server.api}/sync", bearer=bearer)
        assert_silent(caught.value)
        assert server.requests == []


class TestProxies:
    """A proxy of the environment is used for other machines, and named when it fails."""

    def far_away(self) -> Server:
        return Server.parse("https://vault.example.org")

    def test_a_proxy_that_refuses(
        self, serve: Serve, connect: Connect, api_key: ApiKey, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        proxy = serve(answer(403, "body-canary"), certificate=None)
        monkeypatch.setenv("HTTPS_PROXY", f"http://u:pr0xy-canary@127.0.0.1:{proxy.port}")
        server = self.far_away()
        error = failed_login(connect(server), server, api_key)
        assert type(error) is ServerUnreachable
        assert "proxy" in error.fact
        assert_silent(error, "pr0xy-canary", "body-canary")
        assert proxy.requests[0].method == "CONNECT"
        assert proxy.requests[0].body == b""

    def test_a_proxy_that_is_not_there(
        self, connect: Connect, api_key: ApiKey, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{port}")
        server = self.far_away()
        error = failed_login(connect(server), server, api_key)
        assert type(error) is ServerUnreachable
        assert "names a proxy" in error.remedy

    @pytest.mark.parametrize("proxy", ["gopher://pr0xy-canary", "http://[", "socks5://127.0.0.1:1"])
    def test_a_proxy_that_cannot_be_used(
        self, connect: Connect, api_key: ApiKey, monkeypatch: pytest.MonkeyPatch, proxy: str
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        server = self.far_away()
        error = failed_login(connect(server), server, api_key)
        assert type(error) is ServerUnreachable
        assert_silent(error, "pr0xy-canary")
