"""Sealing between browser and kernel: one value, to one key, for one prompt.

The sender makes an ephemeral P-256 key; both sides derive an AES-256-GCM key from the shared
secret with HKDF-SHA-256 (salt: the nonce; info: both public keys). The binding and the nonce are
authenticated with the value. `sealing.js` is the other side.
"""

from __future__ import annotations

import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bw_magics.secret import Unpicklable

# A ciphertext reveals its length, so plaintexts are padded to a multiple of this.
BLOCK = 256

_INFO = b"bw_magics sealed message 1"
_CURVE = ec.SECP256R1()
_IV_SIZE = 12
_NONCE_SIZE = 16


class NotOpened(Exception):
    """The message was not sealed for this prompt, was modified, or is a repetition."""


@dataclass(frozen=True, slots=True)
class SealedMessage:
    """A sealed message: the sender's ephemeral public key, the IV, the ciphertext with its tag."""

    key: bytes
    iv: bytes
    data: bytes

    def as_message(self) -> dict[str, str]:
        """Returns the members of the message that is sent."""
        return {name: to_base64(getattr(self, name)) for name in ("key", "iv", "data")}


class PromptKey(Unpicklable):
    """The kernel's key for one prompt. `binding` is the id of the prompt's comm.

    Each nonce is valid for one message; `expects` uses it up.
    """

    def __init__(self, binding: str) -> None:
        self.binding = binding
        self._private = ec.generate_private_key(_CURVE)
        self.public = _public_bytes(self._private)
        self._nonce: str | None = None

    def new_nonce(self) -> str:
        """Makes a fresh nonce, and cancels the one before."""
        self._nonce = to_base64(secrets.token_bytes(_NONCE_SIZE))
        return self._nonce

    def expects(self, nonce: str) -> bool:
        """Returns whether a message with this nonce is the first one. True once."""
        expected, is_it = self._nonce, False
        if expected is not None and secrets.compare_digest(expected.encode(), nonce.encode()):
            self._nonce, is_it = None, True
        return is_it

    def open(self, sealed: SealedMessage, nonce: str) -> bytes:
        """Decrypts a message. Call `expects` first. Raises `NotOpened`."""
        try:
            sender = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, sealed.key)
            shared = self._private.exchange(ec.ECDH(), sender)
            key = _derive(shared, nonce, sealed.key, self.public)
            return AESGCM(key).decrypt(sealed.iv, sealed.data, _bound_to(self.binding, nonce))
        except (ValueError, InvalidTag):
            pass
        raise NotOpened


def seal_message(plaintext: bytes, *, to: bytes, binding: str, nonce: str) -> SealedMessage:
    """Seals a text for the owner of a public key, an uncompressed point. Raises `ValueError` for an
    invalid key.
    """
    recipient = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, to)
    ephemeral = ec.generate_private_key(_CURVE)
    public = _public_bytes(ephemeral)
    key = _derive(ephemeral.exchange(ec.ECDH(), recipient), nonce, public, to)
    iv = secrets.token_bytes(_IV_SIZE)
    return SealedMessage(public, iv, AESGCM(key).encrypt(iv, plaintext, _bound_to(binding, nonce)))


def sealed_answer(members: Mapping[str, object], *, to: bytes, binding: str) -> dict[str, object]:
    """Makes the message with an answer for the panel of that public key. Raises `ValueError`."""
    nonce = to_base64(secrets.token_bytes(_NONCE_SIZE))
    plain = padded(json.dumps(members).encode())
    sealed = seal_message(plain, to=to, binding=binding, nonce=nonce)
    return {"t": "answer", "nonce": nonce, "sealed": sealed.as_message()}


def padded(plaintext: bytes) -> bytes:
    """Pads JSON with spaces, so that its length reveals nothing."""
    return plaintext + b" " * (-len(plaintext) % BLOCK)


def to_base64(data: bytes) -> str:
    """Encodes bytes for a message."""
    return b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes:
    """Decodes base64. Raises `ValueError`."""
    return b64decode(text, validate=True)


def _public_bytes(private: ec.EllipticCurvePrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derive(shared: bytes, nonce: str, ephemeral: bytes, recipient: bytes) -> bytes:
    info = _INFO + ephemeral + recipient
    return HKDF(algorithm=SHA256(), length=32, salt=from_base64(nonce), info=info).derive(shared)


def _bound_to(binding: str, nonce: str) -> bytes:
    return f"{binding}\n{nonce}".encode()
