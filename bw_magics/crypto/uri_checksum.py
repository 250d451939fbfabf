"""The checksum that binds a URI to its item (protocol 6.4)."""

from __future__ import annotations

import base64
import hashlib
import hmac

from bw_magics.crypto.text import text_bytes


def uri_checksum(uri: str) -> str:
    """The plain text of `uriChecksum` for a URI."""
    return base64.b64encode(hashlib.sha256(text_bytes(uri)).digest()).decode()


def uri_fits(uri: str, checksum: str) -> bool:
    """Whether the checksum belongs to the URI."""
    return hmac.compare_digest(uri_checksum(uri).encode(), text_bytes(checksum))
