"""A server on loopback whose answers a test scripts byte by byte, over real TLS."""

from __future__ import annotations

import contextlib
import json
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import trustme

from bw_magics.client import ApiKey, Transport, log_in
from bw_magics.errors import BitwardenError
from bw_magics.settings import Device, Server

USER_ID = "0b5a9f5c-1d0e-4b1e-9d57-b3a1f2c4d6e8"
CLIENT_ID = f"user.{USER_ID}"
CLIENT_SECRET = "cAnArYsEcReT0123456789abcdefgh"
BEARER = "canary.BEARER.token-4711"

# How long an answer waits that does not come before the server closes, in seconds.
NEVER = 3600.0

DEVICE = Device("5f0c6c1e-7d52-4c1c-9f0d-4b1f7a3f2a10", 25)

_ENVIRONMENT = (
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "NETRC"),
    *(f"{name}_PROXY" for name in ("HTTP", "HTTPS", "ALL", "NO")),
)


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@dataclass
class Request:
    """What a client sent."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    connection: int
    time: float

    def header(self, name: str) -> str | None:
        return next((v for n, v in self.headers if n.lower() == name.lower()), None)

    @property
    def form(self) -> list[tuple[str, str]]:
        return parse_qsl(self.body.decode(), keep_blank_values=True)


@dataclass
class Raw:
    """An answer as bytes on the wire; afterwards the connection is closed or kept."""

    data: bytes
    close: bool = False
    wait: float = 0.0
    reset: bool = False


def answer(
    status: int = 200,
    body: bytes | str | object = b"",
    *,
    kind: str | None = "application/json",
    headers: tuple[str, ...] = (),
    length: int | None = None,
    close: bool = False,
    wait: float = 0.0,
) -> Raw:
    """A complete HTTP answer; anything but bytes and str is sent as JSON."""
    if isinstance(body, str):
        body = body.encode()
    elif not isinstance(body, bytes):
        body = json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Status"]
    if kind is not None:
        lines.append(f"Content-Type: {kind}")
    lines += [f"Content-Length: {len(body) if length is None else length}", *headers]
    return Raw("\r\n".join([*lines, "", ""]).encode() + body, close, wait)


@dataclass
class ScriptedServer:
    """Answers each request with the next scripted answer; the last one is repeated."""

    tls: ssl.SSLContext | None
    host: str = "localhost"
    requests: list[Request] = field(default_factory=list)
    script: list[Raw] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._open: set[socket.socket] = set()
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                outer._serve(self.request)

        class Listener(socketserver.ThreadingTCPServer):
            daemon_threads = False
            allow_reuse_address = True

        self._listener = Listener(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._listener.server_address[1])

    @property
    def server(self) -> Server:
        scheme = "https" if self.tls else "http"
        return Server.parse(f"{scheme}://{self.host}:{self.port}")

    def answers(self, *script: Raw) -> None:
        self.script = list(script)

    def close(self) -> None:
        self._closing.set()
        self._listener.shutdown()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self._listener.server_close()
        self._thread.join()

    def _serve(self, plain: socket.socket) -> None:
        with self._lock:
            self.connections += 1
            number = self.connections
        try:
            connection = self.tls.wrap_socket(plain, server_side=True) if self.tls else plain
        except OSError:
            plain.close()
            return
        with self._lock:
            self._open.add(connection)
        try:
            with connection, connection.makefile("rb") as stream:
                while self._exchange(connection, stream, number):
                    pass
        except OSError:
            pass
        finally:
            with self._lock:
                self._open.discard(connection)

    def _exchange(self, connection: socket.socket, stream: Any, number: int) -> bool:
        first = stream.readline().decode("latin-1").split()
        if len(first) < 2:
            return False
        headers = []
        while line := stream.readline().decode("latin-1").rstrip("\r\n"):
            name, _, value = line.partition(":")
            headers.append((name, value.strip()))
        request = Request(first[0], first[1], headers, b"", number, time.time())
        request.body = stream.read(int(request.header("Content-Length") or 0))
        with self._lock:
            self.requests.append(request)
            raw = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        self._closing.wait(raw.wait)
        connection.sendall(raw.data)
        return not raw.close


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def authority_pem(authority: trustme.CA) -> bytes:
    return authority.cert_pem.bytes()


@pytest.fixture(scope="session")
def authority_file(authority_pem: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("authority") / "authority.pem"
    path.write_bytes(authority_pem)
    return path


Serve = Callable[..., ScriptedServer]


@pytest.fixture
def serve(authority: trustme.CA) -> Iterator[Serve]:
    """Starts scripted servers; `certificate=None` makes a plain one."""
    servers: list[ScriptedServer] = []
    default = authority.issue_cert("localhost", "127.0.0.1")

    def start(
        *script: Raw,
        certificate: trustme.LeafCert | None = default,
        host: str = "localhost",
    ) -> ScriptedServer:
        context = None
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
        servers.append(ScriptedServer(context, host, script=list(script)))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


Connect = Callable[..., Transport]


@pytest.fixture
def connect(authority_pem: bytes) -> Iterator[Connect]:
    """Makes transports that trust the test authority, and closes them."""
    transports: list[Transport] = []

    def make(server: Server, *, certificate_authority: bytes | None = authority_pem) -> Transport:
        transports.append(Transport(server, DEVICE, certificate_authority=certificate_authority))
        return transports[-1]

    yield make
    for transport in transports:
        transport.close()


Drip = Callable[[bytes, bytes], Server]


@pytest.fixture
def drip(authority: trustme.CA) -> Iterator[Drip]:
    """A server that sends a beginning, and then the same piece again and again without end."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    listeners: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def serve_it(listener: socket.socket, begin: bytes, piece: bytes) -> None:
        plain, _ = listener.accept()
        with contextlib.suppress(OSError), context.wrap_socket(plain, server_side=True) as stream:
            stream.recv(65536)
            stream.sendall(begin)
            while True:
                stream.sendall(piece)
                time.sleep(0.05)

    def start(begin: bytes, piece: bytes) -> Server:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        threads.append(threading.Thread(target=serve_it, args=(listener, begin, piece)))
        threads[-1].start()
        return Server.parse(f"https://localhost:{listener.getsockname()[1]}")

    yield start
    for thread in threads:
        thread.join(120)
    for listener in listeners:
        listener.close()


@pytest.fixture
def api_key() -> ApiKey:
    return ApiKey.parse(client_id=CLIENT_ID, client_secret=CLIENT_SECRET)


def everything_an_error_holds(error: BaseException) -> str:
    """All that a traceback, a log or a debugger can show of an error: texts, arguments,
    attributes and the locals of all frames, along the whole chain of causes and contexts.
    """
    shown: list[str] = []
    seen: set[int] = set()
    queue: list[BaseException] = [error]
    while queue:
        link = queue.pop()
        if id(link) in seen:
            continue
        seen.add(id(link))
        shown += [str(link), repr(link), repr(link.args), repr(vars(link))]
        trace = link.__traceback__
        while trace is not None:
            if "/tests/" not in Path(trace.tb_frame.f_code.co_filename).as_posix():
                shown.append(repr(trace.tb_frame.f_locals))
            trace = trace.tb_next
        queue += [x for x in (link.__cause__, link.__context__) if x is not None]
    return "\n".join(shown)


def assert_silent(error: BaseException, *secrets: str) -> None:
    """No secret is in anything the error holds, and nobody else's exception is chained to it."""
    assert error.__cause__ is None
    assert error.__context__ is None
    shown = everything_an_error_holds(error)
    for secret in (CLIENT_SECRET, BEARER, *secrets):
        assert secret not in shown


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
