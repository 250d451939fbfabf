"""Which certificates are trusted, and the error for each that is not."""

from __future__ import annotations

import datetime
import os
import sys
from pathlib import Path

import pytest
import trustme

from bw_magics.client import ApiKey, log_in
from bw_magics.errors import (
    CertificateRefused,
)
from tests.client.conftest import (
    DEVICE,
    Connect,
    Serve,
    answer,
    failed_login,
)

TOKEN = answer(200, {"access_token": "a.b.c"})


def test_an_authority_that_is_not_trusted(serve: Serve, connect: Connect, api_key: ApiKey) -> None:
    server = serve(TOKEN)
    transport = connect(server.server, certificate_authority=None)
    error = failed_login(transport, server.server, api_key)
    assert type(error) is CertificateRefused
    assert "not signed by an authority that is trusted" in error.fact
    assert "SSL_CERT_FILE" in error.remedy
    assert server.requests == []


def test_another_host_name(
    serve: Serve, connect: Connect, api_key: ApiKey, authority: trustme.CA
) -> None:
    server = serve(TOKEN, certificate=authority.issue_cert("other.example.org"))
    error = failed_login(connect(server.server), server.server, api_key)
    assert type(error) is CertificateRefused
    assert "issued for another host name" in error.fact


def test_another_address(
    serve: Serve, connect: Connect, api_key: ApiKey, authority: trustme.CA
) -> None:
    certificate = authority.issue_cert("localhost")
    server = serve(TOKEN, certificate=certificate, host="127.0.0.1")
    error = failed_login(connect(server.server), server.server, api_key)
    assert type(error) is CertificateRefused
    assert "issued for another host name" in error.fact


def test_an_expired_one(
    serve: Serve, connect: Connect, api_key: ApiKey, authority: trustme.CA
) -> None:
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    server = serve(TOKEN, certificate=authority.issue_cert("localhost", not_after=past))
    error = failed_login(connect(server.server), server.server, api_key)
    assert type(error) is CertificateRefused
    assert "has expired" in error.fact


def test_one_that_is_not_valid_yet(
    serve: Serve, connect: Connect, api_key: ApiKey, authority: trustme.CA
) -> None:
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=30)
    certificate = authority.issue_cert(
        "localhost", not_before=later, not_after=later + datetime.timedelta(days=30)
    )
    server = serve(TOKEN, certificate=certificate)
    error = failed_login(connect(server.server), server.server, api_key)
    assert type(error) is CertificateRefused
    assert "clock" in error.remedy


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"])
def test_authorities_of_the_environment_are_trusted(
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


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="the store is not OpenSSL's there")
def test_authorities_of_the_operating_system_are_trusted(
    serve: Serve, connect: Connect, api_key: ApiKey, authority_file: Path
) -> None:
    # OpenSSL takes this file for the system's; bw_magics does not see the variable.
    os.putenv("SSL_CERT_FILE", str(authority_file))
    assert "SSL_CERT_FILE" not in os.environ
    server = serve(TOKEN)
    transport = connect(server.server, certificate_authority=None)
    assert log_in(transport, server.server, DEVICE, api_key).access_token == "a.b.c"


@pytest.mark.parametrize("contents", [None, b"", b"not PEM", b"\xff\x00"])
@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"])
def test_a_file_that_cannot_be_used_names_its_variable(
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
    serve: Serve, connect: Connect, api_key: ApiKey
) -> None:
    server = serve(TOKEN)
    log_in(connect(server.server), server.server, DEVICE, api_key)
    other = connect(server.server, certificate_authority=None)
    assert type(failed_login(other, server.server, api_key)) is CertificateRefused


def test_an_authority_that_is_not_pem(serve: Serve, connect: Connect, api_key: ApiKey) -> None:
    server = serve(TOKEN)
    transport = connect(server.server, certificate_authority=b"\xffnot PEM")
    assert type(failed_login(transport, server.server, api_key)) is CertificateRefused
