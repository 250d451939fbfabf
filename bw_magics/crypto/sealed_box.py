"""`BoxKey`: a receiver's key for one purpose, to which senders encrypt bytes.

The sender makes an X25519 key for each message. HKDF-SHA-256 over the shared secret and both
public keys gives the AES-256-GCM key, which is used once. `context` names the purpose and is
authenticated.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bw_magics.errors import AuthenticationFailed, EncStringMalformed
from bw_magics.secret import Unpicklable

_LENGTH = 32
_NONCE = bytes(12)  # every message has its own key
_INFO = b"bw_magics sealed box 1"


class BoxKey(Unpicklable):
    """The receiver's key; senders get `public`."""

    __slots__ = ("_private", "public")

    def __init__(self) -> None:
        self._private = X25519PrivateKey.generate()
        self.public = self._private.public_key().public_bytes_raw()

    def __repr__(self) -> str:
        return "<BoxKey>"

    def open(self, sealed: bytes, *, context: bytes) -> bytes:
        """Decrypts what was sealed to this key.

        Raises `AuthenticationFailed` for anything else.
        """
        sender, data = sealed[:_LENGTH], sealed[_LENGTH:]
        try:
            shared = self._private.exchange(X25519PublicKey.from_public_bytes(sender))
            return _cipher(shared, sender, self.public).decrypt(_NONCE, data, context)
        except (InvalidTag, ValueError):
            pass
        raise AuthenticationFailed("The message was not sealed for this, or was changed.")


def seal_box(data: bytes, *, to: bytes, context: bytes) -> bytes:
    """Encrypts `data` to the holder of the public key `to`."""
    sender = X25519PrivateKey.generate()
    try:
        shared = sender.exchange(X25519PublicKey.from_public_bytes(to))
    except ValueError:
        raise EncStringMalformed("The text sent as a public key is not one.") from None
    public = sender.public_key().public_bytes_raw()
    return public + _cipher(shared, public, to).encrypt(_NONCE, data, context)


def _cipher(shared: bytes, sender: bytes, receiver: bytes) -> AESGCM:
    derivation = HKDF(SHA256(), _LENGTH, salt=None, info=_INFO + sender + receiver)
    return AESGCM(derivation.derive(shared))
