"""`Download`: one encrypted file from whatever host the server names, without any credential."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, BinaryIO, NoReturn
from urllib.parse import SplitResult, urlsplit

from bw_magics.address import is_loopback
from bw_magics.client.certificates import ClientCertificate, tls_context
from bw_magics.client.failure import explain, lacks_authority
from bw_magics.client.reply import Reply
from bw_magics.client.request_log import discreet
from bw_magics.client.size import size_in_words
from bw_magics.errors import (
    AnswerUnusable,
    BitwardenError,
    CertificateRefused,
    InsecureServer,
    Redirected,
    RequestRefused,
)
from bw_magics.secret import Unpicklable
from bw_magics.settings import VERSION, Server
from bw_magics.steps import RAISE_LIMIT, SYNC, Remedy, name_server

if TYPE_CHECKING:
    import httpx

_CONNECT, _READ, _TOTAL = 15.0, 60.0, 4 * 3600.0
_PIECE = 256 * 1024
_PLAIN = ("", "identity")
_HOST = re.compile(r"[\w.:-]{1,253}", re.ASCII)


class Download(Unpicklable):
    """One transfer of the file behind an address that the server gave out.

    The address is its own permission, so it is never shown, and the request carries no token, no
    cookie and nothing about the account. It goes over https; plain http is for a server on this
    machine only. `authority` is trusted for the server's own origin and for no other, and
    `certificate` shown to no other.

    `largest` is in bytes; 0 stands for any size. `done` is how many bytes have arrived; `cancel`
    ends it early, from another thread.
    """

    def __init__(
        self,
        server: Server,
        address: str,
        *,
        largest: int,
        authority: bytes | None = None,
        certificate: ClientCertificate | None = None,
    ) -> None:
        self._server = server
        self._address = address
        self._largest = largest
        self._authority = authority
        self._certificate = certificate
        self._stopped = threading.Event()
        self.done = 0

    def __repr__(self) -> str:
        return f"<Download from {self._server.name}: {self.done} bytes>"

    def cancel(self) -> None:
        """Ends the transfer at the next piece."""
        self._stopped.set()

    def into(self, file: BinaryIO) -> None:
        """Writes the file, still encrypted, to `file`.

        Raises `Redirected` for a redirect, `AnswerUnusable` above the largest size and for an
        answer that is cut off, `RequestRefused` with the status, and `ServerError` for everything
        on the way.
        """
        problem = self._attempt(file)
        if problem is not None:
            _raise(problem)

    def _attempt(self, file: BinaryIO) -> BitwardenError | None:
        """Returns an error instead of raising it, so that no traceback holds the address."""
        import httpx

        from bw_magics.client.wire import Wire, deadline

        answering = is_own = False
        name = f"the file storage of {self._server.name}"
        try:
            parts = self._checked()
            name = self._name(parts)
            is_own = self._is_own(parts)
            context = tls_context(
                self._authority if is_own else None,
                certificate=self._certificate if is_own else None,
            )
            with (
                discreet(),
                deadline(_TOTAL),
                httpx.Client(
                    headers={
                        "Accept": "*/*",
                        "Accept-Encoding": "identity",
                        "User-Agent": f"bw_magics/{VERSION} (python)",
                    },
                    transport=Wire(context),
                    timeout=httpx.Timeout(_READ, connect=_CONNECT),
                    follow_redirects=False,
                    # Else `.netrc` would be asked for a password.
                    trust_env=False,
                ) as client,
                client.stream("GET", self._address) as response,
            ):
                answering = True
                reply = Reply(
                    response.status_code,
                    {name.lower(): value for name, value in response.headers.items()},
                    bytearray(),
                )
                self._receive(reply, response, file, name)
        except Exception as error:  # the chain of any of them may hold the address
            if not is_own and self._authority is not None and lacks_authority(error):
                return self._trusted_elsewhere(name)
            return explain(error, server=name, url=f"https://{self._host}", answering=answering)
        return None

    def _receive(self, reply: Reply, response: httpx.Response, file: BinaryIO, name: str) -> None:
        if reply.is_redirect:
            host = reply.redirect_host
            raise Redirected(
                f"The download is redirected to {f'the host {host}' if host else 'elsewhere'}.",
                "It was not followed: the server has to name the file's own address.",
            )
        if not reply.is_success:
            remedy: str | Remedy = "Try again: an address is good for a few minutes only."
            if reply.status == 404:
                remedy = Remedy(
                    "The file may have been deleted: {}, and look at it in the web vault.", SYNC
                )
            raise RequestRefused(
                f"The file was not given out by {name} (status {reply.status}).",
                remedy,
                status=reply.status,
            )
        if reply.headers.get("content-encoding", "").strip().lower() not in _PLAIN:
            raise AnswerUnusable(
                "The file arrived packed in a way that was not asked for.",
                "Look at the proxy in front of the server.",
            )
        length = reply.headers.get("content-length", "")
        if length.isascii() and length.isdigit() and self._is_too_large(int(length[:20])):
            raise too_large(self._largest)
        for piece in response.iter_raw(_PIECE):
            self.done += len(piece)
            if self._is_too_large(self.done):
                raise too_large(self._largest)
            if self._stopped.is_set():
                raise TimeoutError
            file.write(piece)

    def _trusted_elsewhere(self, name: str) -> CertificateRefused:
        """Returns the error for a file at an origin that the named authority is not trusted for."""
        place = urlsplit(self._address).netloc
        address = f"https://{place}" if _HOST.fullmatch(place) else "that address"
        return CertificateRefused(
            f"The certificate of {name} is not signed by an authority that is trusted here. The "
            f"certificate authority that was named is trusted for {self._server.name} only, and "
            "the server keeps its files at another address.",
            Remedy(
                "If that is the same server, log in with its own address: {}. Else name the "
                "authority for every address with SSL_CERT_FILE.",
                name_server(address),
            ),
        )

    def _is_too_large(self, size: int) -> bool:
        return 0 < self._largest < size

    @property
    def _host(self) -> str:
        try:
            return urlsplit(self._address).hostname or ""
        except ValueError:
            return ""

    def _checked(self) -> SplitResult:
        try:
            parts = urlsplit(self._address)
            host, _ = parts.hostname, parts.port
        except ValueError:
            parts, host = SplitResult("", "", "", "", ""), None
        if parts.scheme not in ("https", "http") or not host or parts.username is not None:
            raise AnswerUnusable(
                f"{self._server.name} named no address that the file could be fetched from.",
                "Look at the server's own setting of its address.",
            )
        if parts.scheme == "http":
            own = urlsplit(self._server.api).hostname or ""
            if not (is_loopback(host) and is_loopback(own)):
                raise InsecureServer(
                    f"{self._server.name} gives files out over plain http.",
                    "Set its https address in the server's own settings.",
                )
        return parts

    def _is_own(self, parts: SplitResult) -> bool:
        """Tells whether the address is at one of the server's own origins."""
        own = {_origin(urlsplit(base)) for base in (self._server.api, self._server.identity)}
        return _origin(parts) in own

    def _name(self, parts: SplitResult) -> str:
        if self._is_own(parts):
            return self._server.name
        host = parts.hostname or ""
        return f"the file storage at {host}" if _HOST.fullmatch(host) else "the file storage"


def too_large(largest: int) -> AnswerUnusable:
    """Returns the error for a file above the limit."""
    return AnswerUnusable(
        f"The attachment is larger than the limit of {size_in_words(largest)}.",
        Remedy("Raise it, in bytes: {}; 0 is none.", RAISE_LIMIT),
    )


def _origin(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def _raise(error: BitwardenError) -> NoReturn:
    error.__context__ = error.__cause__ = None
    raise error.with_traceback(None)
