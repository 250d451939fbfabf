"""`Listener`: HTTP/1.1 over TLS on a loopback port, one thread a connection, without a log."""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import struct
import threading
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HOST = "127.0.0.1"

# A key in a request's environment: the body was read, so another request can follow.
DRAINED = "bw_magics.demo.drained"

# A key in a request's environment: reset the connection instead of answering.
RESET = "bw_magics.demo.reset"

# A silent client is disconnected after this many seconds.
_IDLE = 120


class _Handler(WSGIRequestHandler):
    """A handler that keeps connections open between requests, and logs nothing."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = _IDLE

    def log(self, type: str, message: str, *args: Any) -> None:
        """Logs nothing: a request line can hold an attachment's token."""

    def run_wsgi(self) -> None:
        """Answers one request and leaves the connection open for the next.

        Replaces werkzeug's own, which closes every connection.
        """
        self.environ = self.make_environ()
        head: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: Any, error: Any = None) -> Any:
            head[:] = [(status, headers)]

        chunks = self.server.app(self.environ, start_response)
        try:
            if self.environ.get(RESET):
                # Closing the connection then sends a reset.
                now = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
                raise ConnectionAbortedError
            status, headers = head[0]
            code, _, reason = status.partition(" ")
            self.send_response(int(code), reason)
            for name, value in headers:
                self.send_header(name, value)
            if not self.environ.get(DRAINED):
                self.send_header("Connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                for chunk in chunks:
                    # Counted first: the client may finish before this thread continues.
                    self.server.count(chunk)  # type: ignore[attr-defined]
                    self.wfile.write(chunk)
        except (ConnectionError, TimeoutError) as error:
            self.connection_dropped(error)
        finally:
            close = getattr(chunks, "close", None)
            if close:
                close()

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
        """Closes the connection on this side too, for answers that are cut off."""
        self.close_connection = True

    def version_string(self) -> str:
        """Returns the `Server` header."""
        return "bw_magics demo"


class Listener(ThreadedWSGIServer):
    """A server for one application; it serves from `open` to `close`.

    Each connection does its TLS handshake in its own thread, so that one silent client does not
    delay the others. `close` also ends open connections. `bytes_sent` is the size of the bodies of
    all answers.
    """

    def __init__(self, port: int, app: WSGIApplication, context: ssl.SSLContext) -> None:
        # Bound here: werkzeug would end the whole program if the port is taken.
        with socket.create_server((HOST, port), backlog=self.request_queue_size) as bound:
            super().__init__(HOST, port, app, _Handler, fd=bound.fileno())
        self.ssl_context = context
        self._context = context
        self._open: dict[threading.Thread, socket.socket] = {}
        self._lock = threading.Lock()
        self.bytes_sent = 0
        self._wake, self._woken = socket.socketpair()
        self._thread = threading.Thread(
            target=self._serve, name="bw_magics demo server", daemon=True
        )

    def open(self) -> None:
        """Starts to serve, in its own thread."""
        self._thread.start()

    def _serve(self) -> None:
        """Serves until `close` wakes it. It polls for nothing, unlike `serve_forever`."""
        with selectors.DefaultSelector() as selector:
            selector.register(self, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while all(key.fileobj is self for key, _ in selector.select()):
                self.handle_request()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serves one connection in its thread."""
        thread = threading.current_thread()
        request.settimeout(_IDLE)
        try:
            with self._context.wrap_socket(
                request, server_side=True, do_handshake_on_connect=False
            ) as connection:
                with self._lock:
                    self._open[thread] = connection
                connection.do_handshake()
                self.RequestHandlerClass(connection, client_address, self)  # type: ignore[arg-type]
        except OSError:
            pass  # the client went away, or does not trust the certificate
        finally:
            with self._lock:
                self._open.pop(thread, None)

    def count(self, chunk: bytes) -> None:
        """Adds a piece of an answer's body to `bytes_sent`."""
        with self._lock:
            self.bytes_sent += len(chunk)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignores the error of a client that disconnected."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Logs nothing."""

    def close(self) -> None:
        """Stops listening, ends open connections and waits for their threads."""
        # A byte and not the end: a forked child keeps its copy of this socket open.
        self._wake.send(b".")
        self._thread.join()
        self._wake.close()
        self._woken.close()
        self.server_close()
        self.hang_up()

    def hang_up(self) -> None:
        """Ends open connections and waits for their threads."""
        with self._lock:
            connections = dict(self._open)
        for connection in connections.values():
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in connections:
            thread.join(2)
