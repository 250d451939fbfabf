"""Which certificates are trusted, and the error for each that is not."""

from __future__ import annotations

import datetime
import os
import ssl
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from bw_magics.client import ApiKey, log_in
from bw_magics.client.certificates import Authority, ClientCertificate, pem_of
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


def der(pem: bytes) -> bytes:
    return ssl.PEM_cert_to_DER_cert(pem.decode())


CONTENTS: dict[str, Callable[[bytes], bytes]] = {
    "a byte order mark": lambda pem: b"\xef\xbb\xbf" + pem,
    "a comment as of Mozilla's list": lambda pem: "# Főtanúsítvány\n".encode() + pem,
    "a comment in Latin-1": lambda pem: "# Größe\n".encode("latin-1") + pem,
    "the text of openssl": lambda pem: b"Certificate:\n    Data:\n" + pem + b"\nend\n",
    "lines of Windows": lambda pem: pem.replace(b"\n", b"\r\n"),
    "lines of old Macs": lambda pem: pem.replace(b"\n", b"\r"),
    "UTF-16": lambda pem: pem.decode().encode("utf-16"),
    "DER": der,
    "two of them": lambda pem: pem + b"\n" + trustme.CA().cert_pem.bytes(),
    "another name of the block": lambda pem: pem.replace(b" CERT", b" X509 CERT"),
}


@pytest.mark.parametrize("written", CONTENTS.values(), ids=CONTENTS)
def test_a_file_of_certificates_is_read_as_programs_write_it(
    serve: Serve,
    connect: Connect,
    api_key: ApiKey,
    authority_pem: bytes,
    tmp_path: Path,
    written: Callable[[bytes], bytes],
) -> None:
    path = tmp_path / "ca.pem"
    path.write_bytes(written(authority_pem))
    server = serve(TOKEN)
    trusted = connect(server.server, certificate_authority=pem_of(Authority.of(path)))
    assert log_in(trusted, server.server, DEVICE, api_key).access_token


FURTHER = ("https://files.example.org", "https://more.example.org")


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ('"{path}"', ()),
        ("'{path}' https://files.example.org", FURTHER[:1]),
        ("{path};https://files.example.org;https://more.example.org", FURTHER),
        ("{path}, https://files.example.org, https://more.example.org", FURTHER),
        ("{path}\n", ()),
        ("{url}", ()),
        ("{url} https://files.example.org", FURTHER[:1]),
        ("~/my ca.pem", ()),
        ("{line}", ()),
    ],
)
def test_a_file_of_certificates_is_named_as_people_paste_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    authority_pem: bytes,
    text: str,
    origins: tuple[str, ...],
) -> None:
    path = tmp_path / "my ca.pem"
    path.write_bytes(authority_pem)
    monkeypatch.setenv("HOME", str(tmp_path))
    line = authority_pem.decode().replace("\n", "\\n")
    found = Authority.of(text.format(path=path, url=path.as_uri(), line=line))
    assert found is not None
    assert (found.pem.strip(), found.origins) == (authority_pem.strip(), origins)


@pytest.mark.parametrize(
    ("name", "reason"), [("no.pem", "does not exist"), (".", "is a folder"), ("a\0b", "be read")]
)
def test_why_a_file_of_certificates_cannot_be_read(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(CertificateRefused, match=reason):
        Authority.of(f"{tmp_path}/{name}")


@pytest.mark.parametrize("text", ["'{path}'", "{url}", "{path}\n"])
def test_a_client_certificate_is_named_as_people_paste_it(
    tmp_path: Path, authority: trustme.CA, text: str
) -> None:
    path = tmp_path / "mine.pem"
    path.write_bytes(authority.issue_cert("me.example").private_key_and_cert_chain_pem.bytes())
    named = ClientCertificate.named(text.format(path=path, url=path.as_uri()))
    assert named == ClientCertificate(path)


def test_an_authority_that_is_not_pem(serve: Serve, connect: Connect, api_key: ApiKey) -> None:
    server = serve(TOKEN)
    transport = connect(server.server, certificate_authority=b"\xffnot PEM")
    assert type(failed_login(transport, server.server, api_key)) is CertificateRefused
