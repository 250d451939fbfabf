"""Downloads from whatever host a server names: no credential goes along, nothing goes wrong."""

from __future__ import annotations

import io
import logging
from pathlib import Path

import pytest
import trustme

from bw_magics.client.certificates import Authority
from bw_magics.client.download import Download
from bw_magics.client.storage import Storage
from bw_magics.errors import (
    AnswerUnusable,
    BitwardenError,
    CertificateRefused,
    InsecureServer,
    Redirected,
    RequestRefused,
    ServerUnreachable,
    UsageMistake,
)
from bw_magics.settings import Server
from tests.client.conftest import Raw, ScriptedServer, Serve, answer, assert_silent

TOKEN = "canary-SIGNATURE-0815"
PATH = f"/files/abc?sig={TOKEN}&se=2026"
CONTENTS = bytes(range(256)) * 40
REMOTE = Server.parse("https://vault.example.org")


def file_answer(body: bytes = CONTENTS, **changes: object) -> Raw:
    return answer(200, body, kind="application/octet-stream", **changes)  # type: ignore[arg-type]


def address_of(server: ScriptedServer) -> str:
    scheme = "https" if server.tls else "http"
    return f"{scheme}://{server.host}:{server.port}{PATH}"


def fetched(
    server: Server, address: str, *, largest: int = 0, authority: Authority | bytes | None = None
) -> bytes:
    file = io.BytesIO()
    Download(Storage(server, address, authority=Authority.of(authority)), largest=largest).into(
        file
    )
    return file.getvalue()


def failed(server: Server, address: str, **how: object) -> BitwardenError:
    with pytest.raises(BitwardenError) as caught:
        fetched(server, address, **how)  # type: ignore[arg-type]
    assert_silent(caught.value, TOKEN, "/files/abc")
    assert caught.value.remedy
    return caught.value


@pytest.fixture
def trusted(authority_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate authority of the scripted servers is the system's, as a cloud's is."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority_file))


@pytest.mark.usefixtures("trusted")
def test_a_file_on_another_host_is_fetched_without_a_trace_of_the_account(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = serve(file_answer(headers=("Set-Cookie: canary=1",)))
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login somebody password netrc-canary\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))

    assert fetched(REMOTE, address_of(storage)) == CONTENTS

    (request,) = storage.requests
    assert (request.method, request.target) == ("GET", PATH)
    sent = {name.lower() for name, _ in request.headers}
    assert sent <= {"host", "accept", "accept-encoding", "connection", "user-agent"}


def test_the_servers_own_authority_is_trusted_for_its_own_origin_only(
    serve: Serve, authority_pem: bytes
) -> None:
    own, other = serve(file_answer()), serve(file_answer())

    assert fetched(own.server, address_of(own), authority=authority_pem) == CONTENTS
    refused = failed(own.server, address_of(other), authority=authority_pem)

    assert isinstance(refused, CertificateRefused)
    assert f"is trusted for {own.server.name} only" in refused.fact
    assert f'vault.login(server="https://localhost:{other.port}"' in refused.remedy
    assert "SSL_CERT_FILE" in refused.remedy
    assert other.requests == []


def test_what_the_error_advises_works(
    serve: Serve, authority_file: Path, authority_pem: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, other = serve(file_answer()), serve(file_answer())
    assert fetched(other.server, address_of(other), authority=authority_pem) == CONTENTS
    monkeypatch.setenv("SSL_CERT_FILE", str(authority_file))
    assert fetched(own.server, address_of(other), authority=authority_pem) == CONTENTS


def test_the_authority_may_name_both_origins(serve: Serve, authority_file: Path) -> None:
    own, files, third = serve(file_answer()), serve(file_answer()), serve(file_answer())
    named = f"{authority_file} https://localhost:{files.port}"

    for written in (named, named.replace(" ", ", "), f" {named}/ "):
        authority = Authority.of(written)
        assert fetched(own.server, address_of(own), authority=authority) == CONTENTS
        assert fetched(own.server, address_of(files), authority=authority) == CONTENTS
    refused = failed(own.server, address_of(third), authority=Authority.of(named))

    assert isinstance(refused, CertificateRefused)
    assert f'BW_CA_FILE="ca.pem https://localhost:{third.port}"' in refused.remedy
    assert third.requests == []


@pytest.mark.parametrize("text", ["ca.pem http://files.example.org", "ca.pem https://a b:c"])
def test_an_origin_behind_the_authority_is_https_or_a_mistake(
    authority_file: Path, text: str
) -> None:
    with pytest.raises((UsageMistake, InsecureServer, CertificateRefused)):
        Authority.of(text.replace("ca.pem", str(authority_file)))


def test_a_path_with_blanks_names_no_origin(authority_pem: bytes, tmp_path: Path) -> None:
    path = tmp_path / "my own, ca.pem"
    path.write_bytes(authority_pem)

    assert Authority.of(str(path)) == Authority(authority_pem)
    assert Authority.of(f"{path},https://files.example.org") == Authority(
        authority_pem, ("https://files.example.org",)
    )


def test_a_certificate_with_another_fault_is_not_blamed_on_the_authority(
    serve: Serve,
    authority: trustme.CA,
    authority_file: Path,
    authority_pem: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority_file))
    own = serve(file_answer())
    other = serve(file_answer(), certificate=authority.issue_cert("other.example"))
    refused = failed(own.server, address_of(other), authority=authority_pem)
    assert "another host name" in refused.fact


@pytest.mark.parametrize("status", [403, 404, 410, 500])
def test_a_file_that_is_not_given_out_names_the_server_as_it_is_written(
    serve: Serve, authority_pem: bytes, status: int
) -> None:
    own = serve(answer(status))
    refused = failed(own.server, address_of(own), authority=authority_pem)
    assert f"by localhost:{own.port} (status {status})" in refused.fact
    assert "Localhost" not in str(refused)


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_told_and_not_followed(serve: Serve, status: int) -> None:
    elsewhere = serve(file_answer())
    storage = serve(answer(status, headers=(f"Location: {address_of(elsewhere)}",)))

    error = failed(REMOTE, address_of(storage))

    assert isinstance(error, Redirected)
    assert "localhost" in error.fact
    assert elsewhere.requests == []


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("is_announced", [True, False], ids=["announced", "not announced"])
def test_a_file_above_the_limit_ends_early(serve: Serve, is_announced: bool) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(
        b"%x\r\n%s\r\n" % (len(CONTENTS), CONTENTS) for _ in range(3)
    )
    storage = serve(file_answer() if is_announced else Raw(chunked + b"0\r\n\r\n"))

    error = failed(REMOTE, address_of(storage), largest=len(CONTENTS) - 1)

    assert isinstance(error, AnswerUnusable)
    assert "attachment_limit" in error.remedy


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (answer(403, b"<Error/>", kind="application/xml"), RequestRefused),
        (answer(404, b"gone"), RequestRefused),
        (answer(500, b"oh"), RequestRefused),
        (file_answer(length=len(CONTENTS) + 5, close=True), AnswerUnusable),
        (file_answer(headers=("Content-Encoding: gzip",)), AnswerUnusable),
        (Raw(b"nonsense\r\n\r\n", close=True), AnswerUnusable),
        (Raw(b"", close=True), ServerUnreachable),
    ],
    ids=["403", "404", "500", "cut off", "packed", "no http", "nothing"],
)
def test_what_goes_wrong_is_one_typed_error(
    serve: Serve, reply: Raw, error: type[BitwardenError]
) -> None:
    assert type(failed(REMOTE, address_of(serve(reply)))) is error


def test_plain_http_is_for_a_server_on_this_machine_only(serve: Serve) -> None:
    storage = serve(file_answer(), certificate=None)

    assert fetched(storage.server, address_of(storage)) == CONTENTS
    assert isinstance(failed(REMOTE, address_of(storage)), InsecureServer)
    outside = failed(storage.server, f"http://files.example.org{PATH}")
    assert isinstance(outside, InsecureServer)
    assert len(storage.requests) == 1


@pytest.mark.parametrize(
    "address",
    [
        "",
        PATH,
        f"ftp://files.example.org{PATH}",
        f"file:///etc/passwd?{TOKEN}",
        f"https://{TOKEN}@files.example.org/",
        f"https:{PATH}",
        f"https://[::1{PATH}",
        f"https://files.example.org:port{PATH}",
    ],
)
def test_what_is_not_an_address_of_a_file_is_refused_unasked(address: str) -> None:
    assert isinstance(failed(REMOTE, address), AnswerUnusable)


@pytest.mark.usefixtures("trusted")
def test_no_log_line_holds_the_address(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    storage = serve(file_answer())
    with caplog.at_level(logging.DEBUG):
        fetched(REMOTE, address_of(storage))

    assert caplog.records, "the control: httpx did log something"
    assert TOKEN not in caplog.text


@pytest.mark.usefixtures("trusted")
def test_a_download_can_be_ended_early(serve: Serve) -> None:
    storage = serve(file_answer())
    download = Download(Storage(REMOTE, address_of(storage)), largest=0)
    download.cancel()

    with pytest.raises(ServerUnreachable):
        download.into(io.BytesIO())


def test_neither_repr_tells_the_address() -> None:
    assert TOKEN not in repr(Download(Storage(REMOTE, f"https://x.example{PATH}"), largest=0))


def test_an_authority_of_another_kind_changes_nothing(serve: Serve) -> None:
    """A storage that only its own authority knows is not trusted because the server is."""
    stranger = trustme.CA()
    storage = serve(file_answer(), certificate=stranger.issue_cert("localhost"))

    assert isinstance(failed(REMOTE, address_of(storage)), CertificateRefused)
