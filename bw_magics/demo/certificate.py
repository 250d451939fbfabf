"""The demo's certificates: an authority made at start, and TLS for loopback names only."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme

NAMES = ("localhost", "127.0.0.1", "::1")


class Certificates:
    """A certificate authority that exists in memory, and a server certificate of its making."""

    def __init__(self) -> None:
        self._authority = trustme.CA()
        self._leaf = self._authority.issue_cert(*NAMES)

    @property
    def authority(self) -> bytes:
        """The authority's certificate in PEM, for clients to trust."""
        return self._authority.cert_pem.bytes()

    def server_context(self) -> ssl.SSLContext:
        """What the server speaks TLS with."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        pem = self._leaf.private_key_and_cert_chain_pem.bytes()
        with _as_file(pem) as path:
            context.load_cert_chain(path)
        return context


@contextmanager
def _as_file(contents: bytes) -> Iterator[str]:
    """A path to the contents, for a function that takes no bytes: in memory where that exists."""
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
