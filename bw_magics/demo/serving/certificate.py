"""The demo's certificates: an authority made at start, and TLS for loopback names."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import trustme

NAMES = ("localhost", "127.0.0.1", "::1")


Kind = Literal["good", "expired", "not yet valid", "other host", "untrusted"]


class Certificates:
    """A certificate authority in memory, and the server certificate that it issued."""

    def __init__(self) -> None:
        self._authority = trustme.CA()
        self._leaf = self._authority.issue_cert(*NAMES)

    @property
    def authority(self) -> bytes:
        """The authority's certificate in PEM, for clients to trust."""
        return self._authority.cert_pem.bytes()

    def server_context(self) -> ssl.SSLContext:
        """Makes the server's TLS context."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        _load(context, self._leaf)
        return context

    def show(self, context: ssl.SSLContext, kind: Kind) -> None:
        """Presents a certificate of that kind to new connections of a context."""
        _load(context, self._leaf if kind == "good" else self._bad(kind))

    def _bad(self, kind: Kind) -> trustme.LeafCert:
        now, day = datetime.now(UTC), timedelta(days=1)
        if kind == "expired":
            return self._authority.issue_cert(*NAMES, not_before=now - 9 * day, not_after=now - day)
        if kind == "not yet valid":
            return self._authority.issue_cert(*NAMES, not_before=now + day, not_after=now + 9 * day)
        if kind == "other host":
            return self._authority.issue_cert("elsewhere.demo.example")
        return trustme.CA().issue_cert(*NAMES)


def _load(context: ssl.SSLContext, leaf: trustme.LeafCert) -> None:
    with _as_file(leaf.private_key_and_cert_chain_pem.bytes()) as path:
        context.load_cert_chain(path)


@contextmanager
def _as_file(contents: bytes) -> Iterator[str]:
    """Yields a path to the contents, in memory where the system can.

    For a function that takes a path and not bytes.
    """
    if hasattr(os, "memfd_create") and Path("/proc/self/fd").is_dir():
        descriptor = os.memfd_create("demo-certificate")
        try:
            os.write(descriptor, contents)
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
    else:
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, "server.pem")
            path.touch(mode=0o600)
            path.write_bytes(contents)
            yield str(path)
