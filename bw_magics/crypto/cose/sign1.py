"""`Sign1`: a signed COSE message (RFC 9052)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from bw_magics.crypto.cose import cbor
from bw_magics.crypto.cose.signing_key import SigningKey, VerifyingKey
from bw_magics.errors import AuthenticationFailed, CoseMalformed, EncryptionUnsupported

ALGORITHM, CRITICAL, CONTENT_TYPE, KEY_ID = range(1, 5)
NAMESPACE = -80000
CBOR_CONTENT = 60

# The purposes of signatures; a signature for one is refused for every other.
SIGNED_PUBLIC_KEY = 1
SECURITY_STATE = 2


@dataclass(frozen=True, slots=True, repr=False)
class Sign1:
    """An untagged COSE_Sign1. Trust nothing in it before `verify`.

    `payload` is None if it is detached, that is sent apart from the message.
    """

    protected: bytes
    headers: cbor.Map
    payload: bytes | None
    signature: bytes

    def __repr__(self) -> str:
        return "<Sign1>"

    @classmethod
    def parse(cls, message: bytes) -> Sign1:
        """Parses a message.

        Raises `CoseMalformed`, and `EncryptionUnsupported` for critical headers.
        """
        parts = cbor.decode(message)
        if not isinstance(parts, list) or len(parts) != 4:
            raise CoseMalformed("The value is not a COSE_Sign1 message.")
        protected, unprotected, payload, signature = parts
        if (
            not isinstance(protected, bytes)
            or not isinstance(unprotected, dict)
            or not isinstance(payload, bytes | None)
            or not isinstance(signature, bytes)
        ):
            raise CoseMalformed("The parts of a COSE_Sign1 message are of the wrong kinds.")
        headers = cbor.decode_map(protected)
        if CRITICAL in headers or CRITICAL in unprotected:
            raise EncryptionUnsupported(
                "The COSE message has critical headers, which are not supported."
            )
        return cls(protected, headers, payload, signature)

    @classmethod
    def sign(cls, key: SigningKey, payload: bytes, *, namespace: int) -> Sign1:
        """Signs a payload of CBOR."""
        headers: cbor.Map = {
            ALGORITHM: key.algorithm,
            CONTENT_TYPE: CBOR_CONTENT,
            KEY_ID: key.id,
            NAMESPACE: namespace,
        }
        protected = cbor.encode(headers)
        return cls(protected, headers, payload, key.sign(_signed(protected, payload)))

    def __bytes__(self) -> bytes:
        return cbor.encode([self.protected, {}, self.payload, self.signature])

    def verify(self, key: VerifyingKey, *, namespace: int, payload: bytes | None = None) -> bytes:
        """Checks algorithm, key id, namespace and signature, and returns the payload.

        `payload` is the detached one. Raises `AuthenticationFailed`, and `EncryptionUnsupported`
        if the backend cannot verify this kind of signature: see `VerifyingKey.can_verify`.
        """
        signed = self.unverified(key, namespace=namespace, payload=payload)
        key.verify(self.signature, _signed(self.protected, signed))
        return signed

    def unverified(
        self, key: VerifyingKey, *, namespace: int, payload: bytes | None = None
    ) -> bytes:
        """Checks everything but the signature, and returns the payload."""
        id = self.headers.get(KEY_ID)
        if not isinstance(id, bytes) or not hmac.compare_digest(id, key.id):
            raise AuthenticationFailed("The message was signed with another key.")
        if self.headers.get(ALGORITHM) != key.algorithm:
            raise EncryptionUnsupported("The signature is of another kind than its key.")
        if self.headers.get(CONTENT_TYPE) != CBOR_CONTENT:
            raise CoseMalformed("The signed message does not hold CBOR.")
        if self.headers.get(NAMESPACE) != namespace:
            raise AuthenticationFailed("The message was signed for another purpose.")
        found = self.payload if payload is None else payload
        if found is None or (payload is not None and self.payload is not None):
            raise CoseMalformed("The signed message does not have exactly one payload.")
        return found


def _signed(protected: bytes, payload: bytes) -> bytes:
    return cbor.encode(["Signature1", protected, b"", payload])
