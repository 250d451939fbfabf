"""`Storage`: the address of one file, on any host, as the server names it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from bw_magics.address import is_loopback
from bw_magics.client.certificates import (
    Authority,
    ClientCertificate,
    pem_of,
    tls_context,
)
from bw_magics.client.failure import explain, lacks_authority
from bw_magics.errors import AnswerUnusable, BitwardenError, CertificateRefused, InsecureServer
from bw_magics.lean_regex import regex
from bw_magics.secret import Unpicklable
from bw_magics.settings import VERSION, Server
from bw_magics.steps import Remedy, name_server

if TYPE_CHECKING:
    import httpx

_CONNECT, _READ = 15.0, 60.0
_HOST = regex(r"[\w.:-]{1,253}", re.ASCII)


class Storage(Unpicklable):
    """An address that is its own permission, so it is never shown.

    A request to it carries no token, no cookie and nothing about the account. It goes over https;
    plain http is for a server on this machine only. `authority` is trusted for the server's own
    origins and those that it names, and `certificate` shown to the server's own only.
    """

    def __init__(
        self,
        server: Server,
        address: str,
        *,
        authority: Authority | None = None,
        certificate: ClientCertificate | None = None,
    ) -> None:
        self.address = address
        self._server = server
        self._authority = authority
        self._certificate = certificate

    def __repr__(self) -> str:
        return f"<Storage of {self._server.name}>"

    @property
    def name(self) -> str:
        """The name in errors: the host without the address."""
        parts = self._parts
        if parts is None:
            return f"the file storage of {self._server.name}"
        if self._is_own(parts):
            return self._server.name
        host = parts.hostname or ""
        return f"the file storage at {host}" if _HOST.fullmatch(host) else "the file storage"

    def explain(self, error: BaseException, *, answering: bool) -> BitwardenError:
        """Returns the typed error for an exception on the way to it; see `failure.explain`."""
        parts = self._parts
        is_own = parts is not None and self._is_own(parts)
        if (
            parts is not None
            and not is_own
            and self._is_not_named(parts)
            and lacks_authority(error)
        ):
            return self._trusted_elsewhere()
        host = parts.hostname or "" if parts is not None else ""
        return explain(error, server=self.name, url=f"https://{host}", answering=answering)

    @contextmanager
    def client(self, size: int | None = None) -> Iterator[httpx.Client]:
        """Returns a connection to it, for one exchange of so many bytes. Raises `AnswerUnusable`
        where the address cannot be used, `InsecureServer`.
        """
        from bw_magics.client.lean_httpx import httpx
        from bw_magics.client.request_log import discreet
        from bw_magics.client.wire import Wire, deadline, transfer_time

        parts = self._checked()
        is_own = self._is_own(parts)
        is_trusted = is_own or not self._is_not_named(parts)
        context = tls_context(
            pem_of(self._authority) if is_trusted else None,
            certificate=self._certificate if is_own else None,
        )
        with (
            discreet(),
            deadline(transfer_time(size)),
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
        ):
            yield client

    def _trusted_elsewhere(self) -> CertificateRefused:
        """Returns the error for a file at an origin that the named authority is not trusted for."""
        place = urlsplit(self.address).netloc
        address = f"https://{place}" if _HOST.fullmatch(place) else "that address"
        return CertificateRefused(
            f"The certificate of {self.name} is not signed by an authority that is trusted here. "
            f"The certificate authority that was named is trusted for {self._server.name} only, "
            "and the server keeps its files at another address.",
            Remedy(
                "If that is the same server, log in with its own address: {}. Else name both: "
                f'write the address behind the file, BW_CA_FILE="ca.pem {address}", or name the '
                "authority for every address with SSL_CERT_FILE.",
                name_server(address),
            ),
        )

    @property
    def _parts(self) -> SplitResult | None:
        """The parts of the address; None where they cannot be told."""
        try:
            parts = urlsplit(self.address)
            _ = parts.hostname, parts.port
        except ValueError:
            return None
        return parts

    def _checked(self) -> SplitResult:
        parts = self._parts
        if (
            parts is None
            or parts.scheme not in ("https", "http")
            or not parts.hostname
            or parts.username is not None
        ):
            raise AnswerUnusable(
                f"{self._server.name} named no address that the file could be reached at.",
                "Look at the server's own setting of its address.",
            )
        if parts.scheme == "http":
            own = urlsplit(self._server.api).hostname or ""
            if not (is_loopback(parts.hostname) and is_loopback(own)):
                raise InsecureServer(
                    f"{self._server.name} moves files over plain http.",
                    "Set its https address in the server's own settings.",
                )
        return parts

    def _is_not_named(self, parts: SplitResult) -> bool:
        """Tells whether there is an authority that does not name this origin."""
        authority = self._authority
        if authority is None:
            return False
        return all(_origin(urlsplit(each)) != _origin(parts) for each in authority.origins)

    def _is_own(self, parts: SplitResult) -> bool:
        """Tells whether the address is at one of the server's own origins."""
        own = {_origin(urlsplit(base)) for base in (self._server.api, self._server.identity)}
        return _origin(parts) in own


def _origin(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
