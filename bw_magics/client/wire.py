"""`Wire`: the transport under httpx, with one deadline for a whole exchange.

The time-outs of httpx count from one byte to the next: a server that sends a byte now and then, or
`100 Continue` for ever, keeps the client waiting without end. Here every step of an exchange, from
the connection to the last byte of the body, gets only the time that is left of it.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

import httpcore

from bw_magics.client.failure import SlowLookup
from bw_magics.client.lean_httpx import httpx
from bw_magics.client.proxies import Proxy, proxy_for

_MOST_CONNECTIONS = 20
_KEPT_ALIVE = 60.0
# What is written in one step, in bytes.
_PIECE = 64 * 1024
# How long a file may take, in seconds: the least, the most, and between them at so many bytes each.
LEAST, MOST, SLOWEST = 300.0, 4 * 3600.0, 16 * 1024

_end: ContextVar[float | None] = ContextVar("bw_magics_deadline", default=None)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Ends each exchange of this thread within so many seconds, with a time-out of httpx.

    One inside another does not extend it.
    """
    end, outer = time.monotonic() + seconds, _end.get()
    token = _end.set(end if outer is None else min(end, outer))
    try:
        yield
    finally:
        _end.reset(token)


def transfer_time(size: int | None) -> float:
    """Returns the seconds that a file of so many bytes may take; the most for an unknown size."""
    return MOST if size is None else min(MOST, LEAST + size / SLOWEST)


class Wire(httpx.BaseTransport):
    """Connections to any host, over the proxies that the environment names for it."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._pools: dict[Proxy | None, httpcore.ConnectionPool] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Sends a request. Raises httpx's own errors, and `ServerUnreachable` for a proxy of the
        environment that cannot be used.
        """
        pool = self._pool(proxy_for(str(request.url)))
        with _as_httpx():
            answer = pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(
                        scheme=request.url.raw_scheme,
                        host=request.url.raw_host,
                        port=request.url.port,
                        target=request.url.raw_path,
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer.stream),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Closes all connections."""
        for pool in self._pools.values():
            pool.close()

    def _pool(self, proxy: Proxy | None) -> httpcore.ConnectionPool:
        return self._pools.get(proxy) or self._pools.setdefault(proxy, self._opened(proxy))

    def _opened(self, proxy: Proxy | None) -> httpcore.ConnectionPool:
        options: dict[str, Any] = {
            "ssl_context": self._context,
            "max_connections": _MOST_CONNECTIONS,
            "keepalive_expiry": _KEPT_ALIVE,
            "network_backend": _Network(),
        }
        if proxy is None:
            return httpcore.ConnectionPool(**options)
        options["proxy_url"] = f"{proxy.scheme}://{proxy.name}"
        if proxy.username or proxy.password:
            options["proxy_auth"] = (proxy.username.encode(), proxy.password.encode())
        if proxy.is_socks:
            return httpcore.SOCKSProxy(**options)
        if proxy.scheme == "https":
            # That of truststore makes its sockets by another one.
            getattr(self._context, "_ctx", self._context).sslsocket_class = _Socket
            options["proxy_ssl_context"] = self._context
        return httpcore.HTTPProxy(**options)


class _Network(httpcore.NetworkBackend):
    """The system's sockets, under the deadline."""

    def __init__(self) -> None:
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        limit = _left(timeout)
        end = None if limit is None else time.monotonic() + limit
        addresses = _looked_up(host, port, limit)
        last: Exception = httpcore.ConnectTimeout()
        # The time is shared: the system's own call gives each address all of it.
        for number, address in enumerate(addresses):
            left = None
            if end is not None:
                left = (end - time.monotonic()) / (len(addresses) - number)
                if left <= 0:
                    break
            try:
                stream = self._sockets.connect_tcp(
                    address, port, left, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
            else:
                return _Stream(stream)
        raise last


class _Stream(httpcore.NetworkStream):
    """A connection whose every step is under the deadline."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            left = _left(timeout, httpcore.WriteTimeout)
            self._stream.write(buffer[start : start + _PIECE], left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Socket(ssl.SSLSocket):
    """A TLS connection to a proxy. Of the TLS connection through it httpcore bounds each read, and
    not the reading of a whole record.
    """

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        self.settimeout(_left(self.gettimeout()))
        return super().recv(buflen, flags)


class _Body(httpx.SyncByteStream):
    """The body of an answer, whose errors are httpx's."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._stream

    def close(self) -> None:
        self._stream.close()


def _looked_up(host: str, port: int, timeout: float | None) -> list[str]:
    """Returns the addresses of a host. The system's call has no time-out: it runs in a thread."""
    found: list[str] = []
    problems: list[OSError] = []

    def look_up() -> None:
        try:
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as problem:
            problems.append(problem)
        except UnicodeError as problem:
            problems.append(socket.gaierror(socket.EAI_NONAME, str(problem)))
        else:
            found.extend(dict.fromkeys(_address(*place) for *_, place in infos))

    thread = threading.Thread(target=look_up, name="bw_magics looks up a host", daemon=True)
    thread.start()
    thread.join(timeout)
    if not found:
        # Raised in a handler: httpcore removes the cause of its errors, and leaves the context.
        try:
            raise problems[0] if problems else SlowLookup
        except SlowLookup as slow:
            raise httpcore.ConnectTimeout from slow
        except OSError as problem:
            raise httpcore.ConnectError(str(problem)) from problem
    return found


def _address(host: str, port: int, flow: int = 0, scope: int = 0) -> str:
    return f"{host}%{scope}" if scope and "%" not in host else host


def _left(
    timeout: float | None, over: type[httpcore.TimeoutException] = httpcore.ReadTimeout
) -> float | None:
    """Returns the time until the deadline, at most `timeout`. Raises `over` where it has passed."""
    end = _end.get()
    if end is None:
        return timeout
    left = end - time.monotonic()
    if left <= 0:
        raise over
    return left if timeout is None else min(timeout, left)


@contextmanager
def _as_httpx() -> Iterator[None]:
    """Raises httpx's error of the same name for each of httpcore's."""
    try:
        yield
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.ProxyError,
        httpcore.UnsupportedProtocol,
    ) as error:
        kind = getattr(httpx, type(error).__name__, httpx.TransportError)
        raise kind(str(error)) from error


def hang_up(open_socket: socket.socket) -> None:
    """Shuts a connection down, also under a thread that reads from it."""
    # The base class's: that of TLS would free its state under that thread.
    with suppress(OSError):
        socket.socket.shutdown(open_socket, socket.SHUT_RDWR)
