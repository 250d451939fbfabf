"""The key that a short secret is stretched to (docs/protocol.md, Secrets Manager)."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bw_magics.crypto.keys import PayloadKey

SECRET_LENGTH = 16


def shareable_key(secret: bytes, *, name: str, info: str | None = None) -> bytes:
    """Derives 64 bytes of key from a secret of 16 bytes: HKDF, with `name` in the salt.

    Official clients call it the shareable key. `info` says what the key is for.
    """
    if len(secret) != SECRET_LENGTH:
        raise ValueError(f"The secret has {SECRET_LENGTH} bytes, not {len(secret)}.")
    salt, purpose = f"bitwarden-{name}".encode(), (info or "").encode()
    return HKDF(hashes.SHA256(), PayloadKey.LENGTH, salt, purpose).derive(secret)


def payload_key(secret: bytes) -> PayloadKey:
    """Derives the key of an access token, from the 16 bytes behind its colon."""
    return PayloadKey(shareable_key(secret, name="accesstoken", info="sm-access-token"))
