"""Real proxies on loopback, HTTP and SOCKS 5: they open tunnels and note what they were asked."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Proxy:
    """Leads every tunnel to `target`, whatever host was asked for: so no name has to exist.

    `asked` are the first lines of the requests, `seen` everything that passed through.
    """

    target: int
    asked: list[str] = field(default_factory=list)
    seen: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        for each in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join(120)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._begin(self._tunnel, client)

    def _begin(self, function: object, *arguments: socket.socket) -> None:
        thread = threading.Thread(target=function, args=arguments)  # type: ignore[arg-type]
        self._threads.append(thread)
        self._open += [each for each in arguments if each not in self._open]
        thread.start()

    def _tunnel(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = client.recv(65536)
            if not piece:
                return
            head += piece
        self.asked.append(head.partition(b"\r\n")[0].decode())
        server = socket.create_connection(("127.0.0.1", self.target))
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self._begin(self._pass_on, server, client)
        self._pass_on(client, server)

    def _pass_on(self, giver: socket.socket, taker: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := giver.recv(65536):
                self.seen += piece
                taker.sendall(piece)
        with contextlib.suppress(OSError):
            taker.shutdown(socket.SHUT_RDWR)


@dataclass
class SocksProxy(Proxy):
    """The same with SOCKS 5 (RFC 1928), without a password; `asked` are host and port."""

    @property
    def url(self) -> str:
        return super().url.replace("http://", "socks5://")

    def _tunnel(self, client: socket.socket) -> None:
        _, methods = client.recv(2)
        client.recv(methods)
        client.sendall(b"\x05\x00")
        head = client.recv(5)
        name = client.recv(head[4])
        port = int.from_bytes(client.recv(2))
        self.asked.append(f"{name.decode()}:{port}")
        server = socket.create_connection(("127.0.0.1", self.target))
        client.sendall(b"\x05\x00\x00\x01" + bytes(6))
        self._begin(self._pass_on, server, client)
        self._pass_on(client, server)


@contextmanager
def proxy_to(port: int, kind: type[Proxy] = Proxy) -> Iterator[Proxy]:
    """A proxy for the length of a block."""
    proxy = kind(port)
    try:
        yield proxy
    finally:
        proxy.close()
