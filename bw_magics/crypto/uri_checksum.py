"""The checksum that binds a URI to its item."""

from __future__ import annotations

import base64
import hashlib
import hmac

from bw_magics.crypto.text import text_bytes


def uri_checksum(uri: str) -> str:
    """Computes the plain text of `uriChecksum`: SHA-256 in base64."""
    return base64.b64encode(hashlib.sha256(text_bytes(uri)).digest()).decode()


def uri_fits(uri: str, checksum: str) -> bool:
    """Returns True if the checksum belongs to the URI."""
    return hmac.compare_digest(uri_checksum(uri).encode(), text_bytes(checksum))
