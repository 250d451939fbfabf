"""`Transport`: one account's HTTPS connections, with Bitwarden's headers."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlencode, urlsplit
from weakref import WeakSet, finalize

from bw_magics.address import is_loopback
from bw_magics.answer import Answer
from bw_magics.client.body import MIB, read_body
from bw_magics.client.refusal import not_json, refused
from bw_magics.errors import (
    AnswerUnusable,
    BitwardenError,
    InsecureServer,
    NotLoggedIn,
    Redirected,
    ServerError,
)
from bw_magics.secret import Secret, Unpicklable
from bw_magics.settings import CLIENT_VERSION, VERSION, Device, Server
from bw_magics.steps import LOG_IN, Remedy

if TYPE_CHECKING:
    import httpx

    from bw_magics.client.certificates import ClientCertificate
    from bw_magics.client.reply import Reply
    from bw_magics.client.upload import Form

Body = Mapping[str, Any] | Sequence[Any]

CONNECT = 15.0
# Servers delay refusals by 2 s on purpose, and small ones are slow.
LOGIN_READ, LOGIN_TOTAL = 40.0, 90.0
API_READ, API_TOTAL = 120.0, 900.0

LOGIN_CEILING = 4 * MIB
REFUSAL_CEILING = 1 * MIB
API_CEILING = 256 * MIB
# A whole vault: about 300,000 items as official servers send them, 600,000 as Vaultwarden does.
SYNC_CEILING = 1024 * MIB


class Transport(Unpicklable):
    """Requests to one server, each with a typed answer or exactly one typed error.

    `certificate_authority` (PEM) is trusted by this transport only, in addition to the operating
    system's store; `client_certificate` is shown to a server that asks for one. Redirects are not
    followed, cookies not kept, `.netrc` not read; proxies are those of the environment, never for
    this machine itself. May be used from several threads, and in a forked child, which gets
    connections of its own.
    """

    def __init__(
        self,
        server: Server,
        device: Device,
        *,
        certificate_authority: bytes | None = None,
        client_certificate: ClientCertificate | None = None,
    ) -> None:
        hosts = {urlsplit(base) for base in (server.api, server.identity)}
        is_local = all(is_loopback(url.hostname or "") for url in hosts)
        if not is_local and any(url.scheme != "https" for url in hosts):
            raise InsecureServer(
                f"The address of {server.name} is plain http.", "Use its https address."
            )
        self._is_plain = any(url.scheme == "http" for url in hosts)
        self._server = server
        self._device = device
        self._authority = certificate_authority
        self._certificate = client_certificate
        self._sockets: WeakSet[Any] = WeakSet()
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None
        self._parents: httpx.Client | None = None
        self._requests = 0
        self._process = os.getpid()
        self._closed = False

    def __repr__(self) -> str:
        return f"<Transport {self._server.name}>"

    def post_form(
        self,
        url: str,
        form: Mapping[str, str],
        *,
        refusal: Callable[[Reply], BitwardenError] | None = None,
    ) -> Answer:
        """Sends a form to the token endpoint, and returns the JSON object of the answer.

        Never sent twice. Raises `ApiKeyRefused`, `RateLimited` and the other errors of
        `login_refused`, or those of `refusal`, and `ServerError` for everything on the way.
        """
        outcome = self._attempt(
            "POST",
            url,
            {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
            form=form,
            timing=(LOGIN_READ, LOGIN_TOTAL),
            ceiling=LOGIN_CEILING,
        )
        if isinstance(outcome, BitwardenError):
            _raise(outcome)
        if not outcome.is_success:
            from bw_magics.client.login_refusal import login_refused

            raise refusal(outcome) if refusal else login_refused(outcome, self._server)
        answer = outcome.answer
        if not answer:
            raise not_json(outcome, self._server)
        return answer

    def post_json(self, url: str, members: Mapping[str, Any], *, bearer: str) -> bytearray:
        """Posts a JSON object with the token and returns the answer's body, which may be empty.

        Raises `RequestRefused` with the status, and the errors of `get`. Never sent twice.
        """
        reply = self.send("POST", url, members, bearer=bearer)
        if not reply.is_success:
            raise refused(reply, self._server)
        return reply.body

    def send(self, method: str, url: str, members: Body | None, *, bearer: str) -> Reply:
        """Sends a request that changes something, and returns the reply of any status.

        `members` is the JSON of the body; None sends none. The token goes to the server's own
        hosts only. Never sent twice: without a reply the request may have arrived, and
        `ServerError.was_sent` of the error tells whether it can have. Raises `ServerError`.
        """
        bearer = self._sendable(bearer)
        headers = {} if members is None else {"Content-Type": "application/json; charset=utf-8"}
        outcome = self._attempt(
            method,
            url,
            headers,
            bearer=bearer,
            members=members,
            timing=(LOGIN_READ, LOGIN_TOTAL),
            ceiling=API_CEILING,
        )
        if isinstance(outcome, BitwardenError):
            _raise(outcome)
        return outcome

    def upload(self, url: str, form: Form, *, bearer: str) -> Reply:
        """Posts a file; as `send` otherwise. A large one may take hours."""
        from bw_magics.client.wire import transfer_time

        outcome = self._attempt(
            "POST",
            url,
            dict(form.headers),
            bearer=self._sendable(bearer),
            stream=form,
            timing=(API_READ, transfer_time(form.size)),
            ceiling=API_CEILING,
        )
        if isinstance(outcome, BitwardenError):
            _raise(outcome)
        return outcome

    def get(self, url: str, *, bearer: str | None, ceiling: int = API_CEILING) -> bytearray:
        """Returns the JSON body of an API answer, unpacked, of at most `ceiling` bytes.

        The token is sent to the server's own hosts only; None is for what is open to all. Sent a
        second time only where an idle connection was closed under it. Raises `RequestRefused` with
        the status, `RateLimited`, `AnswerUnusable`, and `ServerError` for everything on the way.
        """
        if bearer is not None:
            bearer = self._sendable(bearer)
        timing = (API_READ, API_TOTAL) if ceiling > LOGIN_CEILING else (LOGIN_READ, LOGIN_TOTAL)
        outcome = self._attempt(
            "GET",
            url,
            {"Cache-Control": "no-store", "Pragma": "no-cache"},
            bearer=bearer,
            timing=timing,
            ceiling=ceiling,
        )
        if isinstance(outcome, BitwardenError):
            _raise(outcome)
        if not outcome.is_success:
            raise refused(outcome, self._server)
        if not outcome.is_json:
            raise not_json(outcome, self._server)
        return outcome.body

    def close(self) -> None:
        """Closes the connections; later requests raise `NotLoggedIn`, and those under way, too."""
        self._leave_the_parents()
        with self._lock:
            self._closed = True
            sockets, self._sockets = set(self._sockets), WeakSet()
        for open_socket in sockets:
            from bw_magics.client.wire import hang_up

            hang_up(open_socket)
        self._close_client()

    def _close_client(self) -> None:
        """Closes the connections for good once no request uses them: another connection could be
        given the number of a socket from which a thread still reads.
        """
        with self._lock:
            if self._requests or not self._closed:
                return
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _sendable(self, bearer: str) -> Secret:
        bearer = Secret(bearer, "access token")
        if not _is_sendable(bearer):
            raise AnswerUnusable(
                f"The access token of {self._server.name} is not one that can be sent.",
                Remedy("Log in again: {}.", LOG_IN),
            )
        return bearer

    def _attempt(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        *,
        timing: tuple[float, float],
        ceiling: int,
        bearer: str | None = None,
        form: Mapping[str, str] | None = None,
        members: Body | None = None,
        stream: Form | None = None,
    ) -> Reply | BitwardenError:
        """Sends one request. Returns an error instead of raising it: raised elsewhere, neither its
        context nor its traceback holds the request.
        """
        from bw_magics.client.lean_httpx import httpx
        from bw_magics.client.reply import Reply
        from bw_magics.client.request_log import discreet
        from bw_magics.client.wire import deadline

        read, total = timing
        timeout = httpx.Timeout(read, connect=CONNECT)
        repeatable = method == "GET"
        while True:
            answering = False
            try:
                with discreet(), deadline(total), self._client_in_use() as client:
                    self._refuse_other_hosts(httpx.URL(url))
                    # Encoded here, where no error that leaves this method can carry it along.
                    content: bytes | Iterator[bytes] | None = None
                    if form is not None:
                        content = urlencode(form, errors="replace").encode()
                    if members is not None:
                        content = json.dumps(members).encode()
                    if stream is not None:
                        content = stream.pieces()
                    if bearer is not None:
                        headers = {**headers, "Authorization": f"Bearer {bearer}"}
                    with client.stream(
                        method,
                        url,
                        headers=headers,
                        content=content,
                        timeout=timeout,
                        extensions={"trace": self._note_socket},
                    ) as response:
                        answering = True
                        body = read_body(
                            response.iter_raw(),
                            encoding=response.headers.get("Content-Encoding", ""),
                            ceiling=ceiling if response.is_success else REFUSAL_CEILING,
                            server=self._server.name,
                        )
                        received = {name.lower(): value for name, value in response.headers.items()}
                        return Reply(response.status_code, received, body)
            except Exception as error:  # the chain of any of them may hold the request
                from bw_magics.client.failure import explain, is_dropped, may_have_arrived

                if repeatable and not answering and is_dropped(error) and not self._closed:
                    repeatable = False
                    continue
                if self._closed and not isinstance(error, BitwardenError):
                    return _closed()
                problem = explain(error, server=self._server.name, url=url, answering=answering)
                if isinstance(problem, ServerError):
                    problem.was_sent = answering or may_have_arrived(error)
                return problem

    def _note_socket(self, event: str, info: dict[str, Any]) -> None:
        """Records the sockets to shut down on close: httpx does not wake a thread that waits for
        an answer.
        """
        # Not before TLS is up: nothing closes a socket that is shut down in between.
        if not event.endswith("connect_tcp.complete" if self._is_plain else "start_tls.complete"):
            return
        from bw_magics.client.wire import hang_up

        opened = info["return_value"].get_extra_info("socket")
        if opened is not None:
            with self._lock:
                self._sockets.add(opened)
            if self._closed:
                # Closed while this thread was connecting: only this thread has the socket.
                hang_up(opened)
                with suppress(OSError):
                    opened.close()

    def _refuse_other_hosts(self, url: httpx.URL) -> None:
        for base in (self._server.api, self._server.identity):
            own = type(url)(base)
            same = (url.scheme, url.host, url.port) == (own.scheme, own.host, own.port)
            if same and not url.userinfo:
                return
        raise Redirected(
            f"A request for {self._server.name} was to go to another host.",
            "It was not sent: credentials go to the server that was configured and nowhere else.",
        )

    @contextmanager
    def _client_in_use(self) -> Iterator[httpx.Client]:
        self._leave_the_parents()
        with self._lock:
            if self._closed:
                raise _closed()
            if self._client is None:
                self._client = self._open()
                # A vault that is dropped without a logout closes its connections too.
                finalize(self, _close_own, self._client, os.getpid()).atexit = False
            client, process = self._client, self._process
            self._requests += 1
        try:
            yield client
        finally:
            if process == self._process:
                with self._lock:
                    self._requests -= 1
                self._close_client()

    def _leave_the_parents(self) -> None:
        """Leaves the parent's connections to the parent, in a forked child: neither uses nor closes
        them, nor waits for a lock that one of its threads may have held.
        """
        if self._process != os.getpid():
            self._process = os.getpid()
            self._lock = threading.Lock()
            self._parents, self._client = self._client, None
            self._requests = 0
            self._sockets = WeakSet()

    def _open(self) -> httpx.Client:
        from http.cookiejar import CookieJar, DefaultCookiePolicy

        from bw_magics.client.certificates import tls_context
        from bw_magics.client.lean_httpx import httpx
        from bw_magics.client.wire import Wire

        context = tls_context(self._authority, certificate=self._certificate)
        return httpx.Client(
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "gzip, deflate",
                "User-Agent": f"bw_magics/{VERSION} (python)",
                "Device-Type": str(self._device.type),
                "Bitwarden-Client-Name": "cli",
                "Bitwarden-Client-Version": CLIENT_VERSION,
            },
            transport=Wire(context),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            follow_redirects=False,
            trust_env=False,
        )


def _is_sendable(bearer: str) -> bool:
    return bool(bearer) and bearer.isascii() and bearer.isprintable() and " " not in bearer


def _close_own(client: httpx.Client, process: int) -> None:
    # In a forked child the connections are the parent's.
    if process == os.getpid():
        client.close()


def _closed() -> NotLoggedIn:
    return NotLoggedIn("The connection to the server was closed.", Remedy("Log in: {}.", LOG_IN))


def _raise(error: BitwardenError) -> NoReturn:
    error.__context__ = error.__cause__ = None
    raise error.with_traceback(None)
