"""Proxies that work, client certificates, and a request that is ended by closing."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from bw_magics.client import ApiKey, Transport, log_in
from bw_magics.client.certificates import ClientCertificate, read_authority, tls_context
from bw_magics.errors import (
    BitwardenError,
    CertificateRefused,
    NotLoggedIn,
    ServerError,
    ServerUnreachable,
)
from bw_magics.settings import Server
from tests.client.conftest import (
    BEARER,
    DEVICE,
    NEVER,
    Connect,
    Raw,
    ScriptedServer,
    Serve,
    answer,
    assert_silent,
    failed_login,
)
from tests.proxy import proxy_to

HOST = "vault.demo-networks.example"
TOKEN = answer(200, {"access_token": "a.b.c"})


@pytest.fixture
def far_away(serve: Serve, authority: trustme.CA) -> ScriptedServer:
    """A server under a name that only a proxy leads to."""
    return serve(TOKEN, certificate=authority.issue_cert(HOST), host=HOST)


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_a_proxy_of_the_environment_is_used(
    far_away: ScriptedServer,
    connect: Connect,
    api_key: ApiKey,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    with proxy_to(far_away.port) as proxy:
        monkeypatch.setenv(variable, proxy.url)
        login = log_in(connect(far_away.server), far_away.server, DEVICE, api_key)
        assert login.access_token == "a.b.c"
        assert proxy.asked == [f"CONNECT {HOST}:{far_away.port} HTTP/1.1"]
        assert api_key.client_secret.encode() not in proxy.seen, "it sees TLS and nothing else"


@pytest.mark.parametrize("excepted", [HOST, ".demo-networks.example", "*"])
def test_no_proxy_goes_straight(
    far_away: ScriptedServer,
    connect: Connect,
    api_key: ApiKey,
    monkeypatch: pytest.MonkeyPatch,
    excepted: str,
) -> None:
    def here(host: str, *arguments: Any, **named: Any) -> Any:
        return resolve("127.0.0.1" if host == HOST else host, *arguments, **named)

    resolve = socket.getaddrinfo
    with proxy_to(far_away.port) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", excepted)
        monkeypatch.setattr(socket, "getaddrinfo", here)
        log_in(connect(far_away.server), far_away.server, DEVICE, api_key)
        assert proxy.asked == []
    assert len(far_away.requests) == 1


def test_this_machine_is_reached_without_a_proxy(
    serve: Serve, connect: Connect, api_key: ApiKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(TOKEN)
    with proxy_to(server.port) as proxy:
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        log_in(connect(server.server), server.server, DEVICE, api_key)
        assert proxy.asked == []


class TestClientCertificates:
    @pytest.fixture
    def strict(self, serve: Serve, authority: trustme.CA, authority_pem: bytes) -> ScriptedServer:
        """A server that talks only to those who show a certificate."""
        server = serve(TOKEN)
        assert server.tls is not None
        server.tls.verify_mode = ssl.CERT_REQUIRED
        server.tls.load_verify_locations(cadata=authority_pem.decode())
        return server

    @pytest.fixture
    def shown(self, authority: trustme.CA) -> trustme.LeafCert:
        return authority.issue_cert("someone@demo.example")

    @pytest.mark.parametrize("in_one_file", [True, False])
    def test_one_is_shown(
        self,
        strict: ScriptedServer,
        api_key: ApiKey,
        authority_pem: bytes,
        shown: trustme.LeafCert,
        tmp_path: Path,
        in_one_file: bool,
    ) -> None:
        path, key = tmp_path / "shown.pem", tmp_path / "key.pem"
        if in_one_file:
            path.write_bytes(shown.private_key_and_cert_chain_pem.bytes())
        else:
            path.write_bytes(shown.cert_chain_pems[0].bytes())
            key.write_bytes(shown.private_key_pem.bytes())
        transport = Transport(
            strict.server,
            DEVICE,
            certificate_authority=authority_pem,
            client_certificate=ClientCertificate(path, None if in_one_file else key),
        )
        try:
            assert log_in(transport, strict.server, DEVICE, api_key).access_token == "a.b.c"
        finally:
            transport.close()

    def test_without_one_nothing_is_sent(
        self, strict: ScriptedServer, connect: Connect, api_key: ApiKey
    ) -> None:
        error = failed_login(connect(strict.server), strict.server, api_key)
        assert isinstance(error, ServerError)
        assert "client certificate" in str(error)
        assert strict.requests == []

    @pytest.mark.parametrize("contents", [None, b"", b"-----BEGIN canary"])
    def test_one_that_cannot_be_used_names_the_reason(
        self, tmp_path: Path, contents: bytes | None
    ) -> None:
        path = tmp_path / "canary.pem"
        if contents is not None:
            path.write_bytes(contents)
        with pytest.raises(CertificateRefused, match="client certificate") as caught:
            tls_context(certificate=ClientCertificate(path))
        assert_silent(caught.value)
        assert "canary" not in str(caught.value)

    def test_a_locked_key_is_refused_and_nobody_is_asked(
        self, shown: trustme.LeafCert, tmp_path: Path
    ) -> None:
        from cryptography.hazmat.primitives import serialization

        key = serialization.load_pem_private_key(shown.private_key_pem.bytes(), None)
        locked = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"canary"),
        )
        path = tmp_path / "locked.pem"
        path.write_bytes(locked + shown.cert_chain_pems[0].bytes())
        with pytest.raises(CertificateRefused, match="locked with a password"):
            tls_context(certificate=ClientCertificate(path))

    @pytest.mark.parametrize("is_folder", [True, False])
    def test_an_authority_file_that_is_none(self, tmp_path: Path, is_folder: bool) -> None:
        reason = "is a folder" if is_folder else "does not exist"
        with pytest.raises(CertificateRefused, match=f"certificate authority {reason}"):
            read_authority(tmp_path if is_folder else tmp_path / "canary.pem")


@pytest.mark.parametrize("begun", [False, True], ids=["before the answer", "in the middle of it"])
def test_closing_ends_a_request_under_way(serve: Serve, connect: Connect, begun: bool) -> None:
    """Not only the next one: a logout must not leave a thread that waits for a slow server."""
    whole = answer(200, b'{"a": 1}', length=1000)
    server = serve(whole if begun else Raw(b"", wait=NEVER))
    transport = connect(server.server)
    outcome: list[BitwardenError] = []

    def ask() -> None:
        try:
            transport.get(f"{server.server.api}/sync", bearer=BEARER)
        except BitwardenError as error:
            outcome.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    while not server.requests:
        time.sleep(0.01)
    transport.close()
    thread.join(60)
    assert not thread.is_alive(), "it did not wait for the answer"
    assert [type(error) for error in outcome] == [NotLoggedIn]
    assert_silent(outcome[0])


@pytest.mark.parametrize("is_waiting", [False, True], ids=["idle", "while a request waits"])
def test_a_socket_is_given_back_only_when_nobody_reads_from_it(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch, is_waiting: bool
) -> None:
    """Its number may be that of another connection at once."""
    server = serve(answer(200, {}), Raw(b"", wait=NEVER))
    transport = connect(server.server)
    closed_by: list[str] = []
    close = httpx.Client.close

    def noted(client: httpx.Client) -> None:
        if client is own:  # others may be collected meanwhile
            closed_by.append(threading.current_thread().name)
        close(client)

    def ask() -> None:
        with contextlib.suppress(NotLoggedIn):
            transport.get(f"{server.server.api}/sync", bearer=BEARER)

    ask()
    own = transport._client
    monkeypatch.setattr(httpx.Client, "close", noted)
    thread = threading.Thread(target=ask, name="waiting")
    if is_waiting:
        thread.start()
        while len(server.requests) < 2:
            time.sleep(0.01)
    transport.close()
    if is_waiting:
        thread.join(60)
    assert closed_by == ["waiting" if is_waiting else threading.current_thread().name]


def test_a_refusal_that_takes_two_seconds_is_a_refusal(
    serve: Serve, connect: Connect, api_key: ApiKey
) -> None:
    server = serve(answer(400, {"error": "invalid_client"}, wait=2.1))
    error = failed_login(connect(server.server), server.server, api_key)
    assert not isinstance(error, ServerUnreachable)
    assert "client_id or client_secret was refused" in error.fact


@pytest.mark.parametrize("service", ["identity", "api"])
def test_a_separate_service_gets_its_own_requests(
    serve: Serve, connect: Connect, api_key: ApiKey, service: str
) -> None:
    main, other = serve(TOKEN), serve(TOKEN)
    url = f"https://localhost:{other.port}/deep"
    server = Server.parse(main.server.web_vault, **{service: url})
    transport = connect(server)
    log_in(transport, server, DEVICE, api_key)
    transport.get(f"{server.api}/sync", bearer=BEARER)
    expected = {
        "identity": (["/api/sync"], ["/deep/connect/token"]),
        "api": (["/identity/connect/token"], ["/deep/sync"]),
    }[service]
    assert [each.target for each in main.requests] == expected[0]
    assert [each.target for each in other.requests] == expected[1]
