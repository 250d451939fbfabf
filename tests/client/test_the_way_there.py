"""Whatever goes wrong between here and the server is one typed error with a remedy."""

from __future__ import annotations

import contextlib
import datetime
import gzip
import socket
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from bw_magics.client import ApiKey, Transport, log_in
from bw_magics.client import transport as transport_module
from bw_magics.errors import (
    AnswerUnusable,
    BitwardenError,
    CertificateRefused,
    InsecureServer,
    NotLoggedIn,
    Redirected,
    ServerUnreachable,
)
from bw_magics.settings import Server
from tests.client.conftest import (
    BEARER,
    DEVICE,
    Connect,
    Raw,
    ScriptedServer,
    Serve,
    answer,
    assert_silent,
)

TOKEN = answer(200, {"access_token": "a.b.c"})


def failed_login(transport: Transport, server: Server, api_key: ApiKey) -> BitwardenError:
    with pytest.raises(BitwardenError) as caught:
        log_in(transport, server, DEVICE, api_key)
    assert_silent(caught.value)
    assert caught.value.remedy
    return caught.value


def failed_get(transport: Transport, server: Server, path: str = "sync") -> BitwardenError:
    with pytest.raises(BitwardenError) as caught:
        transport.get(f"{server.api}/{path}", bearer=BEARER)
    assert_silent(caught.value, "body-canary")
    assert caught.value.remedy
    return caught.value


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
    server = serve(answer(200, {"access_token": "a.b.c"}, wait=0.6))
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


class TestCertificates:
    def test_an_authority_that_is_not_trusted(
        self, serve: Serve, connect: Connect, api_key: ApiKey
    ) -> None:
        server = serve(TOKEN)
        transport = connect(server.server, certificate_authority=None)
        error = failed_login(transport, server.server, api_key)
        assert type(error) is CertificateRefused
        assert "not signed by an authority that is trusted" in error.fact
        assert "SSL_CERT_FILE" in error.remedy
        assert server.requests == []

    def test_another_host_name(
        self, serve: Serve, connect: Connect, api_key: ApiKey, authority: trustme.CA
    ) -> None:
        server = serve(TOKEN, certificate=authority.issue_cert("other.example.org"))
        error = failed_login(connect(server.server), server.server, api_key)
        assert type(error) is CertificateRefused
        assert "issued for another host name" in error.fact

    def test_another_address(
        self, serve: Serve, connect: Connect, api_key: ApiKey, authority: trustme.CA
    ) -> None:
        certificate = authority.issue_cert("localhost")
        server = serve(TOKEN, certificate=certificate, host="127.0.0.1")
        error = failed_login(connect(server.server), server.server, api_key)
        assert type(error) is CertificateRefused
        assert "issued for another host name" in error.fact

    def test_an_expired_one(
        self, serve: Serve, connect: Connect, api_key: ApiKey, authority: trustme.CA
    ) -> None:
        past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
        server = serve(TOKEN, certificate=authority.issue_cert("localhost", not_after=past))
        error = failed_login(connect(server.server), server.server, api_key)
        assert type(error) is CertificateRefused
        assert "has expired" in error.fact

    def test_one_that_is_not_valid_yet(
        self, serve: Serve, connect: Connect, api_key: ApiKey, authority: trustme.CA
    ) -> None:
        later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=30)
        certificate = authority.issue_cert(
            "localhost", not_before=later, not_after=later + datetime.timedelta(days=30)
        )
        server = serve(TOKEN, certificate=certificate)
        error = failed_login(connect(server.server), server.server, api_key)
        assert type(error) is CertificateRefused
        assert "clock" in error.remedy

    @pytest.mark.parametrize(
        "variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"]
    )
    def test_authorities_of_the_environment_are_trusted(
        self,
        serve: Serve,
        connect: Connect,
        api_key: ApiKey,
        authority_file: Path,
        monkeypatch: pytest.MonkeyPatch,
        variable: str,
    ) -> None:
        monkeypatch.setenv(variable, str(authority_file))
        server = serve(TOKEN)
        transport = connect(server.server, certificate_authority=None)
        assert log_in(transport, server.server, DEVICE, api_key).access_token == "a.b.c"

    @pytest.mark.parametrize("contents", [None, b"", b"not PEM", b"\xff\x00"])
    @pytest.mark.parametrize(
        "variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"]
    )
    def test_a_file_that_cannot_be_used_names_its_variable(
        self,
        serve: Serve,
        connect: Connect,
        api_key: ApiKey,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        variable: str,
        contents: bytes | None,
    ) -> None:
        path = tmp_path / "authorities.pem"
        if contents is not None:
            path.write_bytes(contents)
        monkeypatch.setenv(variable, str(path))
        server = serve(TOKEN)
        error = failed_login(connect(server.server), server.server, api_key)
        assert type(error) is CertificateRefused
        assert variable in error.fact
        assert server.requests == []

    def test_the_authority_of_one_transport_is_not_trusted_by_another(
        self, serve: Serve, connect: Connect, api_key: ApiKey
    ) -> None:
        server = serve(TOKEN)
        log_in(connect(server.server), server.server, DEVICE, api_key)
        other = connect(server.server, certificate_authority=None)
        assert type(failed_login(other, server.server, api_key)) is CertificateRefused

    def test_an_authority_that_is_not_pem(
        self, serve: Serve, connect: Connect, api_key: ApiKey
    ) -> None:
        server = serve(TOKEN)
        transport = connect(server.server, certificate_authority=b"\xffnot PEM")
        assert type(failed_login(transport, server.server, api_key)) is CertificateRefused


def packed(data: bytes, encoding: str) -> Raw:
    return answer(200, data, headers=(f"Content-Encoding: {encoding}",))


JSON = b'{"key": "body-canary"}'


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


class TestBodies:
    @pytest.mark.parametrize(
        "raw",
        [
            pytest.param(answer(200, JSON), id="plain"),
            pytest.param(packed(JSON, "identity"), id="identity"),
            pytest.param(packed(gzip.compress(JSON), "gzip"), id="gzip"),
            pytest.param(packed(gzip.compress(JSON), "GZIP"), id="upper case"),
            pytest.param(
                packed(gzip.compress(JSON[:9]) + gzip.compress(JSON[9:]), "gzip"),
                id="two gzip members",
            ),
            pytest.param(packed(zlib.compress(JSON), "deflate"), id="deflate"),
            pytest.param(packed(raw_deflate(JSON), "deflate"), id="raw deflate"),
            pytest.param(answer(200, JSON, kind="text/plain"), id="wrong content type"),
            pytest.param(
                Raw(b"HTTP/1.1 200 OK\r\n\r\n" + JSON, close=True), id="ends with the connection"
            ),
            pytest.param(
                Raw(
                    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + b"%x\r\n" % len(JSON)
                    + JSON
                    + b"\r\n0\r\n\r\n"
                ),
                id="chunked",
            ),
        ],
    )
    def test_every_usual_packing_is_unpacked(
        self, serve: Serve, connect: Connect, raw: Raw
    ) -> None:
        server = serve(raw)
        body = connect(server.server).get(f"{server.server.api}/sync", bearer=BEARER)
        assert type(body) is bytearray
        assert body == JSON

    @pytest.mark.parametrize(
        ("raw", "words"),
        [
            pytest.param(
                answer(200, JSON, length=len(JSON) + 5, close=True), "cut off", id="short body"
            ),
            pytest.param(packed(gzip.compress(JSON)[:-9], "gzip"), "cut off", id="half gzip"),
            pytest.param(packed(JSON, "gzip"), "damaged", id="not gzip"),
            pytest.param(packed(JSON, "deflate"), "damaged", id="not deflate"),
            pytest.param(
                packed(gzip.compress(JSON) + b"body-canary", "gzip"), "damaged", id="gzip and more"
            ),
            pytest.param(packed(JSON, "br"), "not asked for", id="br"),
            pytest.param(packed(JSON, "gzip, gzip"), "not asked for", id="twice packed"),
            pytest.param(packed(JSON, "body-canary"), "not asked for", id="unknown packing"),
            pytest.param(packed(b"", "gzip"), "empty", id="empty gzip"),
            pytest.param(
                answer(200, "<html>body-canary", kind="text/html"), "text/html", id="web page"
            ),
            pytest.param(
                Raw(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a"', close=True),
                "cut off",
                id="half a chunk",
            ),
            pytest.param(
                Raw(b"SSH-2.0-body-canary\r\n\r\n", close=True), "does not speak HTTP", id="no HTTP"
            ),
            pytest.param(
                Raw(b"HTTP/1.1 200 OK\r\nbody-canary\x00: \r\n\r\n", close=True),
                "does not speak HTTP",
                id="bad header",
            ),
        ],
    )
    def test_a_body_that_cannot_be_used(
        self, serve: Serve, connect: Connect, raw: Raw, words: str
    ) -> None:
        server = serve(raw)
        error = failed_get(connect(server.server), server.server)
        assert type(error) is AnswerUnusable
        assert words in str(error)
        assert server.server.name in str(error)

    @pytest.mark.parametrize("encoding", ["gzip", "deflate", "identity"])
    def test_a_small_answer_cannot_fill_the_memory(
        self, serve: Serve, connect: Connect, encoding: str
    ) -> None:
        zeros = b"[" + b" " * (3 * 1024 * 1024)
        data = {"gzip": gzip.compress(zeros), "deflate": zlib.compress(zeros), "identity": zeros}
        server = serve(packed(data[encoding], encoding))
        transport = connect(server.server)
        with pytest.raises(AnswerUnusable, match="larger than 1 MiB"):
            transport.get(f"{server.server.api}/sync", bearer=BEARER, ceiling=1024 * 1024)


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

    def test_after_close_every_request_says_so(
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
    def test_a_token_that_is_no_header_is_not_sent(
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
