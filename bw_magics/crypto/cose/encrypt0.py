"""`Encrypt0`: an encrypted COSE message, parsed but not decrypted (RFC 9052)."""

from __future__ import annotations

from dataclasses import dataclass

from bw_magics.crypto.content_type import ContentType
from bw_magics.crypto.cose import cbor
from bw_magics.crypto.enc_string import COSE_ENCRYPT0, EncString
from bw_magics.errors import CoseMalformed, EncryptionUnsupported

ALGORITHM, CRITICAL, CONTENT_TYPE, KEY_ID, NONCE = range(1, 6)


@dataclass(frozen=True, slots=True, repr=False)
class Encrypt0:
    """An untagged COSE_Encrypt0. Trust its headers only after the tag is checked.

    `protected` is the header exactly as received: the tag authenticates these bytes.
    """

    protected: bytes
    headers: cbor.Map
    nonce: bytes
    data: bytes

    def __repr__(self) -> str:
        return f"Encrypt0({len(self.data)} bytes)"

    @classmethod
    def parse(cls, message: bytes, *, longest: int = cbor.LONGEST) -> Encrypt0:
        """Parses a message of at most `longest` bytes.

        Raises `CoseMalformed`, and `EncryptionUnsupported` for critical headers.
        """
        parts = cbor.decode(message, longest=longest)
        if not isinstance(parts, list) or len(parts) != 3:
            raise CoseMalformed("The value is not a COSE_Encrypt0 message.")
        protected, unprotected, data = parts
        if (
            not isinstance(protected, bytes)
            or not isinstance(unprotected, dict)
            or not isinstance(data, bytes)
        ):
            raise CoseMalformed("The parts of a COSE_Encrypt0 message are of the wrong kinds.")
        headers = cbor.decode_map(protected)
        if CRITICAL in headers or CRITICAL in unprotected:
            raise EncryptionUnsupported(
                "The COSE message has critical headers, which are not supported."
            )
        nonce = unprotected.get(NONCE)
        if not isinstance(nonce, bytes):
            raise CoseMalformed("The COSE message has no nonce.")
        if not isinstance(headers.get(CONTENT_TYPE), int | str):
            raise CoseMalformed("The COSE message does not name its content type.")
        return cls(protected, headers, nonce, data)

    @classmethod
    def from_enc_string(cls, value: EncString, *, longest: int = cbor.LONGEST) -> Encrypt0:
        """Parses the message in an EncString of type 7.

        Raises `EncryptionUnsupported` for every other type, and what `parse` raises.
        """
        if value.type != COSE_ENCRYPT0:
            raise EncryptionUnsupported(
                f"Encryption type {value.type} is refused under a key of account encryption V2."
            )
        return cls.parse(value.data, longest=longest)

    @classmethod
    def begin(cls, headers: cbor.Map, nonce: bytes) -> Encrypt0:
        """Makes a new message, still without its data."""
        return cls(cbor.encode(headers), headers, nonce, b"")

    @property
    def associated(self) -> bytes:
        """The Enc_structure, which the tag authenticates beside the data."""
        return cbor.encode(["Encrypt0", self.protected, b""])

    @property
    def content_type(self) -> ContentType:
        """The content type that the message names."""
        content_type = self.headers[CONTENT_TYPE]
        return content_type if isinstance(content_type, int | str) else 0

    def __bytes__(self) -> bytes:
        return cbor.encode([self.protected, {NONCE: self.nonce}, self.data])
