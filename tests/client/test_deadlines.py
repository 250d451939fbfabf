"""One deadline for every exchange, wherever it stalls: a typed error, and never a wait without end.

Without the deadline each of these would last for ever, or for hours.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import re
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import trustme

from bw_magics.client import ApiKey, log_in, wire
from bw_magics.client import config as config_module
from bw_magics.client import transport as transport_module
from bw_magics.client.certificates import Authority
from bw_magics.client.config import ask_config
from bw_magics.client.download import Download
from bw_magics.client.key_connector import fetch_key
from bw_magics.client.public_api import PublicApi, PublicApiKey
from bw_magics.client.storage import Storage
from bw_magics.client.upload import Destination, Upload, put
from bw_magics.client.writing_api import WritingApi
from bw_magics.errors import ServerUnreachable, WriteUnclear
from bw_magics.settings import Server
from tests.client.conftest import (
    BEARER,
    DEVICE,
    Connect,
    Drip,
    Serve,
    answer,
    failed_get,
    failed_login,
)

HOST = "vault.demo-networks.example"
OK = b"HTTP/1.1 200 OK\r\n"
EMPTY = gzip.compress(b"")

# Longer than any of these takes, shorter than what they would take without the deadline.
LONGEST = 30


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Short deadlines, and a look at the clock behind the test."""
    for name in ("LOGIN_TOTAL", "API_TOTAL"):
        monkeypatch.setattr(transport_module, name, 0.5)
    monkeypatch.setattr(wire, "LEAST", 0.5)
    monkeypatch.setattr(config_module, "PATIENCE", 0.5)
    started = time.monotonic()
    yield
    assert time.monotonic() - started < LONGEST


ANSWERS = {
    "a header line for ever": (OK + b"X-A: ", b"a"),
    "headers for ever": (OK, b"X-A: b\r\n"),
    "trailers for ever": (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-A: b\r\n"),
    "one trailer for ever": (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX-A: ", b"a"),
    "the size of a chunk for ever": (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    "a body without a length": (OK + b"\r\n[", b" "),
    "packed nothing for ever": (OK + b"Content-Encoding: gzip\r\n\r\n", EMPTY),
    "switching protocols": (b"HTTP/1.1 102 Processing\r\n\r\n", b"HTTP/1.1 102 P\r\n\r\n"),
    "a refusal for ever": (b"HTTP/1.1 400 Bad\r\nContent-Length: 9999\r\n\r\n", b" "),
    "too many requests for ever": (b"HTTP/1.1 429 Slow\r\nContent-Length: 9999\r\n\r\n", b" "),
    "out of order for ever": (b"HTTP/1.1 503 Out\r\nContent-Length: 9999\r\n\r\n", b" "),
}


@pytest.mark.parametrize(("begin", "piece"), ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("is_login", [True, False], ids=["login", "read"])
def test_an_answer_that_never_ends(
    drip: Drip, connect: Connect, api_key: ApiKey, begin: bytes, piece: bytes, is_login: bool
) -> None:
    server = drip(begin, piece)
    transport = connect(server)
    error = failed_login(transport, server, api_key) if is_login else failed_get(transport, server)
    assert type(error) is ServerUnreachable
    transport.close()


BODY = (OK + b"Content-Length: 9999\r\n\r\n", b" ")


def test_every_other_call_has_it_too(drip: Drip, connect: Connect, authority_pem: bytes) -> None:
    class Bearer:
        def current(self) -> str:
            return BEARER

        renewed = staticmethod(lambda refused: BEARER)

    def key(server: Server) -> object:
        return fetch_key(server.web_vault, Bearer(), DEVICE, certificate_authority=authority_pem)

    def office(server: Server) -> object:
        organization = "organization.8d5b1f0e-4c3a-4b6e-9f43-0a1b2c3d4e5f"
        own = PublicApiKey.parse(client_id=organization, client_secret="made-up")
        return PublicApi(connect(server), server, DEVICE, own).log_in()

    def change(server: Server) -> object:
        return connect(server).send("PUT", f"{server.api}/x", {}, bearer=BEARER)

    def download(server: Server) -> None:
        place = Storage(server, f"{server.web_vault}/f", authority=Authority(authority_pem))
        Download(place, largest=0).into(io.BytesIO())

    calls: dict[str, Callable[[Server], object]] = {
        "Key Connector": key,
        "organisation": office,
        "change": change,
        "download": download,
    }
    for name, call in calls.items():
        with pytest.raises(ServerUnreachable) as caught:
            call(drip(*BODY))
        assert caught.value.is_late, name


def test_an_optional_answer_is_waited_for_only_shortly(
    drip: Drip, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport_module, "LOGIN_TOTAL", 3600.0)
    monkeypatch.setattr(transport_module, "API_TOTAL", 3600.0)
    server = drip(*BODY)
    transport = connect(server)
    assert ask_config(transport, server) is None
    transport.close()


def test_a_name_that_is_not_looked_up(
    connect: Connect, api_key: ApiKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()

    def look_up(*_: object, **__: object) -> list[object]:
        over.wait(2 * LONGEST)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    server = Server.parse(f"https://{HOST}")
    try:
        error = failed_login(connect(server), server, api_key)
    finally:
        over.set()
    assert type(error) is ServerUnreachable
    assert f"The host name of {HOST} was not looked up in time" in error.fact
    assert "DNS" in error.remedy
    assert error.is_late


@contextlib.contextmanager
def full(hosts: list[str], port: int = 0) -> Iterator[int]:
    """A port of these addresses to which no more connections can be made: each of them waits."""
    with contextlib.ExitStack() as stack:
        for host in hosts:
            listener = stack.enter_context(socket.socket())
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
            listener.listen(0)
            port = int(listener.getsockname()[1])
            for _ in range(3):
                waiting = stack.enter_context(socket.socket())
                waiting.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    waiting.connect((host, port))
        yield port


def addresses(monkeypatch: pytest.MonkeyPatch, hosts: list[str], port: int) -> None:
    """Looks the name up as these addresses."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in hosts]
    real = socket.getaddrinfo

    def look_up(host: str, *more: Any, **named: Any) -> list[Any]:
        return list(found) if host == HOST else real(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def test_a_host_with_many_addresses_that_all_wait(
    connect: Connect, api_key: ApiKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts = [f"127.0.0.{number}" for number in range(100, 200)]
    with full(hosts) as port:
        addresses(monkeypatch, hosts, port)
        server = Server.parse(f"https://{HOST}:{port}")
        error = failed_login(connect(server), server, api_key)
    assert type(error) is ServerUnreachable
    assert "did not answer in time" in error.fact


def test_a_first_address_that_waits_leaves_time_for_the_next(
    serve: Serve,
    connect: Connect,
    api_key: ApiKey,
    authority: trustme.CA,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transport_module, "LOGIN_TOTAL", 8.0)
    server = serve(
        answer(200, {"access_token": "a.b.c"}), certificate=authority.issue_cert(HOST), host=HOST
    )
    with full(["127.0.0.99"], server.port):
        addresses(monkeypatch, ["127.0.0.99", "127.0.0.1"], server.port)
        login = log_in(connect(server.server), server.server, DEVICE, api_key)
    assert login.access_token == "a.b.c"


@contextlib.contextmanager
def listening(serve_it: Callable[[socket.socket], None]) -> Iterator[int]:
    """Serves one connection in a thread."""

    def accept() -> None:
        with contextlib.suppress(OSError):
            stream, _ = listener.accept()
            with stream:
                serve_it(stream)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept)
        thread.start()
        yield int(listener.getsockname()[1])
    thread.join(LONGEST)


def again_and_again(stream: socket.socket, begin: bytes, piece: bytes) -> None:
    stream.recv(65536)
    stream.sendall(begin)
    while piece or stream.recv(65536):
        stream.sendall(piece)
        time.sleep(0.05)


def test_a_handshake_one_byte_at_a_time(connect: Connect, api_key: ApiKey) -> None:
    def shake(stream: socket.socket) -> None:
        again_and_again(stream, b"\x16\x03\x03\x40\x00", b"\x02")

    with listening(shake) as port:
        server = Server.parse(f"https://localhost:{port}")
        assert type(failed_login(connect(server), server, api_key)) is ServerUnreachable


PROXIES = {
    "an HTTP proxy with a header for ever": ("http", b"HTTP/1.1 200 OK\r\nX-A: ", b"a"),
    "an HTTP proxy with 100 Continue": ("http", b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "an HTTP proxy with a refusal for ever": (
        "http",
        b"HTTP/1.1 200 OK\r\n\r\n\x16\x03\x03\x40\x00",
        b"\x02",
    ),
    "a SOCKS proxy that says nothing": ("socks5h", b"", b""),
    "an HTTPS proxy whose handshake never ends": ("https", b"\x16\x03\x03\x40\x00", b"\x02"),
}


# httpcore leaves the socket of a failed SOCKS handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("scheme", "begin", "piece"), PROXIES.values(), ids=PROXIES)
def test_a_proxy_that_never_ends(
    connect: Connect,
    api_key: ApiKey,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
    begin: bytes,
    piece: bytes,
) -> None:
    with listening(lambda stream: again_and_again(stream, begin, piece)) as port:
        monkeypatch.setenv("ALL_PROXY", f"{scheme}://127.0.0.1:{port}")
        server = Server.parse(f"https://{HOST}")
        error = failed_login(connect(server), server, api_key)
    assert type(error) is ServerUnreachable
    assert "ALL_PROXY" in error.remedy


def test_a_server_behind_an_https_proxy_is_bounded_too(
    connect: Connect, api_key: ApiKey, monkeypatch: pytest.MonkeyPatch, authority: trustme.CA
) -> None:
    """The TLS connection is inside another one, of which each byte is a record of its own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    def lead(plain: socket.socket) -> None:
        with context.wrap_socket(plain, server_side=True) as stream:
            stream.recv(65536)
            stream.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            again_and_again(stream, b"\x16\x03\x03\x40\x00", b"\x02")

    with listening(lead) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"https://127.0.0.1:{port}")
        server = Server.parse(f"https://{HOST}")
        assert type(failed_login(connect(server), server, api_key)) is ServerUnreachable


# Files on their way: the server stops reading, or its answer trickles.

LARGE, SMALL = 64 * 1024 * 1024, 64 * 1024
Behaviour = Callable[[ssl.SSLSocket], None]


def hang_up(stream: ssl.SSLSocket) -> select.poll:
    """What tells that the client has hung up, with bytes of it still unread."""
    end = select.poll()
    end.register(stream.fileno(), select.POLLRDHUP)
    return end


def stall(stream: ssl.SSLSocket) -> None:
    stream.recv(4096)
    hang_up(stream).poll(LONGEST * 1000)


def sip(stream: ssl.SSLSocket) -> None:
    end = hang_up(stream)
    while not end.poll(50):
        stream.recv(512)


def take(stream: ssl.SSLSocket) -> None:
    """Reads the whole request."""
    head, _, body = stream.recv(SMALL).partition(b"\r\n\r\n")
    [length] = re.findall(rb"(?i)content-length: (\d+)", head)
    left = int(length) - len(body)
    while left > 0:
        left -= len(stream.recv(SMALL))


def then_answer(begin: bytes, piece: bytes) -> Behaviour:
    def take_and_answer(stream: ssl.SSLSocket) -> None:
        take(stream)
        stream.sendall(begin)
        while True:
            stream.sendall(piece)
            time.sleep(0.05)

    return take_and_answer


def then_wait(stream: ssl.SSLSocket) -> None:
    take(stream)
    stream.recv(1)


CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
FILES: dict[str, tuple[Behaviour, int, str]] = {
    "nothing more is read": (stall, LARGE, "stopped taking"),
    "a few bytes are read": (sip, LARGE, "stopped taking"),
    "no answer": (then_wait, SMALL, "not known"),
    "a header one byte at a time": (then_answer(OK + b"X-A: ", b"a"), SMALL, "not known"),
    "headers for ever": (then_answer(OK, b"X-A: b\r\n"), SMALL, "not known"),
    "100 Continue for ever": (then_answer(b"", CONTINUE), SMALL, "not known"),
}


def put_whole(connect: Connect, server: Server, upload: Upload, authority: Authority) -> None:
    address = f"{server.web_vault}/f"
    opened = lambda address: Storage(server, address, authority=authority)  # noqa: E731
    put(Destination(address, opened, lambda: address), upload)


def post(connect: Connect, server: Server, upload: Upload, authority: Authority) -> None:
    class Tokens:
        def current(self) -> str:
            return BEARER

        def renewed(self, refused: str) -> str:
            return BEARER

    WritingApi(connect(server), server, Tokens()).upload_attachment("item", "file", upload)


@pytest.mark.skipif(not hasattr(select, "POLLRDHUP"), reason="Linux tells who has hung up")
@pytest.mark.parametrize(("behave", "size", "fact"), FILES.values(), ids=FILES)
@pytest.mark.parametrize("way", [put_whole, post])
def test_a_file_that_stalls_is_told_as_it_is(
    connect: Connect,
    authority: trustme.CA,
    monkeypatch: pytest.MonkeyPatch,
    behave: Behaviour,
    size: int,
    fact: str,
    way: Callable[[Connect, Server, Upload, Authority], None],
) -> None:
    monkeypatch.setattr(wire, "SLOWEST", 1 << 40)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)

    def serve(plain: socket.socket) -> None:
        with context.wrap_socket(plain, server_side=True) as stream:
            behave(stream)

    upload = Upload(io.BytesIO(bytes(size)), size)
    with listening(serve) as port:
        server = Server.parse(f"https://localhost:{port}")
        with pytest.raises((ServerUnreachable, WriteUnclear)) as caught:
            way(connect, server, upload, Authority(authority.cert_pem.bytes()))
    assert fact in caught.value.fact
    assert isinstance(caught.value, WriteUnclear) == (fact == "not known")
    assert (upload.done == size) == (size == SMALL)


@pytest.mark.parametrize(
    ("size", "seconds"),
    [(0, 0.5), (1024 * 1024, 64.5), (4 * 1024**3, 4 * 3600.0), (None, 4 * 3600.0)],
)
def test_a_small_file_has_less_time_than_a_large_one(size: int | None, seconds: float) -> None:
    assert wire.transfer_time(size) == seconds
