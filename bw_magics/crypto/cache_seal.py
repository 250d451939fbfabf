"""Sealing what is kept of a vault on this machine: AES-256-GCM under a key of its own, derived
from the account's user key.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bw_magics.errors import AuthenticationFailed

if TYPE_CHECKING:
    from bw_magics.crypto.cose_key import UserKeyV2
    from bw_magics.crypto.keys import UserKey

_INFO = b"bw_magics vault cache"
_NONCE = 12


def seal_cache(body: bytes | bytearray, *, user_key: UserKey | UserKeyV2, bound: bytes) -> bytes:
    """The body sealed under the user key, and bound to what is not sealed with it."""
    nonce = os.urandom(_NONCE)
    return nonce + _cipher(user_key).encrypt(nonce, body, bound)


def open_cache(sealed: bytes | memoryview, *, user_key: UserKey | UserKeyV2, bound: bytes) -> bytes:
    """The body again. Raises `AuthenticationFailed` where it was changed, was sealed under
    another key, or is bound to something else.
    """
    try:
        return _cipher(user_key).decrypt(bytes(sealed[:_NONCE]), sealed[_NONCE:], bound)
    except (InvalidTag, ValueError):
        pass
    raise AuthenticationFailed("What is kept of the vault on this machine is not as it was.")


def _cipher(user_key: UserKey | UserKeyV2) -> AESGCM:
    derivation = HKDF(hashes.SHA256(), length=32, salt=None, info=_INFO)
    return AESGCM(derivation.derive(user_key.material))
